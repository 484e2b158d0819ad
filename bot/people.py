"""Who is in the call and who spoke when, from one look after another. Pure.

Times are seconds of the recording; a look that could not read the people changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from platforms.types import Person

MERGE_PAUSE_S: Final = 0.7
"""Turns of one person with a shorter pause between them are one turn."""
LOOK_S: Final = 0.5
"""Between two looks: whoever was seen speaking once spoke for about so long."""
UNREAD_S: Final = 5.0
"""A speaker not read for so long is not known to speak any more."""


def in_silence(people: Sequence[Person]) -> tuple[Person, ...]:
    """The same people, none of them speaking."""
    return tuple(replace(person, speaking=False, spoke=None) for person in people)


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody spoke from `start_s` to `end_s`."""

    speaker: str
    user_id: str | None
    start_s: float
    end_s: float

    def as_line(self) -> dict[str, object]:
        """The turn as a line of `diarization.jsonl`."""
        return {
            "speaker": self.speaker,
            "user_id": self.user_id,
            "start_time": round(self.start_s, 2),
            "end_time": round(self.end_s, 2),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody joined or left between two looks, or is marked as host now and was not, or back.

    `presenting`: a screen of theirs is shown now and was not, or is no more.
    """

    person: Person
    what: Literal["joined", "left", "host", "presenting"]
    at_s: float


@dataclass(slots=True)
class _Open:
    person: Person
    start_s: float
    last_s: float


@dataclass(slots=True)
class Roster:
    """Everybody seen so far, who is here now, and the turns of speech."""

    seen: dict[str, Person] = field(default_factory=dict)
    here: dict[str, Person] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)
    _open: dict[str, _Open] = field(default_factory=dict)

    def look(self, people: Sequence[Person] | None, at_s: float) -> list[Change]:
        """Take in one look at `at_s`; returns what changed since the last."""
        if people is None:
            self._close_unread(at_s)
            return []
        others = {person.id: person for person in people if not person.is_self}
        changes = [Change(p, "joined", at_s) for k, p in others.items() if k not in self.here]
        changes += [Change(p, "left", at_s) for k, p in self.here.items() if k not in others]
        both = [(p, self.here[k]) for k, p in others.items() if k in self.here]
        changes += [Change(p, "host", at_s) for p, old in both if p.is_host != old.is_host]
        shared = [p for p, old in both if p.presenting != old.presenting]
        changes += [Change(p, "presenting", at_s) for p in shared]
        self.here = others
        for person in others.values():
            if person.name or person.id not in self.seen:
                self.seen[person.id] = person
            for start_s, end_s in _spans(person, at_s):
                self._speaks(person, start_s, end_s)
        for key, turn in list(self._open.items()):
            quiet = key not in others or not others[key].speaking
            if quiet and at_s - turn.last_s > MERGE_PAUSE_S:
                self._close(key)
        return changes

    def finish(self, until_s: float = float("inf")) -> None:
        """End every open turn, at the end of the recording at the latest."""
        for key in list(self._open):
            self._close(key, until_s)

    @property
    def names(self) -> list[str]:
        """The name of everybody who was in the call beside the bot, in the order of their coming.

        A name stands once: somebody who comes back gets a new id. Who never had one is left out.
        """
        return list(dict.fromkeys(p.name for p in self.seen.values() if p.name))

    @property
    def speakers(self) -> list[str]:
        """The name of everybody who spoke, once, in the order of their first turn."""
        return list(dict.fromkeys(turn.speaker for turn in self.turns_so_far if turn.speaker))

    @property
    def speaking(self) -> list[str]:
        """Who speaks now."""
        return [self._name(turn.person) for turn in self._open.values()]

    def spoke_at(self, at_s: float) -> list[str]:
        """Who spoke at a time of the recording."""
        turns = [turn for turn in self.turns_so_far if turn.start_s <= at_s <= turn.end_s]
        return list(dict.fromkeys(turn.speaker for turn in turns))

    @property
    def turns_so_far(self) -> list[Turn]:
        """Those that go on included, by their start. Another thread may ask."""
        going_on = [self._turn(turn) for turn in list(self._open.values())]
        return sorted([*self.turns, *going_on], key=lambda turn: turn.start_s)

    def _name(self, person: Person) -> str:
        """The last name the client gave to whoever this is."""
        return self.seen[person.id].name

    def _speaks(self, person: Person, start_s: float, end_s: float) -> None:
        turn = self._open.get(person.id)
        if turn is not None and start_s - turn.last_s > MERGE_PAUSE_S:
            self._close(person.id)
        turn = self._open.setdefault(person.id, _Open(person, start_s, end_s))
        turn.last_s = max(turn.last_s, end_s)

    def _close_unread(self, at_s: float) -> None:
        for key, turn in list(self._open.items()):
            if at_s - turn.last_s > UNREAD_S:
                self._close(key)

    def _close(self, key: str, until_s: float = float("inf")) -> None:
        turn = self._turn(self._open.pop(key), until_s)
        if turn.end_s > turn.start_s:
            self.turns.append(turn)

    def _turn(self, turn: _Open, until_s: float = float("inf")) -> Turn:
        end_s = min(until_s, max(turn.last_s, turn.start_s + LOOK_S))
        return Turn(self._name(turn.person), turn.person.id or None, turn.start_s, end_s)


def _spans(person: Person, at_s: float) -> Sequence[tuple[float, float]]:
    """When somebody spoke by a look at `at_s`, seconds of the recording, nothing before it."""
    if person.spoke is None:
        return [(at_s, at_s)] if person.speaking else []
    ends = ((at_s - from_s, at_s - to_s) for from_s, to_s in person.spoke)
    return [(max(0.0, start_s), end_s) for start_s, end_s in ends if end_s > 0]

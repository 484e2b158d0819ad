"""Who is in the call and who spoke when, from one look after another. Pure.

Times are seconds of the recording; a look that could not read the people changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from platforms.types import Person

MERGE_PAUSE_S: Final = 0.7
"""Turns of one person with a shorter pause between them are one turn."""
UNREAD_S: Final = 5.0
"""A speaker not read for so long is not known to speak any more."""


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
    """Somebody joined or left between two looks."""

    person: Person
    joined: bool
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
        """Take in one look at `at_s`; returns who joined and who left since the last."""
        if people is None:
            self._close_unread(at_s)
            return []
        others = {person.id: person for person in people if not person.is_self}
        changes = [
            Change(p, joined=True, at_s=at_s) for k, p in others.items() if k not in self.here
        ]
        gone = [p for k, p in self.here.items() if k not in others]
        changes += [Change(person, joined=False, at_s=at_s) for person in gone]
        self.here = others
        for person in others.values():
            if person.name or person.id not in self.seen:
                self.seen[person.id] = person
            if person.speaking:
                self._speaks(person, at_s)
        for key, turn in list(self._open.items()):
            quiet = key not in others or not others[key].speaking
            if quiet and at_s - turn.last_s > MERGE_PAUSE_S:
                self._close(key)
        return changes

    def finish(self) -> None:
        """End every open turn."""
        for key in list(self._open):
            self._close(key)

    @property
    def names(self) -> list[str]:
        """Everybody who was in the call beside the bot, in the order they were first seen."""
        return list(dict.fromkeys(person.name for person in self.seen.values()))

    @property
    def speakers(self) -> list[str]:
        """Everybody who spoke, in the order of their first turn."""
        turns = sorted(
            [*self.turns, *(self._turn(turn) for turn in self._open.values())], key=_start
        )
        return list(dict.fromkeys(turn.speaker for turn in turns))

    @property
    def speaking(self) -> list[str]:
        """Who speaks now."""
        return [turn.person.name for turn in self._open.values()]

    def spoke_at(self, at_s: float) -> list[str]:
        """Who spoke at a time of the recording."""
        turns = [*self.turns, *(self._turn(turn) for turn in self._open.values())]
        return [turn.speaker for turn in turns if turn.start_s <= at_s <= turn.end_s]

    def _speaks(self, person: Person, at_s: float) -> None:
        turn = self._open.setdefault(person.id, _Open(person, at_s, at_s))
        turn.person, turn.last_s = person, at_s

    def _close_unread(self, at_s: float) -> None:
        for key, turn in list(self._open.items()):
            if at_s - turn.last_s > UNREAD_S:
                self._close(key)

    def _close(self, key: str) -> None:
        turn = self._turn(self._open.pop(key))
        if turn.end_s > turn.start_s:
            self.turns.append(turn)

    @staticmethod
    def _turn(turn: _Open) -> Turn:
        return Turn(turn.person.name, turn.person.id or None, turn.start_s, turn.last_s)


def _start(turn: Turn) -> float:
    return turn.start_s

"""When the bot leaves of its own accord: feed every look to a `Watch`. Pure.

Every rule of `bot.leave_rules` says "this has held for N seconds", and all of them share one
elapsed-time tracker. A look that could not tell holds a rule where it is: what is unknown neither
counts nor starts over. The clock is any that never runs backwards, in seconds; the caller hands
it in with every look.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.contract import EndReason
from bot.job import TimeoutConfig
from bot.leave_rules import RULES, Deadlines, Facts, InGrace, Look, Rule
from bot.machine import IN_CALL, WAITING
from platforms.types import PageState, Person, Traits

__all__ = ["Deadlines", "Elapsed", "Look", "Verdict", "Watch", "attendees", "count_others"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule that fired: why to leave, the row that proved it, and its arithmetic."""

    reason: EndReason
    row: str
    held_s: float
    limit_s: float


class Elapsed:
    """For how long each named condition has held: counted between two looks that both saw it."""

    def __init__(self) -> None:
        self._held_s: dict[str, float] = {}
        self._last_s: dict[str, float | None] = {}

    def note(self, name: str, now_s: float, *, holds: bool | None) -> float | None:
        """Seconds `name` has held, or None when it does not hold or this look could not tell.

        `holds` None stops the count where it is; False forgets it.
        """
        if holds is None:
            self._last_s[name] = None
            return None
        if not holds:
            self._held_s.pop(name, None)
            self._last_s[name] = None
            return None
        last_s = self._last_s.get(name)
        step_s = 0.0 if last_s is None else max(0.0, now_s - last_s)
        self._held_s[name] = self._held_s.get(name, 0.0) + step_s
        self._last_s[name] = now_s
        return self._held_s[name]


class Watch:
    """Watches one bot from its joining to its leaving.

    Feed it every look; it says when to leave, and says it again as long as that is so.
    """

    def __init__(
        self,
        timeouts: TimeoutConfig,
        *,
        traits: Traits | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._timeouts = timeouts
        self._traits = traits or Traits()
        self._deadlines = deadlines or Deadlines()
        self._elapsed = Elapsed()
        self._admitted_s: float | None = None
        self._others_seen = False

    def update(self, timeouts: TimeoutConfig) -> None:
        """Put new timeouts in force. What has been counted so far stays counted."""
        self._timeouts = timeouts

    def feed(self, now_s: float, look: Look) -> Verdict | None:
        """Note what this look showed; the verdict of the first rule that fires, or None."""
        facts = self._facts(now_s, look)
        in_grace = self._in_grace(now_s, look)
        fired = [
            verdict
            for rule in RULES
            if (verdict := self._judge(rule, facts, now_s, in_grace=in_grace)) is not None
        ]
        return fired[0] if fired else None

    def _facts(self, now_s: float, look: Look) -> Facts:
        seen_in_call = look.page is PageState.IN_CALL
        if seen_in_call and look.status in IN_CALL and look.others:
            self._others_seen = True
        pending_s = self._elapsed.note(
            "admission", now_s, holds=seen_in_call and look.status in WAITING
        )
        return Facts(
            look=look,
            traits=self._traits,
            others_seen=self._others_seen,
            admission_pending=pending_s is not None and pending_s < self._deadlines.confirm_s,
        )

    def _in_grace(self, now_s: float, look: Look) -> bool:
        if self._admitted_s is None and look.status in IN_CALL:
            self._admitted_s = now_s
        return (
            self._admitted_s is not None and now_s - self._admitted_s < self._timeouts.grace_period
        )

    def _judge(self, rule: Rule, facts: Facts, now_s: float, *, in_grace: bool) -> Verdict | None:
        asked = facts.look.status in rule.statuses
        if in_grace and rule.in_grace is InGrace.HAS_NO_CLOCK:
            asked = False
        held_s = self._elapsed.note(rule.row, now_s, holds=rule.holds(facts) if asked else False)
        limit_s = rule.limit_s(self._timeouts, self._deadlines)
        if held_s is None or held_s < limit_s:
            return None
        if in_grace and rule.in_grace is InGrace.COUNTS:
            return None
        return Verdict(rule.reason, rule.row, held_s, limit_s)


def count_others(
    people: Iterable[Person] | None, ignored_names: Collection[str] = ()
) -> int | None:
    """How many attendees there are beside the bot, None when the page did not tell.

    The bot itself and people of an ignored name do not count. Names are compared without regard
    to case and to white space round them and in runs.
    """
    others = attendees(people, ignored_names)
    return None if others is None else len(others)


def attendees(
    people: Iterable[Person] | None, ignored_names: Collection[str] = ()
) -> tuple[Person, ...] | None:
    """The people who count as attendees, in their order."""
    if people is None:
        return None
    ignored = {_folded(name) for name in ignored_names}
    return tuple(
        person for person in people if not person.is_self and _folded(person.name) not in ignored
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()

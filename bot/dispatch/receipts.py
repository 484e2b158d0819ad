"""Which events have arrived. Pure: the journal makes it durable."""

from collections.abc import Mapping
from enum import Enum

from bot.dispatch.said import Event


class Verdict(Enum):
    """What an event that arrives is."""

    NEW = "new"
    REPEATED = "repeated"
    """It is here already; its acknowledgement was lost."""
    EARLY = "early"
    """Events before it are missing. Not acknowledged, so they are all sent again."""


class Receipts:
    """The last `seq` of each (bot, run).

    A run is taken from wherever it begins: what came before has been acknowledged to another
    orchestrator. An event after a hole is early; when it comes again and the hole is still there,
    nobody has those events any more, and it is new.
    """

    def __init__(self) -> None:
        self._last: dict[str, dict[str, int]] = {}
        self._early: dict[tuple[str, str], int] = {}

    def judge(self, event: Event) -> Verdict:
        """What this event is now."""
        run = (event.bot_id, event.run_id)
        last = self.runs_of(event.bot_id).get(event.run_id)
        if last is None or event.seq == last + 1:
            return Verdict.NEW
        if event.seq <= last:
            return Verdict.REPEATED
        if self._early.get(run) == event.seq:
            return Verdict.NEW
        self._early.setdefault(run, event.seq)
        return Verdict.EARLY

    def note(self, event: Event) -> None:
        """The event is stored: from now on it is repeated."""
        self._early.pop((event.bot_id, event.run_id), None)
        self.note_run(event.bot_id, event.run_id, event.seq)

    def note_run(self, bot_id: str, run_id: str, seq: int) -> None:
        """All events of a run up to `seq` are stored."""
        runs = self._last.setdefault(bot_id, {})
        runs[run_id] = max(seq, runs.get(run_id, 0))

    def runs_of(self, bot_id: str) -> Mapping[str, int]:
        """The last `seq` of each run of a bot."""
        return self._last.get(bot_id, {})

    def forget(self, bot_id: str) -> None:
        """What comes of this bot from now on is new."""
        self._last.pop(bot_id, None)

    def last_seq(self, event: Event) -> int:
        """What can be acknowledged of the event's run; 0 for nothing yet."""
        return self.runs_of(event.bot_id).get(event.run_id, 0)

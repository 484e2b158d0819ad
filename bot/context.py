"""What the parts of one run share, and the facts they gather for its conclusion."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bot.artifacts import Shelf
from bot.job import Job
from bot.leave import Watch
from bot.outcome import Outcome, OutcomeGate
from bot.people import Roster
from bot.reporter import Reporter
from bot.settings import Settings
from bot.usage import Usage
from media.recorder import RecorderStats
from platforms.types import FailureBundle, MeetingUrl

if TYPE_CHECKING:
    from bot.recording import Recorded


@dataclass(slots=True)
class Facts:
    """What the conclusion is written from; filled in as the run goes."""

    recorded: "Recorded | None" = None
    recorder: RecorderStats | None = None
    start_time: datetime | None = None
    joined_at: datetime | None = None
    exited_at: datetime | None = None
    browser_version: str = ""
    sandbox: bool = True
    verdict: str | None = None
    bundle: FailureBundle | None = None
    usage: list[Usage] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    timings_s: dict[str, float] = field(default_factory=dict)
    unfinished: Outcome | None = None
    """Set when the recording does not stand: it overrules how the meeting ended."""


@dataclass(slots=True)
class Context:
    """One run. `job` is replaced by `update_config`; `clock` is monotonic seconds.

    `wake` ends the wait between two looks early.
    """

    job: Job
    run_id: str
    url: MeetingUrl
    shown_name: str
    settings: Settings
    shelf: Shelf
    reporter: Reporter
    watch: Watch
    clock: Callable[[], float]
    roster: Roster = field(default_factory=Roster)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    facts: Facts = field(default_factory=Facts)
    gate: OutcomeGate = field(init=False)

    def __post_init__(self) -> None:
        self.gate = OutcomeGate(on_settled=lambda _: self.wake.set())

    @property
    def outcome(self) -> Outcome:
        """How the run ends. Only to be asked once it has."""
        found = self.facts.unfinished or self.gate.outcome
        if found is None:
            raise AssertionError("the run has not ended")
        return found

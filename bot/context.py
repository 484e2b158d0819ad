"""What the parts of one run share, and the facts they gather for its conclusion."""

import asyncio
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from bot.artifacts import Shelf
from bot.backends import Backend, TabBackend
from bot.chat import ChatLog
from bot.contention import Contention
from bot.ghosts import Ghosts
from bot.job import Job
from bot.leave import Watch
from bot.lip_sync import LipSync
from bot.outcome import Outcome, OutcomeGate
from bot.patience import Patience
from bot.people import Roster
from bot.preview import Thumbnails
from bot.rejoin import Rejoins
from bot.reporter import Reporter
from bot.screenshots import Screenshots
from bot.settings import Settings
from bot.usage import Usage
from media.curves import Curve
from media.recovery import Salvage
from media.summary import RecorderStats, RecordingSummary
from media.uploader import UploadResult
from platforms.types import FailureBundle, MeetingUrl, Traits


@dataclass(slots=True)
class Facts:
    """What the conclusion is written from; filled in as the run goes.

    `summary` stands once the files were closed, `upload` once they were stored. Where they could
    not be closed `stood` is how it stood, and `salvage` what was made of its chunks. `cores` are
    those of the whole tree, by time of the recording.
    """

    summary: RecordingSummary | None = None
    stood: RecordingSummary | None = None
    salvage: Salvage | None = None
    upload: UploadResult | None = None
    upload_retries: int = 0
    recorder: RecorderStats | None = None
    thumbnails: Thumbnails | None = None
    screenshots: Screenshots | None = None
    start_time: datetime | None = None
    joined_at: datetime | None = None
    exited_at: datetime | None = None
    browser_version: str = ""
    sandbox: bool = True
    verdict: str | None = None
    bundle: FailureBundle | None = None
    first_look: str | None = None
    usage: Usage | None = None
    contention: Contention = field(default_factory=Contention)
    lip_sync: LipSync = field(default_factory=LipSync)
    cores: Curve = field(default_factory=lambda: Curve(max, step_s=10.0))
    warnings: list[str] = field(default_factory=list)
    timings_s: dict[str, float] = field(default_factory=dict)
    unfinished: Outcome | None = None
    """Set when the recording does not stand, whatever else was well."""

    @property
    def browser_sandbox(self) -> Literal["on", "off"] | None:
        """Whether the browser's own sandbox is on; None before a browser has started."""
        if not self.browser_version:
            return None
        return "on" if self.sandbox else "off"


@dataclass(slots=True)
class Context:
    """One run. `job` is replaced by `update_config`; `clock` is monotonic seconds.

    `backend` records the page. `ended` is set with the outcome; `wake` ends the wait between two
    looks early.
    """

    job: Job
    run_id: str
    url: MeetingUrl
    shown_name: str
    traits: Traits
    settings: Settings
    shelf: Shelf
    reporter: Reporter
    watch: Watch
    clock: Callable[[], float]
    patience: Patience
    roster: Roster = field(default_factory=Roster)
    chat: ChatLog = field(default_factory=ChatLog)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    facts: Facts = field(default_factory=Facts)
    rejoins: Rejoins = field(default_factory=Rejoins)
    backend: Backend = field(default_factory=TabBackend)
    ghosts: Ghosts = field(init=False)
    gate: OutcomeGate = field(init=False)

    def __post_init__(self) -> None:
        self.ghosts = Ghosts(self.shown_name)
        self.gate = OutcomeGate(on_settled=self._on_settled)

    @property
    def run_folder(self) -> Path:
        """The run's place in the spool."""
        return self.settings.spool_dir / "spool" / self.run_id

    @property
    def rejoining(self) -> bool:
        """Whether the page died in mid-call and the bot is on its way back."""
        return self.rejoins.current is not None and self.gate.outcome is None

    def lost_page(self, cause: str, recorded_s: float) -> None:
        """The page died in mid-call; nobody is known to have spoken on."""
        self.rejoins.lost(cause, self.clock(), recorded_s)
        self.ghosts.lost()
        self.roster.finish()

    def returned(self) -> None:
        """The bot is in the call again, and recorded."""
        self.rejoins.back(self.clock())
        self.ghosts.back(self.clock())

    @property
    def outcome(self) -> Outcome:
        """How the run ends, its recording considered. Only to be asked once it has ended."""
        ended = self.gate.outcome
        if ended is None:
            raise AssertionError("the run has not ended")
        return with_recording(ended, self.facts.unfinished)

    def _on_settled(self, _: Outcome) -> None:
        self.ended.set()
        self.wake.set()


def with_recording(ended: Outcome, unfinished: Outcome | None) -> Outcome:
    """How a run ends whose recording does not stand (`unfinished`, None when it does).

    It is never completed: what kept the recording from standing becomes the reason, and the
    meeting's own is kept beside it. A run that had failed already keeps its reason.
    """
    if unfinished is None:
        return ended
    if not ended.is_completed:
        words = [ended.detail, f"and the recording is unfinished: {unfinished.detail}"]
        return dataclasses.replace(ended, detail="; ".join(word for word in words if word))
    meeting = f"the meeting had ended as {ended.reason.value}, {ended.row}"
    return dataclasses.replace(unfinished, detail=f"{unfinished.detail}; {meeting}")

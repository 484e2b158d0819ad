"""A bot and a test meeting in one event loop, with a clock the test can push forward."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest

from bot.contract import Status
from bot.job import Job, parse_job
from bot.outbox import Outbox
from bot.outcome import Outcome
from bot.run import LocalEmit
from bot.session import Session
from bot.settings import Settings
from media.storage import open_storage
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.e2e.lending import Lender

STEP_DEADLINE_S = 90.0


@dataclass
class PushedClock:
    """Monotonic seconds, plus what the test has pushed on."""

    pushed_s: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.pushed_s

    def push(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self.pushed_s += seconds


@dataclass
class Ended:
    """How a bot ended, and all it said and stored."""

    outcome: Outcome
    events: list[dict[str, Any]]
    folder: Path

    @property
    def statuses(self) -> list[str]:
        """Status codes in the order they were told."""
        changes = [e for e in self.events if e["event"] == "bot.status_change"]
        return [change["data"]["status"]["code"] for change in changes]

    @property
    def last(self) -> dict[str, Any]:
        """The data of the last event."""
        data = self.events[-1]["data"]
        assert isinstance(data, dict)
        return data

    @property
    def report(self) -> dict[str, Any]:
        """`report.json`."""
        report = json.loads((self.folder / "report.json").read_bytes())
        assert isinstance(report, dict)
        return report


@dataclass
class Bot:
    """A session under test. `status` is waited for by the events it says."""

    job: Job
    session: Session
    clock: PushedClock
    stream: StringIO
    folder: Path
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[Outcome] | None" = None

    async def reaches(self, status: Status, timeout_s: float = STEP_DEADLINE_S) -> None:
        """Wait until the bot has been in `status`; fails when it ends without."""
        await self.until(lambda: self.session.status_began(status) is not None, timeout_s)

    async def until(self, holds: Callable[[], bool], timeout_s: float = STEP_DEADLINE_S) -> None:
        """Wait for a condition of the bot, looked at ten times a second while it runs."""
        assert self.task is not None
        async with asyncio.timeout(timeout_s):
            while not holds():
                done, _ = await asyncio.wait({self.task}, timeout=0.1)
                assert not done or holds(), f"the bot ended: {self.task.result()}"

    async def ends(self, timeout_s: float = STEP_DEADLINE_S) -> Ended:
        """Wait for the end."""
        assert self.task is not None
        async with asyncio.timeout(timeout_s):
            outcome = await self.task
        events = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return Ended(outcome, events, self.folder)


class Meeting(Protocol):
    """Where a bot can be sent."""

    @property
    def meeting_url(self) -> str:
        """The address for the job."""

    @property
    def browser_args(self) -> tuple[str, ...]:
        """What leads a browser there."""


@asynccontextmanager
async def bot_in(
    meeting: Meeting,
    tmp_path: Path,
    settings: dict[str, Any] | None = None,
    lent: Lender | None = None,
    **fields: object,
) -> AsyncIterator[Bot]:
    """Start a bot for `meeting`; what is left of it ends with the block.

    With a browser of its own, if none is `lent`.
    """
    wanted = {"meeting_url": meeting.meeting_url, "bot_name": "Notes", **fields}
    job = parse_job(wanted, local_run=True)
    chosen = Settings(
        storage=str(tmp_path / "recordings"), spool_dir=tmp_path / "spool", **(settings or {})
    )
    storage = open_storage(chosen.storage)
    clock = PushedClock()
    stream = StringIO()
    run_id = str(uuid4())
    with (
        Outbox(tmp_path / "outbox", str(job.bot_id), run_id) as outbox,
        pytest.MonkeyPatch.context() as patch,
    ):
        if lent is not None:
            patch.setattr("bot.session.new_browser", lent)
        session = Session(
            job,
            run_id=run_id,
            settings=chosen,
            storage=storage,
            emit=LocalEmit(outbox, job, storage, 3600, stream),
            browser_args=meeting.browser_args,
            clock=clock,
        )
        bot = Bot(job, session, clock, stream, tmp_path / "recordings" / str(job.bot_id))
        bot.task = asyncio.create_task(session.run())
        try:
            yield bot
        finally:
            session.leave()
            await asyncio.wait({bot.task}, timeout=STEP_DEADLINE_S)
            bot.task.cancel()
            await asyncio.gather(bot.task, return_exceptions=True)


@asynccontextmanager
async def bot_at(
    tmp_path: Path,
    scenario: dict[str, object],
    settings: dict[str, Any] | None = None,
    lent: Lender | None = None,
    **fields: object,
) -> AsyncIterator[tuple[Simulator, Bot]]:
    """A test meeting of these scenario fields, and a bot on its way there."""
    address = lent.address if lent is not None else None
    async with (
        Simulator(Scenario.model_validate(scenario), address=address) as meeting,
        bot_in(meeting, tmp_path, settings, lent, **fields) as bot,
    ):
        yield meeting, bot

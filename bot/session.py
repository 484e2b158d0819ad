"""One bot, from its job to its last word: starts what is needed, meets, records, concludes."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from bot.artifacts import Shelf
from bot.closing import Closing
from bot.conclusion import Conclusion
from bot.context import Context
from bot.contract import EndReason, Status
from bot.desk import Desk, Snapshot
from bot.farewell import finish, part
from bot.job import Job
from bot.launch import (
    death_of,
    new_browser,
    new_client,
    new_recording,
    new_vigil,
    renew_page,
    watch_page,
)
from bot.lease_keeper import LeaseKeeper, fenced
from bot.leave import Deadlines, Watch
from bot.logs import open_log_file
from bot.meeting import Meeting
from bot.names import shown_name
from bot.notes import NotesBeside, kept_notes
from bot.outcome import (
    Outcome,
    outcome,
    outcome_of_error,
    outcome_of_sigterm,
    phase_of,
)
from bot.patience import Patience, Step, running, unless
from bot.processors import watch_processors
from bot.recording import Recording
from bot.report_writer import write_standing
from bot.reporter import Emit, Reporter
from bot.settings import Settings
from bot.standing import Standing
from bot.usage import UsageMeter
from media.summary import RecordingSummary
from media.types import Storage
from platforms.browser import MeetingBrowser
from platforms.registry import plugin_of

log = structlog.get_logger(__name__)

WARM_UP_S: Final = 20.0
"""A scheduled bot loads the page so long before it asks to join."""
USAGE_EVERY_S: Final = 10.0
SAMPLE_LIMIT_S: Final = 10.0
NOT_GONE: Final = "the browser took too long to end and was not waited for"
DOZE_S: Final = 60.0
"""The longest sleep before a scheduled join: the clock may be set meanwhile."""


class Session:
    """Runs one job once. `emit` makes an event durable; `clock` is monotonic seconds.

    `browser` is there once it has started.
    """

    def __init__(
        self,
        job: Job,
        *,
        run_id: str,
        settings: Settings,
        storage: Storage,
        emit: Emit,
        browser_args: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        url = job.meeting_url
        plugin = plugin_of(url.platform)
        name = shown_name(job.bot_name, plugin.name_rules)
        patience = Patience()
        deadlines = Deadlines(load_s=settings.load_timeout_s)
        shelved = fenced(storage, str(job.bot_id), run_id)
        self._context = Context(
            job=job,
            run_id=run_id,
            url=url,
            shown_name=name,
            traits=plugin.traits,
            settings=settings,
            shelf=Shelf(shelved, str(job.bot_id), patience),
            reporter=Reporter(job, url, name, emit),
            watch=Watch(job.timeout_config, traits=plugin.traits, deadlines=deadlines),
            clock=clock,
            patience=patience,
        )
        self._browser_args = browser_args
        self._desk = Desk(self._context)
        self._lease = LeaseKeeper(self._context, shelved.lease)
        self._meter = UsageMeter()
        self._closing = Closing(patience)
        self._meeting: Meeting | None = None
        self._recording: Recording
        self._so_far: Callable[[], RecordingSummary | None] = lambda: None
        self.browser: MeetingBrowser | None = None

    async def run(self) -> Outcome:
        """Everything, to the last word; how it ended is the outcome, never an exception.

        Raises `OutboxError` where not even the first event could be kept. Cancelled, it ends as
        INTERNAL_ERROR within the grace period and then raises CancelledError.
        """
        work = asyncio.ensure_future(self._run())
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            self._context.gate.settle(
                outcome(EndReason.INTERNAL_ERROR, "error/CancelledError", "the run was cancelled")
            )
            self._context.patience.hurry(self._context.settings.grace_s)
            await asyncio.wait({work}, timeout=self._context.settings.grace_s)
            work.cancel()
            raise

    def leave(self) -> None:
        """End as the leave command does. Idempotent."""
        self._desk.leave()

    def terminate(self) -> None:
        """End as SIGTERM does: what is recorded is stored and told within the grace period."""
        self._context.gate.settle(outcome_of_sigterm())
        self._context.patience.hurry(self._context.settings.grace_s)

    async def command(self, name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out a command; its reply's data. Raises `CommandRefused`."""
        return await self._desk.command(name, args)

    def snapshot(self) -> Snapshot:
        """How the bot stands."""
        return self._desk.snapshot()

    def heartbeat(self) -> Mapping[str, Any]:
        """The body of a heartbeat."""
        return self._desk.heartbeat()

    @property
    def patience(self) -> Patience:
        """How long the ending may take."""
        return self._context.patience

    @property
    def status(self) -> Status:
        """The bot's present status."""
        return self._context.reporter.status

    def status_began(self, status: Status) -> datetime | None:
        """When the bot first was in a status, None if it never was."""
        return self._context.reporter.machine.began(status)

    @property
    def looks(self) -> int:
        """How often the meeting page was looked at."""
        return self._meeting.looks if self._meeting else 0

    async def _run(self) -> Outcome:
        with self._log_file() as log_path:
            await self._context.reporter.accepted()
            notes = kept_notes(log_path.parent, self._context.roster, self._standing)
            async with notes, running(self._lease.keep()):
                try:
                    await self._attend()
                except Exception as error:
                    log.exception("session_failed")
                    phase = phase_of(self.status)
                    self._context.gate.settle(outcome_of_error(error, phase))
                if self._closing.late:
                    self._context.facts.warnings.append(NOT_GONE)
                told = await Conclusion(self._context).tell(log_path)
                await self._closing.end()
            await self._lease.remove()
            return told

    async def _attend(self) -> None:
        ended = self._context.ended
        await unless(ended, self._wait_for_start())
        if ended.is_set():
            return
        await self._context.reporter.advance(Status.JOINING_CALL)
        async with self._closing as stack:
            browser = await unless(ended, self._start(stack))
            if browser is None:
                return
            vigil = new_vigil(self._context, browser, self._recording)
            contention = watch_processors(self._context.facts.contention, self._at_s)
            async with running(self._measure(), contention, vigil.keep()):
                await self._meet(browser)
            with suppress(TimeoutError):
                async with self._context.patience.step(Step.BROWSER, SAMPLE_LIMIT_S):
                    await self._sample_usage()

    async def _start(self, stack: AsyncExitStack) -> MeetingBrowser:
        """Browser, capture and upload, each a context on the stack: it ends them in reverse."""
        began_s = time.monotonic()
        browser = await stack.enter_async_context(new_browser(self._context, self._browser_args))
        recording = new_recording(self._context, browser)
        recording.note = NotesBeside(self._context.roster, self._standing).store
        self._recording = await stack.enter_async_context(recording)
        self._so_far = recording.so_far
        self.browser = browser
        self._desk.recording = recording
        facts = self._context.facts
        facts.browser_version, facts.sandbox = browser.version, browser.sandbox
        facts.thumbnails, facts.screenshots = recording.thumbnails, recording.screenshots
        facts.timings_s["start_browser"] = time.monotonic() - began_s
        return browser

    async def _meet(self, browser: MeetingBrowser) -> None:
        """Join, stay, leave. The recording ends first, so that the leaving is not in it."""
        client = await new_client(self._context, browser)
        self._desk.say = client.say
        recording = self._recording
        self._meeting = Meeting(
            self._context,
            client,
            recording,
            lambda: death_of(browser),
            renew=lambda: renew_page(browser, client),
        )
        joining_s = time.monotonic()
        try:
            async with running(watch_page(self._context, browser, client, recording)):
                await self._meeting.run(ask_from=lambda: self._asks_in_s() <= 0)
        except Exception as error:
            log.exception("meeting_failed")
            self._context.gate.settle(outcome_of_error(error, phase_of(self.status)))
        facts = self._context.facts
        facts.timings_s["in_meeting"] = time.monotonic() - joining_s
        facts.verdict = client.verdict
        facts.recorder = self._recording.stats()[0]
        facts.start_time = self._recording.start_time
        alive = death_of(browser) is None
        await asyncio.gather(
            finish(self._context, recording), part(self._context, client, alive=alive)
        )

    async def _measure(self) -> None:
        while True:
            await self._sample_usage()
            await asyncio.sleep(USAGE_EVERY_S)

    async def _sample_usage(self) -> None:
        facts = self._context.facts
        facts.usage = await asyncio.to_thread(self._meter.sample)
        if self._recording.begun:
            facts.cores.add(self._recording.recorded_s, facts.usage.cores)

    def _standing(self) -> Standing | None:
        so_far = self._so_far()
        return None if so_far is None else write_standing(self._context, so_far)

    def _at_s(self) -> float | None:
        return self._recording.recorded_s if self._recording.begun else None

    async def _wait_for_start(self) -> None:
        while (wait_s := self._asks_in_s() - WARM_UP_S) > 0:  # noqa: ASYNC110 - no event tells the time of day
            await asyncio.sleep(min(wait_s, DOZE_S))

    def _asks_in_s(self) -> float:
        if self._context.job.join_at is None:
            return 0.0
        return (self._context.job.join_at - datetime.now(UTC)) / timedelta(seconds=1)

    @contextmanager
    def _log_file(self) -> Iterator[Path]:
        """What is logged, in the spool: of a run that dies it stays there."""
        folder = self._context.run_folder
        path = folder / "logs.jsonl"
        with open_log_file(path):
            yield path
        path.unlink(missing_ok=True)
        with suppress(OSError):  # what could not be stored is still in it
            folder.rmdir()

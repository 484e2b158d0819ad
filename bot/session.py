"""One bot, from its job to its last word: starts what is needed, meets, records, concludes."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from bot.artifacts import Shelf
from bot.commands import UpdateConfig, parse_command
from bot.conclusion import Conclusion
from bot.context import Context
from bot.contract import Command, Status, TranscriptionStatus
from bot.events import Heartbeat, StatusReport
from bot.job import Job
from bot.leave import Deadlines, Watch
from bot.logs import open_log_file
from bot.machine import check_command
from bot.meeting import Meeting, MeetingClient
from bot.names import shown_name
from bot.outcome import (
    Outcome,
    Phase,
    outcome_of_error,
    outcome_of_leave,
    outcome_of_sigterm,
    phase_of,
)
from bot.recording import Recording
from bot.reporter import Emit, Reporter
from bot.settings import Settings
from bot.usage import UsageMeter
from media.errors import MediaError
from media.recorder import RecorderStats
from media.tab.capture import ORIGIN, CaptureSettings, probe_capture, recorder_files
from media.types import Storage
from media.uploader import UploadStats
from platforms.browser import BrowserSettings, MeetingBrowser
from platforms.registry import make_client

log = structlog.get_logger(__name__)

WARM_UP_S: Final = 20.0
"""A scheduled bot loads the page so long before it asks to join."""
LEAVE_TIMEOUT_S: Final = 5.0
FINISH_DEADLINE_S: Final = 1_800.0
"""How long a storage that is down is waited for after the meeting."""
USAGE_EVERY_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How the bot stands, for a status line."""

    status: Status
    recorder: RecorderStats
    upload: UploadStats | None
    people: int
    speaking: tuple[str, ...]


class Session:
    """Runs one job once. `emit` makes an event durable; `clock` is monotonic seconds.

    `run` never raises for what happens to the bot: its outcome says it.
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
        name = shown_name(job.bot_name)
        self._context = Context(
            job=job,
            run_id=run_id,
            url=url,
            shown_name=name,
            settings=settings,
            shelf=Shelf(storage, str(job.bot_id)),
            reporter=Reporter(job, url, name, emit),
            watch=Watch(
                job.timeout_config,
                platform=url.platform,
                deadlines=Deadlines(load_s=settings.load_timeout_s),
            ),
            clock=clock,
        )
        self._browser_args = browser_args
        self._recording: Recording | None = None
        self._client: MeetingClient | None = None
        self._meeting: Meeting | None = None
        self._finish_deadline_s = FINISH_DEADLINE_S
        self.browser: MeetingBrowser | None = None
        self._meter = UsageMeter()

    async def run(self) -> Outcome:
        """Everything, to the last word."""
        context = self._context
        with tempfile.TemporaryDirectory(prefix="meetbot-log-") as folder:
            log_path = Path(folder) / "logs.jsonl"
            with open_log_file(log_path):
                await context.reporter.accepted()
                try:
                    await self._attend()
                except Exception as error:
                    log.exception("session_failed")
                    context.gate.settle(outcome_of_error(error))
                outcome = context.outcome
                log.info("session_ended", reason=outcome.reason.value, row=outcome.row)
            log_lines = await asyncio.to_thread(log_path.read_bytes)
        thumbnails = self._recording.thumbnails if self._recording else None
        return await Conclusion(context).tell(thumbnails, log_lines)

    def leave(self) -> None:
        """End as the leave command does. Idempotent."""
        found = outcome_of_leave(self._context.reporter.status)
        if found is not None:
            self._context.gate.settle(found)

    def terminate(self) -> None:
        """End as SIGTERM does: what is recorded is stored and told within the grace period."""
        self._finish_deadline_s = self._context.settings.grace_s
        self._context.gate.settle(outcome_of_sigterm())

    async def command(self, name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out a command. Raises `CommandRefused`."""
        body = parse_command(name, {"id": 0, **args})
        check_command(body.kind, self._context.reporter.status, str(self._context.job.bot_id))
        reply: Mapping[str, Any] = await self._commands()[body.kind](body)
        return reply

    def _commands(self) -> Mapping[Command, Callable[[Any], Any]]:
        return {
            Command.LEAVE: self._command_leave,
            Command.GET_STATUS: self._command_status,
            Command.SEND_CHAT_MESSAGE: self._command_say,
            Command.UPDATE_CONFIG: self._command_update,
        }

    async def _command_leave(self, _: object) -> Mapping[str, Any]:
        self.leave()
        return {"message": "Bot leave request sent successfully."}

    async def _command_status(self, _: object) -> Mapping[str, Any]:
        machine = self._context.reporter.machine
        report = StatusReport(
            bot_id=self._context.job.bot_id,
            status=machine.status,
            transcription_status=TranscriptionStatus.NOT_APPLICABLE,
            updated_at=machine.updated_at,
        )
        return report.model_dump(mode="json")

    async def _command_say(self, body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - by kind
        said = self._client is not None and await self._client.say(body.text)
        return {"said": said}

    async def _command_update(self, body: UpdateConfig) -> Mapping[str, Any]:
        self._context.job = body.applied_to(self._context.job)
        self._context.watch.update(self._context.job.timeout_config)
        return {}

    async def heartbeat(self) -> Mapping[str, Any]:
        """The body of a heartbeat."""
        snapshot = self.snapshot()
        usage = self._context.facts.usage[-1] if self._context.facts.usage else None
        beat = Heartbeat(
            bot_id=self._context.job.bot_id,
            status=snapshot.status,
            recorded_seconds=round(snapshot.recorder.recorded_s, 1),
            upload_lag_seconds=round(snapshot.upload.lag_seconds, 1) if snapshot.upload else 0.0,
            cores=usage.cores if usage else 0.0,
            memory_bytes=usage.memory_bytes if usage else 0,
        )
        return beat.model_dump(mode="json")

    def snapshot(self) -> Snapshot:
        """How the bot stands."""
        recorder, upload = self._recording.stats() if self._recording else (RecorderStats(), None)
        return Snapshot(
            status=self._context.reporter.status,
            recorder=recorder,
            upload=upload,
            people=len(self._context.roster.here),
            speaking=tuple(self._context.roster.speaking),
        )

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

    async def _attend(self) -> None:
        await self._wait_for(self._starts_in_s)
        if self._context.gate.outcome is not None:
            return
        await self._context.reporter.advance(Status.JOINING_CALL)
        began_s = time.monotonic()
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(self._new_browser())
            self.browser = browser
            self._context.facts.browser_version = browser.version
            self._context.facts.sandbox = browser.sandbox
            recording = await stack.enter_async_context(self._new_recording(browser))
            self._recording = recording
            self._context.facts.timings_s["start_browser"] = time.monotonic() - began_s
            usage = asyncio.create_task(self._measure())
            stack.callback(usage.cancel)
            for event in (browser.gone, browser.crashed):
                stack.callback(asyncio.create_task(self._wake_on(event)).cancel)
            await self._meet(browser, recording)

    async def _meet(self, browser: MeetingBrowser, recording: Recording) -> None:
        client = self._client = make_client(self._context.url, browser.page)
        meeting = Meeting(self._context, client, recording, lambda: death_of(browser))
        self._meeting = meeting
        joining_s = time.monotonic()
        try:
            await meeting.run(ask_from=lambda: self._asks_in_s() <= 0)
        except Exception as error:
            log.exception("meeting_failed")
            phase = phase_of(self._context.reporter.status)
            self._context.gate.settle(outcome_of_error(error, phase))
        self._context.facts.timings_s["in_meeting"] = time.monotonic() - joining_s
        self._context.facts.verdict = client.verdict
        await self._part(client, recording, alive=death_of(browser) is None)

    async def _part(self, client: MeetingClient, recording: Recording, *, alive: bool) -> None:
        """Stop recording first, so that the leaving is not in it; then leave; then the rest."""
        outcome = self._context.gate.outcome
        self._context.facts.recorder = recording.stats()[0]
        self._context.facts.start_time = recording.start_time
        finishing = asyncio.create_task(self._finish(recording))
        if alive:
            if outcome is not None and not outcome.is_completed:
                self._context.facts.bundle = await client.bundle()
            await client.leave(LEAVE_TIMEOUT_S)
        self._context.facts.exited_at = datetime.now(UTC)
        await self._context.reporter.advance(Status.CALL_ENDED)
        await finishing

    async def _finish(self, recording: Recording) -> None:
        if recording.start_time is None:
            return
        began_s = time.monotonic()
        try:
            self._context.facts.recorded = await recording.finish(
                deadline_s=self._finish_deadline_s
            )
            if not self._context.job.retention.keep_chunks:
                await recording.delete_chunks()
        except MediaError as error:
            # what does not stand in storage is never reported as completed
            log.exception("recording_not_finished")
            self._context.facts.unfinished = outcome_of_error(error, Phase.OVER)
        self._context.facts.timings_s["finish_recording"] = time.monotonic() - began_s

    def _new_browser(self) -> MeetingBrowser:
        settings = self._context.settings
        capture = CaptureSettings()
        return MeetingBrowser(
            BrowserSettings(
                executable=settings.browser,
                headless=settings.browser_mode == "headless",
                width=capture.width,
                height=capture.height,
                extra_args=self._browser_args,
                name_card=self._context.shown_name,
            ),
            recorder_origin=ORIGIN,
            recorder_files=recorder_files(capture),
            probe=lambda browser: probe_capture(
                recorder=browser.recorder,
                titled=browser.titled,
                profile_dir=browser.profile_dir,
                settings=capture,
            ),
        )

    def _new_recording(self, browser: MeetingBrowser) -> Recording:
        return Recording(
            browser,
            self._context.shelf.storage,
            key_prefix=self._context.shelf.prefix,
            spool_dir=self._context.settings.spool_dir / "spool" / self._context.run_id,
            spool_max_bytes=self._context.settings.spool_max_bytes,
            capture=CaptureSettings(),
        )

    async def _measure(self) -> None:
        while True:
            self._context.facts.usage.append(await asyncio.to_thread(self._meter.sample))
            del self._context.facts.usage[1:-360]
            await asyncio.sleep(USAGE_EVERY_S)

    async def _wake_on(self, event: asyncio.Event) -> None:
        await event.wait()
        self._context.wake.set()

    async def _wait_for(self, remaining_s: Callable[[], float]) -> None:
        while self._context.gate.outcome is None and (wait_s := remaining_s()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(wait_s, 60.0)):
                    await self._context.wake.wait()

    def _starts_in_s(self) -> float:
        return self._asks_in_s() - WARM_UP_S

    def _asks_in_s(self) -> float:
        if self._context.job.join_at is None:
            return 0.0
        return (self._context.job.join_at - datetime.now(UTC)) / timedelta(seconds=1)


def death_of(browser: MeetingBrowser) -> str | None:
    """What of the browser has died, None while all is well."""
    if browser.gone.is_set():
        return "gone"
    return "page-crashed" if browser.crashed.is_set() else None

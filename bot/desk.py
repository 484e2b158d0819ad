"""The desk of one bot: answers what is asked of it, and says how it stands."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.commands import Pause, Resume, SendChatMessage, UpdateConfig, parse_command
from bot.context import Context
from bot.contract import Command, Status, TranscriptionStatus
from bot.errors import WrongStatusError
from bot.job_secrets import job_secrets
from bot.logs import register_secrets
from bot.machine import check_command
from bot.outcome import outcome_of_leave
from bot.transient import Heartbeat, StatusReport
from media.pressure import Level
from media.summary import RecorderStats
from media.uploader import UploadStats

Say = Callable[[str], Awaitable[bool]]


class Recording(Protocol):
    """What is needed of a recording."""

    def stats(self) -> tuple[RecorderStats, UploadStats]:
        """How it and its upload stand."""

    def pause(self) -> None:
        """Record nothing from now on."""

    def resume(self) -> None:
        """Go on recording."""

    async def screenshot(self) -> str | None:
        """Keep a picture of what is recorded: its key, None where none can be had."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How the bot stands, for a status line."""

    status: Status
    recorder: RecorderStats = field(default_factory=RecorderStats)
    upload: UploadStats | None = None
    people: int = 0
    speaking: tuple[str, ...] = ()


class Desk:
    """Carries out commands. `say` and `recording` are set once there is a meeting to record."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.say: Say | None = None
        self.recording: Recording | None = None
        self._handlers: Mapping[Command, Callable[[Any], Awaitable[Mapping[str, Any]]]] = {
            Command.LEAVE: self._leave,
            Command.GET_STATUS: self._status,
            Command.PAUSE: self._pause,
            Command.RESUME: self._resume,
            Command.SCREENSHOT: self._screenshot,
            Command.SEND_CHAT_MESSAGE: self._say,
            Command.UPDATE_CONFIG: self._update,
        }

    async def command(self, name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out a command; its reply's data. Raises `CommandRefused`."""
        body = parse_command(name, {"id": 0, **args})
        check_command(body.kind, self._context.reporter.status, str(self._context.job.bot_id))
        return await self._handlers[body.kind](body)

    def leave(self) -> None:
        """End as the leave command does. Idempotent."""
        found = outcome_of_leave(self._context.reporter.status)
        if found is not None:
            self._context.gate.settle(found)

    def snapshot(self) -> Snapshot:
        """How the bot stands."""
        recorder, upload = (RecorderStats(), None)
        if self.recording is not None:
            recorder, upload = self.recording.stats()
        return Snapshot(
            status=self._context.reporter.status,
            recorder=recorder,
            upload=upload,
            people=len(self._context.roster.here),
            speaking=tuple(self._context.roster.speaking),
        )

    def heartbeat(self) -> Mapping[str, Any]:
        """The body of a heartbeat."""
        snapshot, usage = self.snapshot(), self._context.facts.usage
        level = snapshot.recorder.level
        beat = Heartbeat(
            bot_id=self._context.job.bot_id,
            status=snapshot.status,
            recorded_seconds=round(snapshot.recorder.recorded_s, 1),
            upload_lag_seconds=round(snapshot.upload.lag_seconds, 1) if snapshot.upload else 0.0,
            cores=max(0.0, usage.cores) if usage else 0.0,
            memory_bytes=usage.memory_bytes if usage else 0,
            sandbox=self._context.facts.browser_sandbox,
            capture=self._context.settings.capture,
            browser_mode=self._context.settings.shown_browser_mode,
            degraded=None if level is Level.FULL else level,
            rejoining=self._context.rejoining,
        )
        return beat.model_dump(mode="json")

    async def _leave(self, _: object) -> Mapping[str, Any]:
        self.leave()
        return {"message": "Bot leave request sent successfully."}

    async def _status(self, _: object) -> Mapping[str, Any]:
        machine = self._context.reporter.machine
        report = StatusReport(
            bot_id=self._context.job.bot_id,
            status=machine.status,
            transcription_status=TranscriptionStatus.NOT_APPLICABLE,
            updated_at=machine.updated_at,
        )
        return report.model_dump(mode="json")

    async def _pause(self, body: Pause) -> Mapping[str, Any]:
        self._refuse_if_over(body.kind)
        if self.recording is not None:
            self.recording.pause()
        await self._context.reporter.advance(Status.RECORDING_PAUSED)
        return {}

    async def _resume(self, body: Resume) -> Mapping[str, Any]:
        self._refuse_if_over(body.kind)
        if self.recording is not None:
            self.recording.resume()
        await self._context.reporter.advance(Status.RECORDING_RESUMED)
        return {}

    async def _screenshot(self, _: object) -> Mapping[str, Any]:
        return {"key": None if self.recording is None else await self.recording.screenshot()}

    def _refuse_if_over(self, command: Command) -> None:
        """The call has ended, though that is not said yet: the recording is being closed."""
        if self._context.ended.is_set():
            raise WrongStatusError(command, str(self._context.job.bot_id), Status.CALL_ENDED)

    async def _say(self, body: SendChatMessage) -> Mapping[str, Any]:
        return {"said": self.say is not None and await self.say(body.text)}

    async def _update(self, body: UpdateConfig) -> Mapping[str, Any]:
        self._context.job = body.applied_to(self._context.job)
        register_secrets(job_secrets(self._context.job))
        self._context.watch.update(self._context.job.timeout_config)
        return {}

"""How a bot ends: small artifacts, the report, the mark, the last word, the callback."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from bot.artifacts import (
    AUDIO,
    CHAT,
    CHUNKS,
    DIARIZATION,
    FAILURE,
    REPORT,
    VIDEO,
)
from bot.callback import call_back
from bot.context import Context
from bot.contract import Status
from bot.errors import OutboxError
from bot.events import Billing, CompletedData, EndData, Evidence, FailedData
from bot.lease_keeper import taken_over
from bot.outcome import Outcome, outcome_of_error
from bot.patience import Step
from bot.report import ArtifactRow, CallbackReport
from bot.report_writer import write_report
from bot.shape import shape_of
from bot.shelving import Shelving
from bot.terminal import claim_terminal
from bot.unmarked import owe_mark, pay_marks
from media.errors import LeaseError, MediaError

log = structlog.get_logger(__name__)

MARK_LIMIT_S: Final = 60.0
SAY_LIMIT_S: Final = 60.0
SAY_LEAST_S: Final = 2.0
"""However late it is, a disk that answers takes the last word."""
PAY_LIMIT_S: Final = 10.0
CALLBACK_LIMIT_S: Final = 150.0
"""Four tries of 30 s and the waits between them."""


class Conclusion:
    """Concludes one run. `tell` stores, marks and speaks, in that order."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._job = context.job
        self._facts = context.facts
        self._shelf = context.shelf
        self._reporter = context.reporter

    async def tell(self, log_path: Path) -> Outcome:
        """Everything after the meeting. Returns the outcome that was told; never raises."""
        outcome = self._context.outcome
        log.info("session_ended", reason=outcome.reason.value, row=outcome.row)
        self._context.roster.finish(self._recorded_s() or 0.0)
        shelving = Shelving(self._context, log_path)
        rows = [*await self._recording_rows(), *await shelving.store(outcome)]
        if self._facts.screenshots is not None and self._facts.start_time is not None:
            rows.append(self._facts.screenshots.row())
        report = write_report(self._context, outcome, rows)
        rows.append(await shelving.store_report(report))
        try:
            callback = await self._speak(self._end_data(outcome, rows), outcome)
        except OutboxError as error:
            log.exception("last_word_not_kept")
            outcome, callback = outcome_of_error(error), None
        except LeaseError as error:
            log.error("another_run_speaks", problem=str(error))  # noqa: TRY400 - no traceback helps
            outcome, callback = taken_over(error), None
        await shelving.store_again(report, callback)
        await self._pay_marks()
        return outcome

    async def _recording_rows(self) -> list[ArtifactRow]:
        """Video, audio, and the chunks where they are still there."""
        if self._facts.start_time is None:
            return [
                ArtifactRow(name=name, key=None, size_bytes=None, state="absent")
                for name in shape_of(self._job).names
            ]
        unfinished = self._facts.unfinished
        try:
            found = {item.key: item.size_bytes for item in await self._shelf.standing()}
        except (MediaError, TimeoutError) as error:
            log.warning("storage_not_listed", problem=str(error))
            found = {}
        saved = self._facts.salvage.names if self._facts.salvage else ()
        names = dict.fromkeys((*shape_of(self._job).names, *saved))
        rows = [self._row(name, found, unfinished) for name in names]
        chunks = [size for key, size in found.items() if key.startswith(self._shelf.key(CHUNKS))]
        if chunks:
            note = f"{len(chunks)} objects: init.mp4 and the chunks after it, joined, play"
            row = ArtifactRow(
                name=CHUNKS,
                key=self._shelf.key(CHUNKS),
                size_bytes=sum(chunks),
                state="stored",
                note=note,
            )
            rows.append(row)
        return rows

    def _row(self, name: str, found: Mapping[str, int], unfinished: Outcome | None) -> ArtifactRow:
        key = self._shelf.key(name)
        upload = self._facts.upload
        if unfinished is None and upload is not None:
            size_bytes = upload.video_bytes if name == VIDEO else upload.audio_bytes
            return ArtifactRow(name=name, key=key, size_bytes=size_bytes, state="stored")
        saved = self._facts.salvage is not None and name in self._facts.salvage.names
        return ArtifactRow(
            name=name,
            key=key if key in found else None,
            size_bytes=found.get(key),
            state="stored" if saved else "failed",
            note=unfinished.detail if unfinished else "",
        )

    async def _speak(self, data: EndData, outcome: Outcome) -> CallbackReport | None:
        """The mark, the last status, the last word, the callback.

        Raises `OutboxError`, and `LeaseError` where another run is to say the last word.
        """
        event = "bot.completed" if outcome.is_completed else "bot.failed"
        body = {
            "event": event,
            "bot_id": str(self._job.bot_id),
            "run_id": self._context.run_id,
            "data": data.model_dump(mode="json"),
            "extra": self._job.extra,
        }
        if not await self._may_speak(body):
            log.error("another_run_has_spoken")
            return None
        await self._say(event, data, outcome)
        return await self._call_back(body)

    async def _say(self, event: str, data: EndData, outcome: Outcome) -> None:
        try:
            patience = self._context.patience
            async with patience.step(Step.LAST_WORD, SAY_LIMIT_S, least_s=SAY_LEAST_S):
                await self._reporter.advance(
                    Status.COMPLETED if outcome.is_completed else Status.FAILED,
                    error_message=None if outcome.is_completed else outcome.error_message,
                )
                await self._reporter.terminal(event, data)
        except TimeoutError as error:
            raise OutboxError("the disk did not answer in time") from error

    async def _may_speak(self, body: Mapping[str, object]) -> bool:
        try:
            async with self._context.patience.step(Step.MARK, MARK_LIMIT_S):
                return await claim_terminal(self._shelf.storage, str(self._job.bot_id), body)
        except LeaseError:
            raise
        except (MediaError, TimeoutError) as error:
            # storage is down: the orchestrator must learn of the end all the same
            log.warning("terminal_not_marked", problem=str(error) or "no answer in time")
            await self._owe_mark(body)
            return True

    async def _owe_mark(self, body: Mapping[str, object]) -> None:
        try:
            async with self._context.patience.step(Step.OWING, PAY_LIMIT_S):
                await asyncio.to_thread(owe_mark, self._context.settings.spool_dir, body)
        except OSError as error:
            log.warning("mark_not_owed", problem=str(error) or "no answer in time")

    async def _pay_marks(self) -> None:
        """The storage may be back; if not, the next start on this spool marks."""
        with suppress(TimeoutError):
            async with self._context.patience.step(Step.DELIVERY, PAY_LIMIT_S):
                await pay_marks(self._context.settings.spool_dir, self._shelf.storage)

    async def _call_back(self, body: Mapping[str, Any]) -> CallbackReport | None:
        config = self._job.callback_config
        if not self._job.callback_enabled or config is None:
            return None
        try:
            async with self._context.patience.step(Step.CALLBACK, CALLBACK_LIMIT_S):
                report = await call_back(config, body, self._shelf.storage, self._context.settings)
        except TimeoutError:
            report = CallbackReport(delivered=False, status=None, tries=0, problem="out of time")
        log.info("callback_ended", **report.model_dump())
        return report

    def _end_data(self, outcome: Outcome, rows: Sequence[ArtifactRow]) -> EndData:
        keys = {row.name: row.key for row in rows}
        recorded_s = self._recorded_s()
        common: dict[str, Any] = {
            "bot_id": self._job.bot_id,
            "event_id": self._job.event_id,
            "video": keys.get(VIDEO),
            "audio": keys.get(shape_of(self._job).audio_name) or keys.get(AUDIO),
            "diarization": keys.get(DIARIZATION),
            "chat_messages": keys.get(CHAT),
            "report": keys.get(REPORT),
            "screenshots": self._facts.screenshots.keys if self._facts.screenshots else None,
            "participants": tuple(self._context.roster.names),
            "speakers": tuple(self._context.roster.speakers),
            "duration_seconds": None if recorded_s is None else round(recorded_s),
            "joined_at": self._facts.joined_at,
            "exited_at": self._facts.exited_at if self._facts.joined_at else None,
            "sent_at": datetime.now(UTC),
            "billing": self._billing(recorded_s or 0.0),
        }
        if outcome.is_completed:
            return CompletedData(**common, end_reason=outcome.reason)
        bundle = next((row.key for row in rows if row.name.startswith(f"{FAILURE}/")), None)
        return FailedData(
            **common,
            error_code=outcome.reason,
            error_message=outcome.error_message,
            retryable=outcome.retryable,
            evidence=Evidence(
                row=outcome.row,
                platform=self._context.url.platform,
                bundle=self._shelf.key(FAILURE) if bundle else None,
            ),
        )

    def _recorded_s(self) -> float | None:
        """Seconds recorded, as the files have it or as it was last counted."""
        if self._facts.salvage is not None:
            return self._facts.salvage.duration_s
        if self._facts.summary is not None:
            return self._facts.summary.duration_s
        begun = self._facts.start_time is not None and self._facts.recorder is not None
        return self._facts.recorder.recorded_s if begun and self._facts.recorder else None

    def _billing(self, recorded_s: float) -> Billing:
        waiting = self._reporter.machine.began(Status.IN_WAITING_ROOM)
        until = self._facts.joined_at or self._facts.exited_at
        waited_s = (until - waiting).total_seconds() if waiting and until else 0.0
        return Billing(
            waiting_room_seconds=max(0, round(waited_s)), recording_seconds=round(recorded_s)
        )

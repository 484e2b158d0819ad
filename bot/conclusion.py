"""How a bot ends: small artifacts, the report, the mark, the last word, the callback."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

import bot
from bot.artifacts import (
    AUDIO,
    DIARIZATION,
    EVENTS,
    FAILURE,
    LOGS,
    PREVIEW,
    REPORT,
    VIDEO,
    RowState,
    json_lines,
    store_bundle,
)
from bot.callback import CallbackTarget, send_callback
from bot.context import Context, Facts
from bot.contract import SCHEMA_VERSION, Status
from bot.events import Billing, CompletedData, EndData, Evidence, FailedData
from bot.outbox import Envelope
from bot.outcome import Outcome
from bot.preview import Thumbnails, contact_sheet
from bot.report import (
    ArtifactRow,
    CaptureReport,
    CostReport,
    GapReport,
    QualitySection,
    Report,
    UploadReport,
)
from bot.terminal import claim_terminal
from media.errors import MediaError
from media.recorder import TAB_CALIBRATION_US
from media.tab.capture import CaptureSettings
from media.types import Storage

log = structlog.get_logger(__name__)

URL_FIELDS: Final = (
    "video",
    "audio",
    "diarization",
    "raw_transcription",
    "transcription",
    "chat_messages",
    "report",
)
BUNDLE_EVENTS: Final = 200


class Conclusion:
    """Concludes one run. `tell` stores, marks and speaks, in that order."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._job = context.job
        self._facts = context.facts
        self._shelf = context.shelf
        self._reporter = context.reporter
        self._roster = context.roster

    async def tell(self, thumbnails: Thumbnails | None, log_lines: bytes) -> Outcome:
        """Everything after the meeting. Returns the outcome that was told."""
        outcome = self._context.outcome
        self._roster.finish()
        rows = self._recording_rows()
        rows += await self._store_small(outcome, thumbnails, log_lines)
        report = self._report(outcome, rows)
        rows.append(await self._shelf.put(REPORT, report.model_dump_json(indent=1).encode()))
        await self._speak(self._end_data(outcome, rows), outcome)
        await self._shelf.put(EVENTS, json_lines(self._reporter.events))
        return outcome

    async def _store_small(
        self, outcome: Outcome, thumbnails: Thumbnails | None, log_lines: bytes
    ) -> list[ArtifactRow]:
        put = self._shelf.put
        rows = [await put(LOGS, log_lines)]
        if self._facts.start_time is not None:
            turns = [turn.as_line() for turn in self._roster.turns]
            rows.append(await put(DIARIZATION, json_lines(turns)))
        kept = thumbnails.kept() if thumbnails else ()
        if kept:
            sheet = await asyncio.to_thread(contact_sheet, kept, self._roster.spoke_at)
            rows.append(await put(PREVIEW, sheet))
        if self._facts.bundle is not None and not outcome.is_completed:
            events = self._reporter.events[-BUNDLE_EVENTS:]
            rows += await store_bundle(self._shelf, self._facts.bundle, events)
        return rows

    def _recording_rows(self) -> list[ArtifactRow]:
        recorded = self._facts.recorded
        if recorded is not None:
            upload = recorded.upload
            return [
                self._shelf.row(VIDEO, "stored", upload.video_bytes),
                self._shelf.row(AUDIO, "stored", upload.audio_bytes),
            ]
        state: RowState = "absent" if self._facts.start_time is None else "failed"
        return [self._shelf.row(name, state) for name in (VIDEO, AUDIO)]

    async def _speak(self, data: EndData, outcome: Outcome) -> None:
        completed = outcome.is_completed
        event = "bot.completed" if completed else "bot.failed"
        body = {
            "event": event,
            "bot_id": str(self._job.bot_id),
            "run_id": self._context.run_id,
            "data": data.model_dump(mode="json"),
            "extra": self._job.extra,
        }
        if not await self._may_speak(body):
            log.error("another_run_has_spoken")
            return
        await self._reporter.advance(
            Status.COMPLETED if completed else Status.FAILED,
            error_message=None if completed else outcome.error_message,
        )
        await self._reporter.terminal(event, data)
        await self._call_back(body)

    async def _may_speak(self, body: Mapping[str, object]) -> bool:
        try:
            return await claim_terminal(self._shelf.storage, str(self._job.bot_id), body)
        except MediaError as error:
            # storage is down: the orchestrator must learn of the end all the same
            log.exception("terminal_not_marked", problem=str(error))
            return True

    async def _call_back(self, body: Mapping[str, Any]) -> None:
        config = self._job.callback_config
        if not self._job.callback_enabled or config is None:
            return
        secret = config.secret.get_secret_value() if config.secret else None
        shown = await asyncio.to_thread(
            presented, self._shelf.storage, body["data"], self._context.settings.url_lifetime_s
        )
        result = await send_callback(
            CallbackTarget(str(config.url), config.method, secret),
            {"event": body["event"], "data": shown, "extra": body["extra"]},
            allow_private=self._context.settings.callback_allow_private,
        )
        log.info("callback_ended", **asdict(result))

    def _end_data(self, outcome: Outcome, rows: list[ArtifactRow]) -> EndData:
        keys = {row.name: row.key for row in rows if row.state == "stored"}
        common: dict[str, Any] = {
            "bot_id": self._job.bot_id,
            "event_id": self._job.event_id,
            "video": keys.get(VIDEO),
            "audio": keys.get(AUDIO),
            "diarization": keys.get(DIARIZATION),
            "report": keys.get(REPORT),
            "participants": tuple(self._roster.names),
            "speakers": tuple(self._roster.speakers),
            "duration_seconds": None
            if self._facts.recorded is None
            else round(self._facts.recorded.summary.duration_s),
            "joined_at": self._facts.joined_at,
            "exited_at": self._facts.exited_at if self._facts.joined_at else None,
            "sent_at": datetime.now(UTC),
            "billing": self._billing(),
        }
        if outcome.is_completed:
            return CompletedData(**common, end_reason=outcome.reason)
        bundle = self._shelf.key(FAILURE) if self._facts.bundle is not None else None
        return FailedData(
            **common,
            error_code=outcome.reason,
            error_message=outcome.error_message,
            retryable=outcome.retryable,
            evidence=Evidence(row=outcome.row, platform=self._context.url.platform, bundle=bundle),
        )

    def _billing(self) -> Billing:
        waiting = self._reporter.machine.began(Status.IN_WAITING_ROOM)
        until = self._facts.joined_at or self._facts.exited_at
        waited_s = (until - waiting).total_seconds() if waiting and until else 0.0
        recorded_s = self._facts.recorder.recorded_s if self._facts.recorder else 0.0
        return Billing(
            waiting_room_seconds=max(0, round(waited_s)), recording_seconds=round(recorded_s)
        )

    def _report(self, outcome: Outcome, rows: list[ArtifactRow]) -> Report:
        recorded = self._facts.recorded
        return Report(
            schema_version=SCHEMA_VERSION,
            version=bot.__version__,
            bot_id=str(self._job.bot_id),
            run_id=self._context.run_id,
            platform=self._context.url.platform.value,
            bot_name=self._job.bot_name,
            bot_name_shown=self._context.shown_name,
            end_reason=outcome.reason,
            end_row=outcome.row,
            end_detail=outcome.detail,
            platform_verdict=self._facts.verdict,
            start_time=self._facts.start_time,
            duration_seconds=round(recorded.summary.duration_s, 3) if recorded else None,
            joined_at=self._facts.joined_at,
            exited_at=self._facts.exited_at,
            participants=self._roster.names,
            speakers=self._roster.speakers,
            capture=self._capture(),
            quality=_quality(self._facts),
            upload=self._upload(),
            cost=_cost(self._facts),
            timings_seconds={name: round(s, 2) for name, s in self._facts.timings_s.items()},
            artifacts=rows,
            warnings=self._facts.warnings,
        )

    def _capture(self) -> CaptureReport | None:
        if not self._facts.browser_version:
            return None
        settings = CaptureSettings()
        return CaptureReport(
            browser=self._facts.browser_version,
            sandbox="on" if self._facts.sandbox else "off",
            width=settings.width,
            height=settings.height,
        )

    def _upload(self) -> UploadReport | None:
        if self._facts.recorded is None:
            return None
        upload = self._facts.recorded.upload
        return UploadReport(
            storage=self._shelf.storage.describe(),
            video_bytes=upload.video_bytes,
            audio_bytes=upload.audio_bytes,
            chunks=upload.chunks,
            parts=upload.parts,
            retries=self._facts.recorded.retries,
            bytes_after_leaving=upload.bytes_after_leaving,
            seconds_after_leaving=round(self._facts.recorded.seconds_after_leaving, 2),
        )


def _quality(facts: Facts) -> QualitySection | None:
    if facts.recorded is None:
        return None
    summary = facts.recorded.summary
    stats = summary.stats
    return QualitySection(
        frames_got=stats.pictures_in,
        frames_encoded=stats.pictures_encoded,
        frames_repeated=stats.repeats,
        frames_dropped=stats.dropped,
        audio_packets=stats.packets_in,
        audio_epochs=summary.audio_epochs,
        av_calibration_ms=TAB_CALIBRATION_US / 1000,
        **asdict(summary.quality),
        gaps=[
            GapReport(
                kind=gap.kind.value,
                start_seconds=round(gap.start_s, 3),
                duration_seconds=round(gap.duration_s, 3),
            )
            for gap in summary.gaps
        ],
    )


def _cost(facts: Facts) -> CostReport | None:
    if not facts.usage:
        return None
    last = facts.usage[-1]
    return CostReport(
        cpu_seconds=last.cpu_seconds,
        cores_average=round(sum(u.cores for u in facts.usage) / len(facts.usage), 3),
        memory_peak_bytes=max(usage.memory_bytes for usage in facts.usage),
        cores_by_process=last.cores_by_process,
    )


def presented(storage: Storage, data: Mapping[str, Any], lifetime_s: int) -> dict[str, Any]:
    """A terminal event's data with URLs in place of keys. Blocking."""
    shown = dict(data)
    for name in URL_FIELDS:
        if shown.get(name):
            shown[name] = storage.url(shown[name], lifetime_s)
    if shown.get("screenshots"):
        shown["screenshots"] = [storage.url(key, lifetime_s) for key in shown["screenshots"]]
    expires = datetime.now(UTC) + timedelta(seconds=lifetime_s)
    shown["urls_expire_at"] = expires.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return shown


def present(storage: Storage, envelope: Envelope, lifetime_s: int) -> Envelope:
    """A terminal envelope as it is sent: with fresh URLs. Blocking."""
    return Envelope(
        envelope.event,
        envelope.bot_id,
        envelope.run_id,
        envelope.seq,
        envelope.sent_at,
        presented(storage, envelope.data, lifetime_s),
        envelope.extra,
    )

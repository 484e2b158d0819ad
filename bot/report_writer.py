"""Writes `report.json`, and what `report.png` shows, from what a run has gathered."""

from collections.abc import Sequence
from dataclasses import asdict

import bot
from bot.context import Context, Facts
from bot.contract import SCHEMA_VERSION
from bot.lanes import lanes
from bot.outcome import Outcome
from bot.presentations import presentations_of
from bot.preview import caption
from bot.report import (
    ArtifactRow,
    BusyReport,
    CaptureReport,
    CostReport,
    DegradedReport,
    GapReport,
    PauseReport,
    PresentationReport,
    QualitySection,
    RejoinReport,
    Report,
    UploadReport,
)
from bot.report_picture import Sheet
from bot.shape import shape_of
from bot.standing import Standing, gave_way
from media.summary import RecordingSummary


def write_report(context: Context, outcome: Outcome, rows: Sequence[ArtifactRow]) -> Report:
    """The report of a run that ended with `outcome`; a section without its facts is null."""
    facts = context.facts
    stands, recorded_s = _stands(context), _recorded_s(facts)
    return Report(
        schema_version=SCHEMA_VERSION,
        version=bot.__version__,
        bot_id=str(context.job.bot_id),
        run_id=context.run_id,
        platform=context.url.platform,
        bot_name=context.job.bot_name,
        bot_name_shown=context.shown_name,
        end_reason=outcome.reason,
        end_row=outcome.row,
        end_detail=outcome.detail,
        platform_verdict=facts.verdict,
        start_time=facts.start_time,
        duration_seconds=None if recorded_s is None else round(recorded_s, 3),
        pauses=list(stands.pauses) if stands else [],
        rejoins=_rejoins(context),
        joined_at=facts.joined_at,
        exited_at=facts.exited_at,
        participants=context.roster.names,
        speakers=context.roster.speakers,
        presentations=_presentations(context),
        capture=_capture(context),
        quality=stands.quality if stands else None,
        upload=_upload(context),
        cost=_cost(facts),
        timings_seconds={name: round(spent_s, 2) for name, spent_s in facts.timings_s.items()},
        artifacts=list(rows),
        warnings=[
            *facts.warnings,
            *gave_way(stands.quality.degraded if stands else (), recorded_s or 0.0),
        ],
    )


def _stands(context: Context) -> Standing | None:
    """As the closed files have it, or as it was last known of what was saved."""
    facts = context.facts
    summary, saved = facts.summary or facts.stood, facts.salvage
    if summary is None:
        return None
    closed = facts.summary is not None and saved is None
    stands = write_standing(context, summary, closed=closed)
    return stands if saved is None else stands.until(saved.duration_s)


def _recorded_s(facts: Facts) -> float | None:
    whole = facts.salvage or facts.summary
    return None if whole is None else whole.duration_s


def write_standing(context: Context, so_far: RecordingSummary, *, closed: bool = False) -> Standing:
    """How the run's recording stands, for the report of whoever ends the run if it dies now.

    `closed`: this is all of it.
    """
    known = None if closed else round(so_far.duration_s, 3)
    return Standing(
        quality=_quality(context, so_far).model_copy(update={"known_until_seconds": known}),
        pauses=tuple(_pauses(so_far)),
        rejoins=tuple(_rejoins(context)),
        capture=_capture(context),
        cost=_cost(context.facts),
        warnings=tuple(context.facts.warnings),
    )


def sheet_of(context: Context, outcome: Outcome) -> Sheet | None:
    """What the report's picture shows; None without a recording that was closed."""
    summary = context.facts.summary
    if summary is None:
        return None
    lufs = summary.quality.loudness_lufs
    facts = (
        f"{summary.start_time:%Y-%m-%d %H:%M} UTC",
        f"length {caption(summary.duration_s, ())}",
        "silent" if lufs is None else f"{lufs} LUFS",
        f"gaps: {len(summary.gaps)}",
        f"dropped: {sum(summary.stats.dropped.values())}",
    )
    return Sheet(
        title=f"{context.shown_name}, {context.url.platform}, {outcome.reason.value}",
        subtitle=", ".join(facts),
        duration_s=summary.duration_s,
        lanes=lanes(context.reporter.events, context.roster.turns, summary.duration_s),
        gaps=[(gap.start_s, gap.start_s + gap.duration_s) for gap in summary.gaps],
        peak=summary.curves.peak,
        pictures=summary.curves.pictures,
        cores=context.facts.cores.taken(),
    )


def _degraded(summary: RecordingSummary) -> list[DegradedReport]:
    return [
        DegradedReport(
            from_level=each.from_level,
            to_level=each.to_level,
            at_seconds=round(each.at_s, 3),
            until_seconds=None if each.until_s is None else round(each.until_s, 3),
            why=each.why,
        )
        for each in summary.degradations
    ]


def _capture(context: Context) -> CaptureReport | None:
    facts, settings = context.facts, shape_of(context.job).capture
    if not facts.browser_version:
        return None
    return CaptureReport(
        backend=context.backend.name,
        transport=context.backend.transport,
        browser_mode=context.settings.shown_browser_mode,
        browser=facts.browser_version,
        sandbox="on" if facts.sandbox else "off",
        width=settings.width if settings.video else None,
        height=settings.height if settings.video else None,
    )


def _presentations(context: Context) -> list[PresentationReport]:
    summary = context.facts.summary
    duration_s = summary.duration_s if summary else 0.0
    told = presentations_of(context.reporter.events, duration_s)
    return [PresentationReport.of(each) for each in told]


def _pauses(summary: RecordingSummary) -> list[PauseReport]:
    return [
        PauseReport(
            start_seconds=round(pause.start_s, 3), duration_seconds=round(pause.duration_s, 3)
        )
        for pause in summary.pauses
    ]


def _rejoins(context: Context) -> list[RejoinReport]:
    return [
        RejoinReport(
            cause=one.cause,
            start_seconds=round(one.recorded_s, 3),
            asked_after_seconds=None if one.asked_after_s is None else round(one.asked_after_s, 2),
            back_after_seconds=None if one.back_after_s is None else round(one.back_after_s, 2),
        )
        for one in context.rejoins.all
    ]


def _quality(context: Context, summary: RecordingSummary) -> QualitySection:
    facts, stats = context.facts, summary.stats
    return QualitySection(
        frames_got=stats.pictures_in,
        frames_encoded=stats.pictures_encoded,
        frames_repeated=stats.repeats,
        frames_dropped=dict(stats.dropped),
        frames_thinned=stats.thinned,
        degraded=_degraded(summary),
        busy_machine=[
            BusyReport(
                start_seconds=round(busy.start_s, 1),
                duration_seconds=round(busy.end_s - busy.start_s, 1),
                waited_share=round(busy.waited_share, 2),
            )
            for busy in facts.contention.stretches
        ],
        audio_packets=stats.packets_in,
        audio_epochs=summary.audio_epochs,
        av_calibration_ms=context.backend.calibration_us / 1000,
        av_drift_ms=summary.drift_ms,
        av_offset_ms=facts.lip_sync.usual_ms,
        av_offset_worst_ms=facts.lip_sync.worst_ms,
        first_look=facts.first_look,
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


def _upload(context: Context) -> UploadReport | None:
    upload = context.facts.upload
    if upload is None:
        return None
    return UploadReport(
        storage=context.shelf.storage.describe(),
        video_bytes=upload.video_bytes,
        audio_bytes=upload.audio_bytes,
        chunks=upload.chunks,
        parts=upload.parts,
        retries=context.facts.upload_retries,
        bytes_after_leaving=upload.bytes_after_leaving,
        seconds_after_leaving=round(context.facts.timings_s.get("finish_recording", 0.0), 2),
    )


def _cost(facts: Facts) -> CostReport | None:
    usage = facts.usage
    if usage is None:
        return None
    return CostReport(
        cpu_seconds=usage.cpu_seconds,
        cores_average=round(usage.cpu_seconds / usage.elapsed_s, 3),
        memory_peak_bytes=usage.memory_peak_bytes,
        cores_by_process=usage.cores_by_process,
    )

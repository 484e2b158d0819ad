"""Writes `report.json`, and what `report.png` shows, from what a run has gathered."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

import bot
from bot.context import Context, Facts
from bot.contract import SCHEMA_VERSION
from bot.lanes import lanes
from bot.outcome import Outcome
from bot.presentations import presentations_of
from bot.preview import caption
from bot.rejoin import Rejoin
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
from media.pressure import Level
from media.summary import RecordingSummary

TOO_SLOW: Final = "this machine was too slow: pictures were reduced for {seconds:.1f} s (degraded)"


def write_report(context: Context, outcome: Outcome, rows: Sequence[ArtifactRow]) -> Report:
    """The report of a run that ended with `outcome`; a section without its facts is null."""
    facts = context.facts
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
        duration_seconds=None if facts.summary is None else round(facts.summary.duration_s, 3),
        pauses=_pauses(facts),
        rejoins=[_rejoin(one) for one in context.rejoins.all],
        joined_at=facts.joined_at,
        exited_at=facts.exited_at,
        participants=context.roster.names,
        speakers=context.roster.speakers,
        presentations=_presentations(context),
        capture=_capture(context),
        quality=_quality(context),
        upload=_upload(context),
        cost=_cost(facts),
        timings_seconds={name: round(spent_s, 2) for name, spent_s in facts.timings_s.items()},
        artifacts=list(rows),
        warnings=[*facts.warnings, *gave_way(facts.summary)],
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


def gave_way(summary: RecordingSummary | None) -> list[str]:
    """In words, for how long less than everything was recorded; nothing where all was."""
    if summary is None:
        return []
    # levels are nested: the time given to the first of them holds the others'
    spans = [each for each in summary.degradations if each.from_level is Level.FULL]
    ends = [summary.duration_s if each.until_s is None else each.until_s for each in spans]
    total_s = sum(end_s - each.at_s for each, end_s in zip(spans, ends, strict=True))
    return [TOO_SLOW.format(seconds=total_s)] if spans else []


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


def _pauses(facts: Facts) -> list[PauseReport]:
    return [
        PauseReport(
            start_seconds=round(pause.start_s, 3), duration_seconds=round(pause.duration_s, 3)
        )
        for pause in (facts.summary.pauses if facts.summary else ())
    ]


def _rejoin(one: Rejoin) -> RejoinReport:
    return RejoinReport(
        cause=one.cause,
        start_seconds=round(one.recorded_s, 3),
        asked_after_seconds=None if one.asked_after_s is None else round(one.asked_after_s, 2),
        back_after_seconds=None if one.back_after_s is None else round(one.back_after_s, 2),
    )


def _quality(context: Context) -> QualitySection | None:
    facts, summary = context.facts, context.facts.summary
    if summary is None:
        return None
    stats = summary.stats
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

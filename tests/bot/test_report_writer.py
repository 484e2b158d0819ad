"""The report is written from what a run gathered."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.contention import Times
from bot.contract import EndReason
from bot.outcome import outcome
from bot.report import ArtifactRow, PauseReport
from bot.report_writer import sheet_of, write_report, write_standing
from bot.standing import TOO_SLOW
from bot.usage import Usage
from media.pauses import Pause
from media.pressure import Cause, Degradation, Level
from media.quality import Quality
from media.summary import RecorderStats, RecordingSummary
from media.timeline import Gap, GapKind
from media.uploader import UploadResult
from tests.bot.rig import rig

ENDED = outcome(EndReason.API_REQUEST, "command/leave", "in_call_recording")


def test_without_facts_sections_are_null(tmp_path: Path) -> None:
    """A run that never started anything still has its report: who, how it ended, which rows."""
    row = ArtifactRow(name="video.mp4", key=None, size_bytes=None, state="absent")
    with rig(tmp_path) as parts:
        report = write_report(parts.context, ENDED, [row])
    assert (report.end_reason, report.end_row) == ("API_REQUEST", "command/leave")
    assert report.run_id == parts.context.run_id
    assert report.artifacts == [row]
    assert [report.capture, report.quality, report.upload, report.cost, report.callback] == [
        None,
        None,
        None,
        None,
        None,
    ]
    assert report.duration_seconds is None
    assert report.pauses == []
    assert report.warnings == []


def test_every_section_has_its_facts(tmp_path: Path) -> None:
    """Frames, gaps, upload, cost and timings are those that were gathered."""
    stats = RecorderStats(recorded_s=61.0, pictures_in=900, pictures_encoded=890, repeats=3)
    with rig(tmp_path) as parts:
        facts = parts.context.facts
        facts.browser_version, facts.sandbox = "156.0", False
        facts.summary = RecordingSummary(
            start_time=datetime.now(UTC),
            duration_s=61.2345,
            stats=stats,
            quality=Quality().report(61.0),
            gaps=(Gap(GapKind.HOLE, 48_000, 12_000),),
            pauses=(Pause(20.0, 3.00049),),
            audio_epochs=2,
            drift_ms=-1.5,
            degradations=(
                Degradation(Level.FULL, Level.CHEAP_PRESET, Cause.ENCODER_BEHIND, 10.0, 32.5),
                Degradation(Level.CHEAP_PRESET, Level.HALF_RATE, Cause.PICTURES_LOST, 11.0, 22.0),
                Degradation(Level.FULL, Level.CHEAP_PRESET, Cause.ENCODER_BEHIND, 60.0),
            ),
        )
        facts.upload = UploadResult("b/v", "b/a", 10, 5, 2, 3, 7, 0.5)
        facts.upload_retries = 4
        facts.usage = Usage(0.5, 30.0, 60.0, 100, 200, {"python": 0.5}, {"python": 100})
        facts.timings_s["finish_recording"] = 1.234
        facts.cores.add(12.0, 0.5)
        facts.first_look = "it plays"
        for at_s in range(5):
            facts.contention.note(float(at_s), Times(float(at_s), 2, 0.0, {}, {}))
        report = write_report(parts.context, ENDED, [])
        standing = write_standing(parts.context, facts.summary)
        sheet = sheet_of(parts.context, ENDED)
    assert sheet is not None
    assert (sheet.duration_s, sheet.gaps) == (61.2345, [(1.0, 1.25)])
    assert "length 01:01, silent, gaps: 1, dropped: 0" in sheet.subtitle
    assert sheet.cores.values == (0.0, 0.5)
    assert report.duration_seconds == pytest.approx(61.2345, abs=0.001)
    assert report.pauses == [PauseReport(start_seconds=20.0, duration_seconds=3.0)]
    assert report.capture is not None
    assert (report.capture.browser, report.capture.sandbox) == ("156.0", "off")
    assert report.quality is not None
    assert (report.quality.frames_got, report.quality.frames_encoded) == (900, 890)
    assert (report.quality.audio_epochs, report.quality.av_drift_ms) == (2, -1.5)
    assert report.quality.first_look == "it plays"
    (busy,) = report.quality.busy_machine
    assert (busy.start_seconds, busy.duration_seconds, busy.waited_share) == (0.0, 4.0, 0.0)
    assert [each.until_seconds for each in report.quality.degraded] == [32.5, 22.0, None]
    assert report.quality.degraded[1].why == "pictures_lost"
    assert report.warnings == [TOO_SLOW.format(seconds=22.5 + 1.2345)]
    assert report.quality.frame_rate_seconds["0"] == 61
    assert report.quality.gaps[0].duration_seconds == 0.25
    assert report.upload is not None
    assert report.upload.storage.startswith("file://")
    assert (report.upload.retries, report.upload.bytes_after_leaving) == (4, 7)
    assert report.upload.seconds_after_leaving == 1.23
    assert report.cost is not None
    assert (report.cost.cores_average, report.cost.memory_peak_bytes) == (0.5, 200)
    assert report.quality.known_until_seconds is None
    assert standing.quality == report.quality.model_copy(update={"known_until_seconds": 61.234})
    assert [*standing.pauses] == report.pauses
    assert (standing.capture, standing.cost) == (report.capture, report.cost)

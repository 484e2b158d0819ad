"""What is said of a run that died."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from bot.contract import EndReason, Status
from bot.deaths import death
from bot.epitaph import NOT_KNOWN, Epitaph, last_status
from bot.presentations import Presentation
from bot.standing import TOO_SLOW
from bot.story import Story
from bot.vitals import Vitals
from media.recovery import Salvage
from tests.bot.test_standing import standing

SHARED = (Presentation("Ada", "a", 80.0, float("inf")),)
START = datetime(2026, 11, 24, 10, tzinfo=UTC)
SALVAGE = Salvage("b/video.mp4", "b/audio.mp3", 9, 9, duration_s=90.4, chunks=45)


def epitaph(salvage: Salvage | None = SALVAGE) -> Epitaph:
    """The end of a run that was recording."""
    story = Story(
        platform="google_meet", start_time=START, participants=("Ada",), presentations=SHARED
    )
    died = death(EndReason.FORCE_KILLED, Vitals(), Vitals())
    return Epitaph(str(uuid4()), str(uuid4()), story, died, salvage)


def test_it_was_there_until_its_recording_ends() -> None:
    """The last moment known is the recording's end; without one, none is."""
    exited_at = epitaph().exited_at
    assert exited_at is not None
    assert (exited_at - START).total_seconds() == pytest.approx(90.4)
    assert epitaph(None).exited_at is None
    assert replace(epitaph(), story=Story()).exited_at is None


def test_last_word_and_report_agree() -> None:
    """Reason, row, people and length are the same in both."""
    data, report = epitaph().data([]), epitaph().report([])
    assert (data.error_code, data.evidence.row) == (report.end_reason, report.end_row)
    assert data.participants == ("Ada",)
    assert report.participants == ["Ada"]
    assert (data.duration_seconds, report.duration_seconds) == (90, 90.4)
    assert [(each.start_seconds, each.end_seconds) for each in report.presentations] == [
        (80.0, 90.4)
    ]
    assert epitaph(None).report([]).presentations == []
    assert "callback" in report.warnings[0]


def test_what_was_missing_is_declared_as_the_run_had_noted_it() -> None:
    """Gaps, pauses and what was given up, as far as the recording stands, and nothing unknown."""
    short = replace(SALVAGE, duration_s=10.0)
    report = replace(epitaph(short), standing=standing()).report([])
    assert report.quality is not None
    assert [gap.duration_seconds for gap in report.quality.gaps] == [0.25, 0.5]
    assert (report.quality.frames_thinned, report.quality.known_until_seconds) == (13, 14.0)
    assert (len(report.pauses), len(report.rejoins)) == (1, 1)
    assert TOO_SLOW.format(seconds=6.0) in report.warnings
    assert NOT_KNOWN not in report.warnings


def test_what_nobody_noted_is_said_not_to_be_known() -> None:
    """Where the spool is lost too the report says so; before a recording nothing is missing."""
    report = epitaph().report([])
    assert report.quality is None
    assert NOT_KNOWN in report.warnings
    assert NOT_KNOWN not in replace(epitaph(None), story=Story()).report([]).warnings


@pytest.mark.parametrize(
    ("event", "code"), [("bot.failed", Status.FAILED), ("bot.completed", Status.COMPLETED)]
)
def test_last_status_goes_with_the_last_word(event: str, code: Status) -> None:
    """Failed before bot.failed, completed before bot.completed, with the same message."""
    said = last_status(str(uuid4()), Story(), event, {"error_message": "Killed."})
    assert (said.status.code, said.status.error_message) == (code, "Killed.")

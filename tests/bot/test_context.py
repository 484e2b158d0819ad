"""What one run shares, and how its recording bears on its outcome."""

from pathlib import Path

import pytest

from bot.context import with_recording
from bot.contract import EndReason
from bot.outcome import Outcome, Phase, outcome, outcome_of_error
from media.errors import StorageError
from tests.bot.rig import rig

DOWN = outcome_of_error(StorageError("put", "s3://b", "no answer", retryable=True), Phase.OVER)
REMOVED = outcome(EndReason.BOT_REMOVED, "google_meet/removed-screen")
EARLY = outcome(EndReason.BOT_REMOVED_TOO_EARLY, "google_meet/removed-screen", "seen")


def test_a_recording_that_stands_changes_nothing() -> None:
    """The meeting's own outcome is the run's."""
    assert with_recording(REMOVED, None) is REMOVED


def test_completed_without_recording_is_a_failure() -> None:
    """It fails for what kept the recording from standing; the meeting's reason is kept beside."""
    told = with_recording(REMOVED, DOWN)
    assert (told.reason, told.row) == (EndReason.INTERNAL_ERROR, "error/StorageError")
    assert told.exit_code == 3
    assert "no answer" in told.error_message
    assert "BOT_REMOVED, google_meet/removed-screen" in told.error_message


@pytest.mark.parametrize("ended", [EARLY, outcome(EndReason.SIGTERM, "signal/SIGTERM")])
def test_a_failure_keeps_its_reason(ended: Outcome) -> None:
    """Reason, row and exit code stay; the recording's trouble is in the detail."""
    told = with_recording(ended, DOWN)
    assert (told.reason, told.row, told.exit_code) == (ended.reason, ended.row, ended.exit_code)
    assert "no answer" in told.detail
    assert told.detail.startswith(ended.detail)


async def test_settling_wakes_who_waits(tmp_path: Path) -> None:
    """The first outcome sets both events; asking for it before is a mistake of ours."""
    with rig(tmp_path) as parts:
        context = parts.context
        with pytest.raises(AssertionError, match="not ended"):
            _ = context.outcome
        context.gate.settle(REMOVED)
        assert context.ended.is_set()
        assert context.wake.is_set()
        assert context.outcome is REMOVED

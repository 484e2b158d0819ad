"""Which view is asked for, when, and what is said where the client has none."""

import pytest

from bot.contract import RecordingMode
from bot.views import MAX_TRIES, TRY_EVERY_S, ViewChoice
from platforms.types import View


@pytest.mark.parametrize(
    ("mode", "view"),
    [
        (RecordingMode.SPEAKER_VIEW, View.SPEAKER),
        (RecordingMode.GALLERY_VIEW, View.GALLERY),
        (RecordingMode.AUDIO_ONLY, None),
    ],
)
def test_the_view_of_a_mode(mode: RecordingMode, view: View | None) -> None:
    """Each mode with a picture has its view; without a try nothing is warned of."""
    choice = ViewChoice(mode)
    assert choice.due(0.0) is view
    assert choice.warning is None


def test_chosen_once() -> None:
    """What was chosen is left alone for the rest of the meeting."""
    choice = ViewChoice(RecordingMode.GALLERY_VIEW)
    choice.tried(1.0, chosen=True)
    assert choice.due(1e6) is None
    assert choice.warning is None


def test_tried_again_and_given_up() -> None:
    """A view that could not be chosen is tried again after a while, then it is a warning."""
    choice = ViewChoice(RecordingMode.SPEAKER_VIEW)
    for number in range(MAX_TRIES):
        at_s = number * TRY_EVERY_S
        assert choice.due(at_s) is View.SPEAKER
        choice.tried(at_s, chosen=False)
        assert choice.due(at_s + TRY_EVERY_S - 0.1) is None
    assert choice.due(1e6) is None
    assert choice.warning is not None
    assert choice.warning.startswith("speaker view could not be chosen")


def test_chosen_late() -> None:
    """A later try that succeeds takes the warning back."""
    choice = ViewChoice(RecordingMode.SPEAKER_VIEW)
    choice.tried(0.0, chosen=False)
    assert choice.warning is not None
    choice.tried(TRY_EVERY_S, chosen=True)
    assert choice.warning is None

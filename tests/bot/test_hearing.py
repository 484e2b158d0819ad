"""Dead sound is told from a quiet room, and mended with patience."""

from itertools import pairwise

import pytest

from bot.hearing import LISTEN_AFTER_S, MEND_AFTER_S, Hearing

SPEECH = 0.01
"""Energy a second of speech at -20 dBFS."""


def heard(energies: list[dict[str, float] | None], *, zeros_s: float = LISTEN_AFTER_S) -> Hearing:
    """What is found of such readings, one a second, within one run of zeros."""
    hearing = Hearing()
    for second, each in enumerate(energies):
        hearing.note(second, zeros_s + second, each)
    return hearing


def test_zeros_while_the_page_receives_speech_are_dead_sound() -> None:
    """Two seconds with speech in one run of zeros, a pause between them or not."""
    assert not heard([{"a": 0.0}, {"a": SPEECH}]).dead
    assert heard([{"a": 0.0}, {"a": SPEECH}, {"a": 2 * SPEECH}]).dead
    assert heard([{"a": 0.0}, {"a": SPEECH}, {"a": SPEECH}, {"a": 2 * SPEECH}]).dead
    assert heard([{"a": 0.0, "b": 5.0}, {"a": 0.0, "b": 5.1}, {"a": SPEECH, "b": 5.1}]).dead


@pytest.mark.parametrize(
    "energies",
    [
        [{"a": 1.0}] * 60,
        [{"a": second * 3e-7} for second in range(60)],
        [None] * 60,
        [{}] * 60,
        [{str(second): float(second)} for second in range(60)],
        [each for second in range(30) for each in ({"a": second * SPEECH}, None)],
    ],
    ids=[
        "nobody",
        "noise of -65 dBFS",
        "unread",
        "no receiver",
        "always others",
        "no two in a row",
    ],
)
def test_what_the_page_does_not_hear_is_a_quiet_room(
    energies: list[dict[str, float] | None],
) -> None:
    """A minute of zeros is silence where no receiver, known to two looks in a row, got sound."""
    assert not heard(energies).dead


def test_short_pauses_are_not_looked_into() -> None:
    """Zeros of less than two seconds start the finding over."""
    hearing = Hearing()
    for second in range(60):
        hearing.note(second, second % 2, {"a": second * SPEECH})
        assert not hearing.dead


def test_dead_sound_stays_dead_until_there_is_sound() -> None:
    """Neither a pause of the speaker nor a page that does not answer takes it back."""
    hearing = heard([{"a": 0.0}, {"a": SPEECH}, {"a": 2 * SPEECH}])
    for second in range(3, 9):
        hearing.note(second, 5.0, {"a": 2 * SPEECH} if second % 2 else None)
        assert hearing.dead
    hearing.note(9, 0.0, None)
    assert not hearing.dead


def test_mending_is_tried_again_after_longer_and_longer_waits() -> None:
    """A page that plays nothing of what it receives is captured anew a few times, no more."""
    hearing, mended_s = Hearing(), []
    for second in range(3600):
        hearing.note(second, 60.0, {"a": second * SPEECH})
        if hearing.mend_due(second):
            hearing.mended(second)
            mended_s.append(second)
    assert len(mended_s) == len(MEND_AFTER_S)
    waits_s = [after - before for before, after in pairwise(mended_s)]
    assert waits_s == [pytest.approx(wait_s, abs=3) for wait_s in MEND_AFTER_S[1:]]
    assert hearing.dead


def test_living_sound_is_not_mended() -> None:
    """Without a finding no re-capture is due."""
    assert not Hearing().mend_due(1e9)

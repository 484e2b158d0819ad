"""What the quality totals add up to."""

import numpy as np
import pytest
from numpy.typing import NDArray

from media.quality import Quality

SIZE = (64, 48)


def picture(luma: int) -> NDArray[np.uint8]:
    """A plain I420 picture."""
    width, height = SIZE
    packed = np.full(width * height * 3 // 2, 128, np.uint8)
    packed[: width * height] = luma
    return packed


def tone(seconds: float, level: float) -> NDArray[np.float32]:
    """A square wave of both polarities, for its exact peak."""
    samples = np.full((2, round(seconds * 48_000)), level, np.float32)
    samples[:, ::2] *= -1
    return samples


def test_nothing_recorded_is_all_zero() -> None:
    """Without sound there is no peak, and nothing was silent, black or frozen."""
    report = Quality().report(5.0)
    assert report.peak_dbfs is None
    assert report.silent_seconds == report.black_seconds == report.frozen_seconds == 0.0


def test_silence_digital_silence_and_sound_are_told_apart() -> None:
    """Noise below -60 dBFS is silent but not digitally; zeros are both; sound is neither."""
    quality = Quality()
    for level, seconds in ((0.0, 2.0), (0.0005, 3.0), (0.5, 1.0), (0.0, 1.0)):
        quality.sound(tone(seconds, level))
    report = quality.report(7.0)
    assert report.silent_seconds == 6.0
    assert report.digital_silence_seconds == 3.0
    assert report.peak_dbfs == pytest.approx(-6.0, abs=0.05)
    assert quality.heard_at_s == 6.0


def test_nothing_was_heard_in_silence() -> None:
    """`heard_at_s` stays None while nothing exceeds -60 dBFS."""
    quality = Quality()
    quality.sound(tone(1.0, 0.0009))
    quality.sound(np.zeros((2, 0), np.float32))
    assert quality.heard_at_s is None


def test_clipping_counts_samples_not_channels() -> None:
    """A sample clipped in both channels counts once."""
    quality = Quality()
    samples = tone(0.1, 0.5)
    samples[:, 7] = 1.0
    samples[0, 9] = -1.0
    quality.sound(samples)
    assert quality.report(0.1).clipped_samples == 2


def test_black_and_frozen_time_is_how_long_a_picture_stays() -> None:
    """Black counts from the black picture to the next; frozen only stretches beyond 2 s."""
    quality = Quality()
    for luma, at_s in ((16, 0.0), (120, 1.5), (130, 4.0), (16, 4.5), (120, 5.0)):
        quality.picture(picture(luma), *SIZE, at_s)
    report = quality.report(6.0)
    assert report.black_seconds == 2.0
    assert report.frozen_seconds == 2.5


def test_a_report_counts_the_picture_on_screen_and_changes_nothing() -> None:
    """Reports in mid-recording do not add up twice."""
    quality = Quality()
    quality.picture(picture(16), *SIZE, 0.0)
    assert quality.report(3.0).black_seconds == 3.0
    assert quality.report(4.0).black_seconds == 4.0
    quality.picture(picture(120), *SIZE, 5.0)
    assert quality.report(5.0).frozen_seconds == 5.0


def test_a_hole_is_a_short_run_of_zeros_between_sound() -> None:
    """Zeros before the first sound, after the last, and for more than 2 s are none."""
    quality = Quality()
    for level, seconds in (
        *((0.0, 0.5), (0.1, 1.0)),
        *((0.0, 0.25), (0.0, 0.25), (0.1, 0.1)),
        *((0.0, 0.1), (0.00001, 0.1)),
        *((0.0, 2.5), (0.1, 1.0), (0.0, 0.5)),
    ):
        quality.sound(tone(seconds, level))
        quality.sound(np.zeros((2, 0), np.float32))
    report = quality.report(7.0)
    assert report.digital_silence_holes == 2
    assert report.digital_silence_hole_seconds == 0.6


def test_the_loudest_of_16_bits_is_clipped() -> None:
    """Clipped seconds are those of the blocks with a clipped sample in them."""
    quality = Quality()
    for level in (0.99, 32767 / 32768, 1.0):
        assert quality.sound(tone(0.01, level)) == pytest.approx(level)
    report = quality.report(0.03)
    assert report.clipped_samples == 960
    assert report.clipped_seconds == 0.02


def test_seconds_are_counted_by_their_frame_rate() -> None:
    """Whole seconds only, those without a picture too; a report in between adds nothing."""
    quality = Quality()
    for second, pictures in ((0, 30), (1, 24), (4, 2), (5, 28), (6, 29)):
        for index in range(pictures):
            quality.picture(picture(index), *SIZE, second + index / 30)
        quality.report(second + 0.999)
    rates = quality.report(6.97).frame_rate_seconds
    assert rates == {"0": 2, "1-4": 1, "5-14": 0, "15-23": 0, "24-27": 1, "28+": 2}
    assert sum(quality.report(9.0).frame_rate_seconds.values()) == 9


def test_before_the_first_second_is_over_none_is_counted() -> None:
    """Every row is there, all of them 0."""
    assert set(Quality().report(0.9).frame_rate_seconds.values()) == {0}

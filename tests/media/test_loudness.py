"""The meter against the test signals of EBU Tech 3341 and what a recording brings."""

import numpy as np
import pytest
from numpy.typing import NDArray

from media.loudness import Loudness, LoudnessMeter

PACKET = 480


def sine(seconds: float, dbfs: float) -> NDArray[np.float32]:
    """A 1 kHz sine in both channels whose peak is `dbfs`."""
    at_s = np.arange(round(seconds * 48_000)) / 48_000
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * 1000 * at_s)
    return np.stack([wave, wave]).astype(np.float32)


def metered(*sounds: NDArray[np.float32]) -> Loudness:
    """What the meter says of these, fed as packets of 10 ms."""
    meter = LoudnessMeter()
    for sound in sounds:
        for start in range(0, sound.shape[1], PACKET):
            meter.sound(sound[:, start : start + PACKET])
    return meter.loudness


@pytest.mark.parametrize("dbfs", [-23.0, -33.0])
def test_a_sine_is_as_loud_as_its_peak(dbfs: float) -> None:
    """Tech 3341, signals 1 and 2: a 1 kHz stereo sine of -23 dBFS is -23 LUFS, within 0.1."""
    loudness = metered(sine(20, dbfs))
    assert loudness.integrated_lufs == pytest.approx(dbfs, abs=0.1)
    assert loudness.range_lu == pytest.approx(0, abs=0.1)


def test_quiet_stretches_are_gated_out() -> None:
    """Tech 3341, signal 3: 10 s at -36 before and after 60 s at -23 change nothing."""
    loudness = metered(sine(10, -36), sine(60, -23), sine(10, -36))
    assert loudness.integrated_lufs == pytest.approx(-23, abs=0.1)


def test_the_range_is_that_of_quiet_and_loud() -> None:
    """Tech 3342, signal 1: 20 s at -20 and 20 s at -30 range over 10 LU, within 1."""
    loudness = metered(sine(20, -20), sine(20, -30))
    assert loudness.range_lu == pytest.approx(10, abs=1)


def test_silence_has_no_loudness() -> None:
    """Below the gate of -70 LUFS there is no value, and none before the first half second."""
    empty = np.zeros((2, 0), np.float32)
    assert metered(np.zeros((2, 96_000), np.float32), sine(2, -80)) == Loudness()
    assert metered(empty, sine(0.4, -20), empty) == Loudness()

"""Captured sound of any rate comes out as 48 kHz stereo."""

import numpy as np
import pytest
from numpy.typing import NDArray

from media.samples import StereoResampler
from media.types import AudioPacket


def tone(seconds: float, rate_hz: int, hz: float, channels: int = 2) -> NDArray[np.float32]:
    """A sine of the same level in every channel."""
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.repeat(wave[None, :].astype(np.float32), channels, axis=0)


def packets(samples: NDArray[np.float32], rate_hz: int) -> list[AudioPacket]:
    """Cut into 10 ms."""
    size = rate_hz // 100
    return [
        AudioPacket(at * 10_000, at * 10_000, rate_hz, samples[:, at * size : (at + 1) * size])
        for at in range(samples.shape[1] // size)
    ]


def test_48_khz_stereo_passes_untouched() -> None:
    """The very same samples come out."""
    packet = packets(tone(0.01, 48_000, 1000), 48_000)[0]
    assert StereoResampler()(packet) is packet.samples


def test_mono_becomes_stereo() -> None:
    """One channel is heard on both sides."""
    out = StereoResampler()(packets(tone(0.01, 48_000, 1000, channels=1), 48_000)[0])
    assert out.shape == (2, 480)
    np.testing.assert_array_equal(out[0], out[1])


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_other_rates_keep_length_pitch_and_level(rate_hz: int, channels: int) -> None:
    """Two seconds stay two seconds within 2 ms; the tone stays 1 kHz at its level."""
    resample = StereoResampler()
    source = packets(tone(2.0, rate_hz, 1000, channels), rate_hz)
    out = np.concatenate([resample(packet) for packet in source], axis=1)
    assert out.dtype == np.float32
    assert out.shape[0] == 2
    assert abs(out.shape[1] - 96_000) <= 96
    middle = out[0, 24_000:72_000]
    assert np.abs(np.fft.rfft(middle)).argmax() == 1000
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.01)


def test_a_change_of_rate_in_mid_capture_is_followed() -> None:
    """44.1 kHz, 48 kHz and 16 kHz packets in a row each keep their length and pitch."""
    resample = StereoResampler()
    for rate_hz in (44_100, 48_000, 16_000, 44_100):
        blocks = [resample(packet) for packet in packets(tone(1.0, rate_hz, 1000), rate_hz)]
        out = np.concatenate(blocks, axis=1)
        assert abs(out.shape[1] - 48_000) <= 96
        assert np.abs(np.fft.rfft(out[0, 12_000:36_000])).argmax() == 500

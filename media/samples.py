"""Brings captured sound to 48 kHz stereo. Uses PyAV's resampler: not for the event loop."""

import av
import numpy as np
from numpy.typing import NDArray

from media.types import AUDIO_RATE_HZ, AudioPacket


class StereoResampler:
    """Turns packets of any rate and channel count into float32 of shape (2, n) at 48 kHz.

    48 kHz stereo passes untouched. A change of rate starts a new resampler; its few samples of
    delay are far below a millisecond.
    """

    def __init__(self) -> None:
        """No rate is known before the first packet."""
        self._resampler: av.AudioResampler | None = None
        self._rate_hz = AUDIO_RATE_HZ

    def __call__(self, packet: AudioPacket) -> NDArray[np.float32]:
        """The packet's sound; may be some samples shorter or longer than its duration says."""
        samples = packet.samples
        if samples.shape[0] == 1:
            samples = np.repeat(samples, 2, axis=0)
        if packet.rate_hz == AUDIO_RATE_HZ:
            self._resampler = None
            return samples
        if self._resampler is None or self._rate_hz != packet.rate_hz:
            self._rate_hz = packet.rate_hz
            self._resampler = av.AudioResampler("fltp", "stereo", AUDIO_RATE_HZ)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
        frame.sample_rate = packet.rate_hz
        frame.pts = None
        blocks = [out.to_ndarray() for out in self._resampler.resample(frame)]
        if not blocks:
            return np.zeros((2, 0), np.float32)
        return np.concatenate(blocks, axis=1).astype(np.float32, copy=False)

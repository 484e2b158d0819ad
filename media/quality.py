"""Measures what is being recorded: silence, darkness, stillness, lost pictures. Pure."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.types import AUDIO_RATE_HZ

BLACK_LUMA: Final = 20
"""Video black is luma 16; a picture whose brightest sampled pixel stays below is black."""
SILENT_PEAK: Final = 10 ** (-60 / 20)
"""-60 dBFS: below this nobody would call it sound."""
FROZEN_AFTER_S: Final = 2.0
SAMPLE_STRIDE: Final = 16


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Totals over the recording, in seconds of recorded time."""

    silent_seconds: float
    digital_silence_seconds: float
    black_seconds: float
    frozen_seconds: float
    peak_dbfs: float | None
    clipped_samples: int


class Quality:
    """Adds up what the placed pictures and sounds show.

    `heard_at_s` is when sound above -60 dBFS was last laid, None before the first.
    """

    def __init__(self) -> None:
        """Nothing has been seen or heard yet."""
        self._samples = 0
        self._silent_samples = 0
        self._digital_samples = 0
        self._clipped = 0
        self._peak = 0.0
        self._black_s = 0.0
        self._frozen_s = 0.0
        self._picture_at_s: float | None = None
        self._picture_black = False
        self.heard_at_s: float | None = None

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Account for samples of shape (channels, n)."""
        count = samples.shape[1]
        levels = np.abs(samples)
        peak = float(levels.max(initial=0.0))
        self._samples += count
        self._peak = max(self._peak, peak)
        if peak >= 1.0:
            self._clipped += int((levels >= 1.0).any(axis=0).sum())
        if peak < SILENT_PEAK:
            self._silent_samples += count
        else:
            self.heard_at_s = self._samples / AUDIO_RATE_HZ
        if peak == 0.0:
            self._digital_samples += count

    def picture(self, i420: NDArray[np.uint8], width: int, height: int, at_s: float) -> None:
        """Account for a picture that differs from the one before it."""
        shown = self._shown_until(at_s)
        self._black_s += shown.black_s
        self._frozen_s += shown.frozen_s
        luma = i420[: width * height].reshape(height, width)[::SAMPLE_STRIDE, ::SAMPLE_STRIDE]
        self._picture_black = int(luma.max()) < BLACK_LUMA
        self._picture_at_s = at_s

    def _shown_until(self, at_s: float) -> "_Shown":
        if self._picture_at_s is None:
            return _Shown(0.0, 0.0)
        shown_s = max(0.0, at_s - self._picture_at_s)
        return _Shown(
            black_s=shown_s if self._picture_black else 0.0,
            frozen_s=shown_s if shown_s > FROZEN_AFTER_S else 0.0,
        )

    def report(self, end_s: float) -> QualityReport:
        """The totals, had the recording ended at `end_s`. Changes nothing."""
        shown = self._shown_until(end_s)
        return QualityReport(
            silent_seconds=round(self._silent_samples / AUDIO_RATE_HZ, 2),
            digital_silence_seconds=round(self._digital_samples / AUDIO_RATE_HZ, 2),
            black_seconds=round(self._black_s + shown.black_s, 2),
            frozen_seconds=round(self._frozen_s + shown.frozen_s, 2),
            peak_dbfs=round(20 * math.log10(self._peak), 1) if self._peak else None,
            clipped_samples=self._clipped,
        )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the time a picture stayed on screen adds to the totals."""

    black_s: float
    frozen_s: float

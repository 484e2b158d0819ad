"""Measures what is being recorded: silence, darkness, stillness, lost pictures. Pure."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.types import AUDIO_RATE_HZ

BLACK_LUMA: Final = 20
"""Video black is luma 16; a picture whose brightest sampled pixel stays below is black."""
SILENT_PEAK: Final = 10 ** (-60 / 20)
"""-60 dBFS: below this nobody would call it sound."""
CLIPPED_LEVEL: Final = 32767 / 32768
"""The loudest that 16 bits hold: sound that was mixed in them clips there and not at 1.0."""
FROZEN_AFTER_S: Final = 2.0
LONGEST_HOLE_S: Final = 2.0
"""A longer run of zeros is a pause: clients send none while everybody is muted."""
FRAME_RATES: Final = ((28, "28+"), (24, "24-27"), (15, "15-23"), (5, "5-14"), (1, "1-4"), (0, "0"))
"""Rows of the frame-rate histogram: the least new pictures in a second, and its name."""
BLOCK_SAMPLES: Final = AUDIO_RATE_HZ // 100
"""Silence, zeros and clipping are told apart in blocks of 10 ms."""
SAMPLE_STRIDE: Final = 16


@dataclass(frozen=True, slots=True)
class QualityReport:
    """Totals over the recording, in seconds of recorded time.

    A hole is a run of zeros of at most `LONGEST_HOLE_S` with sound on both sides; clipped seconds
    are those of the blocks of 10 ms with a clipped sample in them. `frame_rate_seconds`
    counts whole seconds by how many new pictures they brought.
    """

    silent_seconds: float
    digital_silence_seconds: float
    digital_silence_holes: int
    digital_silence_hole_seconds: float
    black_seconds: float
    frozen_seconds: float
    frame_rate_seconds: Mapping[str, int]
    peak_dbfs: float | None
    clipped_samples: int
    clipped_seconds: float
    loudness_lufs: float | None = None
    loudness_range_lu: float | None = None
    measuring_cores: float = 0.0


class Quality:
    """Adds up what the placed pictures and sounds show.

    `heard_at_s` is when sound above -60 dBFS was last laid, None before the first.
    """

    def __init__(self) -> None:
        """Nothing has been seen or heard yet."""
        self._samples = 0
        self._silent_samples = 0
        self._digital_samples = 0
        self._clipped = self._clipped_block_samples = 0
        self._holes = _Holes()
        self._rates = _Rates()
        self._peak = 0.0
        self._black_s = 0.0
        self._frozen_s = 0.0
        self._picture_at_s: float | None = None
        self._picture_black = False
        self.heard_at_s: float | None = None

    def sound(self, samples: NDArray[np.float32]) -> float:
        """Account for samples of shape (channels, n); returns the loudest of them."""
        levels = np.abs(samples).max(axis=0, initial=0.0)
        starts = range(0, levels.size, BLOCK_SAMPLES)
        peaks = np.maximum.reduceat(levels, starts).tolist() if levels.size else []
        for start, peak in zip(starts, peaks, strict=True):
            self._block(levels[start : start + BLOCK_SAMPLES], peak)
        return max(peaks, default=0.0)

    def _block(self, levels: NDArray[np.float32], peak: float) -> None:
        self._samples += levels.size
        self._peak = max(self._peak, peak)
        if peak >= CLIPPED_LEVEL:
            self._clipped += int((levels >= CLIPPED_LEVEL).sum())
            self._clipped_block_samples += levels.size
        if peak < SILENT_PEAK:
            self._silent_samples += levels.size
        else:
            self.heard_at_s = self._samples / AUDIO_RATE_HZ
        if peak == 0.0:
            self._digital_samples += levels.size
        self._holes.block(levels.size, is_zero=peak == 0.0)

    def picture(self, i420: NDArray[np.uint8], width: int, height: int, at_s: float) -> None:
        """Account for a picture that differs from the one before it."""
        shown = self._shown_until(at_s)
        self._black_s += shown.black_s
        self._frozen_s += shown.frozen_s
        luma = i420[: width * height].reshape(height, width)[::SAMPLE_STRIDE, ::SAMPLE_STRIDE]
        self._picture_black = int(luma.max()) < BLACK_LUMA
        self._picture_at_s = at_s
        self._rates.picture(at_s)

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
            digital_silence_holes=self._holes.count,
            digital_silence_hole_seconds=round(self._holes.samples / AUDIO_RATE_HZ, 2),
            black_seconds=round(self._black_s + shown.black_s, 2),
            frozen_seconds=round(self._frozen_s + shown.frozen_s, 2),
            frame_rate_seconds=self._rates.until(end_s),
            peak_dbfs=round(20 * math.log10(self._peak), 1) if self._peak else None,
            clipped_samples=self._clipped,
            clipped_seconds=round(self._clipped_block_samples / AUDIO_RATE_HZ, 2),
        )


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the time a picture stayed on screen adds to the totals."""

    black_s: float
    frozen_s: float


@dataclass(slots=True)
class _Holes:
    """Counts short runs of zeros between sound."""

    count: int = 0
    samples: int = 0
    _run: int | None = None
    """Samples of zeros since the last sound; None before the first."""

    def block(self, samples: int, *, is_zero: bool) -> None:
        if is_zero:
            self._run = None if self._run is None else self._run + samples
            return
        if samples and self._run and self._run <= LONGEST_HOLE_S * AUDIO_RATE_HZ:
            self.count += 1
            self.samples += self._run
        self._run = 0 if samples else self._run


@dataclass(slots=True)
class _Rates:
    """Counts the seconds of a recording by how many new pictures each brought."""

    _seconds: Counter[str] = field(default_factory=Counter)
    _second: int = 0
    _pictures: int = 0

    def picture(self, at_s: float) -> None:
        if int(at_s) > self._second:
            self._seconds = self._with_whole(int(at_s))
            self._second, self._pictures = int(at_s), 0
        self._pictures += 1

    def until(self, end_s: float) -> Mapping[str, int]:
        """Every row, with the second that is not yet over left out."""
        seconds = self._with_whole(int(end_s))
        return {name: seconds[name] for _, name in reversed(FRAME_RATES)}

    def _with_whole(self, second: int) -> Counter[str]:
        """What was counted, and the seconds from the present one up to `second`."""
        seconds = self._seconds.copy()
        if second > self._second:
            seconds[_rate_name(self._pictures)] += 1
            seconds[_rate_name(0)] += second - self._second - 1
        return seconds


def _rate_name(pictures: int) -> str:
    return next(name for least, name in FRAME_RATES if pictures >= least)

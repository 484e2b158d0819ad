"""All that is measured of a recording as it is made, and what the measuring costs.

Called in the encoder thread, for every block of sound and every new picture.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import add

import numpy as np
from numpy.typing import NDArray

from media.curves import Curve, Sampled
from media.loudness import LoudnessMeter
from media.quality import Quality, QualityReport
from media.types import AUDIO_RATE_HZ


@dataclass(frozen=True, slots=True)
class Curves:
    """For the picture of the report: loudest sample (1.0 is full scale) and count of pictures."""

    peak: Sampled = field(default_factory=Sampled)
    pictures: Sampled = field(default_factory=Sampled)


class Measures:
    """Feeds the quality totals, the loudness meter and the curves; times itself by CPU time."""

    def __init__(self) -> None:
        """Nothing has been measured."""
        self._quality = Quality()
        self._meter = LoudnessMeter()
        self._peak = Curve(max)
        self._pictures = Curve(add)
        self._samples = 0
        self._spent_s = 0.0

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Measure samples of shape (2, n), laid end to end."""
        with self._timed():
            at_s = self._samples / AUDIO_RATE_HZ
            self._samples += samples.shape[1]
            self._peak.add(at_s, self._quality.sound(samples))
            self._meter.sound(samples)

    def picture(self, i420: NDArray[np.uint8], width: int, height: int, at_s: float) -> None:
        """Measure a picture that differs from the one before it."""
        with self._timed():
            self._quality.picture(i420, width, height, at_s)
            self._pictures.add(at_s, 1.0)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began_s = time.thread_time()
        yield
        self._spent_s += time.thread_time() - began_s

    @property
    def heard_at_s(self) -> float | None:
        """When sound above -60 dBFS was last laid, None before the first."""
        return self._quality.heard_at_s

    def report(self, end_s: float) -> QualityReport:
        """The totals, had the recording ended at `end_s`. Changes nothing."""
        loudness = self._meter.loudness
        return replace(
            self._quality.report(end_s),
            loudness_lufs=loudness.integrated_lufs,
            loudness_range_lu=loudness.range_lu,
            measuring_cores=round(self._spent_s / end_s, 4) if end_s > 0 else 0.0,
        )

    def curves(self) -> Curves:
        """The curves so far."""
        return Curves(self._peak.taken(), self._pictures.taken())

"""Follows the runs of zeros in captured sound, and which of them were dead sound."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.timeline import Gap, GapKind

US_PER_S: Final = 1_000_000


class ZeroRuns:
    """Zeros are what a capture delivers when nobody speaks, and also when its sound is dead.

    Positions are 48 kHz samples of the recording, times are those of arrival. Whoever finds out
    that a run was dead says so by `declare_dead`; it is then a gap from its beginning to its end.
    """

    def __init__(self) -> None:
        """Nothing has come."""
        self._began: tuple[int, int] | None = None
        self._last_us = self._laid = 0
        self._dead = False
        self._gaps: list[Gap] = []

    def packet(self, samples: NDArray[np.float32], position: int, now_us: int) -> None:
        """Note a packet that is about to be laid at `position`."""
        if samples.any():
            self.end(position)
        elif self._began is None:
            self._began = (now_us, position)
        self._last_us = now_us
        self._laid = position + samples.shape[1]

    def end(self, position: int) -> None:
        """The run, if there is one, has ended, with its last packet: `position` is laid by now."""
        self._gaps = list(self.gaps(position))
        self._began, self._dead = None, False

    def declare_dead(self) -> None:
        """The present run is dead sound. Nothing without one."""
        self._dead = self._began is not None

    @property
    def zeros_s(self) -> float:
        """For how long nothing but zeros has come."""
        return 0.0 if self._began is None else (self._last_us - self._began[0]) / US_PER_S

    def gaps(self, position: int) -> tuple[Gap, ...]:
        """Every stretch of dead sound before `position`, which is laid by now."""
        if self._began is None or not self._dead:
            return tuple(self._gaps)
        start, end = self._began[1], min(position, self._laid)
        present = [Gap(GapKind.DEAD, start, end - start)] if end > start else []
        return (*self._gaps, *present)

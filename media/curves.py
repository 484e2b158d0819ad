"""Curves over a recording of unknown length, in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

MAX_BINS: Final = 1200


@dataclass(frozen=True, slots=True)
class Sampled:
    """A curve as it stood: `values[n]` is that of the stretch from `n * step_s` on."""

    step_s: float = 1.0
    values: tuple[float, ...] = ()


class Curve:
    """Values by time of the recording, at most `MAX_BINS` of them.

    Values of one stretch are joined by `join`; where nothing was added a stretch is 0. When full,
    every two stretches are joined and `step_s` doubles. Written by one thread, read by others.
    """

    def __init__(self, join: Callable[[float, float], float], step_s: float = 1.0) -> None:
        self._join = join
        self._step_s = step_s
        self._values: list[float] = []
        self._lock = Lock()

    def add(self, at_s: float, value: float) -> None:
        """Join `value` to the stretch that `at_s` lies in."""
        with self._lock:
            while (index := int(at_s / self._step_s)) >= MAX_BINS:
                self._halve()
            missing = index + 1 - len(self._values)
            self._values.extend([0.0] * missing)
            old = self._values[index]
            self._values[index] = value if missing > 0 else self._join(old, value)

    def _halve(self) -> None:
        pairs = zip(self._values[::2], [*self._values[1::2], 0.0], strict=False)
        self._values = [self._join(first, second) for first, second in pairs]
        self._step_s *= 2

    def taken(self) -> Sampled:
        """The curve so far."""
        with self._lock:
            return Sampled(self._step_s, tuple(self._values))

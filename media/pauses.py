"""Which stretches are not recorded, and where what is recorded goes instead. Pure.

Times are on the clock the packets arrive on. Nothing here waits: a packet made before a pause may
come after it, and is cut where the pause began.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from media.types import AUDIO_RATE_HZ

NEVER_US: Final = 2**62
"""The end of a pause that is not over."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch left out: it takes no room in the recording, and begins at `start_s` of it."""

    start_s: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Cut:
    start_us: int
    end_us: int
    before_us: int
    """How much was left out before it."""


class Pauses:
    """The pauses of a recording that began at `start_us`.

    The recording's clock is the arrival clock less everything left out before.
    """

    def __init__(self, start_us: int) -> None:
        """Recording from the start."""
        self._start_us = start_us
        self._cuts: list[_Cut] = []

    @property
    def paused(self) -> bool:
        """Whether nothing is recorded now."""
        return bool(self._cuts) and self._cuts[-1].end_us == NEVER_US

    @property
    def went_on_us(self) -> int:
        """When recording began, or went on last, on the recording's clock."""
        return self.recorded_us(self._cuts[-1].start_us) if self._cuts else self._start_us

    def pause(self, now_us: int) -> None:
        """Leave out what is made from now on. Raises ValueError within a pause."""
        if self.paused:
            raise ValueError("the recording is paused already")
        last = self._cuts[-1] if self._cuts else _Cut(self._start_us, self._start_us, 0)
        start_us = max(now_us, last.end_us)
        before_us = last.before_us + last.end_us - last.start_us
        self._cuts.append(_Cut(start_us, NEVER_US, before_us))

    def resume(self, now_us: int) -> None:
        """Record what is made from now on. Raises ValueError outside a pause."""
        if not self.paused:
            raise ValueError("the recording is not paused")
        cut = self._cuts[-1]
        self._cuts[-1] = _Cut(cut.start_us, max(now_us, cut.start_us), cut.before_us)

    def recorded_us(self, at_us: int) -> int:
        """An instant on the recording's clock; within a pause, where the pause is."""
        cut = next((cut for cut in reversed(self._cuts) if cut.start_us <= at_us), None)
        if cut is None:
            return at_us
        return cut.start_us - cut.before_us + max(0, at_us - cut.end_us)

    def leaves_out(self, at_us: int) -> bool:
        """Whether what was made at this instant is left out."""
        cut = next((cut for cut in reversed(self._cuts) if cut.start_us <= at_us), None)
        return cut is not None and at_us < cut.end_us

    def kept(self, at_us: int, samples: int) -> Iterator[tuple[int, int]]:
        """What is recorded of so many samples made from `at_us` on: ranges [first, last)."""
        overlapping = []
        for cut in reversed(self._cuts):
            if cut.end_us <= at_us:
                break
            overlapping.append(cut)
        first = 0
        for cut in reversed(overlapping):
            stop = min(samples, _samples_until(cut.start_us - at_us))
            if stop > first:
                yield first, stop
            first = max(first, _samples_until(cut.end_us - at_us))
        if first < samples:
            yield first, samples

    def all(self, now_us: int) -> tuple[Pause, ...]:
        """Every pause so far; one that is not over lasts until now."""
        return tuple(
            Pause(
                start_s=(cut.start_us - cut.before_us - self._start_us) / 1e6,
                duration_s=(max(cut.start_us, min(cut.end_us, now_us)) - cut.start_us) / 1e6,
            )
            for cut in self._cuts
        )


def _samples_until(after_us: int) -> int:
    """How many samples begin before an instant, the first of them at 0."""
    return max(0, -(-after_us * AUDIO_RATE_HZ // 1_000_000))

"""When other work on the machine took the processors from a recording. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

LEAST_IDLE: Final = 0.03
"""Less of the processors' time than this left idle: the machine is full."""
MOST_WAITING: Final = 0.5
"""More of the time that our threads wanted to run spent waiting: also under a quota, on a machine
that is not full."""
LASTS_S: Final = 3.0
"""Shorter than this it is what starting a browser does."""


@dataclass(frozen=True, slots=True)
class Times:
    """Cumulative seconds: of all processors together idle, of each own thread run and waited."""

    at_s: float
    processors: int
    idle_s: float
    ran_s: Mapping[str, float]
    waited_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Busy:
    """A stretch of the recording; `waited_share` of the time that own threads wanted to run."""

    start_s: float
    end_s: float
    waited_share: float


@dataclass(slots=True)
class Contention:
    """Feed it readings in order, with the recorded time of each. Adjacent stretches are one."""

    _before: tuple[float, Times] | None = None
    _found: list[Busy] = field(default_factory=list)

    def note(self, recorded_s: float, now: Times) -> None:
        """Judge what lies between the last reading and this one."""
        before, self._before = self._before, (recorded_s, now)
        if before is None or before[0] >= recorded_s or before[1].at_s >= now.at_s:
            return
        start_s, then = before
        idle = (now.idle_s - then.idle_s) / (now.at_s - then.at_s) / now.processors
        waiting = waited_share(then, now)
        if idle >= LEAST_IDLE and waiting <= MOST_WAITING:
            return
        last = self._found[-1] if self._found else None
        if last is None or last.end_s < start_s:
            self._found.append(Busy(start_s, recorded_s, waiting))
            return
        long_s, short_s = last.end_s - last.start_s, recorded_s - start_s
        mean = (last.waited_share * long_s + waiting * short_s) / (long_s + short_s)
        self._found[-1] = Busy(last.start_s, recorded_s, mean)

    @property
    def stretches(self) -> tuple[Busy, ...]:
        """Those that lasted, in order."""
        return tuple(each for each in self._found if each.end_s - each.start_s >= LASTS_S)


def waited_share(then: Times, now: Times) -> float:
    """How much of the time in which own threads wanted to run they waited; 0 where none did."""
    ran_s = _grown(then.ran_s, now.ran_s)
    waited_s = _grown(then.waited_s, now.waited_s)
    return waited_s / (ran_s + waited_s) if ran_s + waited_s > 0 else 0.0


def _grown(then: Mapping[str, float], now: Mapping[str, float]) -> float:
    """By how much threads known to both readings have grown: one that ended takes nothing away."""
    return sum(value - then[name] for name, value in now.items() if name in then)

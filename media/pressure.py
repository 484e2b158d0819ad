"""How a recording gives way when this machine is too slow for it: in a declared order. Pure.

What is given up first costs least: bits (a cheaper preset makes larger files of the same look),
then every second picture, then all pictures but one a second. Sound is never given up. The queues
in between keep bounds of their own (`media.work`): they are what is left when no level helps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

LASTS_S: Final = 0.5
"""Being behind for so long is no hiccup: what one of 0.3 s left behind is encoded in less."""
CALM_SHARE: Final = 0.5
"""Of the lag at which a level is reached: below it there is calm."""
LOSS_COUNTS_S: Final = 0.6
"""A picture lost in the ring is pressure for so long: one loss is one level."""
RELAPSE_S: Final = 30.0
"""Pressure this soon after a level was taken back: from then on each waits twice as long."""
LONGEST_CALM_S: Final = 40.0
MOST_PATIENCE: Final = 16
"""So many times as long at most: of the shortest calm about as long as of the others."""


class Level(StrEnum):
    """What is recorded, from all to the least."""

    FULL = "full"
    CHEAP_PRESET = "cheap_preset"
    HALF_RATE = "half_rate"
    SOUND_FIRST = "sound_first"


class Cause(StrEnum):
    """What made the recording give way."""

    ENCODER_BEHIND = "encoder_behind"
    PICTURES_LOST = "pictures_lost"


ORDER: Final = tuple(Level)


@dataclass(frozen=True, slots=True)
class Economy:
    """What a level does: a cheaper x264 preset, and the least time between two pictures.

    It is reached when the encoder is `behind_s`; from `work.MAX_BEHIND_S` on pictures are dropped.
    It is taken back after `calm_s` without pressure.
    """

    cheap: bool
    spacing_s: float
    behind_s: float
    calm_s: float


ECONOMIES: Final[Mapping[Level, Economy]] = {
    Level.FULL: Economy(cheap=False, spacing_s=0.0, behind_s=0.0, calm_s=0.0),
    Level.CHEAP_PRESET: Economy(cheap=True, spacing_s=0.0, behind_s=0.3, calm_s=10.0),
    # a tenth less than 1/15 s: pictures come a little early and a little late
    Level.HALF_RATE: Economy(cheap=True, spacing_s=0.06, behind_s=0.5, calm_s=10.0),
    # less than a second by a picture at 10 per second: none may be missing for longer; a neighbour
    # that starts its browser is over in two, and nothing is missed as much as moving pictures
    Level.SOUND_FIRST: Economy(cheap=True, spacing_s=0.9, behind_s=0.9, calm_s=2.0),
}


@dataclass(frozen=True, slots=True)
class Degradation:
    """One level given up: from `at_s` until `until_s` of recorded time (None: to the end)."""

    from_level: Level
    to_level: Level
    why: Cause
    at_s: float
    until_s: float | None = None


class Pressure:
    """Watches one recording. Feed it many times a second; `now_s` is any monotonic clock.

    `level` moves one step at a time: down the order where pressure lasts, back after a calm that
    grows each time pressure came back soon, `MOST_PATIENCE` fold at most.
    """

    def __init__(self) -> None:
        """Nothing is given up."""
        self.level = Level.FULL
        self._degradations: list[Degradation] = []
        self._lost: int | None = None
        self._lost_at_s = float("-inf")
        self._pressed_since_s = self._calm_since_s = float("inf")
        self._moved_at_s = self._relieved_at_s = float("-inf")
        self._patience = 1

    def note(self, now_s: float, at_s: float, *, behind_s: float, lost: int) -> bool:
        """Note that the encoder is `behind_s`, and how many pictures the ring has lost so far.

        `at_s` is the recorded time. True where the level changes.
        """
        if self._lost is not None and lost > self._lost:
            self._lost_at_s = now_s
        self._lost = lost
        cause = self._cause(now_s, behind_s)
        if cause is not None:
            self._calm_since_s = float("inf")
            self._pressed_since_s = min(self._pressed_since_s, now_s)
            return self._give_up(now_s, at_s, cause)
        self._pressed_since_s = float("inf")
        is_calm = behind_s < CALM_SHARE * ECONOMIES[self.level].behind_s
        self._calm_since_s = min(self._calm_since_s, now_s) if is_calm else float("inf")
        return self._take_back(now_s, at_s)

    def _cause(self, now_s: float, behind_s: float) -> Cause | None:
        if behind_s > ECONOMIES[self._lower].behind_s:
            return Cause.ENCODER_BEHIND
        losing = now_s - self._lost_at_s < LOSS_COUNTS_S
        # the ring is emptied no sooner for one picture a second than for 15
        return Cause.PICTURES_LOST if losing and self._lower is not Level.SOUND_FIRST else None

    @property
    def _lower(self) -> Level:
        """The next level; the last one's is itself."""
        return ORDER[min(ORDER.index(self.level) + 1, len(ORDER) - 1)]

    @property
    def _calm_needed_s(self) -> float:
        return min(self._patience * ECONOMIES[self.level].calm_s, LONGEST_CALM_S)

    def _give_up(self, now_s: float, at_s: float, why: Cause) -> bool:
        pressed_s = now_s - max(self._pressed_since_s, self._moved_at_s)
        if pressed_s < LASTS_S or self.level is ORDER[-1]:
            return False
        if now_s - self._relieved_at_s < RELAPSE_S:
            self._patience = min(2 * self._patience, MOST_PATIENCE)
            self._relieved_at_s = float("-inf")
        elif self.level is Level.FULL:
            self._patience = 1
        self._degradations.append(Degradation(self.level, self._lower, why, at_s))
        self.level, self._moved_at_s = self._lower, now_s
        return True

    def _take_back(self, now_s: float, at_s: float) -> bool:
        calm_s = now_s - max(self._calm_since_s, self._moved_at_s)
        if calm_s < self._calm_needed_s or self.level is Level.FULL:
            return False
        open_ones = [n for n, each in enumerate(self._degradations) if each.until_s is None]
        last = self._degradations[open_ones[-1]]
        self._degradations[open_ones[-1]] = replace(last, until_s=at_s)
        self.level, self._moved_at_s, self._relieved_at_s = last.from_level, now_s, now_s
        return True

    @property
    def degradations(self) -> tuple[Degradation, ...]:
        """Every level given up so far, in the order of giving up."""
        return tuple(self._degradations)

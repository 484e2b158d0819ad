"""How a recording gives way: in order, no further than it must, and back again."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from media.pressure import (
    ECONOMIES,
    LASTS_S,
    LONGEST_CALM_S,
    LOSS_COUNTS_S,
    ORDER,
    RELAPSE_S,
    Cause,
    Level,
    Pressure,
)
from media.work import MAX_BEHIND_S

LOOK_S = 0.02
CALM_S = ECONOMIES[Level.CHEAP_PRESET].calm_s


class Run:
    """A pressure fed by a clock of its own; `levels` are those it moved to, with their times."""

    def __init__(self) -> None:
        self.pressure = Pressure()
        self.now_s = 0.0
        self.lost = 0
        self.levels: list[tuple[float, Level]] = []

    def go(self, seconds: float, behind_s: float = 0.0) -> "Run":
        """So much time with an encoder that far behind."""
        return self.follow(seconds, lambda _: behind_s)

    def follow(self, seconds: float, behind_s: Callable[[float], float]) -> "Run":
        """So much time, the lag as a function of it."""
        began_s = self.now_s
        while self.now_s < began_s + seconds:
            behind = behind_s(self.now_s - began_s)
            if self.pressure.note(self.now_s, self.now_s, behind_s=behind, lost=self.lost):
                self.levels.append((round(self.now_s, 2), self.pressure.level))
            self.now_s += LOOK_S
        return self


def test_each_level_costs_no_more_than_the_one_before() -> None:
    """The order is from all that can be had to sound with a picture a second."""
    economies = [ECONOMIES[level] for level in ORDER]
    assert set(ECONOMIES) == set(Level)
    assert economies[0].spacing_s == 0
    assert not economies[0].cheap
    for dearer, cheaper in pairwise(economies):
        assert cheaper != dearer
        assert cheaper.cheap >= dearer.cheap
        assert cheaper.spacing_s >= dearer.spacing_s
    assert economies[-1].spacing_s < 1.0


def test_an_encoder_that_keeps_up_gives_up_nothing() -> None:
    """A lag below the bound, however long, changes nothing."""
    run = Run().go(60, behind_s=0.25)
    assert run.levels == []
    assert run.pressure.degradations == ()


def test_a_hiccup_gives_up_nothing() -> None:
    """A lag that is worked off soon is no pressure, however often it comes."""
    run = Run()
    for _ in range(20):
        run.go(LASTS_S - 0.1, behind_s=1.5).go(0.5)
    assert run.levels == []


def test_lasting_pressure_walks_down_the_order_and_stays_at_its_end() -> None:
    """One level at a time, each given the time to help; the last one is kept."""
    run = Run().go(5.0, behind_s=1.0)
    assert [level for _, level in run.levels] == list(ORDER[1:])
    waits = [later - sooner for (sooner, _), (later, _) in pairwise(run.levels)]
    assert waits == pytest.approx([LASTS_S] * 2, abs=2 * LOOK_S)


def test_the_recording_gives_way_before_it_drops() -> None:
    """An encoder at two thirds of the speed needed has half the pictures before it is 1 s behind.

    The last level is for one that even then is.
    """
    run = Run().follow(2.9, lambda t: t / 3)
    assert [level for _, level in run.levels] == [Level.CHEAP_PRESET, Level.HALF_RATE]
    assert run.levels[-1][0] / 3 < MAX_BEHIND_S
    assert Run().go(60, behind_s=0.8).levels[-1][1] is Level.HALF_RATE


def test_relief_goes_back_one_level_after_a_calm() -> None:
    """What was given up last is taken back first, each after the same calm."""
    run = Run().go(1.2, behind_s=0.6)
    assert run.pressure.level is Level.HALF_RATE
    run.go(2 * CALM_S + 1)
    assert [level for _, level in run.levels[2:]] == [Level.CHEAP_PRESET, Level.FULL]
    cheap, half = run.pressure.degradations
    assert (cheap.from_level, cheap.to_level) == (Level.FULL, Level.CHEAP_PRESET)
    assert (half.from_level, half.to_level) == (Level.CHEAP_PRESET, Level.HALF_RATE)
    assert cheap.at_s < half.at_s
    assert half.until_s is not None
    assert cheap.until_s is not None
    assert half.until_s < cheap.until_s
    assert cheap.why is half.why is Cause.ENCODER_BEHIND


def test_moving_pictures_are_back_soon() -> None:
    """Who starts beside a recording takes what it needs for seconds, not for a minute."""
    run = Run().go(1.8, behind_s=1.0).go(3)
    assert [level for _, level in run.levels[-2:]] == [Level.SOUND_FIRST, Level.HALF_RATE]


def test_moving_pictures_that_this_machine_cannot_have_are_tried_ever_more_rarely() -> None:
    """Every try costs pictures that are dropped: at most one in 30 s in the end."""
    run = Run()
    for _ in range(300):
        run.follow(1.0, lambda _: 1.0 if run.pressure.level is not Level.SOUND_FIRST else 0.0)
    tries = [at_s for at_s, level in run.levels if level is Level.HALF_RATE][1:]
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert all(later > sooner - 0.2 for sooner, later in pairwise(waits))
    assert waits[0] < 5
    assert waits[-1] > 30


def test_between_calm_and_pressure_nothing_moves() -> None:
    """A lag between the two bounds keeps the level for as long as it lasts."""
    run = Run().go(0.7, behind_s=0.4).go(100, behind_s=0.2)
    assert run.pressure.level is Level.CHEAP_PRESET


def test_what_is_not_taken_back_lasts_to_the_end() -> None:
    """A degradation that is not over has no end."""
    run = Run().go(0.7, behind_s=0.4)
    assert [each.until_s for each in run.pressure.degradations] == [None]


def test_a_picture_lost_in_the_ring_is_one_level() -> None:
    """It says who lost it; losses that go on walk on, but never to sound alone."""
    run = Run().go(1.0)
    run.lost = 3
    run.go(LOSS_COUNTS_S + 1.0)
    assert [level for _, level in run.levels] == [Level.CHEAP_PRESET]
    assert run.pressure.degradations[0].why is Cause.PICTURES_LOST
    for _ in range(100):
        run.lost += 1
        run.go(LOOK_S)
    assert [level for _, level in run.levels] == [Level.CHEAP_PRESET, Level.HALF_RATE]


def test_losses_from_before_the_recording_are_nobodys() -> None:
    """The first look sets the mark."""
    run = Run()
    run.lost = 7
    run.go(5.0)
    assert run.levels == []


def test_pressure_that_comes_back_soon_makes_the_next_calm_longer() -> None:
    """The level does not flap: waits double up to a bound."""
    run = Run()
    waits = []
    for _ in range(7):
        run.go(0.7, behind_s=0.4)
        began_s = run.now_s
        while run.pressure.level is not Level.FULL:
            run.go(1.0)
        waits.append(round(run.now_s - began_s))
    assert waits == pytest.approx([10, 20, 40, 40, 40, 40, 40], abs=2)
    assert max(waits) <= LONGEST_CALM_S + 2


def test_pressure_that_comes_much_later_is_a_new_one() -> None:
    """The wait is the first one again."""
    run = Run().go(0.7, behind_s=0.4).go(12).go(0.7, behind_s=0.4).go(25).go(RELAPSE_S)
    run.go(0.7, behind_s=0.4).go(CALM_S + 1)
    assert [level for _, level in run.levels[-2:]] == [Level.CHEAP_PRESET, Level.FULL]

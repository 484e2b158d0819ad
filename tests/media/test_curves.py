"""Curves keep their shape and their bound."""

from operator import add

import pytest

from media.curves import MAX_BINS, Curve, Sampled


def test_values_of_one_second_are_joined() -> None:
    """By the given function; seconds in which nothing was added are 0."""
    curve = Curve(max)
    for at_s, value in ((0.0, -3.0), (0.9, -5.0), (3.2, 2.0), (3.9, 7.0), (3.95, 1.0)):
        curve.add(at_s, value)
    assert curve.taken() == Sampled(1.0, (-3.0, 0.0, 0.0, 7.0))


@pytest.mark.parametrize("seconds", [MAX_BINS - 1, MAX_BINS + 1, 3 * MAX_BINS + 7])
def test_a_long_curve_loses_detail_and_no_value(seconds: int) -> None:
    """Of any length it has at most `MAX_BINS` values, which cover it all."""
    curve = Curve(add)
    for second in range(seconds):
        curve.add(second + 0.5, 1.0)
    taken = curve.taken()
    assert MAX_BINS // 2 <= len(taken.values) <= MAX_BINS
    assert sum(taken.values) == seconds
    assert (len(taken.values) - 1) * taken.step_s < seconds <= len(taken.values) * taken.step_s


def test_a_value_far_ahead_finds_its_place() -> None:
    """Hours without a value are hours of 0, joined as often as it takes."""
    curve = Curve(max)
    curve.add(0.0, 4.0)
    curve.add(4 * 3600, 1.0)
    taken = curve.taken()
    assert taken.step_s == 16.0
    assert (taken.values[0], taken.values[900], sum(taken.values)) == (4.0, 1.0, 5.0)


def test_nothing_added_is_an_empty_curve() -> None:
    """Without a value there is none."""
    assert Curve(max).taken() == Sampled()

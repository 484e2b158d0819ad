"""What is left out, and where the rest goes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.pauses import Pause, Pauses

START_US = 1_000_000


def two_pauses() -> Pauses:
    """Left out: 2 s to 5 s and 6 s to 6.5 s."""
    pauses = Pauses(START_US)
    pauses.pause(2_000_000)
    pauses.resume(5_000_000)
    pauses.pause(6_000_000)
    pauses.resume(6_500_000)
    return pauses


@pytest.mark.parametrize(
    ("at_us", "recorded_us"),
    [
        (1_000_000, 1_000_000),
        (1_999_999, 1_999_999),
        (2_000_000, 2_000_000),
        (4_999_999, 2_000_000),
        (5_000_000, 2_000_000),
        (5_500_000, 2_500_000),
        (6_200_000, 3_000_000),
        (7_000_000, 3_500_000),
    ],
)
def test_the_recordings_clock_stands_in_pauses(at_us: int, recorded_us: int) -> None:
    """An instant within a pause is where the pause is; later ones are earlier by its length."""
    assert two_pauses().recorded_us(at_us) == recorded_us


@pytest.mark.parametrize(
    ("at_us", "samples", "kept"),
    [
        (1_990_000, 480, [(0, 480)]),
        (1_995_000, 480, [(0, 240)]),
        (2_000_000, 480, []),
        (4_995_000, 480, [(240, 480)]),
        (4_999_990, 480, [(1, 480)]),
        (5_995_000, 48_000, [(0, 240), (24_240, 48_000)]),
        (1_500_000, 288_000, [(0, 24_000), (168_000, 216_000), (240_000, 288_000)]),
        (8_000_000, 480, [(0, 480)]),
    ],
)
def test_a_packet_is_cut_to_the_sample(
    at_us: int, samples: int, kept: list[tuple[int, int]]
) -> None:
    """A sample that begins before a pause stays, one that begins when it is over does again."""
    assert list(two_pauses().kept(at_us, samples)) == kept


def test_pauses_are_declared_with_their_place() -> None:
    """Each with its second of the recording; the one that lasts until now."""
    pauses = two_pauses()
    pauses.pause(8_000_000)
    assert pauses.paused
    assert pauses.all(9_000_000) == (Pause(1.0, 3.0), Pause(2.0, 0.5), Pause(3.5, 1.0))
    assert pauses.went_on_us == 4_500_000
    assert pauses.leaves_out(8_000_000)
    assert not pauses.leaves_out(7_999_999)


def test_nothing_is_left_out_at_first() -> None:
    """Before any pause both clocks are one."""
    pauses = Pauses(START_US)
    assert (pauses.went_on_us, pauses.recorded_us(7), pauses.leaves_out(7)) == (START_US, 7, False)
    assert list(pauses.kept(0, 480)) == [(0, 480)]
    assert pauses.all(START_US) == ()


def test_a_command_out_of_turn_is_refused() -> None:
    """No pause within a pause, no end of none."""
    pauses = Pauses(START_US)
    with pytest.raises(ValueError, match="not paused"):
        pauses.resume(2_000_000)
    pauses.pause(2_000_000)
    with pytest.raises(ValueError, match="paused already"):
        pauses.pause(3_000_000)


@given(
    edges_us=st.lists(st.integers(START_US, START_US + 2_000_000), max_size=8).map(sorted),
    moments_us=st.lists(st.integers(START_US, START_US + 3_000_000), min_size=2).map(sorted),
)
def test_the_recordings_clock_never_runs_back(edges_us: list[int], moments_us: list[int]) -> None:
    """Whatever is paused and resumed: it moves by as much as time does, or less, never back."""
    pauses = Pauses(START_US)
    for number, edge_us in enumerate(edges_us):
        (pauses.resume if number % 2 else pauses.pause)(edge_us)
    for before_us, after_us in pairwise(moments_us):
        step_us = pauses.recorded_us(after_us) - pauses.recorded_us(before_us)
        assert 0 <= step_us <= after_us - before_us

"""How fast messages are taken."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pace import Pace


def test_a_burst_is_taken_at_once_and_the_rest_in_time() -> None:
    """Ten at once wait for nothing; from then on one every tenth of a second."""
    pace = Pace(per_s=10, burst=10)
    assert [pace.take(5.0) for _ in range(10)] == [0.0] * 10
    assert pace.take(5.0) == 0.1
    assert round(pace.take(5.1), 9) == 0.1


def test_quiet_time_fills_the_bucket_but_not_over() -> None:
    """However long nothing came, the next burst is no greater."""
    pace = Pace(per_s=10, burst=2)
    pace.take(0.0)
    assert [pace.take(1_000.0) > 0 for _ in range(3)] == [False, False, True]


def test_a_clock_that_steps_back_costs_nothing() -> None:
    """Time never takes tokens away."""
    pace = Pace(per_s=10, burst=2)
    pace.take(100.0)
    assert pace.take(50.0) == 0.0


@given(st.lists(st.floats(0, 2), min_size=1, max_size=80))
@settings(max_examples=200, deadline=None)
def test_who_waits_as_told_takes_no_more_than_the_rate(pauses_s: list[float]) -> None:
    """In any stretch of time the messages taken are at most burst plus rate times its length."""
    pace, now_s, taken_s = Pace(per_s=5, burst=3), 0.0, []
    for pause_s in pauses_s:
        now_s += pause_s
        taken_s.append(now_s)
        now_s += pace.take(now_s)
    for first, begun_s in enumerate(taken_s):
        for last in range(first, len(taken_s)):
            assert last - first + 1 <= 3 + 5 * (taken_s[last] - begun_s) + 1 + 1e-6

"""How a recording stands."""

import pytest

from media.summary import RecorderStats, frame_rate


@pytest.mark.parametrize(
    ("times", "recorded_s", "expected"),
    [
        ([], 0.0, 0.0),
        ([0.0, 0.1, 0.2, 0.3, 0.4], 0.5, 5.0),
        ([n / 30 for n in range(300)], 10.0, 30.0),
        ([n / 30 for n in range(300)], 20.0, 0.0),
        ([7.5, 8.5, 9.5], 10.0, 1.0),
    ],
    ids=["nothing", "first second", "moving", "still for long", "repeats"],
)
def test_the_frame_rate_is_of_the_last_three_seconds(
    times: list[float], recorded_s: float, expected: float
) -> None:
    """What is older does not count; less than a second counts as a whole one."""
    assert frame_rate(times, recorded_s) == pytest.approx(expected, abs=0.4)


def test_a_recorder_without_a_packet_has_no_age() -> None:
    """Before the first packet nothing is known, which is told from a packet just come."""
    stats = RecorderStats()
    assert (stats.sound_age_s, stats.picture_age_s, stats.heard_at_s) == (None, None, None)

"""The clock that packets arrive on."""

import time

from media.clock import now_us


def test_it_is_the_monotonic_clock_in_microseconds() -> None:
    """Between two looks at `time.monotonic`, to the microsecond."""
    before_s = time.monotonic()
    now = now_us()
    after_s = time.monotonic()
    assert int(before_s * 1e6) - 1 <= now <= int(after_s * 1e6) + 1

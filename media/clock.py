"""The clock that packets arrive on."""

import time


def now_us() -> int:
    """`time.monotonic` in microseconds."""
    return time.monotonic_ns() // 1000

"""A capture read as the recorder reads it, and thrown away: what came is counted."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from media.recorder import POLL_S, Capture
from media.types import VideoFrame
from tests.benchmarks.measuring import Count, Counts
from tests.benchmarks.pipelines.numbers import distinct, number_of


def drained(capture: Capture) -> AbstractContextManager[Count]:
    """Read `capture` in a thread as the recorder does, and throw everything away."""
    got = 0

    def take(_frame: VideoFrame) -> None:
        nonlocal got
        got += 1

    return read_in_thread(capture, take, lambda: Counts(got, 0, capture.pictures_dropped))


def numbers_drained(capture: Capture) -> AbstractContextManager[Count]:
    """Count the running numbers that come, each once."""
    numbers: list[int] = []

    def take(frame: VideoFrame) -> None:
        luma = frame.i420[: frame.width * frame.height].reshape(frame.height, frame.width)
        numbers.append(number_of(luma))

    def count() -> Counts:
        return Counts(distinct(numbers), len(numbers), capture.pictures_dropped)

    return read_in_thread(capture, take, count)


@contextmanager
def read_in_thread(
    capture: Capture, take: Callable[[VideoFrame], None], count: Count
) -> Iterator[Count]:
    """Sound is thrown away, each picture is handed to `take`."""
    end = threading.Event()

    def read() -> None:
        while not end.wait(POLL_S):
            for _ in capture.audio():
                pass
            for frame in capture.video():
                take(frame)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield count
    finally:
        end.set()
        thread.join()

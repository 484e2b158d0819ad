"""Writes in a thread of their own: in order, bounded, and their errors told."""

import threading
import time
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from media.write_behind import WriteBehind

WAIT_S = 30.0


class Disk:
    """Keeps what is written; answers while it may."""

    def __init__(self, *, answers: bool = True) -> None:
        self.kept = b""
        self.begun = threading.Event()
        self.answers = threading.Event()
        if answers:
            self.answers.set()

    def write(self, data: bytes) -> None:
        self.begun.set()
        assert self.answers.wait(WAIT_S)
        self.kept += data


def soon() -> float:
    """A time on the monotonic clock that a good test does not see."""
    return time.monotonic() + WAIT_S


def wait_until(holds: Callable[[], object]) -> None:
    """Wait for another thread, with a deadline."""
    until_s = soon()
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.005)


def test_written_in_order_by_whom_it_was_put_for() -> None:
    """Two files may take turns."""
    writes, disk, other = WriteBehind(), Disk(), Disk()
    for piece in (b"a", b"b", b"c"):
        writes.put(disk.write, piece)
        writes.put(other.write, piece.upper())
    assert writes.close(soon())
    assert (disk.kept, other.kept) == (b"abc", b"ABC")
    assert (writes.waiting_bytes, writes.stalled_s) == (0, 0.0)


def test_a_disk_that_stands_still_holds_up_nobody() -> None:
    """What waits for it is counted, the piece under way included."""
    writes, disk = WriteBehind(), Disk(answers=False)
    for piece in (b"aa", b"bb", b"cc"):
        writes.put(disk.write, piece)
    assert disk.begun.wait(WAIT_S)
    assert writes.waiting_bytes == 6
    assert not writes.drain(time.monotonic())
    disk.answers.set()
    assert writes.drain(soon())
    assert (disk.kept, writes.stalled_s) == (b"aabbcc", 0.0)
    assert writes.close(soon())


def test_a_full_queue_holds_up_whoever_puts() -> None:
    """Until there is room: the stall is logged once and counted, and nothing is lost."""
    writes, disk = WriteBehind(max_bytes=4), Disk(answers=False)
    writes.put(disk.write, b"aa")
    writes.put(disk.write, b"bb")
    with capture_logs() as logs:
        third = threading.Thread(target=writes.put, args=(disk.write, b"cc"))
        third.start()
        wait_until(lambda: writes.stalled_s > 0)
        assert writes.waiting_bytes == 4
        disk.answers.set()
        third.join(WAIT_S)
    assert writes.close(soon())
    assert disk.kept == b"aabbcc"
    assert writes.stalled_s > 0
    assert [line["event"] for line in logs] == ["disk_behind"]


def test_a_piece_larger_than_the_queue_goes_alone() -> None:
    """It is not waited for room that never comes."""
    writes, disk = WriteBehind(max_bytes=2), Disk()
    writes.put(disk.write, b"large")
    assert writes.close(soon())
    assert disk.kept == b"large"


def test_what_a_write_raises_comes_out_of_every_later_put() -> None:
    """After a piece that is missing nothing is written, from whomever it comes."""
    writes, disk, answers = WriteBehind(), Disk(), threading.Event()

    def full(data: bytes) -> None:
        assert answers.wait(WAIT_S)
        raise OSError(28, "No space left on device")

    writes.put(full, b"a")
    writes.put(disk.write, b"b")
    answers.set()
    assert writes.drain(soon())
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            writes.put(disk.write, b"c")
    assert isinstance(writes.problem, OSError)
    assert writes.close(soon())
    assert disk.kept == b""


def test_a_problem_ends_the_wait_for_room() -> None:
    """Whoever waited for a disk that then fails is told."""
    writes, answers, told = WriteBehind(max_bytes=1), threading.Event(), list[str]()

    def fail(data: bytes) -> None:
        assert answers.wait(WAIT_S)
        raise OSError("broken")

    def put() -> None:
        try:
            writes.put(fail, b"b")
        except OSError as error:
            told.append(str(error))

    writes.put(fail, b"a")
    second = threading.Thread(target=put)
    second.start()
    wait_until(lambda: writes.stalled_s > 0)
    answers.set()
    second.join(WAIT_S)
    assert told == ["broken"]


def test_an_end_is_not_waited_for_for_ever() -> None:
    """What hangs is still in use, what waited behind it is dropped, and nothing more is taken."""
    writes, disk = WriteBehind(), Disk(answers=False)
    writes.put(disk.write, b"a")
    writes.put(disk.write, b"b")
    assert disk.begun.wait(WAIT_S)
    assert not writes.close(time.monotonic())
    with pytest.raises(ValueError, match="after it was closed"):
        writes.put(disk.write, b"c")
    disk.answers.set()
    assert writes.close(soon())
    assert disk.kept == b"a"


def test_nothing_put_needs_no_thread() -> None:
    """A recording that never began."""
    assert WriteBehind().close(soon())

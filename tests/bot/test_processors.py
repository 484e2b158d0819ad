"""What is read of the kernel's counters: of this process and machine, for real."""

import asyncio
import threading
import time
from itertools import chain, repeat
from pathlib import Path

from bot.contention import Contention
from bot.processors import read_times, watch_processors


def spin(until: threading.Event) -> None:
    """Use a processor."""
    while not until.is_set():
        sum(range(1000))


def test_a_thread_that_works_is_seen_to_run() -> None:
    """Its time grows; the machine's idle time never shrinks."""
    done = threading.Event()
    worker = threading.Thread(target=spin, args=(done,))
    worker.start()
    try:
        name = str(worker.native_id)
        before = read_times()
        deadline_s = time.monotonic() + 60
        after = before
        while after.ran_s[name] < before.ran_s[name] + 0.01:
            assert time.monotonic() < deadline_s
            done.wait(0.01)
            after = read_times()
    finally:
        done.set()
        worker.join(60)
    assert after.at_s > before.at_s
    assert after.idle_s >= before.idle_s
    assert after.processors >= 1


def test_a_kernel_that_does_not_tell_is_no_error(tmp_path: Path) -> None:
    """Without scheduler statistics no thread has times; lines of another shape are none."""
    assert read_times(tmp_path / "none").ran_s == {}
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "schedstat").write_text("1 2\n")
    (tmp_path / "8").mkdir()
    (tmp_path / "8" / "schedstat").write_text("2000000000 500000000 3\n")
    found = read_times(tmp_path)
    assert (dict(found.ran_s), dict(found.waited_s)) == ({"8": 2.0}, {"8": 0.5})


async def test_nothing_is_noted_before_the_recording() -> None:
    """Once something is recorded, readings come one after the other."""
    noted: list[float] = []
    asked = asyncio.Event()

    class Noting(Contention):
        def note(self, recorded_s: float, now: object) -> None:
            noted.append(recorded_s)
            asked.set()

    answers = chain([None], repeat(4.0))
    task = asyncio.ensure_future(watch_processors(Noting(), lambda: next(answers)))
    async with asyncio.timeout(60):
        await asked.wait()
    task.cancel()
    assert set(noted) == {4.0}

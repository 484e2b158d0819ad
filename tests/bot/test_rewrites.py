"""Writes of one name end in the order they were asked for."""

import gc
import threading

import pytest

from bot.rewrites import Rewrites

WAIT_S = 30.0


def test_an_older_write_that_comes_late_is_left_out() -> None:
    """Threads may begin in any order; another name is another matter."""
    written: list[str] = []
    rewrites = Rewrites()
    older = rewrites.ask("a", lambda: written.append("older"))
    newer = rewrites.ask("a", lambda: written.append("newer"))
    other = rewrites.ask("b", lambda: written.append("other"))
    newer()
    older()
    other()
    assert written == ["newer", "other"]


def test_a_write_under_way_ends_before_a_newer_one() -> None:
    """However long it takes: what stands in the end is the newer."""
    written: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        assert go_on.wait(WAIT_S)
        written.append("older")

    rewrites = Rewrites()
    asked = (rewrites.ask("a", slow), rewrites.ask("a", lambda: written.append("newer")))
    threads = [threading.Thread(target=write) for write in asked]
    threads[0].start()
    assert begun.wait(WAIT_S)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(WAIT_S)
    assert written == ["older", "newer"]


def test_a_write_that_failed_stands_in_nobody_s_way() -> None:
    """Where the newer could not be written the older is better than nothing."""
    written: list[str] = []

    def fail() -> None:
        raise OSError("full")

    rewrites = Rewrites()
    older = rewrites.ask("a", lambda: written.append("older"))
    newer = rewrites.ask("a", fail)
    with pytest.raises(OSError, match="full"):
        newer()
    older()
    assert written == ["older"]


def test_names_are_forgotten() -> None:
    """Of a meeting of hours, with a name for every picture, nothing stays."""
    rewrites = Rewrites()
    for number in range(3):
        rewrites.ask(f"{number}", lambda: None)()
    gc.collect()
    assert not len(rewrites._names)

"""When other work took the processors: told by what is idle and by how long our threads wait."""

import pytest

from bot.contention import Contention, Times


class Machine:
    """Two processors and two threads of ours, second by second."""

    def __init__(self) -> None:
        self.contention = Contention()
        self.at_s = self.recorded_s = self.idle_s = 0.0
        self.ran_s = {"1": 5.0, "2": 1.0}
        self.waited_s = {"1": 2.0, "2": 0.0}
        self.read()

    def read(self) -> None:
        """One reading."""
        times = Times(self.at_s, 2, self.idle_s, dict(self.ran_s), dict(self.waited_s))
        self.contention.note(self.recorded_s, times)

    def run(self, seconds: int, *, idle: float, waited: float, records: bool = True) -> None:
        """So many seconds with so much idle, the first thread waiting for a share of its time."""
        for _ in range(seconds):
            self.at_s += 1
            self.recorded_s += records
            self.idle_s += 2 * idle
            self.ran_s["1"] += 0.4 * (1 - waited)
            self.waited_s["1"] += 0.4 * waited
            self.read()


def test_a_machine_with_room_is_not_busy() -> None:
    """Nothing is found where processors are idle and threads run."""
    machine = Machine()
    machine.run(60, idle=0.1, waited=0.3)
    assert machine.contention.stretches == ()


def test_a_full_machine_is_named_from_beginning_to_end() -> None:
    """Adjacent seconds are one stretch, with the mean of the waiting."""
    machine = Machine()
    machine.run(10, idle=0.5, waited=0.0)
    machine.run(15, idle=0.0, waited=0.2)
    machine.run(15, idle=0.0, waited=0.4)
    machine.run(10, idle=0.5, waited=0.0)
    (busy,) = machine.contention.stretches
    assert (busy.start_s, busy.end_s) == (10.0, 40.0)
    assert busy.waited_share == pytest.approx(0.3)


def test_threads_that_wait_under_a_quota_are_named() -> None:
    """Idle processors help nobody who may not use them."""
    machine = Machine()
    machine.run(5, idle=0.6, waited=0.7)
    (busy,) = machine.contention.stretches
    assert (busy.start_s, busy.end_s) == (0.0, 5.0)
    assert busy.waited_share == pytest.approx(0.7)


def test_what_is_short_is_left_out() -> None:
    """Two busy seconds are what opening a page takes; apart they stay apart."""
    machine = Machine()
    for _ in range(5):
        machine.run(2, idle=0.0, waited=0.1)
        machine.run(1, idle=0.9, waited=0.0)
    assert machine.contention.stretches == ()


def test_a_pause_takes_no_room() -> None:
    """What happens while nothing is recorded is not in the recording."""
    machine = Machine()
    machine.run(5, idle=0.9, waited=0.0)
    machine.run(30, idle=0.0, waited=0.9, records=False)
    machine.run(5, idle=0.9, waited=0.0)
    assert machine.contention.stretches == ()


def test_a_thread_that_ends_takes_nothing_away() -> None:
    """Only threads known to both readings count; without any there is no waiting."""
    machine = Machine()
    machine.run(4, idle=0.9, waited=0.0)
    machine.ran_s, machine.waited_s = {"9": 0.1}, {"9": 50.0}
    machine.at_s, machine.recorded_s, machine.idle_s = 5.0, 5.0, machine.idle_s + 2
    machine.read()
    assert machine.contention.stretches == ()

"""Runs of zeros, and the gaps that dead ones are."""

import numpy as np
import pytest

from media.timeline import Gap, GapKind
from media.zeros import ZeroRuns

PACKET = 480


class Captured:
    """Packets of 10 ms one after another."""

    def __init__(self) -> None:
        self.runs = ZeroRuns()
        self.position = 0

    def packets(self, count: int, level: float) -> None:
        """So many more, laid as they come."""
        for _ in range(count):
            samples = np.full((2, PACKET), level, np.float32)
            self.runs.packet(samples, self.position, self.position * 1000 // 48)
            self.position += PACKET


def test_a_run_is_as_long_as_its_zeros() -> None:
    """Sound ends it; quiet sound is sound."""
    captured = Captured()
    assert captured.runs.zeros_s == 0.0
    captured.packets(301, 0.0)
    assert captured.runs.zeros_s == 3.0
    captured.packets(1, 1e-6)
    assert captured.runs.zeros_s == 0.0
    captured.packets(101, 0.0)
    assert captured.runs.zeros_s == 1.0


def test_a_run_that_nobody_declared_dead_is_no_gap() -> None:
    """Silence is none."""
    captured = Captured()
    captured.packets(300, 0.0)
    captured.packets(10, 0.5)
    captured.runs.declare_dead()
    captured.packets(10, 0.5)
    captured.packets(10, 0.0)
    assert captured.runs.gaps(captured.position) == ()


@pytest.mark.parametrize("by_sound", [True, False])
def test_dead_sound_is_a_gap_from_its_first_zero_to_its_end(by_sound: bool) -> None:
    """Declared late it counts from the start; sound ends it, or another capture."""
    captured = Captured()
    captured.packets(100, 0.5)
    captured.packets(400, 0.0)
    captured.runs.declare_dead()
    captured.packets(50, 0.0)
    gap = Gap(GapKind.DEAD, 100 * PACKET, 450 * PACKET)
    assert captured.runs.gaps(captured.position) == (gap,)
    if by_sound:
        captured.packets(1, 0.5)
    else:  # nothing came any more, and silence was laid for it
        captured.position += 100 * PACKET
        captured.runs.end(captured.position)
    captured.packets(500, 0.0)
    assert captured.runs.gaps(captured.position) == (gap,)
    captured.runs.declare_dead()
    assert len(captured.runs.gaps(captured.position)) == 2


def test_what_was_not_laid_is_no_gap() -> None:
    """Zeros before the recording began have no room in it."""
    runs = ZeroRuns()
    runs.packet(np.zeros((2, PACKET), np.float32), 0, 1_000_000)
    runs.declare_dead()
    assert runs.gaps(0) == ()
    assert runs.gaps(PACKET) == (Gap(GapKind.DEAD, 0, PACKET),)

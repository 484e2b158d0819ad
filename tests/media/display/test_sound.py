"""Samples from a pipe."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.display.sound import JOINED_BYTES, PACKET_SAMPLES, PIPE_BYTES, SampleClock, SoundPipe
from media.errors import CaptureFailed

NOW_US = 5_000_000


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """A pipe with a name."""
    path = tmp_path / "sound"
    os.mkfifo(path)
    return path


@pytest.fixture
def writer(fifo: Path) -> Iterator[int]:
    """Its writing end, open as PulseAudio opens it: it need not wait for a reader."""
    fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    yield fd
    os.close(fd)


def block(value: float, samples: int = PACKET_SAMPLES) -> bytes:
    """Stereo samples: `value` on the left, its opposite on the right."""
    return np.tile(np.array([value, -value], "<f4"), samples).tobytes()


def test_samples_become_packets_of_two_channels(fifo: Path, writer: int) -> None:
    """What came before is passed over; what lies there is a packet, on a clock counting samples.

    It came as much earlier as what lies behind its first block is long.
    """
    os.write(writer, block(0.9))
    with SoundPipe(fifo) as pipe:
        assert list(pipe.packets(NOW_US)) == []
        os.write(writer, block(0.25) + block(0.5))
        (first,) = pipe.packets(NOW_US)
        os.write(writer, block(0.75))
        (second,) = pipe.packets(NOW_US + 9_000)
    assert (first.timestamp_us, first.arrival_us, first.rate_hz) == (
        NOW_US,
        NOW_US - 10_666,
        48_000,
    )
    assert first.samples.shape == (2, 2 * PACKET_SAMPLES)
    left, right = first.samples
    assert (left == np.repeat([0.25, 0.5], PACKET_SAMPLES)).all()
    assert (right == -left).all()
    assert second.timestamp_us - first.timestamp_us == 21_333
    assert second.arrival_us == NOW_US + 9_000
    assert not pipe.ended


def test_a_pipe_that_was_found_full_has_lost_sound(fifo: Path, writer: int) -> None:
    """What was missed is counted in packets, and what follows is put where it belongs."""
    with SoundPipe(fifo) as pipe:
        os.write(writer, block(0.1))
        assert len(list(pipe.packets(NOW_US))) == 1
        capacity = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)
        assert capacity == PIPE_BYTES
        os.write(writer, block(0.1, capacity // 8))
        whole_us = (PACKET_SAMPLES + capacity // 8) * 1_000_000 // 48_000
        late_us = NOW_US + whole_us + 1_000_000
        packets = list(pipe.packets(late_us))
        assert len(packets) == capacity // JOINED_BYTES
        assert packets[-1].timestamp_us < NOW_US + whole_us
        assert pipe.dropped == 94
        os.write(writer, block(0.1))
        (after,) = pipe.packets(late_us + 10_000)
        assert after.timestamp_us == pytest.approx(late_us, abs=50)


def test_a_sound_server_that_ends_is_noticed(fifo: Path) -> None:
    """Nobody writes any more: nothing comes, and `ended` says why."""
    writer = os.open(fifo, os.O_RDWR)
    with SoundPipe(fifo) as pipe:
        os.write(writer, block(0.1))
        os.close(writer)
        assert len(list(pipe.packets(NOW_US))) == 1
        assert list(pipe.packets(NOW_US)) == []
        assert pipe.ended
    assert list(pipe.packets(NOW_US)) == []


def test_without_a_pipe_there_is_no_capture(tmp_path: Path) -> None:
    """It is refused by name."""
    with pytest.raises(CaptureFailed, match="No such file"):
        SoundPipe(tmp_path / "none")


def test_nothing_is_lost_of_what_never_came() -> None:
    """A clock that has not begun, or is ahead, counts no loss."""
    clock = SampleClock()
    assert clock.lost(NOW_US) == 0
    assert clock.stamp(48_000, NOW_US) == NOW_US
    assert clock.lost(NOW_US + 500_000) == 0
    assert clock.lost(NOW_US + 1_500_000) == 24_000
    assert clock.stamp(1, NOW_US + 1_500_000) == NOW_US + 1_500_000

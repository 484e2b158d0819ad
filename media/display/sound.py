"""The sound card's samples, as packets on a clock of their own."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import structlog

from media.errors import CaptureFailed
from media.types import AUDIO_RATE_HZ, AudioPacket

CHANNELS: Final = 2
SAMPLE_BYTES: Final = 4 * CHANNELS
PACKET_SAMPLES: Final = 512
"""What PulseAudio's pipe sink writes at once: 4096 bytes, which no pipe tears apart."""
PACKET_BYTES: Final = PACKET_SAMPLES * SAMPLE_BYTES
JOINED_BYTES: Final = 4 * PACKET_BYTES
"""As much of what lies there is one packet for whoever reads."""
PIPE_BYTES: Final = 1024 * 1024
"""2.7 s: sound outlives a reader that is held up. What any user may ask for."""

log = structlog.get_logger(__name__)


class SampleClock:
    """Counts samples into timestamps; a loss moves what follows by its length. Pure."""

    def __init__(self) -> None:
        """Nothing has come."""
        self._zero_us: int | None = None
        self._samples = 0

    def stamp(self, samples: int, now_us: int) -> int:
        """Where the next `samples` begin, in microseconds."""
        if self._zero_us is None:
            self._zero_us = now_us
        at_us = self._zero_us + self._samples * 1_000_000 // AUDIO_RATE_HZ
        self._samples += samples
        return at_us

    def lost(self, now_us: int) -> int:
        """What comes next is of now: something before it is missing. How many samples that is."""
        if self._zero_us is None:
            return 0
        due = (now_us - self._zero_us) * AUDIO_RATE_HZ // 1_000_000
        missing = max(0, due - self._samples)
        self._samples += missing
        return missing


class SoundPipe:
    """Reads a FIFO of float32 stereo samples without waiting. One thread only.

    Raises `CaptureFailed` where there is none. `ended` once nobody writes into it any more,
    `dropped` counts packets that found it full.
    """

    def __init__(self, fifo: Path) -> None:
        try:
            self._fd: int | None = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise CaptureFailed(f"no sound can be read: {error.strerror}") from error
        self._capacity_bytes = _widened(self._fd)
        self._clock = SampleClock()
        self._lost = 0
        self.ended = False
        self._read_all()  # what lay there is of the time before

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    @property
    def dropped(self) -> int:
        """Packets that were lost because the reader was behind."""
        return -(-self._lost // PACKET_SAMPLES)

    def packets(self, now_us: int) -> Iterator[AudioPacket]:
        """What has come, `now_us` being the time on `time.monotonic`."""
        data = self._read_all()
        for at in range(0, len(data), JOINED_BYTES):
            samples = np.frombuffer(data[at : at + JOINED_BYTES], "<f4").reshape(-1, CHANNELS)
            at_us = self._clock.stamp(len(samples), now_us)
            # its last part came now, the parts before as much earlier as they are long
            came_us = now_us - (len(samples) - PACKET_SAMPLES) * 1_000_000 // AUDIO_RATE_HZ
            yield AudioPacket(at_us, came_us, AUDIO_RATE_HZ, np.ascontiguousarray(samples.T))
        if len(data) >= self._capacity_bytes:
            lost = self._clock.lost(now_us)
            self._lost += lost
            log.warning("sound_lost", samples=lost)

    def _read_all(self) -> bytes:
        """All that is there, no more than fits."""
        if self._fd is None:
            return b""
        try:
            data = os.read(self._fd, self._capacity_bytes)
        except BlockingIOError:
            return b""
        self.ended = not data
        return data


def _widened(fd: int) -> int:
    try:
        fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError as error:  # this user has many pipes
        log.warning("sound_pipe_is_short", problem=error.strerror)
    return fcntl.fcntl(fd, fcntl.F_GETPIPE_SZ)

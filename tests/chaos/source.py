"""A source of numbered pictures and coded sound, written into a ring as the page's worker does.

`python -m tests.chaos.source RING BEGAN LATE` runs beside a recorder, and on while that is stopped.
Picture n is due n / FPS after `BEGAN` (microseconds of the monotonic clock), piece of sound n is
due n * CODE_S after it: whoever has one of them knows when it was shown. What was shown too late
to count is noted in the file LATE, a line of due time and lateness in microseconds each. Ends with
its parent.
"""

import itertools
import mmap
import os
import struct
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from media.clock import now_us
from media.tab import layout
from media.types import AUDIO_RATE_HZ
from tests.media.numbered import CODE_S, CODES, FPS, HEIGHT, WIDTH, picture, sound

PACKET_US: Final = 10_000
LATE_US: Final = 100_000
PACKETS_PER_PICTURE: Final = 1_000_000 // FPS // PACKET_US
PACKET_FRAMES: Final = AUDIO_RATE_HZ * PACKET_US // 1_000_000
PACKETS_PER_CODE: Final = round(CODE_S * 1_000_000) // PACKET_US
_SLOT_HEADER: Final = struct.Struct("<QqqIIII")


class RingWriter:
    """The writing end: never laps the reader, counts what it has no room for."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), layout.ring_bytes(WIDTH, HEIGHT))
        self._words = memoryview(self._map)[: layout.HEADER_BYTES].cast("Q")
        self._audio_at = layout.HEADER_BYTES + layout.VIDEO_SLOTS * layout.video_slot_bytes(
            WIDTH, HEIGHT
        )

    def picture(self, number: int, at_us: int) -> None:
        """Store the picture of this number, or count it as dropped."""
        written = self._room(
            layout.VIDEO_WRITTEN_AT,
            layout.VIDEO_READ_AT,
            layout.VIDEO_DROPPED_AT,
            layout.VIDEO_SLOTS,
        )
        if written is None:
            return
        slot = written % layout.VIDEO_SLOTS * layout.video_slot_bytes(WIDTH, HEIGHT)
        header = (at_us, now_us(), WIDTH, HEIGHT, 1)
        self._store(layout.HEADER_BYTES + slot, written, header, picture(number).tobytes())
        self._words[layout.VIDEO_WRITTEN_AT // 8] = written + 1

    def packet(self, samples: bytes, at_us: int) -> None:
        """Store 10 ms of stereo sound, or count it as dropped."""
        written = self._room(
            layout.AUDIO_WRITTEN_AT,
            layout.AUDIO_READ_AT,
            layout.AUDIO_DROPPED_AT,
            layout.AUDIO_SLOTS,
        )
        if written is None:
            return
        slot = self._audio_at + written % layout.AUDIO_SLOTS * layout.audio_slot_bytes()
        self._store(slot, written, (at_us, now_us(), AUDIO_RATE_HZ, 2, PACKET_FRAMES), samples)
        self._words[layout.AUDIO_WRITTEN_AT // 8] = written + 1

    def _room(self, written_at: int, read_at: int, dropped_at: int, slots: int) -> int | None:
        written = self._words[written_at // 8]
        if written - self._words[read_at // 8] < slots:
            return written
        self._words[dropped_at // 8] += 1
        return None

    def _store(
        self, at: int, written: int, header: tuple[int, int, int, int, int], payload: bytes
    ) -> None:
        start = at + layout.SLOT_HEADER_BYTES
        self._map[start : start + len(payload)] = payload
        _SLOT_HEADER.pack_into(self._map, at, written + 1, *header, len(payload))


def packets() -> list[bytes]:
    """The packets of all codes, one after the other: after the last the first comes again."""
    pieces = [
        np.ascontiguousarray(part)
        for code in range(CODES)
        for part in np.split(sound(code), PACKETS_PER_CODE, axis=1)
    ]
    return [piece.astype("<f4").tobytes() for piece in pieces]


def main() -> None:
    """Write until the parent is gone."""
    ring, began_us = RingWriter(Path(sys.argv[1])), int(sys.argv[2])
    sounds, parent = packets(), os.getppid()
    first = -(-(now_us() - began_us) // PACKET_US)
    first += -first % PACKETS_PER_PICTURE
    late = Path(sys.argv[3]).open("a", buffering=1, encoding="ascii")  # noqa: SIM115 - for life
    for number in itertools.count(first):
        due_us = began_us + number * PACKET_US
        time.sleep(max(0.0, (due_us - now_us()) / 1e6))
        if (late_us := now_us() - due_us) > LATE_US:
            late.write(f"{due_us} {late_us}\n")
        if number % PACKETS_PER_PICTURE == 0:
            ring.picture(number // PACKETS_PER_PICTURE, due_us)
            if os.getppid() != parent:
                return
        ring.packet(sounds[number % len(sounds)], due_us)


if __name__ == "__main__":
    main()

"""The reading end of the ring."""

import mmap
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from media.errors import RingUnavailable
from media.tab import layout
from media.types import AudioPacket, VideoFrame

_SLOT_HEADER = struct.Struct("<QqqIIII")
_U64 = struct.Struct("<Q")


def find_ring(profile_dir: Path, size_bytes: int, capture_id: int) -> Path | None:
    """The ring file of one capture under a browser profile, known by what it holds."""
    for path in (profile_dir / "Default" / "File System").rglob("*"):
        try:
            if path.is_file() and path.stat().st_size == size_bytes:
                with path.open("rb") as file:
                    start = file.read(layout.HEADER_BYTES)
                magic, found_id = (
                    _U64.unpack_from(start, at)[0] for at in (0, layout.CAPTURE_ID_AT)
                )
                if (magic, found_id) == (layout.MAGIC, capture_id):
                    return path
        except FileNotFoundError:  # the browser tidies up while we look
            continue
    return None


class RingReader:
    """Reads pictures and sound in the order they were written, from one thread.

    Every item is copied out and its slot is freed at once, so that the writer need not wait for
    the encoder. `clock_offset_us` is added to the arrival times. Any thread may `close` it; from
    then on there is nothing more to read.
    """

    def __init__(self, path: Path, width: int, height: int, *, clock_offset_us: int = 0) -> None:
        """Map the ring at `path`, made for pictures up to `width` x `height`."""
        size_bytes = layout.ring_bytes(width, height)
        with path.open("r+b") as file:
            try:
                self._map = mmap.mmap(file.fileno(), size_bytes)
            except (OSError, ValueError) as error:
                raise RingUnavailable(needed_bytes=size_bytes, free_bytes=0) from error
        # a memoryview loads and stores a word at once, struct byte by byte: the other side would
        # now and then see half of a new number
        self._words = memoryview(self._map)[: layout.HEADER_BYTES].cast("Q")
        self._clock_offset_us = clock_offset_us
        self._video_slot_bytes = layout.video_slot_bytes(width, height)
        self._audio_at = layout.HEADER_BYTES + layout.VIDEO_SLOTS * self._video_slot_bytes
        self._video_read = 0
        self._audio_read = 0
        self._dropped = (0, 0)
        self._dropped_before: tuple[int, int] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the memory; what was dropped stays known."""
        with self._lock:
            if not self._map.closed:
                self._dropped = self._read_dropped()
                self._words.release()
                self._map.close()

    @property
    def pictures_dropped(self) -> int:
        """Pictures the page threw away because all slots were unread, since the first look."""
        return self._now_dropped()[0]

    @property
    def packets_dropped(self) -> int:
        """Packets of sound the page threw away so, since the first look."""
        return self._now_dropped()[1]

    def _now_dropped(self) -> tuple[int, int]:
        with self._lock:
            return self._dropped if self._map.closed else self._read_dropped()

    def _read_dropped(self) -> tuple[int, int]:
        pictures, packets = self._dropped_before or (0, 0)
        return (
            self._word(layout.VIDEO_DROPPED_AT) - pictures,
            self._word(layout.AUDIO_DROPPED_AT) - packets,
        )

    def _word(self, at: int) -> int:
        return self._words[at // 8]

    def audio(self) -> Iterator[AudioPacket]:
        """Every packet of sound stored since the last call."""
        while (packet := self._next_packet()) is not None:
            yield packet

    def video(self) -> Iterator[VideoFrame]:
        """Every picture stored since the last call."""
        while (frame := self._next_frame()) is not None:
            yield frame

    def _next_packet(self) -> AudioPacket | None:
        with self._lock:
            at = self._audio_at + self._audio_read % layout.AUDIO_SLOTS * layout.audio_slot_bytes()
            slot = self._slot(at, self._audio_read, layout.AUDIO_WRITTEN_AT)
            if slot is None:
                return None
            timestamp_us, arrival_us, rate_hz, channels, frames, payload = slot
            self._audio_read += 1
            self._words[layout.AUDIO_READ_AT // 8] = self._audio_read
        samples = np.frombuffer(payload, dtype="<f4").reshape(channels, frames)
        return AudioPacket(timestamp_us, arrival_us, rate_hz, samples)

    def _next_frame(self) -> VideoFrame | None:
        with self._lock:
            at = (
                layout.HEADER_BYTES + self._video_read % layout.VIDEO_SLOTS * self._video_slot_bytes
            )
            slot = self._slot(at, self._video_read, layout.VIDEO_WRITTEN_AT)
            if slot is None:
                return None
            timestamp_us, arrival_us, width, height, _, payload = slot
            self._video_read += 1
            self._words[layout.VIDEO_READ_AT // 8] = self._video_read
        i420 = np.frombuffer(payload, dtype=np.uint8)
        return VideoFrame(timestamp_us, arrival_us, width, height, i420)

    def _slot(
        self, at: int, read: int, written_at: int
    ) -> tuple[int, int, int, int, int, bytes] | None:
        if self._map.closed:
            return None
        if self._dropped_before is None:
            self._dropped_before = self._read_dropped()
        if self._word(written_at) <= read:
            return None
        sequence, timestamp_us, arrival_us, first, second, frames, size = _SLOT_HEADER.unpack_from(
            self._map, at
        )
        if sequence != read + 1:  # the count was read while it was being written
            return None
        start = at + layout.SLOT_HEADER_BYTES
        payload = self._map[start : start + size]
        return timestamp_us, arrival_us + self._clock_offset_us, first, second, frames, payload

"""The reading end of the ring."""

import mmap
import struct
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


def find_ring(profile_dir: Path, size_bytes: int) -> Path | None:
    """The newest ring file under a browser profile, known by its size and its magic word."""
    found = []
    for path in (profile_dir / "Default" / "File System").rglob("*"):
        try:
            status = path.stat()
            if path.is_file() and status.st_size == size_bytes:
                with path.open("rb") as file:
                    if file.read(8) == _U64.pack(layout.MAGIC):
                        found.append((status.st_mtime_ns, path))
        except FileNotFoundError:  # the browser tidies up while we look
            continue
    return max(found)[1] if found else None


class RingReader:
    """Reads pictures and sound in the order they were written; one thread only.

    Every item is copied out and its slot is freed at once, so that the writer need not wait for
    the encoder.
    """

    def __init__(self, path: Path, width: int, height: int) -> None:
        """Map the ring at `path`, made for pictures up to `width` x `height`."""
        size_bytes = layout.ring_bytes(width, height)
        with path.open("r+b") as file:
            try:
                self._map = mmap.mmap(file.fileno(), size_bytes)
            except (OSError, ValueError) as error:
                raise RingUnavailable(needed_bytes=size_bytes, free_bytes=0) from error
        self._video_slot_bytes = layout.video_slot_bytes(width, height)
        self._audio_at = layout.HEADER_BYTES + layout.VIDEO_SLOTS * self._video_slot_bytes
        self._video_read = 0
        self._audio_read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._map.close()

    def _counter(self, at: int) -> int:
        (value,) = _U64.unpack_from(self._map, at)
        return int(value)

    @property
    def video_written(self) -> int:
        """Pictures the page stored."""
        return self._counter(layout.VIDEO_WRITTEN_AT)

    @property
    def video_dropped(self) -> int:
        """Pictures the page threw away because all slots were unread."""
        return self._counter(layout.VIDEO_DROPPED_AT)

    @property
    def audio_dropped(self) -> int:
        """Packets of sound the page threw away because all slots were unread."""
        return self._counter(layout.AUDIO_DROPPED_AT)

    def audio(self) -> Iterator[AudioPacket]:
        """Every packet of sound stored since the last call."""
        while True:
            slot = self._audio_read % layout.AUDIO_SLOTS
            at = self._audio_at + slot * layout.audio_slot_bytes()
            sequence, timestamp_us, arrival_us, rate_hz, channels, frames, size = (
                _SLOT_HEADER.unpack_from(self._map, at)
            )
            if sequence != self._audio_read + 1:
                return
            start = at + layout.SLOT_HEADER_BYTES
            samples = np.frombuffer(self._map[start : start + size], dtype="<f4")
            self._audio_read += 1
            _U64.pack_into(self._map, layout.AUDIO_READ_AT, self._audio_read)
            yield AudioPacket(timestamp_us, arrival_us, rate_hz, samples.reshape(channels, frames))

    def video(self) -> Iterator[VideoFrame]:
        """Every picture stored since the last call."""
        while True:
            slot = self._video_read % layout.VIDEO_SLOTS
            at = layout.HEADER_BYTES + slot * self._video_slot_bytes
            sequence, timestamp_us, arrival_us, width, height, _, size = _SLOT_HEADER.unpack_from(
                self._map, at
            )
            if sequence != self._video_read + 1:
                return
            start = at + layout.SLOT_HEADER_BYTES
            i420 = np.frombuffer(self._map[start : start + size], dtype=np.uint8)
            self._video_read += 1
            _U64.pack_into(self._map, layout.VIDEO_READ_AT, self._video_read)
            yield VideoFrame(timestamp_us, arrival_us, width, height, i420)

"""Groups fragments into chunks and renders their HLS playlist. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from media.fragments import Fragment

CHUNK_S = 2.0
"""Length of a chunk: it closes with the first fragment that takes it here, or nearly."""

_NEARLY = 0.75
INIT_NAME = "init.mp4"
PLAYLIST_NAME = "index.m3u8"


def chunk_name(number: int) -> str:
    """Name of chunk `number` (from 1): '000001.m4s'."""
    return f"{number:06d}.m4s"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One object of the live stream: whole fragments, `duration_s` of media."""

    number: int
    data: bytes
    start_s: float
    duration_s: float
    starts_with_keyframe: bool

    @property
    def name(self) -> str:
        """Its file name beside the playlist."""
        return chunk_name(self.number)


class Chunker:
    """Joins fragments to chunks of `chunk_s`, and never makes one wait for a next fragment.

    A chunk closes as soon as it holds three quarters of `chunk_s`: keyframes come by time, one
    frame early or late, and waiting for the rest would double what a crash loses.
    """

    def __init__(self, chunk_s: float = CHUNK_S) -> None:
        self._enough_s = chunk_s * _NEARLY
        self._waiting: list[Fragment] = []
        self._number = 0

    def add(self, fragment: Fragment) -> Chunk | None:
        """Take a fragment; the chunk that it completes, if it does."""
        self._waiting.append(fragment)
        if sum(each.duration_s for each in self._waiting) < self._enough_s:
            return None
        # Whole only of the track that leads, so that lengths add up over the chunks.
        track = self._waiting[0].leading.track
        led = [each.duration_s for each in self._waiting if each.leading.track == track]
        return self._close(sum(led))

    def flush(self) -> Chunk | None:
        """What waits as the last chunk, as long as its longest track; None when nothing waits."""
        if not self._waiting:
            return None
        ends_s = [run.end_s for fragment in self._waiting for run in fragment.runs]
        return self._close(max(ends_s) - self._waiting[0].start_s)

    def _close(self, duration_s: float) -> Chunk:
        fragments, self._waiting = self._waiting, []
        self._number += 1
        return Chunk(
            number=self._number,
            data=b"".join(each.data for each in fragments),
            start_s=fragments[0].start_s,
            duration_s=duration_s,
            starts_with_keyframe=fragments[0].starts_with_keyframe,
        )


@dataclass(slots=True)
class HlsPlaylist:
    """An EVENT playlist (RFC 8216, version 7) that only grows; URIs are relative to it."""

    target_s: float = CHUNK_S
    durations_s: list[float] = field(default_factory=list)
    ended: bool = False

    def add(self, number: int, duration_s: float) -> None:
        """Append the next chunk; numbers run from 1 without holes."""
        if number != len(self.durations_s) + 1:
            raise ValueError(f"chunk {number} does not follow {len(self.durations_s)}")
        self.durations_s.append(duration_s)

    def render(self) -> bytes:
        """The playlist as it is to be stored, UTF-8."""
        # The target must not change as the list grows, nor be below any rounded duration.
        longest_s = max([2 * self.target_s, *self.durations_s])
        return "\n".join(
            [*self._head(math.ceil(longest_s)), *self._entries(), *self._tail()]
        ).encode()

    def _head(self, target_s: int) -> Sequence[str]:
        return (
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{target_s}",
            "#EXT-X-MEDIA-SEQUENCE:1",
            "#EXT-X-PLAYLIST-TYPE:EVENT",
            f'#EXT-X-MAP:URI="{INIT_NAME}"',
        )

    def _entries(self) -> Iterable[str]:
        for number, duration_s in enumerate(self.durations_s, start=1):
            yield f"#EXTINF:{duration_s:.6f},"
            yield chunk_name(number)

    def _tail(self) -> Sequence[str]:
        return ("#EXT-X-ENDLIST", "") if self.ended else ("",)

"""The file that the muxer writes into: forwards what is new, keeps what is rewritten.

`av.open(sink, mode="w", format="mp4")` calls `write`, `seek` and `tell` of it. What a muxer wrote
and rewrites later (a size near the start, say) becomes a `Patch`, wherever it is.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

from media.errors import HoleInFile


@dataclass(frozen=True, slots=True)
class Patch:
    """Bytes that replace those written at `offset` before."""

    offset: int
    data: bytes


class MuxerSink:
    """A seekable, write-only file without bounds; one thread only.

    `forward` is called with new bytes, in order, from inside `write`; what it raises reaches the
    muxer. From `closing()` to `sealed()` nothing is forwarded: the muxer writes the index, and
    neither it nor the size that points at it may be stored without the other. Afterwards `tail`
    holds those bytes, `patches` what changed before them.
    """

    def __init__(self, forward: Callable[[bytes], None]) -> None:
        self._forward = forward
        self._position = 0
        self._forwarded_bytes = 0
        self._tail: bytearray | None = None
        self._is_sealed = False
        self.patches: list[Patch] = []

    @property
    def size_bytes(self) -> int:
        """Length of the file so far."""
        return self._forwarded_bytes + len(self.tail)

    @property
    def tail(self) -> bytes:
        """What was written since `closing()`, with its own patches applied."""
        return bytes(self._tail or b"")

    @property
    def is_closing(self) -> bool:
        """Whether the muxer is between `closing()` and `sealed()`."""
        return self._tail is not None and not self._is_sealed

    @property
    def is_sealed(self) -> bool:
        """Whether `sealed()` was called."""
        return self._is_sealed

    def write(self, data: bytes) -> int:
        """Take bytes at the position; new ones go on, old ones become a patch."""
        taken = bytes(data)
        if self._is_sealed:
            raise ValueError("write to a sealed sink")
        if self._position > self._end():
            raise HoleInFile(self._end(), self._position)
        old_bytes = min(len(taken), self._end() - self._position)
        if old_bytes:
            self._rewrite(self._position, taken[:old_bytes])
        if new := taken[old_bytes:]:
            self._append(new)
        self._position += len(taken)
        return len(taken)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, as files do; beyond the end is allowed until a write."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._end()}[whence]
        if base + offset < 0:
            raise ValueError(f"seek to {base + offset}")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def seekable(self) -> bool:
        """Always."""
        return True

    def closing(self) -> None:
        """The muxer is about to be closed: forward nothing more. A second call does nothing."""
        if self._tail is None:
            self._tail = bytearray()

    def sealed(self) -> None:
        """The muxer has been closed; nothing is written from here on.

        Not named `closed`: PyAV asks a file for that attribute, and writes no index if it is true.
        """
        self.closing()
        self._is_sealed = True

    def _end(self) -> int:
        return self._forwarded_bytes + len(self._tail or b"")

    def _append(self, data: bytes) -> None:
        if self._tail is None:
            self._forward(data)
            self._forwarded_bytes += len(data)
        else:
            self._tail += data

    def _rewrite(self, offset: int, data: bytes) -> None:
        outside = data[: max(0, self._forwarded_bytes - offset)]
        if outside:
            self.patches.append(Patch(offset, outside))
        if self._tail is not None and (inside := data[len(outside) :]):
            at = offset + len(outside) - self._forwarded_bytes
            self._tail[at : at + len(inside)] = inside

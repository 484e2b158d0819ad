"""The bounded folder where bytes wait until they are stored."""

import errno
import shutil
import tempfile
import threading
from pathlib import Path
from typing import Final

from media.errors import SpoolFull

UPLOADS: Final = "upload-"
"""What the names of spools begin with."""
_CLOSING_BYTES = 20 * 1024 * 1024
"""Kept free for the end of a recording: its last fragments, its index, two open parts."""


class Spool:
    """Files of up to `max_bytes` together; thread-safe.

    It counts as nearly full, the moment to end a recording in good order, when a quarter of it,
    at most 20 MiB, is left.
    """

    def __init__(self, parent: Path, max_bytes: int) -> None:
        """Make a folder of its own in `parent`, which need not exist."""
        parent.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=UPLOADS, dir=parent))
        self.max_bytes = max_bytes
        self._held_bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """What it holds."""
        return self._held_bytes

    @property
    def nearly_full_bytes(self) -> int:
        """Holding more than this is to be nearly full."""
        return self.max_bytes - min(_CLOSING_BYTES, self.max_bytes // 4)

    def open(self, name: str) -> "SpoolFile":
        """Begin a file."""
        return SpoolFile(self, self.folder / name)

    def take(self, count: int) -> None:
        """Count bytes in. Raises `SpoolFull`, taking nothing, when they are too many."""
        with self._lock:
            if self._held_bytes + count > self.max_bytes:
                raise SpoolFull(self._held_bytes + count, self.max_bytes)
            self._held_bytes += count

    def give_back(self, count: int) -> None:
        """Count bytes out."""
        with self._lock:
            self._held_bytes -= count

    def remove(self) -> None:
        """Remove the folder with all that it holds."""
        shutil.rmtree(self.folder, ignore_errors=True)


class SpoolFile:
    """A file that grows, can be patched, and is read whole when its turn comes."""

    def __init__(self, spool: Spool, path: Path) -> None:
        self._spool = spool
        self._path = path
        self._file = path.open("w+b", buffering=0)
        self.size_bytes = 0

    def append(self, data: bytes) -> None:
        """Add bytes at the end. Raises `SpoolFull` when the spool or its disk is."""
        self._spool.take(len(data))
        try:
            self._write(self.size_bytes, data)
        except OSError as error:
            self._spool.give_back(len(data))
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                held_bytes = self._spool.held_bytes
                raise SpoolFull(held_bytes + len(data), held_bytes) from error
            raise
        self.size_bytes += len(data)

    def patch(self, offset: int, data: bytes) -> None:
        """Replace bytes that are there."""
        if offset + len(data) > self.size_bytes:
            raise ValueError(f"{len(data)} bytes at {offset} of {self.size_bytes}")
        self._write(offset, data)

    def read(self) -> bytes:
        """All of it."""
        return self._path.read_bytes()

    def close(self) -> None:
        """Let go of the file, which stays; nothing is written to it any more."""
        self._file.close()

    def discard(self) -> None:
        """Delete it; a second call does nothing."""
        self.close()
        self._path.unlink(missing_ok=True)
        self._spool.give_back(self.size_bytes)
        self.size_bytes = 0

    def _write(self, offset: int, data: bytes) -> None:
        self._file.seek(offset)
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

"""The journal: what was received and decided, one JSON object a line, durable line by line.

Once it is full it begins anew with what its owner still has to know; the full one stays beside it
as `<name>.1`, in the place of the one before: no more than twice the bound is on the disk.

All calls block (every line is an fsync): run them in threads.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bot.errors import JournalError
from bot.strict_json import json_objects

CLOSED: Final = -1
MAX_BYTES: Final = 64 * 1024**2


class Journal:
    """One orchestrator's memory. A context manager; entering reads what is there.

    A last line that was cut off by a crash, and so never acknowledged, is removed.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._stack = ExitStack()
        self._mutex = threading.Lock()
        self._descriptor = CLOSED
        self._end_bytes = 0

    def __enter__(self) -> Self:
        """Raises `JournalError` where it cannot be opened, or another process has it open."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as stack:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                stack.callback(os.close, self._descriptor)
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._end_bytes = self._path.read_bytes().rfind(b"\n") + 1
                os.truncate(self._descriptor, self._end_bytes)
                self._stack = stack.pop_all()
        except BlockingIOError as error:
            raise JournalError(str(self._path), "another dispatch has it open") from error
        except OSError as error:
            raise JournalError(str(self._path), error.strerror or str(error)) from error
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        del exc_type, exc, traceback
        with self._mutex:  # a line under way in its thread is finished first
            self._stack.close()
            self._descriptor = CLOSED

    def records(self) -> Iterator[dict[str, Any]]:
        """What is in it, oldest first; a line that is no JSON object is passed over."""
        with self._path.open(encoding="utf-8", errors="replace") as lines:
            yield from json_objects(lines)

    def append(self, record: Mapping[str, Any]) -> None:
        """Make one line durable before returning. Raises `JournalError`: then it is not there."""
        line = _line(record)
        with self._mutex:
            if self._descriptor == CLOSED:
                raise JournalError(str(self._path), "is closed")
            try:
                _write(self._descriptor, line, self._end_bytes)
            except OSError as error:
                with suppress(OSError):  # else the next line is written over it all the same
                    os.truncate(self._descriptor, self._end_bytes)
                raise JournalError(str(self._path), error.strerror or str(error)) from error
            self._end_bytes += len(line)

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin anew. Lines are taken all the same."""
        return self._end_bytes > self._max_bytes

    def begin_anew(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Replace what is in it by these records. Raises `JournalError`: then nothing has changed.

        At every moment of it a journal is there that is whole: the old one or the new one.
        """
        content = b"".join(_line(record) for record in records)
        new, old = (self._path.with_name(f"{self._path.name}.{word}") for word in ("new", "1"))
        with self._mutex:
            try:
                descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
                with ExitStack() as stack:
                    stack.callback(os.close, descriptor)
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _write(descriptor, content, 0)
                    old.unlink(missing_ok=True)
                    os.link(self._path, old)
                    new.replace(self._path)
                    _sync_folder(self._path.parent)
                    self._stack.close()
                    self._stack = stack.pop_all()
            except OSError as error:
                raise JournalError(str(self._path), error.strerror or str(error)) from error
            self._descriptor, self._end_bytes = descriptor, len(content)


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=True).encode() + b"\n"


def _write(descriptor: int, data: bytes, at_bytes: int) -> None:
    """Make it durable there. A disk that is full takes a part, and then says so."""
    written_bytes = 0
    while written_bytes < len(data):
        written_bytes += os.pwrite(descriptor, data[written_bytes:], at_bytes + written_bytes)
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

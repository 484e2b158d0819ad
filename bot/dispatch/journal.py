"""The journal: what was received and decided, one JSON object a line, durable line by line.

All calls block (every line is an fsync): run them in threads.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bot.errors import JournalError
from bot.strict_json import json_objects

CLOSED: Final = -1


class Journal:
    """One orchestrator's memory. A context manager; entering reads what is there.

    A last line that was cut off by a crash, and so never acknowledged, is removed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
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
        line = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        with self._mutex:
            if self._descriptor == CLOSED:
                raise JournalError(str(self._path), "is closed")
            try:
                self._write(line)
            except OSError as error:
                with suppress(OSError):  # else the next line is written over it all the same
                    os.truncate(self._descriptor, self._end_bytes)
                raise JournalError(str(self._path), error.strerror or str(error)) from error
            self._end_bytes += len(line)

    def _write(self, line: bytes) -> None:
        written_bytes = 0
        while written_bytes < len(line):  # a disk that is full takes a part, and then says so
            rest, at_bytes = line[written_bytes:], self._end_bytes + written_bytes
            written_bytes += os.pwrite(self._descriptor, rest, at_bytes)
        os.fsync(self._descriptor)

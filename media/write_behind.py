"""Writes that nobody waits for: a thread of their own, behind a queue of bounded bytes."""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from typing import Final

import structlog

MAX_BYTES: Final = 32 * 1024 * 1024
"""More than two minutes of a 720p meeting."""
JOIN_S: Final = 5.0
"""For a thread that has nothing left to do."""

log = structlog.get_logger(__name__)

Write = Callable[[bytes], None]


class WriteBehind:
    """Has pieces written one after another, in the order of `put`, while the caller goes on.

    A disk that stands still for some seconds holds up nobody, until `max_bytes` wait for it: then
    `put` waits too (`stalled_s`). What a write raises is `problem`: nothing after it is written,
    and every later `put` raises it. Where the disk answers the queue is empty: of a process that
    is killed no more is lost than the piece being written.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        """The thread is made with the first `put`; one that hangs keeps no process from ending."""
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._queue: deque[tuple[Write, bytes]] = deque()
        self._waiting_bytes = 0
        self._closed = False
        self._thread: threading.Thread | None = None
        self._stalled_s = 0.0
        self._stalled_since_s: float | None = None
        self.problem: Exception | None = None

    @property
    def waiting_bytes(self) -> int:
        """What was put and is not written."""
        return self._waiting_bytes

    @property
    def stalled_s(self) -> float:
        """For how long `put` has waited for room in all."""
        since_s = self._stalled_since_s
        return self._stalled_s + (0.0 if since_s is None else time.monotonic() - since_s)

    def put(self, write: Write, data: bytes) -> None:
        """Have `write(data)` done, after all that was put before. From one thread.

        Raises `problem`, and ValueError after `close`.
        """
        with self._changed:
            self._raise_if_over()
            if not self._has_room(data):
                self._wait_for_room(data)
            self._queue.append((write, data))
            self._waiting_bytes += len(data)
            self._changed.notify_all()
            if self._thread is None:
                run = copy_context().run  # its logs say whose they are
                self._thread = threading.Thread(
                    target=run, args=(self._run,), name="write-behind", daemon=True
                )
                self._thread.start()

    def drain(self, until_s: float) -> bool:
        """Wait until all that was put is written or refused, until `until_s` (monotonic) at most.

        Whether it is.
        """
        with self._changed:
            left_s = max(0.0, until_s - time.monotonic())
            return self._changed.wait_for(lambda: not self.waiting_bytes, left_s)

    def close(self, until_s: float) -> bool:
        """Take nothing more, and have written what waits, until `until_s` at most; then drop it.

        False: a write hangs, and what it writes to is still in use.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if not self.drain(until_s):
            with self._changed:
                log.warning("writes_given_up", waiting_bytes=self.waiting_bytes)
                self._drop()
            return False
        if self._thread is not None:
            self._thread.join(JOIN_S)
        return self._thread is None or not self._thread.is_alive()

    def _has_room(self, data: bytes) -> bool:
        """A piece larger than all the room goes alone."""
        return not self.waiting_bytes or self.waiting_bytes + len(data) <= self._max_bytes

    def _wait_for_room(self, data: bytes) -> None:
        """However long the disk takes: it answers, or it fails, or whoever ends this closes it."""
        began_s = self._stalled_since_s = time.monotonic()
        log.warning("disk_behind", waiting_bytes=self.waiting_bytes)
        self._changed.wait_for(lambda: self._is_over or self._has_room(data))
        self._stalled_since_s = None
        self._stalled_s += time.monotonic() - began_s
        self._raise_if_over()

    @property
    def _is_over(self) -> bool:
        return self._closed or self.problem is not None

    def _raise_if_over(self) -> None:
        if self.problem is not None:
            raise self.problem
        if self._closed:
            raise ValueError("written to after it was closed")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_over)
                if not self._queue:
                    return
                write, data = self._queue.popleft()
            problem = _problem_of(write, data)
            with self._changed:
                self._waiting_bytes -= len(data)
                self.problem = problem
                if problem is not None:
                    self._drop()
                self._changed.notify_all()

    def _drop(self) -> None:
        self._waiting_bytes -= sum(len(data) for _, data in self._queue)
        self._queue.clear()
        self._changed.notify_all()


def _problem_of(write: Write, data: bytes) -> Exception | None:
    try:
        write(data)
    except Exception as problem:  # noqa: BLE001 - whatever it was, whoever puts more is told
        log.warning("recording_refused", error=str(problem))
        return problem
    return None

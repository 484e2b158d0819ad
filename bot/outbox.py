"""The outbox: durable events on disk, numbered without holes, kept until acknowledged.

One SQLite file per run, `<folder>/<run_id>.sqlite3`, so that a run never waits for another's lock;
beside it a lock file whose lock dies with its process, by which a later run tells the dead from the
living. All calls block (every append is an fsync): run them in threads.
"""

import asyncio
import contextlib
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.contract import MAX_BODY_BYTES
from bot.errors import EventTooLargeError, OutboxClosedError, OutboxError, OutboxFullError
from bot.outbox_file import connect, is_unfinished, locked, named_errors, remove

TERMINAL_EVENTS = frozenset({"bot.completed", "bot.failed"})
ESSENTIAL_EVENTS = frozenset({"accepted", "bot.status_change"}) | TERMINAL_EVENTS
MAX_BYTES = 64 * 1024**2
"""Bound of unacknowledged bodies; beyond it chat and participants are refused."""
RESERVE_BYTES = 4 * 1024**2
"""Room above the bound for statuses. The one terminal event is always taken."""
MAX_HISTORY_BYTES = 4 * 1024**2
"""Of what was acknowledged already so much is kept until the run ends; statuses in any case."""
NO_LAST_WORD = "another run's"
"""`Outbox.terminal` of a run that must not speak its last word: another run has."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One durable event as the contract words it. `sent_at` is the time of its writing (RFC 3339).

    The same (bot_id, run_id, seq) is the same event, however often it arrives.
    """

    event: str
    bot_id: str
    run_id: str
    seq: int
    sent_at: str
    data: Mapping[str, Any]
    extra: Mapping[str, Any] | None

    @property
    def is_terminal(self) -> bool:
        """Whether this is the bot's last word."""
        return self.event in TERMINAL_EVENTS

    def body(self) -> dict[str, Any]:
        """The JSON object sent and stored."""
        return {
            "event": self.event,
            "bot_id": self.bot_id,
            "run_id": self.run_id,
            "seq": self.seq,
            "sent_at": self.sent_at,
            "data": self.data,
            "extra": self.extra,
        }


class Outbox:
    """The events of one run. A context manager; thread-safe.

    Opening a file that exists continues it: same numbers, same unacknowledged events.
    """

    def __init__(
        self, folder: Path, bot_id: str, run_id: str, *, max_bytes: int = MAX_BYTES
    ) -> None:
        self.bot_id = bot_id
        self.run_id = run_id
        self._path = folder / f"{run_id}.sqlite3"
        self._max_bytes = max_bytes
        self._mutex = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        """Open or create the file. Raises `OutboxError` where that is impossible."""
        with named_errors(), contextlib.ExitStack() as stack:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(locked(self._path.with_suffix(".lock")))
            db = stack.enter_context(contextlib.closing(connect(self._path)))
            db.execute(
                "INSERT INTO run VALUES (1, ?, ?, 0, 0, NULL) ON CONFLICT DO NOTHING",
                (self.bot_id, self.run_id),
            )
            self.bot_id, self.run_id = db.execute("SELECT bot_id, run_id FROM run").fetchone()
            self._db = db
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file; remove it once the run has ended and all of it is acknowledged."""
        del exc_type, exc, traceback
        with self._mutex:
            finished = self._db is not None and self._is_finished()
            self._db = None
            self._stack.close()
            if finished:
                remove(self._path)

    def append(
        self, event: str, data: Mapping[str, Any], extra: Mapping[str, Any] | None = None
    ) -> Envelope:
        """Number an event and make it durable before returning.

        Raises `OutboxClosedError` after the terminal event, `OutboxFullError` (nothing numbered,
        so no hole) and `EventTooLargeError` for what no frame could carry.
        """
        with self._mutex, self._transaction() as db:
            last_seq, terminal = db.execute("SELECT last_seq, terminal FROM run").fetchone()
            if terminal is not None:
                raise OutboxClosedError(event, terminal)
            envelope = Envelope(
                event, self.bot_id, self.run_id, last_seq + 1, _now(), dict(data), extra
            )
            body = _encode(envelope)
            self._require_room(db, event, len(body.encode()))
            row = (envelope.seq, body, len(body.encode()))
            db.execute("INSERT INTO event VALUES (?, ?, ?)", row)
            if event in ESSENTIAL_EVENTS or _has_history_room(db, len(body.encode())):
                db.execute("INSERT INTO history VALUES (?, ?, ?)", row)
            db.execute(
                "UPDATE run SET last_seq = ?, terminal = ?",
                (envelope.seq, event if envelope.is_terminal else None),
            )
            return envelope

    def pending(self, after_seq: int = 0, limit: int = 64) -> Sequence[Envelope]:
        """Up to `limit` unacknowledged events with a greater number than `after_seq`, in order."""
        with self._mutex, named_errors():
            rows = self._open().execute(
                "SELECT body FROM event WHERE seq > ? ORDER BY seq LIMIT ?", (after_seq, limit)
            )
            return [Envelope(**json.loads(body)) for (body,) in rows]

    def ack(self, seq: int) -> int:
        """Forget events up to `seq`; returns the greatest number acknowledged so far.

        Cumulative and idempotent; a number never given out acknowledges nothing.
        """
        with self._mutex, self._transaction() as db:
            last_seq, acked_seq = db.execute("SELECT last_seq, acked_seq FROM run").fetchone()
            if not acked_seq < seq <= last_seq:
                return int(acked_seq)
            db.execute("DELETE FROM event WHERE seq <= ?", (seq,))
            db.execute("UPDATE run SET acked_seq = ?", (seq,))
            return seq

    def history(self) -> Sequence[Mapping[str, Any]]:
        """Bodies of what was said, acknowledged or not: statuses all, others up to a bound."""
        with self._mutex, named_errors():
            rows = self._open().execute("SELECT body FROM history ORDER BY seq").fetchall()
            return [json.loads(body) for (body,) in rows]

    def end_unspoken(self) -> None:
        """End the run without a last word: another run of this bot has spoken it."""
        with self._mutex, self._transaction() as db:
            db.execute("UPDATE run SET terminal = ? WHERE terminal IS NULL", (NO_LAST_WORD,))

    @property
    def last_seq(self) -> int:
        """The greatest number given out; 0 before the first event."""
        return int(self._column("last_seq"))

    @property
    def acked_seq(self) -> int:
        """The greatest number acknowledged; 0 before the first ack."""
        return int(self._column("acked_seq"))

    @property
    def terminal(self) -> str | None:
        """The terminal event's name once there is one, or `NO_LAST_WORD`."""
        value = self._column("terminal")
        return None if value is None else str(value)

    def _column(self, name: str) -> Any:  # noqa: ANN401 - an SQLite value
        with self._mutex, named_errors():
            return self._open().execute(f"SELECT {name} FROM run").fetchone()[0]  # noqa: S608 - a literal of this class

    def _is_finished(self) -> bool:
        """Nothing left to send or to say. An unreadable file counts as unfinished: it is kept."""
        try:
            return not is_unfinished(self._open())
        except sqlite3.Error:
            return False

    def _require_room(self, db: sqlite3.Connection, event: str, size_bytes: int) -> None:
        if event in TERMINAL_EVENTS:
            return
        limit = self._max_bytes + (RESERVE_BYTES if event in ESSENTIAL_EVENTS else 0)
        (held,) = db.execute("SELECT coalesce(sum(size_bytes), 0) FROM event").fetchone()
        if held + size_bytes > limit:
            raise OutboxFullError(event, held, limit)

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            raise OutboxClosedError("nothing can be said", None)
        return self._db

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with named_errors():
            db = self._open()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


@contextlib.asynccontextmanager
async def opened(outbox: Outbox) -> AsyncIterator[Outbox]:
    """An outbox, opened and closed off the event loop: both wait for the disk."""
    await asyncio.to_thread(outbox.__enter__)
    try:
        yield outbox
    finally:
        await asyncio.to_thread(outbox.__exit__, None, None, None)


def _has_history_room(db: sqlite3.Connection, size_bytes: int) -> bool:
    (held,) = db.execute("SELECT coalesce(sum(size_bytes), 0) FROM history").fetchone()
    return int(held) + size_bytes <= MAX_HISTORY_BYTES


def _encode(envelope: Envelope) -> str:
    try:
        body = json.dumps(envelope.body(), ensure_ascii=False, allow_nan=False)
        size_bytes = len(body.encode())
    except (TypeError, ValueError) as error:
        raise OutboxError(f"{envelope.event} is not JSON: {error}") from error
    if size_bytes > MAX_BODY_BYTES:
        raise EventTooLargeError(envelope.event, size_bytes, MAX_BODY_BYTES)
    return body


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

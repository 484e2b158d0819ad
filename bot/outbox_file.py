"""The file of one outbox: its SQLite schema, its lock, and which files are of the dead. Blocks."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.errors import OutboxError

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    bot_id TEXT NOT NULL, run_id TEXT NOT NULL,
    last_seq INTEGER NOT NULL, acked_seq INTEGER NOT NULL, terminal TEXT
);
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, body TEXT NOT NULL, size_bytes INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS history (
    seq INTEGER PRIMARY KEY, body TEXT NOT NULL, size_bytes INTEGER NOT NULL
);
"""
"""`event` holds what is not acknowledged; `history` what a later run must know to end this one."""


def dead_runs(folder: Path) -> Sequence[tuple[str, str]]:
    """(bot_id, run_id) of runs whose process is gone before all was said and acknowledged.

    Oldest first; opening one as `Outbox(folder, bot_id, run_id)` continues it. Dead runs with
    nothing left to say or send are removed; files that are no outbox are left alone.
    """
    found = []
    for path in sorted(folder.glob("*.sqlite3"), key=lambda item: item.stat().st_mtime_ns):
        with contextlib.suppress(OutboxError), locked(path.with_suffix(".lock")):
            bot_id, run_id, unfinished = _read_run(path)
            if unfinished:
                found.append((bot_id, run_id))
            else:
                remove(path)
    return found


def _read_run(path: Path) -> tuple[str, str, bool]:
    with named_errors(), contextlib.closing(connect(path)) as db:
        row = db.execute("SELECT bot_id, run_id FROM run").fetchone()
        if row is None:
            raise OutboxError(f"{path.name} holds no run")
        return str(row[0]), str(row[1]), is_unfinished(db)


def is_unfinished(db: sqlite3.Connection) -> bool:
    """Whether something is left to send, or to say: a run that has spoken owes a last word."""
    query = "SELECT acked_seq < last_seq OR (last_seq > 0 AND terminal IS NULL) FROM run"
    (unfinished,) = db.execute(query).fetchone()
    return bool(unfinished)


def connect(path: Path) -> sqlite3.Connection:
    """The database of an outbox, made where it is not; every commit reaches the disk."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.executescript(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db


def remove(path: Path) -> None:
    """Delete an outbox and its lock."""
    for name in (path, path.with_suffix(".lock")):
        name.unlink(missing_ok=True)


@contextlib.contextmanager
def named_errors() -> Iterator[None]:
    """Errors of SQLite and of the disk become `OutboxError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise OutboxError(str(error)) from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a run. Raises `OutboxError` while another process holds it."""
    with contextlib.ExitStack() as stack:
        with named_errors():
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield

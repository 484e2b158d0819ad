"""What an orchestrator knows, and keeps over a restart: jobs, events received, whose an id is."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import structlog

from bot.dispatch.identities import Identities
from bot.dispatch.jobs import Job, Jobs, Phase, with_bot_id
from bot.dispatch.journal import Journal
from bot.dispatch.receipts import Receipts
from bot.dispatch.said import Event, event_of, exit_code_of
from bot.end_reasons import EXIT_CALLER
from bot.errors import JournalError, SettingError

log = structlog.get_logger(__name__)

MAX_ENDED: Final = 10_000
"""Ended bots that are remembered when the journal begins anew: a last word said again is known."""

AS_TEXT: Final = ("utf-8", "surrogateescape")
"""A worker may call itself anything."""


class Memory:
    """Jobs, receipts and identities, as the journal has them. The journal has to be open."""

    def __init__(self, journal: Journal, identities: Identities | None = None) -> None:
        self._journal = journal
        self._identities = Identities() if identities is None else identities
        self._order = asyncio.Lock()
        self._bot_of_file: dict[str, str] = {}
        self._file_of_bot: dict[str, str] = {}
        self.jobs = Jobs()
        self.receipts = Receipts()

    async def recall(self, now_s: float) -> None:
        """Read the journal: bots of before are under way from `now_s` until they are heard."""
        for record in await asyncio.to_thread(lambda: list(self._journal.records())):
            self._replay(record, now_s)

    async def add_job(self, path: Path) -> Job:
        """Take a job from a file. Raises `SettingError` for a file that holds none.

        A file that names no bot gets a new one; until that has ended, the file means that bot.
        """
        try:
            name, body = await asyncio.to_thread(_read, path)
            bot_id, body = with_bot_id(body, self._bot_of_file.get(name, str(uuid4())))
        except OSError as error:
            raise SettingError("job", f"{path}: {error.strerror}") from error
        except ValueError as error:
            raise SettingError("job", f"{path}: {error}") from error
        async with self._in_order():
            job = self.jobs.add(bot_id, body)
            if job.phase is Phase.OVER:
                log.warning("job_was_over", over_bot_id=bot_id, exit_code=job.exit_code)
            else:
                self._file_of_bot[bot_id] = name
            await self._store({"job": name, "bot_id": bot_id})
        return job

    async def take(self, event: Event, now_s: float) -> bool:
        """Store a new event; False where that failed, and it must not be acknowledged."""
        async with self._in_order():
            if not await self._store(event.body):
                return False
            self.receipts.note(event)
            self.jobs.heard(event.bot_id, event.worker_id, now_s)
            if event.is_terminal:
                self._end(event.bot_id, exit_code_of(event))
        return True

    async def keep_identities(self) -> None:
        """Store whose the ids are that nobody had before."""
        for worker_id, key in self._identities.take_new():
            async with self._in_order():
                await self._store(_owner(worker_id, key))

    async def reject(self, job: Job, body: Mapping[str, Any]) -> None:
        """The worker refused the job for good."""
        async with self._in_order():
            self._end(job.bot_id, EXIT_CALLER)
            await self._store({"rejected": body, "bot_id": job.bot_id})

    @asynccontextmanager
    async def _in_order(self) -> AsyncIterator[None]:
        """One change at a time: what a full journal begins anew with is all of what was stored."""
        async with self._order:
            yield
            if not self._journal.is_full:
                return
            records = list(self._summary())
            try:
                await asyncio.to_thread(self._journal.begin_anew, records)
            except JournalError as error:
                log.exception("journal_not_written", problem=error.problem)
            else:
                log.info("journal_began_anew", records=len(records))

    async def _store(self, record: Mapping[str, Any]) -> bool:
        """Make a record durable; False where the disk does not take it, which is logged."""
        try:
            await asyncio.to_thread(self._journal.append, record)
        except JournalError as error:
            log.exception("journal_not_written", problem=error.problem)
            return False
        return True

    def _end(self, bot_id: str, exit_code: int) -> None:
        self.jobs.end(bot_id, exit_code)
        self._file_of_bot.pop(bot_id, None)
        for name in [n for n, known in self._bot_of_file.items() if known == bot_id]:
            del self._bot_of_file[name]

    def _summary(self) -> Iterator[dict[str, Any]]:
        """What has to be known of each bot, of the ended ones only the last `MAX_ENDED`."""
        ended = [job.bot_id for job in self.jobs if job.phase is Phase.OVER]
        for bot_id in ended[:-MAX_ENDED]:
            log.info("ended_bot_forgotten", forgotten_bot_id=bot_id)
            self.jobs.forget(bot_id)
            self.receipts.forget(bot_id)
        for worker_id, key in self._identities:
            yield _owner(worker_id, key)
        for job in self.jobs:
            yield {
                "known": job.bot_id,
                "runs": self.receipts.runs_of(job.bot_id),
                "exit_code": job.exit_code if job.phase is Phase.OVER else None,
                "job": self._file_of_bot.get(job.bot_id),
            }

    def _replay(self, record: dict[str, Any], now_s: float) -> None:
        event, bot_id = event_of("", record), record.get("bot_id")
        if isinstance(event, Event):
            self.receipts.note(event)
            self.jobs.heard(event.bot_id, "", now_s)
            if event.is_terminal:
                self._end(event.bot_id, exit_code_of(event))
        elif isinstance(record.get("known"), str):
            self._replay_known(record["known"], record, now_s)
        elif isinstance(record.get("worker_id"), str) and isinstance(record.get("key"), str):
            self._identities.restore(record["worker_id"].encode(*AS_TEXT), record["key"])
        elif isinstance(bot_id, str) and "rejected" in record:
            self._end(bot_id, EXIT_CALLER)
        elif isinstance(bot_id, str) and isinstance(record.get("job"), str):
            self._replay_job(record["job"], bot_id)

    def _replay_job(self, name: str, bot_id: str) -> None:
        self._bot_of_file[name] = bot_id
        self._file_of_bot[bot_id] = name

    def _replay_known(self, bot_id: str, record: Mapping[str, Any], now_s: float) -> None:
        """A bot as `_summary` has it."""
        for run_id, seq in record["runs"].items():
            self.receipts.note_run(bot_id, run_id, seq)
            self.jobs.heard(bot_id, "", now_s)
        if record["exit_code"] is not None:
            self._end(bot_id, record["exit_code"])
        elif record["job"] is not None:
            self._replay_job(record["job"], bot_id)


def _owner(worker_id: bytes, key: str) -> dict[str, Any]:
    return {"worker_id": worker_id.decode(*AS_TEXT), "key": key}


def _read(path: Path) -> tuple[str, bytes]:
    """A file's full name and content."""
    return str(path.absolute()), path.read_bytes()

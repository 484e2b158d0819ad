"""What an orchestrator knows, and keeps over a restart: jobs, and the events received of each."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog

from bot.dispatch.jobs import Job, Jobs, Phase, with_bot_id
from bot.dispatch.journal import Journal
from bot.dispatch.receipts import Receipts
from bot.dispatch.said import Event, event_of, exit_code_of
from bot.end_reasons import EXIT_CALLER
from bot.errors import JournalError, SettingError

log = structlog.get_logger(__name__)


class Memory:
    """Jobs and receipts, as the journal has them. The journal has to be open."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._bot_of_file: dict[str, str] = {}
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
        job = self.jobs.add(bot_id, body)
        if job.phase is Phase.OVER:
            log.warning("job_was_over", over_bot_id=bot_id, exit_code=job.exit_code)
        await self.store({"job": name, "bot_id": bot_id})
        return job

    async def store(self, record: Mapping[str, Any]) -> bool:
        """Make a record durable; False where the disk does not take it, which is logged."""
        try:
            await asyncio.to_thread(self._journal.append, record)
        except JournalError as error:
            log.exception("journal_not_written", problem=error.problem)
            return False
        return True

    async def take(self, event: Event, now_s: float) -> bool:
        """Store a new event; False where that failed, and it must not be acknowledged."""
        if not await self.store(event.body):
            return False
        self.receipts.note(event)
        self.jobs.heard(event.bot_id, event.worker_id, now_s)
        if event.is_terminal:
            self.jobs.end(event.bot_id, exit_code_of(event))
        return True

    async def reject(self, job: Job, body: Mapping[str, Any]) -> None:
        """The worker refused the job for good."""
        self.jobs.end(job.bot_id, EXIT_CALLER)
        await self.store({"rejected": body, "bot_id": job.bot_id})

    def _replay(self, record: dict[str, Any], now_s: float) -> None:
        event, bot_id = event_of("", record), record.get("bot_id")
        if isinstance(event, Event):
            self.receipts.note(event)
            self.jobs.heard(event.bot_id, "", now_s)
            if event.is_terminal:
                self.jobs.end(event.bot_id, exit_code_of(event))
                self._forget_file(event.bot_id)
        elif isinstance(bot_id, str) and "rejected" in record:
            self.jobs.end(bot_id, EXIT_CALLER)
            self._forget_file(bot_id)
        elif isinstance(bot_id, str) and isinstance(record.get("job"), str):
            self._bot_of_file[record["job"]] = bot_id

    def _forget_file(self, bot_id: str) -> None:
        for name in [n for n, known in self._bot_of_file.items() if known == bot_id]:
            del self._bot_of_file[name]


def _read(path: Path) -> tuple[str, bytes]:
    """A file's full name and content."""
    return str(path.absolute()), path.read_bytes()

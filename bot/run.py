"""Runs one job without an orchestrator: the same events, as JSON lines on a stream."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TextIO
from uuid import uuid4

import structlog

from bot.afterlife import end_local_runs, local_outboxes, storage_of
from bot.callback_again import call_back_for_dead
from bot.job import Job
from bot.job_secrets import job_secrets
from bot.listener import Listener
from bot.logs import bind_bot, register_secrets
from bot.outbox import Envelope, Outbox, opened
from bot.patience import unless
from bot.preflight import preflight, refuse_if_ended
from bot.session import Session
from bot.settings import Settings
from bot.signals import Signals
from bot.unmarked import pay_marks
from media.types import Storage

log = structlog.get_logger(__name__)


async def run_job(
    job: Job,
    settings: Settings,
    stream: TextIO | None,
    signals: Signals,
    *,
    on_session: Callable[[Session], None] = lambda _: None,
) -> int:
    """Run `job` to its end; returns the process's exit code.

    Where a dead run of the same bot lies in the spool, that one is ended, its callback made, and
    nothing is joined.
    Raises `PreflightFailed` before anything was joined or said, `JobRejected` for a bot that has
    ended before, `OutboxError` where no event can be kept.
    """
    run_id = str(uuid4())
    register_secrets(job_secrets(job))
    ended = await unless(signals.came, end_local_runs(settings, stream, None)) or {}
    if (exit_code := ended.get(str(job.bot_id))) is not None:
        log.info("bot_had_died", ended_bot_id=str(job.bot_id), exit_code=exit_code)
        await call_back_for_dead(job, await storage_of(settings), settings)
        return exit_code
    ready = await preflight(settings)
    storage = ready.storage
    await pay_marks(settings.spool_dir, storage)
    bind_bot(str(job.bot_id), run_id)
    await refuse_if_ended(storage, job)
    async with opened(Outbox(local_outboxes(settings), str(job.bot_id), run_id)) as outbox:
        session = Session(
            job,
            run_id=run_id,
            settings=settings,
            storage=storage,
            emit=LocalEmit(outbox, job, storage, settings.url_lifetime_s, stream),
            browser_args=ready.browser_args,
        )
        on_session(session)
        signals.attach(session)
        outcome = await session.run()
    return signals.exit_code(outcome)


class LocalEmit:
    """Writes each event to the outbox, then to `stream`, which is its receiver.

    A stream that is closed from the other side ends the writing, not the bot.
    """

    def __init__(
        self,
        outbox: Outbox,
        job: Job,
        storage: Storage,
        url_lifetime_s: int,
        stream: TextIO | None,
    ) -> None:
        self._outbox = outbox
        self._job = job
        self._listener = Listener(storage, url_lifetime_s, stream)

    async def __call__(self, event: str, data: Mapping[str, Any]) -> Envelope:
        """Write one event and count it as received. Raises `OutboxError`."""
        return await asyncio.to_thread(self._write, event, data)

    def _write(self, event: str, data: Mapping[str, Any]) -> Envelope:
        envelope = self._outbox.append(event, data, self._job.extra)
        self._listener.hear(envelope)
        self._outbox.ack(envelope.seq)
        return envelope

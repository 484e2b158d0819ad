"""Runs one job without an orchestrator: the same events, as JSON lines on a stream."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TextIO
from uuid import uuid4

import psutil
import structlog

from bot.conclusion import present
from bot.end_reasons import EXIT_COMPLETED
from bot.job import Job
from bot.logs import bind_bot, register_secrets
from bot.outbox import Envelope, Outbox
from bot.outcome import Outcome
from bot.preflight import ready_browser, ready_spool, ready_storage, simulator_args
from bot.session import Session
from bot.settings import Settings
from bot.terminal import read_terminal
from media.types import Storage

log = structlog.get_logger(__name__)

EXIT_SECOND_SIGNAL: Final = 130


def job_secrets(job: Job) -> tuple[str, ...]:
    """What of a job must never be logged."""
    found = []
    if job.callback_config and job.callback_config.secret:
        found.append(job.callback_config.secret.get_secret_value())
    if job.transcription_config and job.transcription_config.api_key:
        found.append(job.transcription_config.api_key.get_secret_value())
    return tuple(found)


async def run_job(
    job: Job,
    settings: Settings,
    stream: TextIO | None,
    *,
    on_session: Callable[[Session], None] = lambda _: None,
) -> int:
    """Run `job` to its end; returns the process's exit code.

    Raises `PreflightFailed` before anything was joined or said.
    """
    run_id = str(uuid4())
    bot_id = str(job.bot_id)
    register_secrets(job_secrets(job))
    ready_browser(settings)
    await ready_spool(settings)
    browser_args = await simulator_args(settings)
    storage = await ready_storage(settings)
    bind_bot(bot_id, run_id)
    if await read_terminal(storage, bot_id) is not None:
        log.warning("bot_has_ended_before", cure="use another bot_id")
        return EXIT_COMPLETED
    with Outbox(settings.spool_dir / "outbox", bot_id, run_id) as outbox:
        emit = LocalEmit(outbox, job, storage, settings.url_lifetime_s, stream)
        session = Session(
            job,
            run_id=run_id,
            settings=settings,
            storage=storage,
            emit=emit,
            browser_args=browser_args,
        )
        on_session(session)
        async with signals_end(session):
            outcome = await session.run()
    return outcome.exit_code


class LocalEmit:
    """Writes each event to the outbox, then to `stream`, which is its receiver."""

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
        self._storage = storage
        self._url_lifetime_s = url_lifetime_s
        self._stream = stream

    async def __call__(self, event: str, data: Mapping[str, Any]) -> Envelope:
        """Write one event and count it as received."""
        return await asyncio.to_thread(self._write, event, data)

    def _write(self, event: str, data: Mapping[str, Any]) -> Envelope:
        envelope = self._outbox.append(event, data, self._job.extra)
        if self._stream is not None:
            shown = envelope
            if envelope.is_terminal:
                shown = present(self._storage, envelope, self._url_lifetime_s)
            self._stream.write(json.dumps(shown.body(), ensure_ascii=False) + "\n")
            self._stream.flush()
        self._outbox.ack(envelope.seq)
        return envelope


@asynccontextmanager
async def signals_end(session: Session) -> AsyncIterator[None]:
    """Ctrl-C leaves politely, a second one stops at once; SIGTERM ends within the grace period."""
    loop = asyncio.get_running_loop()
    interrupts = 0

    def on_interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts > 1:
            hard_exit(EXIT_SECOND_SIGNAL)
        log.info("leaving_on_interrupt", hint="a second Ctrl-C stops at once")
        session.leave()

    terms = 0

    def on_terminate() -> None:
        nonlocal terms
        terms += 1
        if terms > 1:
            hard_exit(128 + signal.SIGTERM)
        session.terminate()

    loop.add_signal_handler(signal.SIGINT, on_interrupt)
    loop.add_signal_handler(signal.SIGTERM, on_terminate)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)


def hard_exit(code: int) -> None:
    """End this process and everything it started, now; what lies in the spool stays."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            child.kill()
    os._exit(code)


def outcome_line(outcome: Outcome) -> str:
    """One line for people: why it ended."""
    return f"{outcome.facts.title}: {outcome.error_message} [{outcome.row}]"

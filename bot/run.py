"""Runs one job without an orchestrator: the same events, as JSON lines on a stream."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, TextIO
from uuid import uuid4

import structlog

from bot.afterlife import death, end_dead_runs, local_outboxes, runs_of
from bot.job import Job
from bot.job_secrets import job_secrets
from bot.links import present
from bot.logs import bind_bot, register_secrets
from bot.outbox import Envelope, Outbox, opened
from bot.outcome import Outcome
from bot.patience import unless
from bot.preflight import preflight, refuse_if_ended
from bot.session import Session
from bot.settings import Settings
from bot.signals import Signals
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

    Raises `PreflightFailed` before anything was joined or said, `JobRejected` for a bot that has
    ended before, `OutboxError` where no event can be kept.
    """
    run_id = str(uuid4())
    register_secrets(job_secrets(job))
    ready = await preflight(settings)
    storage = ready.storage
    listener = Listener(storage, settings.url_lifetime_s, stream)
    await unless(signals.came, end_local_runs(settings, storage, listener, death(None)))
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


async def end_local_runs(
    settings: Settings, storage: Storage, listener: "Listener", died: Outcome
) -> int:
    """End the dead runs that had no orchestrator, and tell `listener`: how many there were."""

    def tell(outbox: Outbox) -> None:
        while envelopes := outbox.pending():
            for envelope in envelopes:
                listener.hear(envelope)
                outbox.ack(envelope.seq)

    async with AsyncExitStack() as stack:
        folder, runs = local_outboxes(settings), runs_of(settings)
        outboxes = await end_dead_runs(folder, runs, storage, died, stack)
        for outbox in outboxes:
            await asyncio.to_thread(tell, outbox)
    return len(outboxes)


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


class Listener:
    """Whoever reads `stream`, None for nobody. Blocks."""

    def __init__(self, storage: Storage, url_lifetime_s: int, stream: TextIO | None) -> None:
        self._storage = storage
        self._url_lifetime_s = url_lifetime_s
        self._stream = stream

    def hear(self, envelope: Envelope) -> None:
        """Write one event as a JSON line. After the first failure nothing is written any more."""
        if self._stream is None:
            return
        stream, shown = self._stream, envelope
        if envelope.is_terminal:
            shown = present(self._storage, envelope, self._url_lifetime_s)
        try:
            stream.write(json.dumps(shown.body(), ensure_ascii=False) + "\n")
            stream.flush()
        except (OSError, ValueError) as error:
            log.warning("event_stream_closed", problem=type(error).__name__)
            self._stream = None
            close_for_good(stream)


def close_for_good(stream: TextIO) -> None:
    """Let a broken stream's unwritten rest go nowhere: Python flushes it once more on exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):  # not a file of the system: nothing is flushed
        log.debug("stream_has_no_file")
    finally:
        os.close(nowhere)

"""Finds the runs that died, by their outboxes, and has each one ended (`bot.dead_run`)."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, TextIO

import structlog
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_exponential,
)

from bot.contract import EndReason
from bot.dead_run import DeadRun
from bot.deaths import death
from bot.end_reasons import EXIT_COMPLETED, EXIT_INTERNAL, exit_code_of_error
from bot.errors import OutboxError, PreflightFailed
from bot.listener import Listener
from bot.outbox import Outbox, opened
from bot.outbox_file import dead_runs
from bot.outcome import Outcome
from bot.settings import Settings
from bot.vitals import Vitals
from media.errors import MediaError, StorageError
from media.fence import FencedStorage, Lease
from media.storage import open_storage
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from media.types import Storage

log = structlog.get_logger(__name__)

RETRY_FOR_S: Final = 1_800.0
"""How long a storage that is down is waited for; then all is left to the next start."""
LONGEST_WAIT_S: Final = 30.0
SIGNAL_CODES: Final = 128
"""Exit codes beyond it say which signal ended a process."""


def worker_outboxes(settings: Settings) -> Path:
    """Where the outboxes of workers are."""
    return settings.spool_dir / "outbox"


def local_outboxes(settings: Settings) -> Path:
    """Where the outboxes of runs without an orchestrator are: nobody else may take their events."""
    return settings.spool_dir / "local-outbox"


def runs_of(settings: Settings) -> Path:
    """Where each run has its folder in the spool."""
    return settings.spool_dir / "spool"


async def storage_of(settings: Settings) -> S3Storage | FolderStorage:
    """The storage of the settings, unproven: whether it works shows. Raises `PreflightFailed`."""
    try:
        return await asyncio.to_thread(
            open_storage, settings.storage, endpoint_url=settings.s3_endpoint
        )
    except (MediaError, ValueError) as error:
        raise PreflightFailed("storage", str(error)) from error


async def end_worker_runs(
    settings: Settings, reason: EndReason | None, stack: AsyncExitStack
) -> Sequence[Outbox]:
    """End the dead runs of a worker (`end_dead_runs`); their outboxes. Raises `PreflightFailed`."""
    folder, runs = worker_outboxes(settings), runs_of(settings)
    if not await asyncio.to_thread(dead_runs, folder):
        return ()
    return await end_dead_runs(folder, runs, await storage_of(settings), reason, stack)


async def end_local_runs(
    settings: Settings, stream: TextIO | None, reason: EndReason | None
) -> Mapping[str, int]:
    """End the dead runs that had no orchestrator, and write what they had not said to `stream`.

    Returns, of the bots whose last word that was, each with the exit code that says the same.
    Raises `PreflightFailed`.
    """
    folder, runs = local_outboxes(settings), runs_of(settings)
    if not await asyncio.to_thread(dead_runs, folder):
        return {}
    storage = await storage_of(settings)
    listener = Listener(storage, settings.url_lifetime_s, stream)
    ended: dict[str, int] = {}

    async with AsyncExitStack() as stack:
        for outbox in await end_dead_runs(folder, runs, storage, reason, stack):
            for envelope in await asyncio.to_thread(listener.hear_all, outbox):
                if envelope.is_terminal:
                    ended[envelope.bot_id] = exit_code_after(envelope.data)
    return ended


def exit_code_after(data: Mapping[str, Any]) -> int:
    """Of a process that tells of the death of another: it was not killed itself."""
    if (code := data.get("error_code")) is None:
        return EXIT_COMPLETED
    exit_code = exit_code_of_error(code)
    return EXIT_INTERNAL if exit_code > SIGNAL_CODES else exit_code


async def end_dead_runs(
    folder: Path,
    runs: Path,
    storage: Storage,
    reason: EndReason | None,
    stack: AsyncExitStack,
    *,
    retry_for_s: float = RETRY_FOR_S,
) -> Sequence[Outbox]:
    """End every dead run whose outbox is in `folder`; `runs` has a folder of the spool for each.

    `reason` is what a supervisor saw. Returns their outboxes, open on `stack`, with what is left to
    send. A run whose ending failed (a storage that stays down, say) is left for the next start.
    """
    until_s = time.monotonic() + retry_for_s
    outboxes = []
    for bot_id, run_id in await asyncio.to_thread(dead_runs, folder):
        try:
            outbox = await stack.enter_async_context(opened(Outbox(folder, bot_id, run_id)))
        except OutboxError:  # another process was faster
            log.info("dead_run_taken", dead_run_id=run_id)
            continue
        outboxes.append(outbox)
        run_folder = runs / run_id
        died = await asyncio.to_thread(_death, reason, run_folder)
        heir = Lease(storage, f"{bot_id}/", f"heir of {run_id}", heir_of=run_id)
        dead = DeadRun(outbox, FencedStorage(storage, heir), run_folder, died)
        try:
            await _patiently(until_s)(dead.end)
            await asyncio.to_thread(heir.remove)
        except Exception:
            log.exception("dead_run_not_ended", dead_bot_id=bot_id, dead_run_id=run_id)
    return outboxes


def _death(reason: EndReason | None, run_folder: Path) -> Outcome:
    return death(reason, Vitals.noted(run_folder), Vitals.now())


def _patiently(until_s: float) -> AsyncRetrying:
    """Tries again what a storage that comes back mends."""

    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.warning("dead_run_waits_for_storage", problem=str(error), tries=state.attempt_number)

    return AsyncRetrying(
        retry=retry_if_exception(_may_mend),
        wait=wait_exponential(max=LONGEST_WAIT_S),
        stop=stop_after_delay(max(0.0, until_s - time.monotonic())),
        before_sleep=note,
        reraise=True,
    )


def _may_mend(error: BaseException) -> bool:
    return isinstance(error, TimeoutError) or (isinstance(error, StorageError) and error.retryable)

"""What is checked before a job is taken: said within seconds, before anything is joined."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from bot.access import access_of
from bot.artifacts import CHUNKS
from bot.checks.browser import browser_there, display_there
from bot.checks.folders import shared_memory, spool, temporary_folder
from bot.checks.machine import network, user
from bot.checks.threads import in_daemon_thread
from bot.checks.types import Level
from bot.errors import FieldError, FieldErrorCode, JobRejected, PreflightFailed
from bot.job import Job
from bot.settings import Settings
from bot.tables import check_tables
from bot.terminal import read_terminal
from media.errors import MediaError
from media.playlist import INIT_NAME
from media.storage import open_storage
from media.types import Storage

log = structlog.get_logger(__name__)

CHECKS: Final = (
    browser_there,
    display_there,
    user,
    temporary_folder,
    shared_memory,
    spool,
    network,
)
"""The quick ones of `meetbot doctor`: what fails here would fail the bot later, and say less."""
CHECK_DEADLINE_S: Final = 5.0
STORAGE_DEADLINE_S: Final = 12.0


@dataclass(frozen=True, slots=True)
class Ready:
    """What was found in order: the storage, and the flags a test meeting asks of the browser."""

    storage: Storage
    browser_args: tuple[str, ...]


async def preflight(settings: Settings) -> Ready:
    """Everything a job needs, the quick checks first.

    Raises `PreflightFailed`, `SimulatorUnreachableError`, or what an evidence file, an identity
    or a proxy is refused with, before anything was started.
    """
    await asyncio.to_thread(check_tables, settings.evidence_file)
    await asyncio.to_thread(access_of, settings)
    await ready_machine(settings)
    browser_args = await simulator_args(settings)
    return Ready(await ready_storage(settings), browser_args)


async def ready_storage(settings: Settings) -> Storage:
    """The storage, proven writable. Raises `PreflightFailed`."""
    async with _storage_answers():
        storage = open_storage(settings.storage, endpoint_url=settings.s3_endpoint)
        await in_daemon_thread(storage.check)
        return storage


async def refuse_if_ended(storage: Storage, job: Job) -> None:
    """Nothing, unless this bot has spoken its last word already: it neither joins nor speaks again.

    Nor does one that has recorded before and died: a second run would write over its chunks, all
    that is left of the first. Raises `JobRejected`, or `PreflightFailed` where the storage does not
    tell.
    """
    async with _storage_answers():
        mark = await read_terminal(storage, str(job.bot_id))
        recorded = await asyncio.to_thread(storage.head, f"{job.bot_id}/{CHUNKS}{INIT_NAME}")
    if mark is not None:
        text = f"this bot has ended before ({mark.event or 'how cannot be read'}); use another id"
    elif recorded is not None:
        text = "this bot has recorded before and died; its chunks are kept; use another id"
    else:
        return
    raise JobRejected([FieldError("bot_id", FieldErrorCode.ALREADY_ENDED, text)])


@asynccontextmanager
async def _storage_answers() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(STORAGE_DEADLINE_S):
            yield
    except TimeoutError as error:
        raise PreflightFailed("storage", f"no answer in {STORAGE_DEADLINE_S:.0f} s") from error
    except (MediaError, ValueError) as error:  # what it answers, or a name that is none
        raise PreflightFailed("storage", str(error)) from error


async def ready_machine(settings: Settings) -> None:
    """The machine has what a bot needs. Raises `PreflightFailed` in the words of the check."""
    for look in CHECKS:
        try:
            async with asyncio.timeout(CHECK_DEADLINE_S):
                finding = await in_daemon_thread(partial(look, settings))
        except TimeoutError as error:
            name = look.__name__.replace("_", " ")
            raise PreflightFailed(name, f"no answer in {CHECK_DEADLINE_S:.0f} s") from error
        if finding.level is Level.FAILED:
            raise PreflightFailed(finding.check, finding.words)
        if finding.level is Level.WARNING:
            log.warning("machine_unfit", check=finding.check, found=finding.words)


async def simulator_args(settings: Settings) -> tuple[str, ...]:
    """The browser flags under which the test meeting answers at its real name.

    Raises `SimulatorUnreachableError`.
    """
    if settings.simulator is None:
        return ()
    from platforms.simulator.client import fetch_info  # noqa: PLC0415 - loads aiortc, for tests

    return tuple((await fetch_info(settings.simulator)).browser_args)

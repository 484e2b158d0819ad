"""What is checked before a job is taken: said within seconds, before anything is joined."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import FieldError, FieldErrorCode, JobRejected, PreflightFailed
from bot.job import Job
from bot.settings import Settings
from bot.terminal import read_terminal
from media.errors import MediaError
from media.storage import open_storage
from media.types import Storage
from platforms.chromium import candidates

STORAGE_DEADLINE_S: Final = 12.0


@dataclass(frozen=True, slots=True)
class Ready:
    """What was found in order: the storage, and the flags a test meeting asks of the browser."""

    storage: Storage
    browser_args: tuple[str, ...]


async def preflight(settings: Settings) -> Ready:
    """Everything a job needs, the quick checks first.

    Raises `PreflightFailed`, or `SimulatorUnreachableError`, before anything was started.
    """
    ready_browser(settings)
    await ready_spool(settings)
    browser_args = await simulator_args(settings)
    return Ready(await ready_storage(settings), browser_args)


async def ready_storage(settings: Settings) -> Storage:
    """The storage, proven writable. Raises `PreflightFailed`."""
    async with _storage_answers():
        storage = open_storage(settings.storage, endpoint_url=settings.s3_endpoint)
        await asyncio.to_thread(storage.check)
        return storage


async def refuse_if_ended(storage: Storage, job: Job) -> None:
    """Nothing, unless this bot has spoken its last word already: it neither joins nor speaks again.

    Raises `JobRejected`, or `PreflightFailed` where the storage does not tell.
    """
    async with _storage_answers():
        mark = await read_terminal(storage, str(job.bot_id))
    if mark is not None:
        text = f"this bot has ended before ({mark.event or 'how cannot be read'}); use another id"
        raise JobRejected([FieldError("bot_id", FieldErrorCode.ALREADY_ENDED, text)])


@asynccontextmanager
async def _storage_answers() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(STORAGE_DEADLINE_S):
            yield
    except TimeoutError as error:
        raise PreflightFailed("storage", f"no answer in {STORAGE_DEADLINE_S:.0f} s") from error
    except MediaError as error:
        raise PreflightFailed("storage", str(error)) from error


async def ready_spool(settings: Settings) -> None:
    """The spool folder exists and can be written. Raises `PreflightFailed`."""

    def touch() -> None:
        settings.spool_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.spool_dir / ".probe"
        probe.write_bytes(b"meetbot")
        probe.unlink()

    try:
        await asyncio.to_thread(touch)
    except OSError as error:
        raise PreflightFailed("spool", f"{settings.spool_dir}: {error.strerror}") from error


def ready_browser(settings: Settings) -> Path:
    """The first browser there is. Raises `PreflightFailed`: it is started only with a job."""
    found = [path for path in candidates(settings.browser, None) if path.exists()]
    if not found:
        wanted = settings.browser or "Chromium or Chrome"
        raise PreflightFailed("browser", f"{wanted} not found; install Debian's `chromium`")
    return found[0]


async def simulator_args(settings: Settings) -> tuple[str, ...]:
    """The browser flags under which the test meeting answers at its real name.

    Raises `SimulatorUnreachableError`.
    """
    if settings.simulator is None:
        return ()
    from platforms.simulator.client import fetch_info  # noqa: PLC0415 - loads aiortc, for tests

    return tuple((await fetch_info(settings.simulator)).browser_args)

"""What is checked before a job is taken: said within seconds, before anything is joined."""

import asyncio
from pathlib import Path
from typing import Final

import httpx
import structlog

from bot.errors import PreflightFailed
from bot.settings import Settings
from media.errors import MediaError
from media.storage import open_storage
from media.types import Storage
from platforms.chromium import candidates

log = structlog.get_logger(__name__)

STORAGE_DEADLINE_S: Final = 12.0
SIMULATOR_DEADLINE_S: Final = 5.0


async def ready_storage(settings: Settings) -> Storage:
    """The storage, proven writable. Raises `PreflightFailed`."""
    try:
        async with asyncio.timeout(STORAGE_DEADLINE_S):
            storage = open_storage(settings.storage, endpoint_url=settings.s3_endpoint)
            await asyncio.to_thread(storage.check)
    except TimeoutError as error:
        raise PreflightFailed("storage", f"no answer in {STORAGE_DEADLINE_S:.0f} s") from error
    except MediaError as error:
        raise PreflightFailed("storage", str(error)) from error
    return storage


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
    """The browser flags under which the test meeting answers at its real name."""
    if settings.simulator is None:
        return ()
    try:
        async with httpx.AsyncClient(timeout=SIMULATOR_DEADLINE_S) as http:
            answer = await http.get(f"{settings.simulator.rstrip('/')}/api/info")
            answer.raise_for_status()
            return tuple(str(arg) for arg in answer.json()["browser_args"])
    except (httpx.HTTPError, ValueError, KeyError) as error:
        problem = f"{settings.simulator}: {type(error).__name__}; start it with meetbot simulate"
        raise PreflightFailed("simulator", problem) from error

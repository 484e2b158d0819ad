"""Finds a simulator that runs in another process of this machine."""

from urllib.parse import urlsplit

import aiohttp
from pydantic import ValidationError

from platforms.simulator.errors import SimulatorUnreachableError
from platforms.simulator.state import Info
from platforms.simulator.web import LOCAL_HOSTS

INFO_TIMEOUT_S = 5.0
_KNOWN_ARGS = ("--host-resolver-rules=", "--ignore-certificate-errors-spki-list=")


async def fetch_info(http_url: str) -> Info:
    """What a browser must be told to reach the simulator at `http_url`, on this machine only.

    Raises:
        SimulatorUnreachableError: no simulator answers there, or what answers is none.
    """
    if urlsplit(http_url).hostname not in LOCAL_HOSTS:
        raise SimulatorUnreachableError(http_url, "not an address of this machine")
    timeout = aiohttp.ClientTimeout(total=INFO_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{http_url.rstrip('/')}/api/info") as response,
        ):
            response.raise_for_status()
            info = Info.model_validate_json(await response.read())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SimulatorUnreachableError(http_url, type(error).__name__) from error
    except ValidationError as error:
        raise SimulatorUnreachableError(http_url, "its answer is no simulator's") from error
    if not all(arg.startswith(_KNOWN_ARGS) for arg in info.browser_args):
        raise SimulatorUnreachableError(http_url, "it asks for unknown browser flags")
    return info

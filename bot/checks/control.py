"""The way to the orchestrator: the keys, the port, and ZeroMQ's handshake."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from bot.checks.threads import in_daemon_thread
from bot.checks.types import Finding, failed, ok
from bot.errors import SettingError
from bot.keys import CurveKeys, load_curve_keys
from bot.link import Link
from bot.settings import Settings
from bot.wire import endpoint_problem

NAME: Final = "control endpoint"
CONNECT_DEADLINE_S: Final = 3.0
HANDSHAKE_DEADLINE_S: Final = 5.0


async def control_endpoint(settings: Settings) -> Sequence[Finding]:
    """The orchestrator's ROUTER shakes hands; nothing without `--connect`.

    It is greeted under a name of its own and told nothing, so that it neither gives a job nor
    takes this for the worker.
    """
    endpoint = settings.connect
    if endpoint is None:
        return []
    try:
        keys = _keys(settings)
    except SettingError as error:
        return [failed(NAME, str(error), "make keys with: meetbot keygen; chmod 600 the secret")]
    problem = endpoint_problem(
        endpoint, encrypted=keys is not None, waived=settings.allow_plain_off_loopback
    )
    if problem is not None:
        mend = (
            "set MEETBOT_CURVE_SERVER_KEY_FILE and MEETBOT_CURVE_SECRET_KEY_FILE (meetbot keygen)"
        )
        return [failed(NAME, f"{endpoint}: {problem}", mend)]
    return [await _answer(endpoint, keys)]


async def _answer(endpoint: str, keys: CurveKeys | None) -> Finding:
    problem = await _no_way(endpoint)
    if problem is not None:
        mend = "start the orchestrator; check address, firewall and NetworkPolicy"
        return failed(NAME, f"{endpoint}: {problem}", mend)
    secured = "with CURVE" if keys is not None else "in plain text"
    try:
        async with (
            asyncio.timeout(HANDSHAKE_DEADLINE_S),
            Link(endpoint, f"doctor-{uuid4()}", keys) as link,
        ):
            await link.wait_connected()
    except TimeoutError:
        found = f"{endpoint} is open, but no ZeroMQ handshake {secured}"
        return failed(NAME, found, "is it the ROUTER's port, and do both sides' keys match?")
    return ok(NAME, f"{endpoint} shakes hands {secured}")


async def _no_way(endpoint: str) -> str | None:
    """Why nobody answers there, None where somebody does."""
    parts = urlsplit(endpoint)
    try:
        async with asyncio.timeout(CONNECT_DEADLINE_S):
            if parts.scheme == "ipc":
                path = Path(endpoint.removeprefix("ipc://"))
                return None if await in_daemon_thread(path.is_socket) else "no such socket"
            await in_daemon_thread(lambda: _connect(parts.hostname, parts.port))
    except TimeoutError:
        return f"no answer in {CONNECT_DEADLINE_S:.0f} s"
    except OSError as error:
        return error.strerror or str(error)
    return None


def _connect(host: str | None, port: int | None) -> None:
    socket.create_connection((host or "", port or 0), timeout=CONNECT_DEADLINE_S).close()


def _keys(settings: Settings) -> CurveKeys | None:
    if settings.curve_server_key_file is None or settings.curve_secret_key_file is None:
        return None
    return load_curve_keys(settings.curve_server_key_file, settings.curve_secret_key_file)

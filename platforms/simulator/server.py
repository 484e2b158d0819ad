"""The test meeting as one async context manager."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import web

from platforms.simulator.clips import SHARED, ClipStore
from platforms.simulator.director import Director
from platforms.simulator.errors import WaitTimedOutError
from platforms.simulator.media import Studio
from platforms.simulator.network import interface_addresses, require_media_address
from platforms.simulator.room import Room
from platforms.simulator.scenario import Scenario
from platforms.simulator.skins import HOSTS, skin_of
from platforms.simulator.state import Info, MeetingState
from platforms.simulator.tls import Identity, make_identity
from platforms.simulator.web import Site

LOOPBACK = "127.0.0.1"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """A loopback port behind the real host names, and the identity that is shown there."""

    port: int
    identity: Identity

    @property
    def browser_args(self) -> tuple[str, ...]:
        """Chromium flags under which every platform's meetings lead there."""
        return (
            hosts_led_to(self.port),
            f"--ignore-certificate-errors-spki-list={self.identity.spki}",
        )


def hosts_led_to(port: int) -> str:
    """The Chromium flag under which every platform's hosts lead to a loopback port."""
    rules = ",".join(f"MAP {host} {LOOPBACK}:{port}" for host in sorted(HOSTS))
    return f"--host-resolver-rules={rules}"


class Simulator:
    """A local web meeting: replicas of the clients, real WebRTC, real people welcome.

    Listens on loopback only: a TLS port under the real host names (for browsers started with
    `browser_args`) and `http_port` for people and for the live interface (0: any free port).
    Clips are encoded before `async with` returns and stay in memory; `cache_dir` keeps them on
    disk. `address` is where it is to be reached, for a browser that goes from one meeting to the
    next; else any free port, with an identity of its own.

    Raises:
        NoMediaAddressError: on entering, when the machine has only loopback addresses.
        OSError: on entering, when a port is taken.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        http_port: int = 0,
        host_console: bool = True,
        cache_dir: Path | None = None,
        address: Address | None = None,
        interfaces: Callable[[], Mapping[str, Sequence[str]]] = interface_addresses,
    ) -> None:
        self.scenario = scenario
        self._wanted_port = http_port
        self._host_console = host_console
        self._wanted_address = address
        self._interfaces = interfaces
        self._stack = AsyncExitStack()
        self._room = Room(scenario, time.monotonic)
        self._director = Director(self._room)
        self._studio = Studio(self._room, ClipStore(cache_dir) if cache_dir else SHARED)
        self._site = Site(self._room, self._director, self._studio)

    async def __aenter__(self) -> Self:
        require_media_address(self._interfaces())
        wanted = self._wanted_address or Address(0, await asyncio.to_thread(make_identity))
        await self._studio.prepare()
        async with AsyncExitStack() as stack:
            stack.callback(self._director.close)
            context = wanted.identity.context
            port = await _serve(stack, self._site.public_app(), wanted.port, context)
            local = self._site.local_app(host_console=self._host_console)
            http_port = await _serve(stack, local, self._wanted_port)
            stack.push_async_callback(self._site.stop)
            self._stack = stack.pop_all()
        address = Address(port, wanted.identity)
        self._site.info = Info(
            meeting_url=skin_of(self.scenario.platform).meeting_url(self.scenario),
            http_url=f"http://localhost:{http_port}",
            tls_port=port,
            http_port=http_port,
            spki=address.identity.spki,
            browser_args=address.browser_args,
        )
        self._room.begin()
        log.info("simulator_started", http_url=self.http_url, platform=self.scenario.platform)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def info(self) -> Info:
        """All that a browser must be told. Only inside `async with`."""
        if self._site.info is None:
            raise RuntimeError("the simulator is not running")
        return self._site.info

    @property
    def meeting_url(self) -> str:
        """The address a job carries, at the real host of the scenario's platform."""
        return self.info.meeting_url

    @property
    def http_url(self) -> str:
        """The host console and the live interface: `http://localhost:<port>`."""
        return self.info.http_url

    @property
    def tls_port(self) -> int:
        """The loopback port behind the real host names."""
        return self.info.tls_port

    @property
    def spki(self) -> str:
        """Base64 SHA-256 of the certificate's public key."""
        return self.info.spki

    @property
    def browser_args(self) -> tuple[str, ...]:
        """Chromium flags under which `meeting_url` leads here."""
        return self.info.browser_args

    def state(self) -> MeetingState:
        """The meeting now."""
        return self._room.state()

    async def command(self, do: str, fields: Mapping[str, Any] | None = None) -> None:
        """Do something now: the events of a scenario without their times, and `reset`.

        Raises:
            ScenarioError: unknown command or field.
            CommandRefusedError: it does not fit the meeting as it is.
        """
        await self._site.command(do, dict(fields or {}))

    async def wait_for(
        self, predicate: Callable[[MeetingState], bool], timeout_s: float
    ) -> MeetingState:
        """The first state from now on that satisfies `predicate`; looks after every change.

        Raises:
            WaitTimedOutError: none did within `timeout_s`.
        """
        changed = asyncio.Event()
        self._room.listeners.append(changed.set)
        try:
            async with asyncio.timeout(timeout_s):
                while not predicate(state := self.state()):
                    changed.clear()
                    await changed.wait()
                return state
        except TimeoutError:
            raise WaitTimedOutError(timeout_s, self.state().model_dump_json()) from None
        finally:
            self._room.listeners.remove(changed.set)


async def _stop_serving(runner: web.AppRunner) -> None:
    """Connections are cut: a TLS farewell would wait for browsers that may outlive us."""
    for handler in tuple(runner.server.connections if runner.server else ()):
        if handler.transport is not None:
            handler.transport.abort()
    await runner.cleanup()
    await asyncio.sleep(0)  # the loop's next turn is when a cut transport ends


async def _serve(
    stack: AsyncExitStack, app: web.Application, port: int, tls: ssl.SSLContext | None = None
) -> int:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
    await runner.setup()
    stack.push_async_callback(_stop_serving, runner)
    site = web.TCPSite(runner, LOOPBACK, port, ssl_context=tls)
    await site.start()
    return int(runner.addresses[0][1])

"""A real Chromium that all page tests of a process share, and how it gets to each test's meeting.

Starting one costs more than most of these tests. What keeps them apart is a context for each.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import TracebackType
from typing import Final, Self

from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright

from platforms.chromium import SYSTEM_BROWSERS
from platforms.simulator.server import LOOPBACK, Simulator, hosts_led_to

CHROMIUM: Final = SYSTEM_BROWSERS[0]
VIEWPORT: Final = ViewportSize(width=1280, height=720)
_FLAGS: Final = ("--headless=new", "--no-sandbox")
_BLOCK_BYTES: Final = 65_536


class Door:
    """One address for every simulator: a browser's name rules hold from its start to its end.

    Each connection is passed on, byte for byte, to the simulator this leads to when it comes.
    """

    def __init__(self) -> None:
        self._server: asyncio.Server
        self._to_port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, LOOPBACK, 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()

    @property
    def browser_args(self) -> tuple[str, ...]:
        """Chromium flags under which the replicas' hosts lead here."""
        return (hosts_led_to(self._server.sockets[0].getsockname()[1]),)

    def lead_to(self, sim: Simulator) -> None:
        """From now on connections are passed on to this one."""
        self._to_port = sim.tls_port

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, onward = await asyncio.open_connection(LOOPBACK, self._to_port)
            ways = [
                asyncio.ensure_future(_pass_on(reader, onward)),
                asyncio.ensure_future(_pass_on(there, writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            onward.close()
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):  # one of the two has cut it
        while block := await reader.read(_BLOCK_BYTES):
            writer.write(block)
            await writer.drain()


@asynccontextmanager
async def started(*args: str) -> AsyncIterator[Browser]:
    """A browser of one's own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            headless=False,
            args=[*_FLAGS, *args],
            ignore_default_args=["--mute-audio"],
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def context_at(
    sim: Simulator, chromium: Browser, door: Door, *, devices: bool, permissions: Sequence[str]
) -> AsyncIterator[BrowserContext]:
    """A context of the shared browser, in which the replicas' hosts lead to this simulator.

    Without `devices` it is one of a browser that has neither microphone nor camera, and was
    started as the simulator says.
    """
    async with AsyncExitStack() as stack:
        if not devices:
            chromium = await stack.enter_async_context(started(*sim.browser_args))
        door.lead_to(sim)
        context = await chromium.new_context(
            viewport=VIEWPORT,
            permissions=permissions,
            # it was started before the simulator's certificate was made
            ignore_https_errors=devices,
        )
        stack.push_async_callback(context.close)
        yield context

"""Real Chromium against a running simulator."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page

from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.browsers import Door, context_at

CONNECTIONS = """
window.connections = [];
const Original = RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""

OpenPage = Callable[..., Awaitable[Page]]
StartSimulator = Callable[[Scenario], Awaitable[Simulator]]


async def load(page: Page, url: str, timeout_ms: float) -> None:
    """Goes there; once more when an interface of the machine came or went meanwhile."""
    try:
        await page.goto(url, timeout=timeout_ms)
    except Error as error:
        if "ERR_NETWORK_CHANGED" not in error.message:
            raise
        await page.goto(url, timeout=timeout_ms)


@pytest_asyncio.fixture(loop_scope="session")
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Everything a test opens, closed in reverse."""
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
def start(stack: AsyncExitStack) -> StartSimulator:
    """Starts a simulator for the length of the test."""

    async def start(scenario: Scenario) -> Simulator:
        return await stack.enter_async_context(Simulator(scenario))

    return start


@pytest.fixture
def open_page(stack: AsyncExitStack, chromium: Browser, door: Door) -> OpenPage:
    """Opens the meeting in a new context of the shared browser."""

    async def open_page(
        sim: Simulator,
        *,
        url: str | None = None,
        devices: bool = True,
        timeout_ms: float = 20_000,
    ) -> Page:
        permissions = ("camera", "microphone") if devices else ()
        context = await stack.enter_async_context(
            context_at(sim, chromium, door, devices=devices, permissions=permissions)
        )
        await context.add_init_script(CONNECTIONS)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        await load(page, url or f"{sim.meeting_url}?hl=en", timeout_ms)
        return page

    return open_page

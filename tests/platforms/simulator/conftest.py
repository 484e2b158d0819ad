"""Real Chromium against a running simulator."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Error, Page, async_playwright

from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator

CHROMIUM = Path("/usr/lib/chromium/chromium")
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


@pytest.fixture
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
def open_page(stack: AsyncExitStack) -> OpenPage:
    """Opens the meeting in a browser of its own, or in a new context of `beside`'s browser."""

    async def open_page(
        sim: Simulator,
        *,
        url: str | None = None,
        devices: bool = True,
        beside: Page | None = None,
        timeout_ms: float = 20_000,
    ) -> Page:
        if beside is not None and beside.context.browser is not None:
            browser = beside.context.browser
        else:
            playwright = await stack.enter_async_context(async_playwright())
            fake = ["--use-fake-device-for-media-stream"] if devices else []
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                args=["--no-sandbox", "--headless=new", *fake, *sim.browser_args],
                ignore_default_args=["--mute-audio"],
            )
            stack.push_async_callback(browser.close)
        context = await browser.new_context(
            viewport={"width": 1280, "height": 720},
            permissions=["camera", "microphone"] if devices else [],
        )
        await context.add_init_script(CONNECTIONS)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        await load(page, url or f"{sim.meeting_url}?hl=en", timeout_ms)
        return page

    return open_page

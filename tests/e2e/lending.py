"""One browser for the bots of several tests, which go with it from one meeting to the next.

For tests of what happens in a meeting. Each bot finds two new, blank pages and no cookie. That a
browser starts and ends with its bot is proved where a bot has one of its own.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest_asyncio

from bot.backends import TabBackend
from bot.context import Context
from bot.launch import browser_on
from bot.settings import Settings
from bot.shape import ANY_SHAPE, shape_of
from media.tab.capture import CaptureSettings, recorder_files
from platforms.browser import MeetingBrowser
from platforms.simulator.server import LOOPBACK, Address
from platforms.simulator.tls import make_identity


@dataclass
class Lender:
    """Lends its browser to one bot after the other. The meetings have to be at `address`."""

    browser: MeetingBrowser
    address: Address
    rested: bool = True
    """Its recorder page is a new one; not so after a bot whose end was cut short."""
    captures: CaptureSettings = ANY_SHAPE.capture
    """What its recorder page is made for."""

    @asynccontextmanager
    async def __call__(
        self, context: Context, extra_args: tuple[str, ...]
    ) -> AsyncIterator[MeetingBrowser]:
        """In the place of `bot.launch.new_browser`."""
        assert extra_args in {(), self.address.browser_args}
        shape = shape_of(context.job)
        assert shape.joining_size == ANY_SHAPE.joining_size
        assert not context.settings.is_headful
        context.backend = TabBackend()
        self.browser._on_death = context.wake.set
        await self.browser.renew_page()
        if not self.rested or shape.capture != self.captures:
            self.captures = shape.capture
            self.browser._files = recorder_files(shape.capture)
            await self.browser.renew_recorder()
        self.rested = False
        await self.browser.context.clear_cookies()
        try:
            yield self.browser
        finally:  # what a bot of another shape, or one cut short, has left is replaced above
            await self.browser.recorder.reload()
            self.rested = True


@asynccontextmanager
async def lender() -> AsyncIterator[Lender]:
    """A browser that is there as long as the block runs."""
    async with AsyncExitStack() as stack:
        # bound and not listened at, the port is nobody else's, and the meetings' when they are on
        held = stack.enter_context(socket.socket())
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((LOOPBACK, 0))
        address = Address(held.getsockname()[1], make_identity())
        browser = browser_on(
            Settings(),
            TabBackend(),
            ANY_SHAPE,
            name_card="Notes",
            extra_args=address.browser_args,
        )
        yield Lender(await stack.enter_async_context(browser), address)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lent() -> AsyncIterator[Lender]:
    """A browser for the bots of this process's tests."""
    async with lender() as lending:
        yield lending

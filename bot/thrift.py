"""How much of the page is drawn: no more than is recorded of it."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

import structlog

from bot.backends import Backend, PageCapture
from bot.shape import Shape
from platforms.browser import MeetingBrowser
from platforms.errors import PlatformError

log = structlog.get_logger(__name__)

RESIZE_LIMIT_S: Final = 10.0


class Thrift:
    """Spares what nobody sees, for one capture after the other. Nothing here ever raises.

    Each capture begins with a page that is drawn twice. `contexts` are left when it ends.
    """

    def __init__(self, browser: MeetingBrowser, backend: Backend, shape: Shape) -> None:
        self._browser = browser
        self._backend = backend
        self._shape = shape
        self._behind: PageCapture | None = None

    async def rest(self, capture: PageCapture, contexts: AsyncExitStack) -> None:
        """Have the page drawn once: for the capture alone. Said again it costs nothing."""
        # a page of which no pictures are taken would be hidden
        if self._shape.capture.video and self._behind is not capture:
            self._behind = capture
            await contexts.enter_async_context(self._backend.drawn_once(self._browser))

    async def slim(self, capture: PageCapture, contexts: AsyncExitStack) -> None:
        """Have the page drawn once, and no larger than what is recorded of it."""
        await self._shrink()
        await self.rest(capture, contexts)

    async def _shrink(self) -> None:
        capture = self._shape.capture
        if (capture.width, capture.height) == self._shape.joining_size:
            return
        try:
            async with asyncio.timeout(RESIZE_LIMIT_S):
                await self._browser.resize(capture.width, capture.height)
        except (TimeoutError, PlatformError) as error:  # it costs more, and records as well
            log.warning("page_not_resized", problem=type(error).__name__)

"""The ways to record a page: its tab, or the display that the browser runs on."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import TracebackType
from typing import Final, Literal, Protocol, Self

from bot.settings import Settings
from bot.shape import Shape
from media.display.capture import DISPLAY_CALIBRATION_US, DisplayCapture
from media.display.server import Display, display
from media.errors import CaptureFailed
from media.recorder import TAB_CALIBRATION_US, Capture
from media.tab.capture import CaptureSettings, TabCapture, prove_capture
from platforms.browser import MeetingBrowser
from platforms.chromium import browser_folder
from platforms.errors import PlatformError

RENEW_LIMIT_S: Final = 10.0
NO_VARIABLES: Final[Mapping[str, str]] = {}


class PageCapture(Capture, Protocol):
    """A capture of a page: open while its context is."""

    async def __aenter__(self) -> Self:
        """Raises `media.errors.CaptureError`."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """After that nothing more is yielded."""

    async def state(self) -> str:
        """`capturing`, `unanswered`, or what has ended it; never raises."""


class Backend(Protocol):
    """One way to record.

    `environment` is added to the browser's; `bare`: its page must be all there is to see;
    `by_page`: another page of the browser captures it.
    `calibration_us` is as in `media.assembly.Assembly`.
    """

    @property
    def name(self) -> Literal["tab", "display"]:
        """Its name in settings and reports."""

    @property
    def transport(self) -> Literal["ring", "framebuffer"]:
        """What pictures come through."""

    @property
    def calibration_us(self) -> int:
        """How much later than its picture a sound arrives."""

    @property
    def bare(self) -> bool:
        """Whether the browser must show nothing but the page."""

    @property
    def by_page(self) -> bool:
        """Whether the browser needs a recorder page."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the browser needs to find its display."""

    def capture(self, browser: MeetingBrowser, settings: CaptureSettings) -> PageCapture:
        """A new capture of the browser's meeting page."""

    async def renew(self, browser: MeetingBrowser) -> None:
        """Replace what a dead capture has left unfit. Raises `CaptureFailed`."""

    def drawn_once(self, browser: MeetingBrowser) -> AbstractAsyncContextManager[None]:
        """Inside, the page is drawn for the recording alone. Never raises."""


class TabBackend:
    """Chromium hands the tab over, headless or on a display."""

    name: Literal["tab"] = "tab"
    transport: Literal["ring"] = "ring"
    calibration_us = TAB_CALIBRATION_US
    bare = False
    by_page = True

    def __init__(self, environment: Mapping[str, str] = NO_VARIABLES) -> None:
        self.environment = environment

    def capture(self, browser: MeetingBrowser, settings: CaptureSettings) -> TabCapture:
        """A capture of the tab, by the recorder page."""
        return TabCapture(
            recorder=browser.recorder,
            titled=browser.titled,
            profile_dir=browser.profile_dir,
            settings=settings,
        )

    async def renew(self, browser: MeetingBrowser) -> None:
        """A new recorder page."""
        try:
            async with asyncio.timeout(RENEW_LIMIT_S):
                await browser.renew_recorder()
        except (TimeoutError, PlatformError) as error:
            raise CaptureFailed("the recorder page could not be renewed") from error

    def drawn_once(self, browser: MeetingBrowser) -> AbstractAsyncContextManager[None]:
        """Behind the recorder page it is not drawn for a window nobody sees."""
        return browser.behind()


class DisplayBackend:
    """The browser's screen and sound card are recorded."""

    name: Literal["display"] = "display"
    transport: Literal["framebuffer"] = "framebuffer"
    calibration_us = DISPLAY_CALIBRATION_US
    bare = True
    by_page = False

    def __init__(self, shown: Display) -> None:
        self._display = shown
        self.environment = shown.environment

    def capture(self, browser: MeetingBrowser, settings: CaptureSettings) -> DisplayCapture:
        """A capture of the display: whatever page is in front there."""
        del browser
        return DisplayCapture(self._display, settings)

    async def renew(self, browser: MeetingBrowser) -> None:
        """Nothing of it is in the browser."""

    def drawn_once(self, browser: MeetingBrowser) -> AbstractAsyncContextManager[None]:
        """It is: the screen is what is recorded."""
        del browser
        return nullcontext()


@asynccontextmanager
async def backend_of(settings: Settings, shape: Shape) -> AsyncIterator[Backend]:
    """The backend of the settings, with a display of the bot's own where the browser needs one.

    Raises `media.errors.DisplayUnavailable`.
    """
    if not settings.is_headful:
        yield TabBackend()
        return
    captured = settings.capture == "display"
    with browser_folder() as folder:
        async with display(folder, *shape.joining_size, sound=captured) as shown:
            yield DisplayBackend(shown) if captured else TabBackend(shown.environment)


async def prove(backend: Backend, browser: MeetingBrowser, settings: CaptureSettings) -> None:
    """Raises `CaptureError` where this browser gives no picture or no sound."""
    async with backend.capture(browser, settings) as capture:
        await prove_capture(capture, pictures=settings.video)

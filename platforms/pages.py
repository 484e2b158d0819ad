"""Single pages of a browser: in front, closed, titled, served. A page may be beyond answering."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError

log = structlog.get_logger(__name__)

SHOW_DEADLINE_S: Final = 5.0
FILL_DEADLINE_S: Final = 5.0
CLOSE_DEADLINE_S: Final = 5.0
ANSWER_DEADLINE_S: Final = 5.0
TITLE_DEADLINE_S: Final = 2.0
NOWHERE: Final = "https://nowhere.invalid/"
TAKE_TITLE: Final = """token => {
  const old = document.title;
  document.title = token;
  return old;
}"""
CAPABILITIES: Final = """() => ({
  h264: (RTCRtpReceiver.getCapabilities("video")?.codecs ?? []).some(
    (codec) => codec.mimeType === "video/H264",
  ),
  processor: typeof MediaStreamTrackProcessor === "function",
  opfs: typeof navigator.storage?.getDirectory === "function",
})"""
GIVE_TITLE: Final = "([token, old]) => { if (document.title === token) document.title = old; }"


@asynccontextmanager
async def titled(page: Page, title: str) -> AsyncIterator[None]:
    """The page carries `title` inside this block. A title the page sets meanwhile stays.

    Raises TimeoutError and Playwright's errors on entering.
    """
    async with asyncio.timeout(TITLE_DEADLINE_S):
        old = await page.evaluate(TAKE_TITLE, title)
    try:
        yield
    finally:
        try:
            async with asyncio.timeout(TITLE_DEADLINE_S):
                await page.evaluate(GIVE_TITLE, [title, old])
        except (PlaywrightError, TimeoutError) as error:  # another page has another title
            log.debug("title_not_put_back", problem=type(error).__name__)


def served(
    origin: str, files: Mapping[str, tuple[str, bytes]]
) -> Callable[[Route], Awaitable[None]]:
    """Answers a route under `origin` from `files` (content type and body by path), else 404."""

    async def answer(route: Route) -> None:
        content_type, body = files.get(route.request.url.removeprefix(origin), ("", b""))
        if content_type:
            await route.fulfill(status=200, content_type=content_type, body=body)
        else:
            await route.fulfill(status=404, body="")

    return answer


async def lacking(page: Page, required: Sequence[str]) -> tuple[str, ...]:
    """What the page's browser cannot do of what is required (names as in `CAPABILITIES`)."""
    found = await page.evaluate(CAPABILITIES)
    return tuple(name for name in required if not found.get(name))


async def show(page: Page) -> None:
    """Put a page in front; one that is beyond answering stays where it is."""
    try:
        async with asyncio.timeout(SHOW_DEADLINE_S):
            await page.bring_to_front()
    except (TimeoutError, PlaywrightError) as error:
        log.warning("page_not_in_front", problem=type(error).__name__)


async def fill_screen(page: Page) -> None:
    """Have a page's window fill its screen: neither tabs nor toolbar are drawn. Never raises.

    Nobody sees them in a headless browser, and yet while a page loads, or a capture of it begins,
    they are drawn 60 times a second: the tab's signs of it throb for seconds. A window in which
    a page is opened or resized fills the screen no longer (seen on Chromium 150).
    """
    try:
        async with asyncio.timeout(FILL_DEADLINE_S):
            session = await page.context.new_cdp_session(page)
            window = await session.send("Browser.getWindowForTarget")
            bounds = {"windowId": window["windowId"], "bounds": {"windowState": "fullscreen"}}
            await session.send("Browser.setWindowBounds", bounds)
            await session.detach()
    except (TimeoutError, PlaywrightError) as error:  # it costs a little more, and works
        log.info("window_not_filled", problem=type(error).__name__)


async def answers(context: BrowserContext) -> bool:
    """Whether the browser does, to a question that no page has a part in."""
    try:
        async with asyncio.timeout(ANSWER_DEADLINE_S):
            await context.cookies(NOWHERE)
    except (TimeoutError, PlaywrightError) as error:
        log.warning("browser_did_not_answer", problem=type(error).__name__)
        return False
    return True


async def close_page(page: Page) -> None:
    """Close a page that may be beyond answering."""
    try:
        async with asyncio.timeout(CLOSE_DEADLINE_S):
            await page.close()
    except (TimeoutError, PlaywrightError) as error:
        log.warning("page_close_failed", problem=type(error).__name__)

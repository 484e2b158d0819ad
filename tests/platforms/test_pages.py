"""Pages of a real Chromium: titled, served, shown and closed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from platforms.browser import MeetingBrowser
from platforms.pages import answers, close_page, fill_screen, show
from tests.platforms.test_browser import ORIGIN, new_browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[MeetingBrowser]:
    """One for all tests of this module."""
    async with new_browser() as browser:
        yield browser


async def test_the_recorder_origin_serves_its_files_and_nothing_else(
    browser: MeetingBrowser,
) -> None:
    """Only the recorder page sees the origin, and there only what was given."""
    status = "async path => (await fetch(path)).status"
    assert await browser.recorder.evaluate(status, "/") == 200
    assert await browser.recorder.evaluate(status, "/other.js") == 404
    assert await browser.recorder.evaluate("isSecureContext")
    reached = await browser.page.evaluate(
        "url => fetch(url).then(() => true, () => false)", f"{ORIGIN}/"
    )
    assert reached is False


async def test_the_title_is_put_back_unless_the_page_changed_it(browser: MeetingBrowser) -> None:
    """The token is there inside the block alone, and a new title of the page's own stays."""
    await browser.page.set_content("<title>Weekly</title>")
    async with browser.titled():
        assert (await browser.page.title()).startswith("meetbot-")
    assert await browser.page.title() == "Weekly"
    async with browser.titled():
        await browser.page.evaluate("document.title = 'Renamed'")
    assert await browser.page.title() == "Renamed"
    async with browser.titled():
        await browser.page.goto("data:text/html,<title>Elsewhere</title>")
    assert await browser.page.title() == "Elsewhere"


async def test_a_page_that_is_gone_is_closed_and_shown_without_an_error() -> None:
    """What cannot be shown stays where it is; a page is closed once; its browser answers on."""
    async with new_browser() as browser:
        await show(browser.page)
        await close_page(browser.page)
        assert await answers(browser.context)
        assert browser.page.is_closed()
        await show(browser.page)
        await fill_screen(browser.page)
        await close_page(browser.page)
    assert not await answers(browser.context)

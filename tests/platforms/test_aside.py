"""Our style sheets in a page with a strict policy."""

import pytest
from playwright.async_api import Page

from platforms.aside import adopt, drop
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
ASIDE = "aside { position: fixed !important; left: 100vw !important; }"


async def left_px(page: Page) -> float:
    """Where the panel begins."""
    return float(await page.evaluate("document.querySelector('aside').getBoundingClientRect().x"))


async def test_adopted_and_dropped(show_to_all: Show) -> None:
    """The rules hold in spite of the page's policy, once adopted and until they are dropped."""
    page = await show_to_all(meet.screen("<aside>chat</aside>"))
    before = await left_px(page)
    for _ in range(2):
        await adopt(page, "chat", ASIDE)
    assert await left_px(page) == 1280
    await drop(page, "chat")
    assert await left_px(page) == before
    await drop(page, "chat")
    await adopt(page, "chat", ASIDE)
    assert await left_px(page) == 1280

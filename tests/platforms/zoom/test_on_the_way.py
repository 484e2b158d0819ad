"""From the launcher to the client, and again to a page of a meeting that has not begun."""

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from platforms.probe import probe
from platforms.zoom import on_the_way
from platforms.zoom.adapter import ADAPTER
from platforms.zoom.on_the_way import tend
from tests.pages import zoom

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
JOIN_URL = "https://app.zoom.us/wc/98765432101/join"


async def tended(page: Page) -> None:
    """One look, and what it calls for."""
    seen = await probe(page, ADAPTER.signs, never_in=ADAPTER.never_in)
    assert seen is not None
    await tend(page, seen)


@pytest_asyncio.fixture(loop_scope="session")
async def served(page: Page) -> list[str]:
    """Zoom's pages; the addresses asked for, in order."""
    asked: list[str] = []
    bodies = {"j": zoom.launcher(), "my": zoom.launcher(), "wc": zoom.prejoin()}

    async def serve(route: Route) -> None:
        asked.append(route.request.url)
        kind = route.request.url.split("/")[3]
        body = bodies.get(kind, zoom.link_error())
        await route.fulfill(content_type="text/html; charset=utf-8", body=zoom.screen(body))

    await page.route("**/*", serve)
    return asked


async def test_from_the_launcher(page: Page, served: list[str]) -> None:
    """The launcher's own address tells the number: its client is opened, passcode and all."""
    await page.goto("https://us02web.zoom.us/j/98765432101?pwd=123#success")
    await tended(page)
    assert served[-1] == f"{JOIN_URL}?pwd=123"


async def test_from_a_personal_name(page: Page, served: list[str]) -> None:
    """A name tells no number; the launcher's link does."""
    await page.goto("https://zoom.us/my/ada")
    async with page.expect_navigation():
        await tended(page)
    assert "/wc/join/98765432101" in served[-1]


async def test_the_form_is_left_alone(page: Page, served: list[str]) -> None:
    """On the client's own form there is nothing to tend."""
    await page.goto(JOIN_URL)
    await tended(page)
    assert served == [JOIN_URL]


async def test_a_meeting_that_has_not_begun(
    page: Page, served: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page never changes by itself: it is asked for again, but not all the time."""
    await page.goto("https://app.zoom.us/error")
    await tended(page)
    assert len(served) == 1
    monkeypatch.setattr(on_the_way, "RELOAD_EVERY_MS", 0)
    await tended(page)
    assert len(served) == 2

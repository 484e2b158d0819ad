"""Pages of the shared Chromium that believe to be where we say, and clients in meetings."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from weakref import WeakKeyDictionary

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.browsers import VIEWPORT, Door
from tests.platforms import visits

CSP = (
    "default-src 'none'; script-src 'nonce-page' 'strict-dynamic'; style-src 'unsafe-inline'; "
    "worker-src 'none'; require-trusted-types-for 'script'; trusted-types page"
)
"""As strict as a meeting client's own: what we evaluate must not depend on the page's leave."""

WAIT_S = 60.0
"""Ends a wait for what surely comes: no test judges how fast a machine is."""
expect.set_options(timeout=WAIT_S * 1000)

MORE_THAN_MARKUP = re.compile(r"<(?:script|iframe|frame|link|object|embed)\b|\bsrc=", re.IGNORECASE)
"""What does something of its own in a document, or loads something into it."""
WRITE = """html => {
  window.asItIs ??= trustedTypes.createPolicy('page', { createHTML: text => text });
  document.open();
  document.write(asItIs.createHTML(html));
  document.close();
}"""
_markup_alone: WeakKeyDictionary[Page, str] = WeakKeyDictionary()
"""The address of pages that show nothing but markup: that can be written over."""

Show = Callable[..., Awaitable[Page]]
Visiting = Callable[..., AbstractAsyncContextManager[visits.Visit]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_page(chromium: Browser) -> AsyncIterator[Page]:
    """One page for all tests of a module that leave nothing behind but a document."""
    context = await chromium.new_context(viewport=VIEWPORT)
    yield await context.new_page()
    await context.close()


@pytest.fixture
def show(page: Page) -> Show:
    """Call it with HTML (and an address): the test's own page shows that, under a strict policy."""
    return partial(shown, page)


@pytest.fixture
def show_to_all(module_page: Page) -> Show:
    """Like `show`, in the module's one page: for tests after which another can be shown in it."""
    return partial(shown, module_page)


@pytest.fixture
def draw(module_page: Page) -> Show:
    """Like `show_to_all`, in one document where that can be: for looks that remember nothing."""
    return partial(drawn, module_page)


@pytest.fixture
def visiting(chromium: Browser, door: Door) -> Visiting:
    """Call it with scenario fields: a meeting of them, and a client that has opened it."""
    return partial(visits.visiting, chromium, door)


async def shown(
    page: Page, html: str, url: str = "https://meet.google.com/abc-defg-hij?hl=en"
) -> Page:
    """The page, showing `html` as if it had come from `url`."""

    async def answer(route: Route) -> None:
        await route.fulfill(
            content_type="text/html; charset=utf-8",
            body=html,
            headers={"Content-Security-Policy": CSP},
        )

    _markup_alone.pop(page, None)
    await page.unroute_all()
    await page.route("**/*", answer)
    await page.goto(url)
    return page


async def drawn(
    page: Page, html: str, url: str = "https://meet.google.com/abc-defg-hij?hl=en"
) -> Page:
    """Like `shown`, in the same document where that can be: for looks that remember nothing.

    At one address mere markup is written over mere markup. A new document costs five times as much.
    """
    if MORE_THAN_MARKUP.search(html):
        return await shown(page, html, url)
    if _markup_alone.get(page) == page.url == url:
        await page.evaluate(WRITE, html)
    else:
        await shown(page, html, url)
        _markup_alone[page] = url
    return page

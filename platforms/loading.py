"""Loads a meeting's page, or says why it does not come."""

import asyncio
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

from platforms.errors import PageLost, PageUnreachable

FIRST_CLIENT_FAULT: Final = 400
LOAD_AGAIN_AFTER_S: Final = 0.5
PASSING_TROUBLES: Final = frozenset(
    {
        "net::ERR_NETWORK_CHANGED",  # whenever a network interface comes or goes
        "net::ERR_CONNECTION_RESET",
        "net::ERR_INTERNET_DISCONNECTED",
    }
)


async def load(page: Page, address: str, timeout_s: float) -> None:
    """Load a page; returns when its document has begun to arrive.

    Raises `PageUnreachable` when it does not come within `timeout_s`, its certificate is not to be
    trusted or the server refuses, `PageLost` when the page died meanwhile.
    """
    host = urlsplit(address).hostname or ""
    try:
        async with asyncio.timeout(timeout_s):
            response = await _load(page, address, host)
    except TimeoutError:
        raise PageUnreachable(host, f"no answer within {timeout_s:g} s") from None
    if response is not None and response.status >= FIRST_CLIENT_FAULT:
        raise PageUnreachable(host, f"HTTP {response.status}", response.status)


async def _load(page: Page, address: str, host: str) -> Response | None:
    while True:
        try:
            if page.url == address:  # with a fragment it would not be loaded anew
                await page.goto("about:blank", wait_until="commit", timeout=0)
            return await page.goto(address, wait_until="commit", timeout=0)
        except PlaywrightError as error:
            if page.is_closed() or "crash" in error.message.lower():
                raise PageLost("loading") from None
            reason = _network_reason(error)
            if reason not in PASSING_TROUBLES:
                raise PageUnreachable(host, reason) from None
        await asyncio.sleep(LOAD_AGAIN_AFTER_S)


def _network_reason(error: PlaywrightError) -> str:
    """The browser's word for what failed ("net::ERR_NAME_NOT_RESOLVED"), without the address."""
    words = [word for word in error.message.split() if word.startswith(("net::", "NS_"))]
    return words[0] if words else type(error).__name__

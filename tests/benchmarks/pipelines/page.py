"""The page every pipeline records."""

from pathlib import Path
from typing import Final

from playwright.async_api import Page

from platforms.registry import adapter_of, parse_meeting_url
from platforms.web_client import WebClient
from tests.benchmarks.arriving import join
from tests.benchmarks.pipelines.scenes import UNSEEN, Order

LOAD_DEADLINE_S: Final = 60.0
NUMBERS: Final = (Path(__file__).parent / "numbers.js").read_text()


async def arrive(page: Page, order: Order) -> None:
    """In the meeting, or on the page; with the running number where it is wanted."""
    if order.is_meeting:
        url = parse_meeting_url(order.url)
        client = WebClient(page, url, adapter_of(url.platform))
        await client.open(LOAD_DEADLINE_S)
        await join(client)
    else:
        await page.goto(order.url, timeout=1000 * LOAD_DEADLINE_S)
        await page.wait_for_function("() => document.title === 'ready'")
    if order.numbered:
        await page.evaluate(NUMBERS)


async def shrink(page: Page) -> None:
    """Lay the page out as small as one that is only heard; any browser, window or none."""
    session = await page.context.new_cdp_session(page)
    width, height = UNSEEN
    await session.send(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 0, "mobile": False},
    )

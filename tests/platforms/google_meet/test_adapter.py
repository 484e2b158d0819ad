"""What of the adapter only Google Meet has: the platform's own verdict."""

import asyncio
import base64

import pytest
from playwright.async_api import Page, Route

from platforms.google_meet.adapter import ADAPTER
from platforms.registry import parse_meeting_url
from platforms.web_client import WebClient
from tests.pages import meet

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MEETING = parse_meeting_url("https://meet.google.com/abc-defg-hij")
SUSPECTED = base64.b64encode(bytes([0xA0, 0x02, 0x02])).decode()
RPC = "https://meet.google.com/$rpc/google.rtc.meetings.v1.MeetingDeviceService/CreateMeetingDevice"


async def test_verdict_is_overheard(page: Page) -> None:
    """The platform's opinion is read off an answer the page itself asked for, once per load."""
    script = f"fetch('{RPC}', {{method: 'POST'}}).then(() => document.title = 'done');"
    html = meet.screen(meet.prejoin(), script=script)

    async def serve(route: Route) -> None:
        rpc = "CreateMeetingDevice" in route.request.url
        await route.fulfill(content_type="text/html", body=SUSPECTED if rpc else html)

    await page.route("**/*", serve)
    client = WebClient(page, MEETING, ADAPTER)
    await client.open(20)
    async with asyncio.timeout(20):
        while client.verdict is None:
            await page.evaluate("() => new Promise(requestAnimationFrame)")
    assert client.verdict == "suspected_bot:2"
    await page.unroute_all()
    html = meet.screen(meet.prejoin())
    await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=html))
    await client.open(20)
    assert client.verdict is None

"""The two tables of platforms."""

import subprocess
import sys

import pytest
from playwright.async_api import Page

from platforms.errors import UnsupportedPlatform
from platforms.google_meet.client import GoogleMeet
from platforms.registry import CLIENTS, PARSERS, make_client, parse_meeting_url
from platforms.types import Platform

in_browser = pytest.mark.asyncio(loop_scope="module")


def test_every_platform_can_be_recognised() -> None:
    """No platform of the contract is without a parser, and clients are only for such."""
    assert set(PARSERS) == set(Platform)
    assert set(CLIENTS) <= set(PARSERS)


def test_reading_addresses_loads_no_browser_driver() -> None:
    """The job's door can judge addresses without playwright."""
    code = "import sys, platforms.registry; sys.exit('playwright' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0


@pytest.mark.browser
@in_browser
async def test_make_client(page: Page) -> None:
    """A Meet address gets its client, a platform without one is refused by name."""
    meet = parse_meeting_url("https://meet.google.com/abc-defg-hij")
    assert isinstance(make_client(meet, page), GoogleMeet)
    zoom = parse_meeting_url("https://zoom.us/j/123456789")
    with pytest.raises(UnsupportedPlatform, match="zoom: not supported"):
        make_client(zoom, page)

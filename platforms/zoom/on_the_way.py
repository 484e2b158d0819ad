"""What the Zoom client needs besides answers to its dialogs, on the way in and in the call."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from platforms.actions import page_of, press
from platforms.errors import InvalidMeetingUrl
from platforms.probe import Surface, evaluate
from platforms.urls import read_address
from platforms.zoom.controls import FROM_BROWSER
from platforms.zoom.evidence import AT_LAUNCHER, COUNTED, ERROR_TITLE, JOIN, LINK_CODE, NAME_BOX
from platforms.zoom.joining import join_audio
from platforms.zoom.panel import open_people_list, reopen_people_list
from platforms.zoom.urls import parse

log = structlog.get_logger(__name__)

RELOAD_EVERY_MS: Final = 15_000
"""How often the page of a meeting that has not begun is asked for anew: others do it so often."""
LOAD_LIMIT_S: Final = 30.0


async def settle_in(surface: Surface) -> None:
    """Once, on admission: first the sound, then the list."""
    await join_audio(surface)
    await open_people_list(surface)


async def tend(surface: Surface, seen: Mapping[str, bool]) -> None:
    """Do what the last look calls for. `seen` says for every sign whether it was there.

    From the launcher on to the web client; again to a page that says the meeting has not begun,
    which never changes by itself; in the call, on with the sound and the list of participants.
    """
    page = page_of(surface)
    if seen[COUNTED.name]:
        await join_audio(surface)
        await reopen_people_list(surface)
    elif seen[JOIN.name] or seen[NAME_BOX.name]:
        return
    elif seen[LINK_CODE.name] or seen[ERROR_TITLE.name]:
        await _reload(page)
    elif seen[AT_LAUNCHER.name]:
        await _open_client(page)


async def _reload(page: Page) -> None:
    age_ms = await evaluate(page, "() => performance.now()")
    if not isinstance(age_ms, int | float) or age_ms < RELOAD_EVERY_MS:
        return
    try:
        async with asyncio.timeout(LOAD_LIMIT_S):
            await page.reload(wait_until="commit", timeout=0)
    except (PlaywrightError, TimeoutError) as error:
        log.info("not_reloaded", problem=type(error).__name__)


async def _open_client(page: Page) -> None:
    try:
        client_url = parse(read_address(page.url)).url
    except InvalidMeetingUrl:
        client_url = page.url
    if client_url == page.url:  # a personal name: only the launcher's own link tells the number
        await press(page, FROM_BROWSER)
        return
    try:
        async with asyncio.timeout(LOAD_LIMIT_S):
            await page.goto(client_url, wait_until="commit", timeout=0)
    except (PlaywrightError, TimeoutError) as error:
        log.info("client_not_opened", problem=type(error).__name__)

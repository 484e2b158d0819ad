"""Writes into the meeting's chat."""

import asyncio
from typing import Final

import structlog
from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as PlaywrightError

from platforms.actions import click, find, move_pointer, press, press_key, until
from platforms.google_meet.controls import CHAT_BOX, CHAT_BUTTON, CHAT_SEND

log = structlog.get_logger(__name__)

MAX_CHARACTERS: Final = 500
PANEL_LIMIT_S: Final = 3.0
SENT_LIMIT_S: Final = 3.0
_EMPTIED: Final = "box => !box.isConnected || (box.value ?? box.textContent).trim() === ''"


async def say(page: Page, text: str) -> bool:
    """Send one message, cut at `MAX_CHARACTERS`; True once the box has let go of it.

    The panel is closed again: it would cover the recording.
    """
    message = text.strip()[:MAX_CHARACTERS]
    if not message:
        return False
    was_open = await find(page, CHAT_BOX) is not None
    box = await _open(page)
    if box is None:
        log.warning("chat_not_found")
        return False
    sent = await _send(page, box, message)
    if not was_open:
        await _toggle_panel(page)
    await move_pointer(page)
    return sent


async def _open(page: Page) -> ElementHandle | None:
    for attempt in (_already_open, _toggle_panel, _press_chord):
        await attempt(page)
        box = await _box(page)
        if box is not None:
            return box
    return None


async def _already_open(page: Page) -> None:
    await move_pointer(page)


async def _toggle_panel(page: Page) -> None:
    await move_pointer(page)
    await press(page, CHAT_BUTTON)


async def _press_chord(page: Page) -> None:
    await press_key(page, "Control+Alt+c")


async def _box(page: Page) -> ElementHandle | None:
    box = await find(page, CHAT_BOX)
    if box is None:
        return None
    try:
        async with asyncio.timeout(PANEL_LIMIT_S + 1):
            await box.wait_for_element_state("stable", timeout=PANEL_LIMIT_S * 1000)
    except (PlaywrightError, TimeoutError):
        return None
    return box


async def _send(page: Page, box: ElementHandle, message: str) -> bool:
    if not await click(box, CHAT_BOX.name):
        return False
    try:
        async with asyncio.timeout(SENT_LIMIT_S):
            await page.keyboard.press("Control+a")
            await page.keyboard.insert_text(message)
    except (PlaywrightError, TimeoutError):
        return False
    await press_key(page, "Enter")
    if await until(page, _EMPTIED, box, limit_s=SENT_LIMIT_S):
        return True
    return await press(page, CHAT_SEND) and await until(page, _EMPTIED, box, limit_s=SENT_LIMIT_S)

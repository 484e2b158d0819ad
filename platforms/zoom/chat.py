"""Writes into the meeting's chat."""

import asyncio
from typing import Final

import structlog
from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from platforms.actions import find, page_of, press_key, press_surely, until, until_there
from platforms.probe import Surface
from platforms.zoom.controls import CHAT_BOX, CHAT_BUTTON, CHAT_SEND, PEOPLE_LIST
from platforms.zoom.joining import show_footer
from platforms.zoom.panel import open_people_list

log = structlog.get_logger(__name__)

MAX_CHARACTERS: Final = 500
"""The contract's bound; the client's own is 1,024."""
PANEL_LIMIT_S: Final = 5.0
TYPING_LIMIT_S: Final = 10.0
SENT_LIMIT_S: Final = 3.0
_EMPTIED: Final = "box => !box.isConnected || (box.value ?? box.textContent).trim() === ''"


async def say(surface: Surface, text: str) -> bool:
    """Send one message, cut at `MAX_CHARACTERS`; True once the box has let go of it.

    The panel is closed again, and the list of participants, whose place it takes, is put back.
    """
    message = text.strip()[:MAX_CHARACTERS]
    if not message:
        return False
    was_open = await find(surface, CHAT_BOX) is not None
    was_listed = await find(surface, PEOPLE_LIST) is not None
    if not was_open:
        await _toggle_panel(surface)
        await until_there(surface, ", ".join(CHAT_BOX.selectors), limit_s=PANEL_LIMIT_S)
    box = await find(surface, CHAT_BOX)
    if box is None:
        log.warning("chat_not_found")
        return False
    sent = await _send(surface, box, message)
    if not was_open:
        await _toggle_panel(surface)
    if was_listed:
        await open_people_list(surface)
    return sent


async def _toggle_panel(surface: Surface) -> None:
    await show_footer(surface)
    button = await find(surface, CHAT_BUTTON)
    if button is not None:
        await press_surely(surface, button, CHAT_BUTTON.name)


async def _send(surface: Surface, box: ElementHandle, message: str) -> bool:
    try:
        async with asyncio.timeout(TYPING_LIMIT_S):
            await box.focus()  # it may be out of the picture, with the list of participants
            await page_of(surface).keyboard.press("Control+a")
            await page_of(surface).keyboard.insert_text(message)
    except (PlaywrightError, TimeoutError):
        return False
    await press_key(surface, "Enter")
    if await until(surface, _EMPTIED, box, limit_s=SENT_LIMIT_S):
        return True
    button = await find(surface, CHAT_SEND)
    sent = button is not None and await press_surely(surface, button, CHAT_SEND.name)
    return sent and await until(surface, _EMPTIED, box, limit_s=SENT_LIMIT_S)

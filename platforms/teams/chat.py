"""Writes into the meeting's chat."""

import asyncio
from typing import Final

import structlog
from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from platforms.actions import (
    find,
    move_pointer,
    page_of,
    press,
    press_by_key,
    press_key,
    until,
    until_there,
)
from platforms.probe import Surface
from platforms.teams.controls import CHAT_BOX, CHAT_BUTTON, CHAT_SEND

log = structlog.get_logger(__name__)

MAX_CHARACTERS: Final = 500
PANEL_LIMIT_S: Final = 3.0
TYPING_LIMIT_S: Final = 10.0
SENT_LIMIT_S: Final = 3.0
_EMPTIED: Final = "box => !box.isConnected || box.textContent.trim() === ''"


async def say(surface: Surface, text: str) -> bool:
    """Send one message, cut at `MAX_CHARACTERS`; True once the box has let go of it.

    The panel is closed again where it was closed before: it would take room in the recording.
    """
    message = text.strip()[:MAX_CHARACTERS]
    if not message:
        return False
    was_open = await find(surface, CHAT_BOX) is not None
    box = await _open(surface)
    if box is None:
        log.warning("chat_not_found")
        return False
    sent = await _typed(surface, box, message) and await _sent(surface, box)
    if not was_open:
        await press(surface, CHAT_BUTTON)
    await move_pointer(surface)
    return sent


async def _open(surface: Surface) -> ElementHandle | None:
    """The message box; its button is a toggle, pressed only while there is no box."""
    await move_pointer(surface)
    box = await find(surface, CHAT_BOX)
    if box is None and await press(surface, CHAT_BUTTON):
        await until_there(surface, ", ".join(CHAT_BOX.selectors), limit_s=PANEL_LIMIT_S)
        box = await find(surface, CHAT_BOX)
    return box


async def _typed(surface: Surface, box: ElementHandle, message: str) -> bool:
    """Real keys: the editor ignores text that is set (W 2026-08). Return alone would send."""
    keyboard = page_of(surface).keyboard
    try:
        async with asyncio.timeout(TYPING_LIMIT_S):
            await box.focus()  # it lies out of the picture where the panel is kept open
            await keyboard.press("Control+a")
            await keyboard.press("Delete")
            for number, line in enumerate(message.splitlines()):
                if number:
                    await keyboard.press("Shift+Enter")
                await keyboard.type(line)
    except (PlaywrightError, TimeoutError):
        return False
    return True


async def _sent(surface: Surface, box: ElementHandle) -> bool:
    """By the button; by the chord where it does nothing, Return being unreliable (W 2026-08)."""
    if await press_by_key(surface, CHAT_SEND) and await _emptied(surface, box):
        return True
    try:
        async with asyncio.timeout(SENT_LIMIT_S):
            await box.focus()
    except (PlaywrightError, TimeoutError):
        return False
    return await press_key(surface, "Control+Enter") and await _emptied(surface, box)


async def _emptied(surface: Surface, box: ElementHandle) -> bool:
    return await until(surface, _EMPTIED, box, limit_s=SENT_LIMIT_S)

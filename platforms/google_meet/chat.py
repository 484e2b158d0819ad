"""Writes into the meeting's chat."""

import asyncio
from typing import Final

import structlog
from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from platforms.actions import click, find, move_pointer, page_of, press, press_key, until
from platforms.google_meet.controls import CHAT_BOX, CHAT_BUTTON, CHAT_SEND
from platforms.probe import Surface

log = structlog.get_logger(__name__)

MAX_CHARACTERS: Final = 500
PANEL_LIMIT_S: Final = 3.0
TYPING_LIMIT_S: Final = 10.0
SENT_LIMIT_S: Final = 3.0
_EMPTIED: Final = "box => !box.isConnected || (box.value ?? box.textContent).trim() === ''"


async def say(surface: Surface, text: str) -> bool:
    """Send one message, cut at `MAX_CHARACTERS`; True once the box has let go of it.

    The panel is closed again: it would cover the recording.
    """
    message = text.strip()[:MAX_CHARACTERS]
    if not message:
        return False
    was_open = await find(surface, CHAT_BOX) is not None
    box = await _open(surface)
    if box is None:
        log.warning("chat_not_found")
        return False
    sent = await _send(surface, box, message)
    if not was_open:
        await _toggle_panel(surface)
    await move_pointer(surface)
    return sent


async def _open(surface: Surface) -> ElementHandle | None:
    for attempt in (_already_open, _toggle_panel, _press_chord):
        await attempt(surface)
        box = await _box(surface)
        if box is not None:
            return box
    return None


async def _already_open(surface: Surface) -> None:
    await move_pointer(surface)


async def _toggle_panel(surface: Surface) -> None:
    await move_pointer(surface)
    await press(surface, CHAT_BUTTON)


async def _press_chord(surface: Surface) -> None:
    await press_key(surface, "Control+Alt+c")


async def _box(surface: Surface) -> ElementHandle | None:
    box = await find(surface, CHAT_BOX)
    if box is None:
        return None
    try:
        async with asyncio.timeout(PANEL_LIMIT_S + 1):
            await box.wait_for_element_state("stable", timeout=PANEL_LIMIT_S * 1000)
    except (PlaywrightError, TimeoutError):
        return None
    return box


async def _send(surface: Surface, box: ElementHandle, message: str) -> bool:
    if not await click(box, CHAT_BOX.name):
        return False
    try:
        async with asyncio.timeout(TYPING_LIMIT_S):
            await page_of(surface).keyboard.press("Control+a")
            await page_of(surface).keyboard.insert_text(message)
    except (PlaywrightError, TimeoutError):
        return False
    await press_key(surface, "Enter")
    if await until(surface, _EMPTIED, box, limit_s=SENT_LIMIT_S):
        return True
    return await press(surface, CHAT_SEND) and await until(
        surface, _EMPTIED, box, limit_s=SENT_LIMIT_S
    )

"""The page before the call: name, passcode, devices, and the ask itself."""

import asyncio
import json
from typing import Final
from urllib.parse import parse_qs, urlsplit

import structlog
from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from platforms.actions import CLICK_LIMIT_S, click, find, move_pointer, type_into, until
from platforms.probe import Surface
from platforms.teams.controls import JOIN, LIVE_DEVICE, NAME_BOX, PASSCODE_BOX
from platforms.types import MeetingUrl

log = structlog.get_logger(__name__)

PRESS_LIMITS_S: Final = (5.0, 1.0)
"""The second press may find a dialog over the form, that wants its answer first."""
TAKEN_LIMIT_S: Final = 2.0
FLIP_LIMIT_S: Final = 1.5
MAX_FLIPS: Final = 3
_LIVE: Final = json.dumps(", ".join(LIVE_DEVICE.selectors))
_FLIPPED: Final = f"toggle => !toggle.isConnected || !toggle.matches({_LIVE})"
_TAKEN: Final = "join => !join.isConnected || join.matches(':disabled, [aria-disabled=true]')"


async def switch_devices_off(surface: Surface) -> bool:
    """Switch microphone and camera off where they are on; True when neither is on any more."""
    for _ in range(MAX_FLIPS):
        toggle = await find(surface, LIVE_DEVICE)
        if toggle is None:
            return True
        await move_pointer(surface)  # the toolbar may have hidden itself
        if not await _flip(toggle):
            break
        await until(surface, _FLIPPED, toggle, limit_s=FLIP_LIMIT_S)
    left_on = await find(surface, LIVE_DEVICE) is not None
    if left_on:
        log.warning("device_left_on")
    return not left_on


async def press_join(surface: Surface, name: str, url: MeetingUrl) -> bool:
    """Fill in the form and press the join control; True when the press was taken.

    A form without a name box is a signed-in one. The control may swallow the first click (B): it is
    pressed again as long as it can be, which it cannot once an ask is under way.
    """
    if not await _typed(surface, name) or not await _passcode_typed(surface, url):
        return False
    await switch_devices_off(surface)
    for limit_s in PRESS_LIMITS_S:
        join = await find(surface, JOIN)
        if join is None or not await click(join, JOIN.name, limit_s=limit_s):
            return False
        if await until(surface, _TAKEN, join, limit_s=TAKEN_LIMIT_S):
            return True
    return False


async def _typed(surface: Surface, name: str) -> bool:
    box = await find(surface, NAME_BOX)
    return box is None or await type_into(surface, box, name)


async def _passcode_typed(surface: Surface, url: MeetingUrl) -> bool:
    box = await find(surface, PASSCODE_BOX)
    passcode = passcode_in(url)
    return box is None or passcode is None or await type_into(surface, box, passcode)


def passcode_in(url: MeetingUrl) -> str | None:
    """The passcode an address carries, in its query or in the query of its fragment."""
    parts = urlsplit(url.url)
    for query in (parts.query, parts.fragment.partition("?")[2]):
        found = parse_qs(query).get("p")
        if found:
            return found[0]
    return None


async def _flip(toggle: ElementHandle) -> bool:
    """A switch that is drawn by its label has no size to click on: it is flipped by its key."""
    try:
        async with asyncio.timeout(CLICK_LIMIT_S + 1):
            if await toggle.is_visible():
                return await click(toggle, LIVE_DEVICE.name)
            await toggle.press("Space", timeout=CLICK_LIMIT_S * 1000)
    except (PlaywrightError, TimeoutError):
        return False
    return True

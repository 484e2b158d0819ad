"""The preview page: name, passcode, devices, and the ask itself; then sound."""

from typing import Final

import structlog
from playwright.async_api import Error as PlaywrightError

from platforms.actions import are_there, find, page_of, press_surely, type_into, until, until_there
from platforms.probe import Surface, evaluate
from platforms.types import MeetingUrl
from platforms.zoom.controls import JOIN, JOIN_AUDIO, JOIN_SELECTORS, LIVE_DEVICE, NAME_BOX
from platforms.zoom.controls import PASSCODE_BOX as PASSCODE
from platforms.zoom.people import OWN_NAME_SCRIPT
from platforms.zoom.urls import typed_passcode

log = structlog.get_logger(__name__)

ENABLED_LIMIT_S: Final = 3.0
FLIP_LIMIT_S: Final = 2.0
MAX_FLIPS: Final = 4
MIDDLE: Final = (640, 360)
_FLIPPED: Final = (
    "button => !button.isConnected || "
    "!button.querySelector('svg[class*=SvgAudioMute], svg[class*=SvgVideoOn]')"
)


async def fill_in(surface: Surface, name: str, url: MeetingUrl) -> bool:
    """Fill in the form and press the join control; True when it was pressed.

    False also where a passcode is asked for that the address does not tell. A page without a name
    box is a signed-in one. The control is enabled by key events only.
    """
    box = await find(surface, NAME_BOX)
    if box is not None and not await type_into(surface, box, name):
        return False
    await evaluate(surface, OWN_NAME_SCRIPT, name)
    if not await _type_passcode(surface, url):
        return False
    await switch_devices_off(surface)
    await until_there(surface, ", ".join(JOIN_SELECTORS), limit_s=ENABLED_LIMIT_S)
    control = await find(surface, JOIN)
    return control is not None and await press_surely(surface, control, JOIN.name)


async def switch_devices_off(surface: Surface) -> bool:
    """Switch microphone and camera off where they are on; True when neither is on any more."""
    for _ in range(MAX_FLIPS):
        toggle = await find(surface, LIVE_DEVICE)
        if toggle is None:
            return True
        await show_footer(surface)
        if not await press_surely(surface, toggle, LIVE_DEVICE.name):
            break
        await until(surface, _FLIPPED, toggle, limit_s=FLIP_LIMIT_S)
    left_on = await find(surface, LIVE_DEVICE) is not None
    if left_on:
        log.warning("device_left_on")
    return not left_on


async def join_audio(surface: Surface) -> bool:
    """Join by computer audio where that was not done yet: without it nothing sounds."""
    if not (await are_there(surface, [JOIN_AUDIO]))[0]:
        return False
    await show_footer(surface)
    control = await find(surface, JOIN_AUDIO)
    joined = control is not None and await press_surely(surface, control, JOIN_AUDIO.name)
    log.info("audio_joined", pressed=joined)
    return joined


async def show_footer(surface: Surface) -> None:
    """Move the pointer over the middle of the page: the footer comes back."""
    try:
        await page_of(surface).mouse.move(*MIDDLE, steps=3)
    except PlaywrightError as error:
        log.debug("pointer_not_moved", problem=type(error).__name__)


async def _type_passcode(surface: Surface, url: MeetingUrl) -> bool:
    box = await find(surface, PASSCODE)
    if box is None:
        return True
    passcode = typed_passcode(url.url)
    return passcode is not None and await type_into(surface, box, passcode)

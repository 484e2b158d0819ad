"""The green room: name, devices, and the ask itself."""

from typing import Final

import structlog

from platforms.actions import click, find, move_pointer, press, press_key, type_into, until
from platforms.google_meet.controls import JOIN, LIVE_DEVICE, NAME_BOX
from platforms.probe import Surface

log = structlog.get_logger(__name__)

JOIN_CONTROL_LIMIT_S: Final = 5.0
FLIP_LIMIT_S: Final = 2.0
MAX_FLIPS: Final = 4
_FLIPPED: Final = "toggle => !toggle.isConnected || toggle.dataset.isMuted !== 'false'"
_ENABLED: Final = (
    "button => button.isConnected && !button.matches(':disabled,[aria-disabled=true]')"
)


async def switch_devices_off(surface: Surface) -> bool:
    """Switch microphone and camera off where they are on; True when neither is on any more."""
    for _ in range(MAX_FLIPS):
        toggle = await find(surface, LIVE_DEVICE)
        if toggle is None:
            return True
        await move_pointer(surface)  # the toolbar may have hidden itself
        if not await click(toggle, LIVE_DEVICE.name):
            break
        await until(surface, _FLIPPED, toggle, limit_s=FLIP_LIMIT_S)
    left_on = await find(surface, LIVE_DEVICE) is not None
    if left_on:
        log.warning("device_left_on")
    return not left_on


async def press_join(surface: Surface, name: str) -> bool:
    """Fill in the form and press the join control; True when it was pressed.

    A page without a name box is a signed-in one. Where no join control is known, Return in the
    name box sends the form.
    """
    box = await find(surface, NAME_BOX)
    if box is not None and not await type_into(surface, box, name):
        return False
    await switch_devices_off(surface)
    if await press(surface, JOIN, limit_s=JOIN_CONTROL_LIMIT_S):
        return True
    if box is None or await find(surface, JOIN) is not None:
        return False
    return await click(box, NAME_BOX.name) and await press_key(surface, "Enter")

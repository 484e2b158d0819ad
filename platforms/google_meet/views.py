"""Speaker view or gallery view, by the client's own dialog.

The dialog offers four layouts. "Tiled" is the gallery. The view of who speaks is "Sidebar": one
person large, the others beside it, as the speaker views of the other clients are. "Spotlight" takes
all other tiles out of the page, and with them everybody's name and who comes and goes.
"""

from typing import Final

from playwright.async_api import ElementHandle

from platforms.actions import (
    Target,
    click,
    find,
    move_pointer,
    press,
    press_key,
    until,
    until_there,
)
from platforms.google_meet import sources as by
from platforms.google_meet.controls import NOT_A_CONTROL
from platforms.google_meet.texts import labels, phrases
from platforms.probe import Surface
from platforms.types import View

MENU_LIMIT_S: Final = 3.0
CHANGE_LIMIT_S: Final = 3.0
_DIALOG: Final = "[role=dialog]"
_MENU: Final = "[role=menu]"
MORE: Final = Target(
    # every tile has a button of this label and picture, too
    "more-options",
    selectors=(
        'button[jsname="NakZHc"]',
        '[jsname="NakZHc"] button',
        labels("more_label", "[role=region] button"),
        labels("more_label", "button"),
    ),
    icons=("more_vert",),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.A, by.D),
)
ADJUST_VIEW: Final = Target(
    "adjust-view",
    selectors=('[jsname="WZerud"]',),
    texts=phrases("adjust_view"),
    within=_MENU,
    sources=(by.B,),
)
LAYOUTS: Final = {
    view: Target(view.value, texts=phrases(f"{view.value}_view"), within=_DIALOG, sources=(by.B,))
    for view in View
}
CLOSE: Final = Target(
    "close-layouts",
    selectors=("button[aria-label^=Close i]",),
    icons=("close",),
    within=_DIALOG,
    sources=(by.B,),
)
_CHOICES: Final = "[role=dialog] input[name=preferences]"
_CHECKED: Final = "option => option.querySelector('input')?.checked === true"
_GONE: Final = "option => !option.isConnected || !option.checkVisibility()"


async def choose_view(surface: Surface, view: View) -> bool:
    """Whether the client took the layout; its dialog is closed again, when cancelled too.

    Nothing but the dialog tells which layout is chosen, so it is opened each time.
    """
    option: ElementHandle | None = None
    try:
        if not await _open_dialog(surface):
            return False
        option = await find(surface, LAYOUTS[view])
        return (
            option is not None
            and await click(option, view.value)
            and await until(surface, _CHECKED, option, limit_s=CHANGE_LIMIT_S)
        )
    finally:
        await _close_dialog(surface, option)


async def _open_dialog(surface: Surface) -> bool:
    await move_pointer(surface)  # the toolbar may have hidden itself
    if not await press(surface, MORE):
        return False
    await until_there(surface, _MENU, limit_s=MENU_LIMIT_S)
    return await press(surface, ADJUST_VIEW) and await until_there(
        surface, _CHOICES, limit_s=MENU_LIMIT_S
    )


async def _close_dialog(surface: Surface, option: ElementHandle | None) -> None:
    pressed = await press(surface, CLOSE)
    if option is not None and pressed and await until(surface, _GONE, option, limit_s=MENU_LIMIT_S):
        return
    await press_key(surface, "Escape")

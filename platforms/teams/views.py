"""Speaker view or gallery view, by the client's own menu.

Not every page has it (W saw none on the light one). Nothing in the page is known to say which view
is shown, so what is told is that the menu took the choice.
"""

from typing import Final

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
from platforms.probe import Surface
from platforms.teams import sources as by
from platforms.teams.controls import NOT_A_CONTROL
from platforms.teams.texts import labels, phrases
from platforms.types import View

MENU_LIMIT_S: Final = 3.0
CHANGE_LIMIT_S: Final = 3.0
_MENU: Final = "[role=menu]"
VIEW_MENU: Final = Target(
    "view-menu",
    selectors=(
        "#view-mode-button",
        '[data-tid="view-mode-button"]',
        "#custom-view-button",
        labels("view_menu", "[role=toolbar] button"),
    ),
    texts=phrases("view_menu"),
    outside=f"{NOT_A_CONTROL}, {_MENU}",
    hidden=True,
    sources=(by.A, by.W, by.N),
)
ITEMS: Final = {
    View.SPEAKER: Target(
        "speaker",
        selectors=("#SpeakerView-button", '[id^="custom-view-button-Speaker"]'),
        texts=phrases("speaker_view"),
        within=_MENU,
        sources=(by.A, by.B),
    ),
    View.GALLERY: Target(
        "gallery",
        selectors=("#MixedGridView-button", '[id^="custom-view-button-MixedGrid"]'),
        texts=phrases("gallery_view"),
        within=_MENU,
        sources=(by.A,),
    ),
}
_TAKEN: Final = (
    "item => !item.isConnected || !item.checkVisibility() || item.ariaChecked === 'true'"
)


async def choose_view(surface: Surface, view: View) -> bool:
    """Whether the menu took the choice; it is closed again, when cancelled too."""
    await move_pointer(surface)  # the toolbar may have hidden itself
    if not await press(surface, VIEW_MENU):
        return False
    taken = False
    try:
        await until_there(surface, _MENU, limit_s=MENU_LIMIT_S)
        item = await find(surface, ITEMS[view])
        taken = (
            item is not None
            and await click(item, view.value)
            and await until(surface, _TAKEN, item, limit_s=CHANGE_LIMIT_S)
        )
    finally:
        if not taken or await find(surface, ITEMS[view]) is not None:
            await press_key(surface, "Escape")
    return taken

"""The list of participants: opened once, and moved out of the recorded picture.

Tiles name whom the layout shows; only the list names everybody and says who is the host. Closed it
is not in the page at all, so it stays open beside the picture, which keeps its full width. Nothing
the client says to those in the meeting is in there.
"""

from typing import Final

from platforms.actions import find, press_surely, until_there
from platforms.aside import adopt
from platforms.probe import Surface, evaluate
from platforms.zoom.controls import PEOPLE_BUTTON, PEOPLE_LIST
from platforms.zoom.joining import show_footer

LIST_LIMIT_S: Final = 5.0
ASIDE: Final = """
#wc-container-right { position: fixed !important; left: 100vw !important; }
#wc-container-left { width: 100% !important; }"""

_IS_LOST: Final = """() => window[Symbol.for('listed')] !== undefined
  && document.querySelector('#participants-ul, .participants-li') === null"""
_GIVE_UP: Final = "() => { delete window[Symbol.for('listed')]; }"


async def move_aside(surface: Surface) -> None:
    """From now on whatever panel is open lies out of the picture."""
    await adopt(surface, "panels", ASIDE)


async def open_people_list(surface: Surface) -> bool:
    """Whether the list is there now. A webinar's attendee has none."""
    await move_aside(surface)
    if await find(surface, PEOPLE_LIST) is not None:
        return True
    await show_footer(surface)
    button = await find(surface, PEOPLE_BUTTON)
    if button is None or not await press_surely(surface, button, PEOPLE_BUTTON.name):
        return False
    return await until_there(surface, ", ".join(PEOPLE_LIST.selectors), limit_s=LIST_LIMIT_S)


async def reopen_people_list(surface: Surface) -> None:
    """Open the list again where it was once and is no more: a shared screen closes it (W).

    Where that does not help it is left at that: each try shows the footer in the picture.
    """
    if await evaluate(surface, _IS_LOST) is True and not await open_people_list(surface):
        await evaluate(surface, _GIVE_UP)

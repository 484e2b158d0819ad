"""Speaker view or gallery view, by the client's own menu."""

import asyncio
import json
from typing import Final

import structlog
from playwright.async_api import ElementHandle
from playwright.async_api import Error as PlaywrightError

from platforms.actions import Target, find, press_key, press_surely, until
from platforms.probe import LOOK_LIMIT_S, Surface, evaluate
from platforms.types import View
from platforms.zoom import sources as by
from platforms.zoom.joining import show_footer
from platforms.zoom.texts import phrases

log = structlog.get_logger(__name__)

CHANGE_LIMIT_S: Final = 3.0
MENU_BUTTON: Final = Target(
    "view-menu",
    selectors=("#full-screen-dropdown .full-screen-widget__button", ".full-screen-widget__button"),
    hidden=True,
    sources=(by.K,),
)
_SHOWN: Final = """() => {
  const there = (selector) => document.querySelector(selector) !== null;
  if (there('.gallery-video-container__video-frame')) return 'gallery';
  const one = '.single-main-container__video-frame, .speaker-bar-container__video-frame';
  return there(one) ? 'speaker' : '';
}"""
_ITEM: Final = """phrases => {
  const text = (element) => element.textContent.trim().toLowerCase();
  const items = [...document.querySelectorAll('.full-screen-widget__pop-menu *')];
  return items.find((item) => item.children.length === 0 && phrases.includes(text(item))) ?? null;
}"""


_CHECKED: Final = "item => item.closest('[class*=\"--checked\"]') !== null"


async def choose_view(surface: Surface, view: View) -> bool:
    """Whether the client shows this view now; the menu is opened only when it shows the other.

    A gallery of one looks like the other view: there the menu's own mark says what was chosen.
    False also where nobody is on the stage, or no item of the menu is known by its text.
    """
    shown = await evaluate(surface, _SHOWN)
    if shown == view or not shown:
        return bool(shown == view)
    await show_footer(surface)
    button = await find(surface, MENU_BUTTON)
    if button is None or not await press_surely(surface, button, MENU_BUTTON.name):
        return False
    pressed = False
    try:
        item = await _item(surface, view)
        pressed = item is not None and await press_surely(surface, item, view)
    finally:
        if not pressed:
            await press_key(surface, "Escape")
    chosen = f"item => ({_SHOWN})() === {json.dumps(view)} || ({_CHECKED})(item)"
    return pressed and await until(surface, chosen, item, limit_s=CHANGE_LIMIT_S)


async def _item(surface: Surface, view: View) -> ElementHandle | None:
    known = [phrase.lower() for phrase in phrases(f"{view}_view")]
    try:
        async with asyncio.timeout(LOOK_LIMIT_S):
            handle = await surface.evaluate_handle(_ITEM, known)
    except (PlaywrightError, TimeoutError) as error:
        log.debug("page_did_not_answer", problem=type(error).__name__)
        return None
    return handle.as_element()

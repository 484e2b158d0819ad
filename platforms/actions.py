"""Acts on a page the way a person does: real pointer and key events, each with a deadline.

Nothing here raises for a page's troubles: an action that could not be done answers False.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final

import structlog
from playwright.async_api import ElementHandle, Frame, Page
from playwright.async_api import Error as PlaywrightError

from platforms.packaged import searching_script
from platforms.probe import LOOK_LIMIT_S, Surface
from platforms.resident import Resident

log = structlog.get_logger(__name__)

CLICK_LIMIT_S: Final = 3.0
PRESS_LIMIT_S: Final = 1.5
"""Of a click for which there is another way."""
KEY_DELAY_MS: Final = 45.0
TYPING_LIMIT_S: Final = 4.0
_LOCATE: Final = searching_script("platforms", "locate.js")
_ARE_THERE: Final = (
    f"targets => {{ const find = ({_LOCATE})(targets); return () => find().map(Boolean); }}"
)
_FOCUS: Final = "element => { element.focus(); return element.matches(':focus'); }"
_FIRST: Final = f"target => ({_LOCATE})([target])()[0]"


@dataclass(frozen=True, slots=True)
class Target:
    """Something to press: the first enabled element one of whose descriptions fits.

    Selectors are tried first, then icon ligatures (the button round them), then whole texts of
    buttons. Only elements inside a shown `within` that mentions one of `mentions` (if given) and
    outside every `outside` count; `hidden` also accepts one that is attached but not shown.
    `sources` name who saw it and when; none: inferred.
    """

    name: str
    selectors: tuple[str, ...] = ()
    icons: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    within: str = ""
    mentions: tuple[str, ...] = ()
    outside: str = ""
    hidden: bool = False
    sources: tuple[str, ...] = ()


def _as_json(target: Target) -> dict[str, object]:
    """The target as `locate.js` takes it."""
    return {name: value for name, value in asdict(target).items() if name != "sources"}


def page_of(surface: Surface) -> Page:
    """The page a surface belongs to: keys and the pointer are the page's."""
    return surface.page if isinstance(surface, Frame) else surface


async def are_there(surface: Surface, targets: Sequence[Target]) -> tuple[bool, ...]:
    """Whether each target can be found now; all False when the page does not answer."""
    answer = await _asking_for(tuple(targets)).ask(surface, limit_s=LOOK_LIMIT_S)
    if not isinstance(answer, list):
        return (False,) * len(targets)
    return tuple(bool(each) for each in answer)


@lru_cache(maxsize=64)
def _asking_for(targets: tuple[Target, ...]) -> Resident:
    """The same few tables are asked for every two seconds: they stay in the page."""
    return Resident(_ARE_THERE, [_as_json(target) for target in targets])


async def find(surface: Surface, target: Target) -> ElementHandle | None:
    """The target's element, or None."""
    try:
        async with asyncio.timeout(LOOK_LIMIT_S):
            handle = await surface.evaluate_handle(_FIRST, _as_json(target))
    except (PlaywrightError, TimeoutError) as error:
        log.debug("page_did_not_answer", problem=type(error).__name__)
        return None
    return handle.as_element()


async def press(surface: Surface, target: Target, *, limit_s: float = CLICK_LIMIT_S) -> bool:
    """Click the target with the pointer; False when it is not there or cannot be reached."""
    element = await find(surface, target)
    return element is not None and await click(element, target.name, limit_s=limit_s)


async def press_by_key(surface: Surface, target: Target) -> bool:
    """Focus the target and press Return.

    So is reached what lies out of the picture, and no toolbar shows itself for it.
    """
    element = await find(surface, target)
    return element is not None and await _press_focused(surface, element)


async def press_surely(
    surface: Surface, element: ElementHandle, name: str, *, limit_s: float = PRESS_LIMIT_S
) -> bool:
    """Click an element, or press it by the keyboard where something lies over it."""
    return await click(element, name, limit_s=limit_s) or await _press_focused(surface, element)


async def _press_focused(surface: Surface, element: ElementHandle) -> bool:
    try:
        async with asyncio.timeout(CLICK_LIMIT_S):
            focused = await element.evaluate(_FOCUS)
    except (PlaywrightError, TimeoutError):
        return False
    # else the key would press whatever has the focus
    return bool(focused) and await press_key(surface, "Enter")


async def click(element: ElementHandle, name: str, *, limit_s: float = CLICK_LIMIT_S) -> bool:
    """Click an element once it is shown, still and uncovered; False when that does not come."""
    try:
        async with asyncio.timeout(limit_s + 1):
            await element.click(timeout=limit_s * 1000)
    except (PlaywrightError, TimeoutError) as error:
        log.debug("not_clicked", target=name, problem=type(error).__name__)
        return False
    return True


async def click_called_back(
    surface: Surface, element: ElementHandle, name: str, *, limit_s: float = CLICK_LIMIT_S
) -> bool:
    """Click a part of a toolbar; where it has hidden itself before a busy page got to it, twice."""
    if await click(element, name, limit_s=limit_s):
        return True
    return await move_pointer(surface) and await click(element, name, limit_s=limit_s)


async def press_key(surface: Surface, key: str) -> bool:
    """Press a key or a chord ("Control+Alt+c")."""
    try:
        async with asyncio.timeout(CLICK_LIMIT_S):
            await page_of(surface).keyboard.press(key)
    except (PlaywrightError, TimeoutError):
        return False
    return True


async def move_pointer(surface: Surface) -> bool:
    """Move the pointer into the page's corner: toolbars that hid themselves come back.

    In the corner it lies over nothing that would show a hint into the recording.
    """
    try:
        async with asyncio.timeout(CLICK_LIMIT_S):
            await page_of(surface).mouse.move(40, 30)
            await page_of(surface).mouse.move(2, 2, steps=4)
    except (PlaywrightError, TimeoutError):
        return False
    return True


async def type_into(surface: Surface, element: ElementHandle, text: str) -> bool:
    """Replace what a text box holds by typing `text` key by key; True once it holds it.

    The pauses between keys shrink for long texts: typing takes at most about `TYPING_LIMIT_S`.
    """
    delay_ms = min(KEY_DELAY_MS, TYPING_LIMIT_S * 1000 / max(len(text), 1))
    try:
        async with asyncio.timeout(TYPING_LIMIT_S * 2 + CLICK_LIMIT_S):
            if await element.input_value() == text:
                return True
            await element.click(timeout=CLICK_LIMIT_S * 1000)
            await page_of(surface).keyboard.press("Control+a")
            await page_of(surface).keyboard.press("Delete")
            await page_of(surface).keyboard.type(text, delay=delay_ms)
            return bool(await element.input_value() == text)
    except (PlaywrightError, TimeoutError) as error:
        log.debug("not_typed", problem=type(error).__name__)
        return False


async def until(
    surface: Surface, condition: str, element: ElementHandle | None, *, limit_s: float
) -> bool:
    """Wait for a page condition, a function of `element`; False when it did not come in time."""
    try:
        async with asyncio.timeout(limit_s + 1):
            await surface.wait_for_function(condition, arg=element, timeout=limit_s * 1000)
    except (PlaywrightError, TimeoutError):
        return False
    return True


async def until_there(surface: Surface, selector: str, *, limit_s: float) -> bool:
    """Wait until an element that this selects is in the page, shown or not."""
    condition = f"() => document.querySelector({json.dumps(selector)}) !== null"
    return await until(surface, condition, None, limit_s=limit_s)

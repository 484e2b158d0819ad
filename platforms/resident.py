"""Scripts that stay in a page: sent once for each document, then only called.

What a look asks of a page is large (a platform's whole table) and always the same; sending it with
every look cost four times as much as looking.
"""

import asyncio
import json
from typing import Final
from weakref import WeakKeyDictionary

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, JSHandle, Page

log = structlog.get_logger(__name__)

_CALL: Final = "async (script, argument) => JSON.stringify(await script(argument)) ?? 'null'"
_LONE_SURROGATE: Final = "\\ud"
"""JSON writes half a character (a name that was cut) like this, and whole ones never."""


class Resident:
    """One script on any number of pages.

    `factory` is a page function of `setup` that returns the function to call. Nothing of the page
    refers to it: the page neither sees nor changes it, and it goes with the document.
    """

    def __init__(self, factory: str, setup: object) -> None:
        self._factory = factory
        self._setup = setup
        self._handles: WeakKeyDictionary[Page | Frame, JSHandle] = WeakKeyDictionary()

    async def ask(
        self, surface: Page | Frame, argument: object = None, *, limit_s: float
    ) -> object:
        """What the script answers (JSON), awaited if it is a promise.

        None where it threw, the page died or took longer than `limit_s`.
        """
        try:
            async with asyncio.timeout(limit_s):
                text = await self._answer(surface, argument)
        except (PlaywrightError, TimeoutError) as error:
            log.debug("page_did_not_answer", problem=type(error).__name__)
            return None
        return _whole(text)

    async def _answer(self, surface: Page | Frame, argument: object) -> str:
        resident = self._handles.get(surface)
        if resident is not None:
            try:
                return str(await resident.evaluate(_CALL, argument))
            except PlaywrightError:  # most likely another document has come
                self._handles.pop(surface, None)
        resident = await surface.evaluate_handle(self._factory, self._setup)
        self._handles[surface] = resident
        return str(await resident.evaluate(_CALL, argument))


def _whole(text: str) -> object:
    """The answer, half characters replaced: nobody further on could write them down."""
    answer: object = json.loads(text)
    if _LONE_SURROGATE in text:
        answer = json.loads(json.dumps(answer, ensure_ascii=False).encode(errors="replace"))
    return answer

"""Answers the dialogs of a client, by its table: specific ones before generic ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from platforms.actions import Target, are_there, press, press_key
from platforms.probe import Surface

log = structlog.get_logger(__name__)

MAX_DIALOGS_AT_ONCE: Final = 3
MAX_FAILED_ANSWERS: Final = 3


@dataclass(frozen=True, slots=True)
class Dialog:
    """One kind of dialog: the button that answers it, or the key that closes what has none."""

    target: Target
    key: str = ""

    @property
    def name(self) -> str:
        """The dialog's name."""
        return self.target.name


def answered_by(
    name: str,
    *mentions: str,
    within: str,
    outside: str,
    texts: tuple[str, ...] = (),
    selectors: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> Dialog:
    """A dialog that says one of `mentions`, answered by the button the rest tells."""
    return Dialog(
        Target(
            name,
            selectors=selectors,
            texts=texts,
            within=within,
            mentions=mentions,
            outside=outside,
            sources=sources,
        )
    )


class Dialogs:
    """The dialogs of one loaded page. One that does not go is left alone until it was away."""

    def __init__(self, table: Sequence[Dialog]) -> None:
        self._table = table
        self._failed: dict[str, int] = {}

    def reset(self) -> None:
        """Forget what failed: the page was loaded anew."""
        self._failed.clear()

    async def answer(self, surface: Surface) -> bool:
        """Answer what is there, a few at most; whether any dialog was answered and went."""
        for answered in range(MAX_DIALOGS_AT_ONCE):
            if not await self._answer_first(surface):
                return answered > 0
        return True

    async def _answer_first(self, surface: Surface) -> bool:
        there = await are_there(surface, [dialog.target for dialog in self._table])
        for dialog, is_there in zip(self._table, there, strict=True):
            if not is_there:
                self._failed.pop(dialog.name, None)
        for dialog, is_there in zip(self._table, there, strict=True):
            if is_there and self._failed.get(dialog.name, 0) < MAX_FAILED_ANSWERS:
                return await self._answer(surface, dialog)
        return False

    async def _answer(self, surface: Surface, dialog: Dialog) -> bool:
        pressed = (
            await press_key(surface, dialog.key)
            if dialog.key
            else await press(surface, dialog.target)
        )
        gone = pressed and not (await are_there(surface, [dialog.target]))[0]
        if not gone:
            self._failed[dialog.name] = self._failed.get(dialog.name, 0) + 1
        log.info("dialog_answered", dialog=dialog.name, pressed=pressed, gone=gone)
        return gone

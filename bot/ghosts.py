"""Tells what is left in a call of the bot's own former selves: they are nobody. Pure.

A client whose page died without leaving stays in the meeting until the platform misses it, and
the bot that joins again sees it there, under its own name.
"""

from collections.abc import Sequence
from typing import Final

from platforms.types import Person

APPEARS_WITHIN_S: Final = 60.0
"""So long after the return a stranger of the bot's name is taken for its ghost."""


class Ghosts:
    """The former selves of the bot that is shown as `own_name`. Times are of the caller's clock."""

    def __init__(self, own_name: str) -> None:
        self._own_name = own_name
        self._own_ids: set[str] = set()
        self._ghost_ids: set[str] = set()
        self._strangers_until_s = float("-inf")
        self._known: set[str] = set()

    def lost(self) -> None:
        """The page died: whoever the bot was is a ghost from now on."""
        self._ghost_ids |= self._own_ids
        self._own_ids.clear()
        self._strangers_until_s = float("inf")

    def back(self, now_s: float) -> None:
        """The bot is in the call again."""
        self._strangers_until_s = now_s + APPEARS_WITHIN_S

    def without(self, people: Sequence[Person] | None, now_s: float) -> tuple[Person, ...] | None:
        """The people of one look but for ghosts; None as it came."""
        if people is None:
            return None
        self._own_ids |= {person.id for person in people if person.is_self}
        living = tuple(person for person in people if not self._is_ghost(person, now_s))
        self._known |= {person.id for person in living}
        return living

    def _is_ghost(self, person: Person, now_s: float) -> bool:
        if person.is_self:
            return False
        stranger = person.id not in self._known and now_s < self._strangers_until_s
        if stranger and person.name == self._own_name:
            self._ghost_ids.add(person.id)
        return person.id in self._ghost_ids

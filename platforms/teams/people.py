"""Who is in the call, as one look's answer tells it. Pure.

Tiles carry no id, only the shown name, so the name, numbered where two share it, is the id. Which
tile is the bot's own: the one marked so (M, B); else the one with the name the bot typed; else,
where no name was typed (a signed-in account), the one tile without a voice outline. Bots of others
lack the outline too (Z), so two such tiles tell nothing.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from platforms.packaged import packaged_text
from platforms.teams.texts import phrases
from platforms.types import Person

_ALONE: Final = json.dumps([phrase.lower() for phrase in phrases("alone")])
SCRIPT: Final = (
    f"(asked) => ({packaged_text('platforms.teams', 'people.js')})"
    f"({{name: null, ...asked, aloneTexts: {_ALONE}}})"
)
"""The page function whose answer `people_of` reads; asked with `{follow, name}`."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class _Tile(_Strict):
    name: str = Field(max_length=1000)
    is_host: bool | None
    marked: bool
    outlined: bool
    speaking: bool
    presenting: bool


class _Snapshot(_Strict):
    count: int | None
    alone: bool
    own_name: str | None
    people: tuple[_Tile, ...]


def people_of(answer: object) -> tuple[Person, ...] | None:
    """The people in `people.js`'s answer, the bot among them; None when it cannot be trusted.

    It cannot when the page did not answer, shows nobody, leaves open which tile is the bot's, or
    shows only the bot without saying that it is alone: tiles leave the stage, and the badge is gone
    while the toolbar is collapsed, so neither is an empty room.
    """
    try:
        snapshot = _Snapshot.model_validate(answer)
    except ValidationError:
        return None
    found = _own(snapshot)
    if found is None or not snapshot.people:
        return None
    others = len(snapshot.people) - len(found)
    if others == 0 and not (snapshot.alone or snapshot.count == 1):
        return None
    return _numbered(snapshot.people, found)


def _own(snapshot: _Snapshot) -> Sequence[int] | None:
    """The index of the bot's tile, none when it is not on the stage; None when that is open."""
    tiles = list(enumerate(snapshot.people))
    marked = [index for index, tile in tiles if tile.marked]
    if marked:
        return marked[:1]
    named = [index for index, tile in tiles if tile.name == snapshot.own_name]
    if len(named) == 1 or (snapshot.own_name is not None and not named):
        return named
    possible = named or range(len(tiles))
    plain = [index for index, tile in tiles if not tile.outlined and index in possible]
    return plain if len(plain) <= 1 else None


def _numbered(tiles: Sequence[_Tile], own: Sequence[int]) -> tuple[Person, ...]:
    met: Counter[str] = Counter()
    people = []
    for index, tile in enumerate(tiles):
        met[tile.name] += 1
        number = f"#{met[tile.name]}" if met[tile.name] > 1 else ""
        people.append(
            Person(
                id=f"{tile.name}{number}",
                name=tile.name,
                is_self=index in own,
                is_host=tile.is_host,
                speaking=tile.speaking,
                presenting=tile.presenting and index not in own,
            )
        )
    return tuple(people)

"""Who is in the call, as one look's answer tells it. Pure."""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from platforms.types import Person

OWN_NAME_SCRIPT: Final = "name => { window[Symbol.for('own-name')] = name; }"
"""Remembers the typed name as long as the page lives: no tile says which one is the bot's."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class _Shown(_Strict):
    id: str
    name: str = Field(max_length=1000)
    is_self: bool
    is_host: bool | None
    speaking: bool
    presenting: bool


class _Snapshot(_Strict):
    count: int | None
    people: tuple[_Shown, ...]


def people_of(answer: object) -> tuple[Person, ...] | None:
    """The people in `people.js`'s answer, the bot among them; None when it cannot be trusted.

    It cannot when the page did not answer, or shows nobody beside the bot while the footer counts
    more: a layout that hides tiles must not look like an empty room. An `id` is the display name,
    numbered where several bear it: the client's own number is only on tiles whose camera is on.
    """
    try:
        snapshot = _Snapshot.model_validate(answer)
    except ValidationError:
        return None
    others = [person for person in snapshot.people if not person.is_self]
    if not snapshot.people or (not others and snapshot.count != 1):
        return None
    return tuple(
        Person(
            id=each.id,
            name=each.name,
            is_self=each.is_self,
            is_host=each.is_host,
            speaking=each.speaking,
            presenting=each.presenting,
        )
        for each in snapshot.people
    )

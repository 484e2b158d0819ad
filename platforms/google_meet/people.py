"""Who is in the call, as one look's answer tells it. Pure."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from platforms.types import Person


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class _Tile(_Strict):
    id: str
    name: str = Field(max_length=1000)
    is_self: bool
    speaking: bool
    spoke: tuple[tuple[float, float], ...] | None
    presenting: bool


class _Snapshot(_Strict):
    at: float
    count: int | None
    people: tuple[_Tile, ...]


def people_of(answer: object) -> tuple[Person, ...] | None:
    """The people in `people.js`'s answer, the bot among them; None when it cannot be trusted.

    It cannot when the page did not answer, shows nobody, or shows only the bot while its own badge
    counts more: a layout that hides tiles must not look like an empty room.
    """
    try:
        snapshot = _Snapshot.model_validate(answer)
    except ValidationError:
        return None
    others = [person for person in snapshot.people if not person.is_self]
    if not snapshot.people or (not others and (snapshot.count or 0) > 1):
        return None
    return tuple(
        Person(
            id=each.id,
            name=each.name,
            is_self=each.is_self,
            speaking=each.speaking,
            presenting=each.presenting and not each.is_self,
            spoke=None if each.spoke is None else _in_seconds(each.spoke),
        )
        for each in snapshot.people
    )


def _in_seconds(spans_ms: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    return tuple((from_ms / 1000, to_ms / 1000) for from_ms, to_ms in spans_ms)

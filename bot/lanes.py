"""Who was in the call and spoke, from when to when: the rows of the report's picture. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.people import Turn

Span = tuple[float, float]
"""From when to when, seconds of the recording."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One person's row."""

    name: str
    here: tuple[Span, ...] = ()
    spoke: tuple[Span, ...] = ()


def lanes(
    events: Iterable[Mapping[str, Any]], turns: Sequence[Turn], end_s: float
) -> tuple[Lane, ...]:
    """A row for each name in the order of coming, from `bot.participants` events and turns.

    Somebody who comes back has a new id and the same row. Who never had a name has none.
    """
    here: dict[str, list[Span]] = {}
    came: dict[str, float] = {}
    for event in events:
        if event["event"] != "bot.participants" or event["data"]["at_seconds"] is None:
            continue
        at_s = float(event["data"]["at_seconds"])
        names = [person["name"] for person in event["data"]["participants"] if person["name"]]
        for name in [name for name in came if name not in names]:
            here[name].append((came.pop(name), at_s))
        for name in names:
            here.setdefault(name, [])
            came.setdefault(name, at_s)
    for name, came_s in came.items():
        here[name].append((came_s, end_s))
    spoke: dict[str, list[Span]] = {}
    for turn in turns:
        if turn.speaker:
            spoke.setdefault(turn.speaker, []).append((turn.start_s, turn.end_s))
    known = dict.fromkeys([*here, *spoke])
    return tuple(
        Lane(name, tuple(here.get(name, ())), tuple(spoke.get(name, ()))) for name in known
    )

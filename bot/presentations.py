"""Who showed a screen and when, told by the events about the people in the call. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Presentation:
    """Somebody's screen was in the call. Seconds of the recording."""

    presenter: str
    user_id: str
    start_s: float
    end_s: float


def presentations_of(
    events: Iterable[Mapping[str, Any]], until_s: float
) -> tuple[Presentation, ...]:
    """The presentations that event bodies tell of, oldest first, those that went on at the end too.

    `until_s` is the recording's length; what was seen in no moment of it is left out.
    """
    found: list[Presentation] = []
    begun: dict[str, tuple[str, float]] = {}
    for event in events:
        data = event["data"]
        if event["event"] != "bot.participants" or data["at_seconds"] is None:
            continue
        at_s = data["at_seconds"]
        now = {one["id"]: one["name"] for one in data["participants"] if one.get("is_presenting")}
        ended = [key for key in begun if key not in now]
        found += [Presentation(begun[key][0], key, begun.pop(key)[1], at_s) for key in ended]
        for key, name in now.items():
            begun.setdefault(key, (name, at_s))
    found += [Presentation(name, key, start_s, until_s) for key, (name, start_s) in begun.items()]
    return within(found, until_s)


def within(presentations: Iterable[Presentation], until_s: float) -> tuple[Presentation, ...]:
    """What of the presentations a recording of `until_s` seconds holds, by their start."""
    cut = [replace(each, end_s=min(each.end_s, until_s)) for each in presentations]
    shown = (each for each in cut if each.end_s > each.start_s)
    return tuple(sorted(shown, key=lambda each: each.start_s))

"""Rows of people from what was told of them."""

from typing import Any

from bot.lanes import Lane, lanes
from bot.people import Turn


def seen(at_s: float | None, *names: str) -> dict[str, Any]:
    """A `bot.participants` event."""
    people = [{"id": str(n), "name": name} for n, name in enumerate(names)]
    return {"event": "bot.participants", "data": {"at_seconds": at_s, "participants": people}}


def test_coming_going_and_coming_back_is_one_row() -> None:
    """In the order of coming; who is there at the end stays to the end."""
    events = [
        {"event": "bot.status_change", "data": {}},
        seen(None, "Zoe"),
        *(seen(1.0, "Ada", "Ben"), seen(4.0, "Ben"), seen(6.0, "Ben", "Ada"), seen(7.0, "Ada")),
    ]
    assert lanes(events, [], 10.0) == (
        Lane("Ada", ((1.0, 4.0), (6.0, 10.0))),
        Lane("Ben", ((1.0, 7.0),)),
    )


def test_turns_stand_in_the_rows_of_their_speakers() -> None:
    """A speaker who was never told of has a row; the nameless have none."""
    turns = [Turn("Ada", "0", 2.0, 3.0), Turn("Cy", None, 4.0, 5.0), Turn("", "9", 0.0, 9.0)]
    turns.append(Turn("Ada", "7", 6.0, 6.5))
    assert lanes([seen(0.0, "Ada", "")], turns, 10.0) == (
        Lane("Ada", ((0.0, 10.0),), ((2.0, 3.0), (6.0, 6.5))),
        Lane("Cy", (), ((4.0, 5.0),)),
    )

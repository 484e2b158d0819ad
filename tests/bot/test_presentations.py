"""Presentations, as the events about people tell them."""

from typing import Any

from bot.presentations import Presentation, presentations_of, within


def look(at_s: float | None, **people: bool) -> dict[str, Any]:
    """An event about these people, each presenting or not."""
    participants = [
        {"id": name, "name": name.title(), "is_host": None, "is_presenting": presenting}
        for name, presenting in people.items()
    ]
    return {
        "event": "bot.participants",
        "data": {"participants": participants, "at_seconds": at_s},
    }


def test_from_the_first_event_that_says_so_to_the_first_that_does_not() -> None:
    """A presentation ends by being stopped, by its presenter's leaving, or with the recording."""
    events = [
        {"event": "accepted", "data": {}},
        look(1.0, ada=False, ben=False),
        look(5.0, ada=True, ben=False),
        look(6.0, ada=True, ben=False, cyd=False),
        look(9.0, ada=False, ben=True),
        look(12.0, ada=False),
        look(20.0, ada=True),
    ]
    assert presentations_of(events, 30.0) == (
        Presentation("Ada", "ada", 5.0, 9.0),
        Presentation("Ben", "ben", 9.0, 12.0),
        Presentation("Ada", "ada", 20.0, 30.0),
    )


def test_two_at_once() -> None:
    """Where a client shows two screens each has its own time."""
    events = [look(1.0, ada=True), look(2.0, ada=True, ben=True), look(3.0, ben=True)]
    assert presentations_of(events, 4.0) == (
        Presentation("Ada", "ada", 1.0, 3.0),
        Presentation("Ben", "ben", 2.0, 4.0),
    )


def test_what_the_recording_does_not_show() -> None:
    """Nothing lies beyond the recording's end, and what was in no moment of it is none."""
    events = [look(None, ada=True), look(1.0, ada=True), look(8.0, ada=False), look(9.0, ben=True)]
    assert presentations_of(events, 5.0) == (Presentation("Ada", "ada", 1.0, 5.0),)
    assert presentations_of(events, 1.0) == ()


def test_events_of_an_earlier_version_tell_of_none() -> None:
    """A dead run's events may have been written before there was such a field."""
    old = look(1.0, ada=True)
    del old["data"]["participants"][0]["is_presenting"]
    assert presentations_of([old], 5.0) == ()


def test_what_a_shorter_recording_holds() -> None:
    """A recording that was cut off earlier than was known holds less, in the order of starts."""
    told = (Presentation("Ben", "ben", 4.0, float("inf")), Presentation("Ada", "ada", 1.0, 9.0))
    assert within(told, 3.0) == (Presentation("Ada", "ada", 1.0, 3.0),)
    assert [each.end_s for each in within(told, 6.0)] == [6.0, 6.0]

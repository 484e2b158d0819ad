"""A run as its events tell it."""

from datetime import UTC, datetime
from typing import Any

from bot.contract import Status
from bot.presentations import Presentation
from bot.story import Story, story_of


def said(event: str, data: dict[str, Any]) -> dict[str, Any]:
    """An event's body as the outbox keeps it, as far as a story reads it."""
    return {"event": event, "data": data, "extra": {"ticket": 7}}


def status(code: str, at: str, **more: object) -> dict[str, Any]:
    """A change of status."""
    return said("bot.status_change", {"status": {"code": code, "created_at": at, **more}})


ACCEPTED = said("accepted", {"event_id": None, "platform": "google_meet", "bot_name_shown": "N"})
ADMITTED = [
    ACCEPTED,
    status("queued", "2026-11-24T10:00:00.000Z"),
    status("joining_call", "2026-11-24T10:00:01.000Z"),
    status("in_waiting_room", "2026-11-24T10:00:10.000Z"),
    status("in_call_not_recording", "2026-11-24T10:00:52.400Z"),
]


def test_story_of_a_recording() -> None:
    """Times, people and the job's echo come from what was said; who left is still named."""
    people: list[dict[str, Any]] = [
        {"id": "1", "name": "Ada", "is_presenting": True},
        {"id": "2", "name": "Bob"},
    ]
    story = story_of(
        [
            *ADMITTED,
            status("in_call_recording", "2026-11-24T10:00:53.000Z", start_time=1_795_514_453),
            said("bot.participants", {"participants": people, "at_seconds": 2.0}),
            said("bot.participants", {"participants": people[1:], "at_seconds": 9.0}),
        ]
    )
    assert (story.platform, story.bot_name_shown, story.extra) == (
        "google_meet",
        "N",
        {"ticket": 7},
    )
    assert story.status is Status.IN_CALL_RECORDING
    assert story.start_time == datetime.fromtimestamp(1_795_514_453, UTC)
    assert story.joined_at == datetime(2026, 11, 24, 10, 0, 52, 400_000, tzinfo=UTC)
    assert story.waited_s == 42
    assert story.participants == ("Ada", "Bob")
    assert story.presentations == (Presentation("Ada", "1", 2.0, 9.0),)
    assert not story.has_ended


def test_story_of_a_wait() -> None:
    """A bot nobody let in has neither joined nor recorded, and its wait has no end to count."""
    story = story_of(ADMITTED[:4])
    assert (story.joined_at, story.start_time, story.waited_s) == (None, None, 0)


def test_story_that_lacks_the_last_word_alone() -> None:
    """After the last status only the terminal event is missing."""
    assert story_of([*ADMITTED, status("failed", "2026-11-24T10:01:00.000Z")]).has_ended


def test_no_events_no_story() -> None:
    """A run that died before its first event has told nothing."""
    assert story_of([]) == Story()

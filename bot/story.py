"""What a dead run had told about itself: read from its events, nothing else is left. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.chat import chat_row
from bot.contract import Status
from bot.machine import TERMINAL
from bot.presentations import Presentation, presentations_of


@dataclass(frozen=True, slots=True)
class Story:
    """One run as its events tell it. `began` holds when each status was first entered.

    `start_time` is time 0 of the recording, to the second; None when it was never begun. The end of
    a presentation that went on when the run died is infinite.
    """

    event_id: str | None = None
    platform: str | None = None
    bot_name_shown: str | None = None
    extra: Mapping[str, Any] | None = None
    status: Status = Status.QUEUED
    began: Mapping[Status, datetime] = field(default_factory=dict)
    start_time: datetime | None = None
    participants: tuple[str, ...] = ()
    presentations: tuple[Presentation, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether the last status was said already, and only the last word is missing."""
        return self.status in TERMINAL

    @property
    def joined_at(self) -> datetime | None:
        """When it was admitted."""
        return self.began.get(Status.IN_CALL_NOT_RECORDING) or self.start_time

    @property
    def waited_s(self) -> int:
        """Whole seconds in the waiting room, 0 when it was never let in."""
        since, until = self.began.get(Status.IN_WAITING_ROOM), self.joined_at
        return max(0, round((until - since).total_seconds())) if since and until else 0


def story_of(events: Iterable[Mapping[str, Any]]) -> Story:
    """The story told by event bodies, oldest first, as the outbox keeps them."""
    facts: dict[str, Any] = {}
    began: dict[Status, datetime] = {}
    people: dict[str, None] = {}
    told = tuple(events)
    for event in told:
        data = event["data"]
        facts["extra"] = event["extra"]
        if event["event"] == "accepted":
            for name in ("event_id", "platform", "bot_name_shown"):
                facts[name] = data.get(name)
        elif event["event"] == "bot.status_change":
            status = Status(data["status"]["code"])
            facts["status"] = status
            began.setdefault(status, datetime.fromisoformat(data["status"]["created_at"]))
            if (seconds := data["status"].get("start_time")) is not None:
                facts["start_time"] = datetime.fromtimestamp(seconds, UTC)
        elif event["event"] == "bot.participants":
            people.update(dict.fromkeys(person["name"] for person in data["participants"]))
    presentations = presentations_of(told, float("inf"))
    return Story(began=began, participants=tuple(people), presentations=presentations, **facts)


def chat_of(events: Iterable[Mapping[str, Any]], bot_name: str | None) -> list[dict[str, Any]]:
    """What was written in the chat, as `chat_messages.json` has it (`bot.chat`).

    Whoever writes under the name that the bot is shown by counts as the bot.
    """
    said = (event["data"] for event in events if event["event"] == "bot.chat_message")
    return [
        chat_row(
            message["sender"],
            message["text"],
            message["at_seconds"],
            is_bot=message["sender"] == bot_name,
        )
        for message in said
    ]

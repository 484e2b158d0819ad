"""What was written in the chat, each message once, from one look after another. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from platforms.types import ChatLine

MAX_MESSAGES: Final = 10_000
"""So many are kept of one meeting; what comes after them is left out."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message and when it was first read: the client's own clock is not trusted."""

    line: ChatLine
    received_at: datetime
    at_s: float


@dataclass(slots=True)
class ChatLog:
    """The chat of one recording."""

    messages: list[Message] = field(default_factory=list)
    _known: dict[str, ChatLine] = field(default_factory=dict)
    _earlier: set[ChatLine] = field(default_factory=set)

    def read(self, lines: Sequence[ChatLine], received_at: datetime, at_s: float) -> list[Message]:
        """Take in what the chat shows; returns the messages that are new, oldest first."""
        new = []
        for line in lines:
            known = line.id in self._known or line in self._earlier
            if known or len(self.messages) >= MAX_MESSAGES:
                continue
            self._known[line.id] = line
            message = Message(line, received_at, at_s)
            self.messages.append(message)
            new.append(message)
        return new

    def pass_over(self, lines: Sequence[ChatLine]) -> None:
        """Know these lines without keeping them: they were written in a pause."""
        self._known.update((line.id, line) for line in lines)

    def new_page(self) -> None:
        """Another page shows the chat from now on: its ids begin anew, its lines may be the old."""
        self._earlier.update(self._known.values())
        self._known.clear()

    def as_json(self) -> bytes:
        """`chat_messages.json`: a list of what everybody wrote, the bot included."""
        return chat_file(
            chat_row(one.line.sender, one.line.text, one.at_s, is_bot=one.line.is_self)
            for one in self.messages
        )


def chat_row(sender: str, text: str, at_s: float | None, *, is_bot: bool) -> dict[str, Any]:
    """One message as `chat_messages.json` has it."""
    time_s = None if at_s is None else round(at_s, 2)
    return {"sender": sender, "text": text, "is_bot": is_bot, "time": time_s}


def chat_file(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """`chat_messages.json` of these rows, oldest first."""
    return json.dumps(list(rows), ensure_ascii=False, indent=1).encode()

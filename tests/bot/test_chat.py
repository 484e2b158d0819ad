"""What was written in the chat: each message once, in its order."""

import json
from datetime import UTC, datetime

import pytest

from bot import chat
from bot.chat import ChatLog
from platforms.types import ChatLine

AT = datetime(2026, 1, 1, tzinfo=UTC)
HELLO = ChatLine("1", "Ada", "Hello")
REPLY = ChatLine("2", "Notes", "I record", is_self=True)


def test_each_message_once() -> None:
    """A list that is read again and again tells of what is new in it alone, with its time."""
    log = ChatLog()
    assert [new.line for new in log.read([HELLO], AT, 1.0)] == [HELLO]
    (reply,) = log.read([HELLO, REPLY], AT, 2.5)
    assert (reply.line, reply.received_at, reply.at_s) == (REPLY, AT, 2.5)
    assert log.read([REPLY], AT, 3.0) == []


def test_stored_form() -> None:
    """The artifact lists what everybody wrote, and says which of it is the bot's."""
    log = ChatLog()
    log.read([HELLO], AT, 1.004)
    log.read([REPLY], AT, 2.5)
    assert json.loads(log.as_json()) == [
        {"sender": "Ada", "text": "Hello", "is_bot": False, "time": 1.0},
        {"sender": "Notes", "text": "I record", "is_bot": True, "time": 2.5},
    ]
    assert json.loads(ChatLog().as_json()) == []


def test_what_is_written_in_a_pause_is_nowhere() -> None:
    """A line that was passed over is never new again."""
    log = ChatLog()
    log.pass_over([HELLO])
    assert [new.line for new in log.read([HELLO, REPLY], AT, 3.0)] == [REPLY]


def test_no_more_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood fills the log to its bound and no further."""
    monkeypatch.setattr(chat, "MAX_MESSAGES", 2)
    log = ChatLog()
    new = log.read([ChatLine(str(number), "Ada", "spam") for number in range(5)], AT, 0.0)
    assert [message.line.id for message in new] == ["0", "1"]


def test_texts_are_in_no_repr() -> None:
    """What people wrote does not get into a log by way of a repr."""
    (message,) = ChatLog().read([HELLO], AT, 0.0)
    assert "Hello" not in repr(message)


def test_another_page_shows_the_chat() -> None:
    """Its ids may begin anew: what it shows again is known, what only has an old id is new."""
    log = ChatLog()
    log.read([HELLO], AT, 1.0)
    log.pass_over([REPLY])
    log.new_page()
    other = ChatLine("2", "Ada", "Welcome back")
    assert [new.line for new in log.read([HELLO, other], AT, 9.0)] == [other]
    log.new_page()
    assert log.read([HELLO, REPLY, other], AT, 20.0) == []

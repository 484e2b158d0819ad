"""What workers say, read by their other end."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contract import MAX_BODY_BYTES
from bot.dispatch.said import KINDS, Event, Said, event_of, exit_code_of, parse_said
from bot.wire import Malformed

EVENT = {"event": "bot.failed", "bot_id": "B", "run_id": "R", "seq": 3, "data": {"later": 1}}


def ended(kind: str, **data: Any) -> Event:  # noqa: ANN401 - fields of an event
    """A last word."""
    found = event_of("w", {**EVENT, "event": kind, "data": data})
    assert isinstance(found, Event)
    return found


def test_an_event_is_known_by_bot_run_and_number() -> None:
    """Ids are the same in either case, and further keys of a later version are kept."""
    found = parse_said([b"w1", b"bot.failed", json.dumps(EVENT).encode()])
    assert found == Event("w1", "bot.failed", EVENT, "b", "r", 3)
    assert found.is_terminal


def test_what_is_not_stored_has_no_number() -> None:
    """A heartbeat is a word; a key of another type reads as absent."""
    found = parse_said([b"w1", b"heartbeat", b'{"bot_id": "B", "status": 1}'])
    assert isinstance(found, Said)
    assert (found.text("bot_id"), found.text("status"), found.text("x")) == ("B", None, None)


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ([b"w", b"ready"], "frame_count"),
        ([b"\x00abcd", b"ready", b"{}"], "routing_id"),
        ([b"\xff", b"ready", b"{}"], "routing_id"),
        ([b"", b"ready", b"{}"], "routing_id"),
        ([b"w", b"dance", b"{}"], "kind"),
        ([b"w", b"ready", b"["], "body_not_json"),
        ([b"w", b"ready", b"[" * 100_000], "body_not_json"),
        ([b"w", b"ready", b"[]"], "body_not_an_object"),
        ([b"w", b"ready", b" " * MAX_BODY_BYTES + b"{}"], "body_too_large"),
        ([b"w", b"accepted", b"{}"], "event"),
        ([b"w", b"accepted", json.dumps({**EVENT, "seq": 0}).encode()], "event"),
        ([b"w", b"accepted", json.dumps({**EVENT, "seq": True}).encode()], "event"),
        ([b"w", b"accepted", json.dumps({**EVENT, "event": "x"}).encode()], "event"),
    ],
)
def test_what_is_no_message_has_a_reason(frames: list[bytes], reason: str) -> None:
    """It is named, not raised."""
    assert parse_said(frames) == Malformed(reason)


@given(
    st.lists(
        st.binary(max_size=30)
        | st.sampled_from([kind.encode() for kind in sorted(KINDS)])
        | st.dictionaries(
            st.sampled_from(["event", "bot_id", "run_id", "seq"]),
            st.none() | st.integers() | st.text(max_size=3),
        ).map(lambda body: json.dumps(body).encode()),
        max_size=4,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_a_value(frames: list[bytes]) -> None:
    """Parsing is total."""
    assert isinstance(parse_said(frames), Said | Malformed)


def test_the_exit_code_is_the_end_reasons() -> None:
    """Completed is 0; a failure has its table's; a reason nobody knows is our fault."""
    assert exit_code_of(ended("bot.completed")) == 0
    assert exit_code_of(ended("bot.failed", error_code="BOT_NOT_ACCEPTED")) == 1
    assert exit_code_of(ended("bot.failed", error_code="OOM_KILLED")) == 137
    assert exit_code_of(ended("bot.failed", error_code="OF_A_LATER_VERSION")) == 4
    assert exit_code_of(ended("bot.failed", error_code=None)) == 4

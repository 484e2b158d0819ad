import json
from typing import Any

import pytest
from pydantic import ValidationError

from platforms.simulator.wire import (
    INBOUND,
    Ask,
    Chat,
    Devices,
    HostCommand,
    Inbound,
    Offer,
    Plain,
    Signal,
)

ASK = {"type": "ask", "name": "Notes", "mic": True, "camera": False}


def frame(**fields: object) -> str:
    """A text frame as a page sends it."""
    return json.dumps(fields)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (frame(**ASK), Ask(type="ask", name="Notes", mic=True, camera=False, host=False)),
        (
            frame(**ASK, host=True),
            Ask(type="ask", name="Notes", mic=True, camera=False, host=True),
        ),
        (frame(type="offer", sdp="v=0"), Offer(type="offer", sdp="v=0")),
        (
            frame(type="signal", to="devices/1", data={"candidate": None}),
            Signal(type="signal", to="devices/1", data={"candidate": None}),
        ),
        (
            frame(type="devices", mic=False, camera=True),
            Devices(type="devices", mic=False, camera=True),
        ),
        (frame(type="chat", text="hello"), Chat(type="chat", text="hello")),
        (frame(type="leave"), Plain(type="leave")),
        (frame(type="consent"), Plain(type="consent")),
        (frame(type="host", do="end"), HostCommand(type="host", do="end", id=None)),
        (
            frame(type="host", do="admit", id="devices/2"),
            HostCommand(type="host", do="admit", id="devices/2"),
        ),
    ],
)
def test_a_frame_becomes_its_message(text: str, message: Inbound) -> None:
    """`type` alone decides the class; what may be left out has its default."""
    assert INBOUND.validate_json(text) == message


@pytest.mark.parametrize(
    ("text", "where", "kind"),
    [
        (frame(type="ask", mic=True, camera=True), ("ask", "name"), "missing"),
        (frame(**(ASK | {"name": ""})), ("ask", "name"), "string_too_short"),
        (frame(**(ASK | {"name": "x" * 256})), ("ask", "name"), "string_too_long"),
        (frame(**(ASK | {"mic": None})), ("ask", "mic"), "bool_type"),
        (frame(**ASK, admin=True), ("ask", "admin"), "extra_forbidden"),
        (frame(type="offer", sdp="x" * 200_001), ("offer", "sdp"), "string_too_long"),
        (frame(type="signal", to="x" * 101, data={}), ("signal", "to"), "string_too_long"),
        (frame(type="signal", to="devices/1", data=[]), ("signal", "data"), "dict_type"),
        (frame(type="devices", mic=True), ("devices", "camera"), "missing"),
        (frame(type="chat", text=""), ("chat", "text"), "string_too_short"),
        (frame(type="chat", text="x" * 501), ("chat", "text"), "string_too_long"),
        (frame(type="leave", id="devices/1"), ("leave", "id"), "extra_forbidden"),
        (frame(type="host", do="dance"), ("host", "do"), "literal_error"),
        (frame(type="host", do="deny", id="x" * 101), ("host", "id"), "string_too_long"),
    ],
)
def test_a_refusal_names_the_message_and_its_field(
    text: str, where: tuple[str, str], kind: str
) -> None:
    """A wrong frame is refused for the one field that is wrong, under the type it claims."""
    with pytest.raises(ValidationError) as caught:
        INBOUND.validate_json(text)
    assert [(e["loc"], e["type"]) for e in caught.value.errors()] == [(where, kind)]


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        (frame(type="dance"), "union_tag_invalid", "'dance'"),
        (frame(type="admitted"), "union_tag_invalid", "'admitted'"),
        (frame(type=None), "union_tag_invalid", "'None'"),
        (frame(name="Notes"), "union_tag_not_found", "'type'"),
        ("[]", "dict_type", "an object"),
        ("", "json_invalid", "EOF"),
        ('{"type": "leave"', "json_invalid", "EOF"),
    ],
)
def test_what_is_no_message_is_refused_as_such(text: str, kind: str, says: str) -> None:
    """An unknown type is named, the server's own words are none of a page's, rubbish is rubbish."""
    with pytest.raises(ValidationError) as caught:
        INBOUND.validate_json(text)
    (error,) = caught.value.errors()
    assert error["type"] == kind
    assert says in error["msg"]


@pytest.mark.parametrize(
    "fields",
    [
        ASK | {"name": "x" * 255},
        {"type": "offer", "sdp": "x" * 200_000},
        {"type": "chat", "text": "x" * 500},
        {"type": "signal", "to": "x" * 100, "data": {}},
        {"type": "host", "do": "remove", "id": "x" * 100},
    ],
    ids=lambda fields: fields["type"],
)
def test_the_longest_allowed_is_allowed(fields: dict[str, Any]) -> None:
    """Every limit is inclusive, and the message keeps all of what was sent."""
    message = INBOUND.validate_json(json.dumps(fields))
    assert message.model_dump(include=set(fields)) == fields

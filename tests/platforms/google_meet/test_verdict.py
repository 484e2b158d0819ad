"""The platform's own opinion, read from bytes."""

import base64

import pytest

from platforms.google_meet.verdict import verdict_of


def varint(number: int) -> bytes:
    """A base-128 varint."""
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number: int, kind: int, payload: bytes) -> bytes:
    """One field of a message."""
    return varint(number << 3 | kind) + payload


OTHERS = (
    field(1, 2, varint(5) + b"space")
    + field(2, 0, varint(300))
    + field(3, 1, b"8" * 8)
    + field(4, 5, b"4" * 4)
    + field(5, 2, varint(4) + field(36, 0, varint(9)) + b"x")
)


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        (OTHERS, None),
        (OTHERS + field(36, 0, varint(0)), None),
        (OTHERS + field(36, 0, varint(2)), "suspected_bot:2"),
        (field(36, 0, varint(300)) + OTHERS, "suspected_bot:300"),
        (field(36, 0, varint(2)) + b"\x80", None),
        (field(36, 0, varint(2)) + field(7, 2, varint(99)), None),
        (field(36, 0, varint(2)) + field(7, 3, b""), None),
        (field(36, 0, b"\xff" * 11), None),
        (b"", None),
    ],
)
def test_field_36(message: bytes, verdict: str | None) -> None:
    """Only the top-level field 36 of a whole message speaks; broken bytes say nothing."""
    assert verdict_of(base64.b64encode(message)) == verdict


def test_bare_protobuf_and_noise() -> None:
    """The message is also read without base64, and a web page is no message."""
    assert verdict_of(OTHERS + field(36, 0, varint(1))) == "suspected_bot:1"
    assert verdict_of(b"<!doctype html><p>no") is None

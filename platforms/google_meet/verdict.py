"""Reads the platform's own opinion of the bot out of an answer that the page gets anyway. Pure.

The answer to `.../MeetingDeviceService/CreateMeetingDevice` is a protobuf, in base64; its varint
field 36 is not 0 when the platform suspects a bot (seen by one project; 2 was the value).
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Final

RPC: Final = "MeetingDeviceService/CreateMeetingDevice"
_SUSPECTED_FIELD: Final = 36
_MAX_VARINT_BYTES: Final = 10
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES: Final = {_FIXED64: 8, _FIXED32: 4}


def verdict_of(body: bytes) -> str | None:
    """What the answer says, as "suspected_bot:<value>", or None (also for what is no answer)."""
    try:
        message = base64.b64decode(body.strip(), validate=True)
    except binascii.Error:
        message = body
    try:
        values = [value for number, value in _varints(message) if number == _SUSPECTED_FIELD]
    except (IndexError, ValueError):
        return None
    return f"suspected_bot:{values[-1]}" if values and values[-1] else None


def _varints(message: bytes) -> Iterator[tuple[int, int]]:
    """The (field, value) of every top-level varint. Raises on what is no protobuf."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield number, value
        elif kind == _LENGTH:
            size, position = _varint(message, position)
            position += size
        elif kind in _FIXED_BYTES:
            position += _FIXED_BYTES[kind]
        else:
            raise ValueError(kind)
    if position != len(message):
        raise IndexError(position)


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index in range(_MAX_VARINT_BYTES):
        byte = message[position + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the format's continuation bit
            return value, position + index + 1
    raise ValueError(position)

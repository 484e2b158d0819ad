"""The kinds of values on the wire: how each is read, written and described in the schemas."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    SecretStr,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from bot.contract import FEATURE_OF_PLATFORM, NOT_SUPPORTED_TEXT, UNSUPPORTED
from bot.errors import FieldErrorCode
from platforms.errors import InvalidMeetingUrl
from platforms.registry import parse_meeting_url
from platforms.types import MeetingUrl, Platform

MAX_EXTRA_BYTES: Final = 16 * 1024
MAX_ID_CHARACTERS: Final = 256
MAX_URL_CHARACTERS: Final = 2048
MAX_WHOLE_SECONDS: Final = 2**31 - 1
"""A bound that no meeting reaches and every clock holds."""

_UUID: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_VISIBLE: Final = r"[!-~]([ -~]*[!-~])?"
_RFC3339: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)


def rfc3339(at: datetime) -> str:
    """An aware time as the wire writes it: UTC, milliseconds (cut, not rounded) and Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _refuse(code: FieldErrorCode, message: str) -> PydanticCustomError:
    return PydanticCustomError(code.value, message)


def _command_id(value: object) -> str | int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _refuse(FieldErrorCode.WRONG_TYPE, "must be text or a whole number")
    if not 1 <= len(str(value)) <= MAX_ID_CHARACTERS:
        raise _refuse(
            FieldErrorCode.INVALID_VALUE, f"must have 1 to {MAX_ID_CHARACTERS} characters"
        )
    return value


def _uuid(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(_UUID, value):
        raise _refuse(FieldErrorCode.INVALID_VALUE, "must be a UUID")
    return value


def _utc_time(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(_RFC3339, value):
            raise _refuse(FieldErrorCode.INVALID_VALUE, "must be an RFC 3339 time")
        try:
            value = datetime.fromisoformat(value.upper())
        except ValueError:
            raise _refuse(FieldErrorCode.INVALID_VALUE, "must be a time that exists") from None
    if not isinstance(value, datetime):
        raise _refuse(FieldErrorCode.WRONG_TYPE, "must be an RFC 3339 time")
    if value.tzinfo is None:
        raise _refuse(FieldErrorCode.INVALID_VALUE, "must say its offset from UTC")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise _refuse(FieldErrorCode.INVALID_VALUE, "must be a time that exists") from None


def _has_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise _refuse(FieldErrorCode.INVALID_VALUE, "must be a URL with a host")
    return url


def _header_value(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(_VISIBLE, secret.get_secret_value()):
        raise _refuse(
            FieldErrorCode.INVALID_VALUE, "must be printable ASCII without spaces round it"
        )
    return secret


def _bounded(extra: dict[str, JsonValue]) -> dict[str, JsonValue]:
    size_bytes = len(json.dumps(extra, ensure_ascii=False, separators=(",", ":")).encode())
    if size_bytes > MAX_EXTRA_BYTES:
        raise _refuse(FieldErrorCode.TOO_LARGE, f"over {MAX_EXTRA_BYTES} bytes")
    return extra


def _as_tuple(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def _whole_number(value: object) -> object:
    if type(value) is not int:
        raise _refuse(FieldErrorCode.WRONG_TYPE, "must be a valid integer")
    return value


def _meeting(value: object) -> MeetingUrl:
    if isinstance(value, MeetingUrl):
        return value
    if not isinstance(value, str):
        raise _refuse(FieldErrorCode.WRONG_TYPE, "must be a valid string")
    try:
        meeting = parse_meeting_url(value)
    except InvalidMeetingUrl as error:
        raise _refuse(FieldErrorCode.INVALID_MEETING_URL, error.reason) from None
    if FEATURE_OF_PLATFORM.get(meeting.platform) in UNSUPPORTED:
        raise _refuse(FieldErrorCode.NOT_SUPPORTED, f"{meeting.platform}: {NOT_SUPPORTED_TEXT}")
    return meeting


PlatformName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]{0,63}$"),
    WithJsonSchema(
        {
            "enum": [platform.value for platform in Platform],
            "title": "Platform",
            "type": "string",
            "description": "The meeting product; a worker with a platform of its own names that.",
        }
    ),
]

WireUuid = Annotated[
    UUID,
    BeforeValidator(_uuid),
    WithJsonSchema({"type": "string", "format": "uuid", "pattern": _UUID}),
]
"""A UUID in its hyphenated form, in either case."""

UtcTime = Annotated[
    datetime,
    BeforeValidator(_utc_time),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _RFC3339}),
]
"""An RFC 3339 time, kept in UTC, written with milliseconds and Z."""

CommandId = Annotated[
    str | int,
    PlainValidator(_command_id),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARACTERS},
                {"type": "integer"},
            ]
        }
    ),
]
"""What a command is known by; the reply repeats it as it came."""

WholeSeconds = Annotated[int, Field(ge=1, le=MAX_WHOLE_SECONDS)]


def _url(scheme_pattern: str) -> Any:  # noqa: ANN401 - a piece of an annotation
    return Field(max_length=MAX_URL_CHARACTERS, pattern=rf"^{scheme_pattern}://[!-~]+$")


HttpUrl = Annotated[str, _url("[Hh][Tt][Tt][Pp][Ss]?"), AfterValidator(_has_host)]
HttpsUrl = Annotated[str, _url("[Hh][Tt][Tt][Pp][Ss]"), AfterValidator(_has_host)]
WebSocketUrl = Annotated[str, _url("[Ww][Ss][Ss]?"), AfterValidator(_has_host)]

_FEW: Final = Field(min_length=1, max_length=5)
Pictures = Annotated[
    tuple[HttpsUrl, ...],
    _FEW,
    BeforeValidator(_as_tuple, json_schema_input_type=HttpsUrl | Annotated[list[HttpsUrl], _FEW]),
]
"""One picture's URL or a list of up to five."""

HeaderSecret = Annotated[
    SecretStr,
    Field(max_length=1024),
    AfterValidator(_header_value),
    WithJsonSchema(
        {
            "type": "string",
            "format": "password",
            "writeOnly": True,
            "maxLength": 1024,
            "pattern": f"^{_VISIBLE}$",
        }
    ),
]
"""A secret that can be the value of an HTTP header."""

AudioFrequency = Annotated[
    Literal[16_000, 24_000, 32_000, 48_000],
    BeforeValidator(_whole_number, json_schema_input_type=Literal[16_000, 24_000, 32_000, 48_000]),
]
"""Samples per second of streamed audio."""

ExtraObject = Annotated[dict[str, JsonValue], AfterValidator(_bounded)]
"""The caller's own object, bounded as compact JSON in UTF-8."""

MeetingAddress = Annotated[
    MeetingUrl,
    PlainValidator(_meeting),
    PlainSerializer(lambda meeting: meeting.url, return_type=str),
    WithJsonSchema({"type": "string", "minLength": 1, "format": "uri"}),
]
"""A meeting's URL, parsed. Its passcode is in no repr."""

"""The kinds of values on the wire."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from pydantic import ConfigDict, SecretStr, TypeAdapter, ValidationError

from bot import fields
from bot.fields import rfc3339
from platforms.types import MeetingUrl, Platform

STRICT = ConfigDict(strict=True, hide_input_in_errors=True)
ID = "123E4567-e89b-12d3-a456-426614174000"


def read(kind: Any, value: str) -> Any:  # noqa: ANN401 - any annotation, any value
    """What JSON `value` is read as."""
    return TypeAdapter(kind).validate_json(value, strict=True)


def refused(kind: Any, value: str) -> tuple[str, str]:  # noqa: ANN401 - any annotation
    """The type and message of the one error that reading `value` gives."""
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    (error,) = caught.value.errors()
    return error["type"], error["msg"]


def test_times_are_written_in_utc_with_milliseconds() -> None:
    """RFC 3339 with Z and three digits, cut and not rounded."""
    at = datetime(2026, 1, 15, 11, 30, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    assert rfc3339(at) == "2026-01-15T10:30:00.999Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T10:30:00Z",
        "2026-01-15t10:30:00.000z",
        "2026-01-15T11:30:00+01:00",
        "2026-01-15T10:30:00.000000-00:00",
    ],
)
def test_times_are_read_in_all_their_spellings(text: str) -> None:
    """Every RFC 3339 spelling of an instant is kept as the same UTC time."""
    at = read(fields.UtcTime, f'"{text}"')
    assert at == datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    assert at.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ('"2026-01-15T10:30:00"', "INVALID_VALUE"),
        ('"2026-01-15 10:30:00Z"', "INVALID_VALUE"),
        ('"2026-01-15T10:30Z"', "INVALID_VALUE"),
        ('"2026-02-30T10:30:00Z"', "INVALID_VALUE"),
        ('"0001-01-01T00:00:00+23:59"', "INVALID_VALUE"),
        ('"2026-01-15T10:30:00Z\\n"', "INVALID_VALUE"),
        ("1736941800", "WRONG_TYPE"),
        ("null", "WRONG_TYPE"),
    ],
)
def test_what_is_no_time_is_refused(value: str, kind: str) -> None:
    """Local times, other formats, dates that do not exist and numbers are no times."""
    assert refused(fields.UtcTime, value)[0] == kind


def test_a_time_without_offset_is_refused_from_our_own_code_too() -> None:
    """A naive datetime never gets into an event."""
    with pytest.raises(ValidationError, match="offset"):
        TypeAdapter(fields.UtcTime).validate_python(datetime(2026, 1, 15))  # noqa: DTZ001 - the point


def test_uuids_are_hyphenated() -> None:
    """Either case is read; other spellings that Python's UUID would take are not."""
    assert read(fields.WireUuid, f'"{ID}"') == UUID(ID)
    for other in (ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f"{ID}\\n", ""):
        assert refused(fields.WireUuid, f'"{other}"')[0] == "INVALID_VALUE"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (fields.HttpUrl, "http://hooks.example:8080/a?b=c", "ws://a"),
        (fields.HttpUrl, "HTTPS://hooks.example", "https:///path"),
        (fields.HttpsUrl, "https://cdn.example/a.png", "http://cdn.example/a.png"),
        (fields.HttpsUrl, "https://[::1]/a.png", "https://[::1/a.png"),
        (fields.WebSocketUrl, "wss://a.example/x", "https://a.example"),
        (fields.WebSocketUrl, "ws://127.0.0.1:1", "ws://127.0.0.1:0"),
        (fields.HttpUrl, "https://a.example", "https://a.example:99999"),
        (fields.HttpUrl, "https://b.example", "https://b.example /"),
        (fields.HttpUrl, "https://xn--bcher-kva.example", "https://bücher.example"),
        (fields.HttpUrl, "https://" + "a" * 2040, "https://" + "a" * 2041),
    ],
)
def test_urls(kind: Any, good: str, bad: str) -> None:  # noqa: ANN401 - any annotation
    """Scheme, host, port, length and ASCII are judged; a good URL is kept as it came."""
    assert read(kind, f'"{good}"') == good
    assert "a.example" not in refused(kind, f'"{bad}"')[1]


def test_pictures_are_one_or_up_to_five() -> None:
    """A single URL is a list of one; none and six are refused."""
    one = '"https://a.example/1.png"'
    assert read(fields.Pictures, one) == ("https://a.example/1.png",)
    assert len(read(fields.Pictures, f"[{', '.join([one] * 5)}]")) == 5
    assert refused(fields.Pictures, "[]")[0] == "too_short"
    assert refused(fields.Pictures, f"[{', '.join([one] * 6)}]")[0] == "too_long"
    assert refused(fields.Pictures, "5")[0] == "tuple_type"


@pytest.mark.parametrize("secret", ["s", "a b", "!~"])
def test_a_secret_that_fits_a_header(secret: str) -> None:
    """Printable ASCII is a header's value, and shows in no repr."""
    found = read(fields.HeaderSecret, f'"{secret}"')
    assert isinstance(found, SecretStr)
    assert found.get_secret_value() == secret


@pytest.mark.parametrize("secret", ["", " a", "a\\r\\nx-evil: 1", "gehe\u0131m", "a\\u0000"])
def test_a_secret_that_does_not_fit_a_header(secret: str) -> None:
    """Line breaks, controls, spaces at the ends and other scripts are refused, unquoted."""
    kind, message = refused(fields.HeaderSecret, f'"{secret}"')
    assert kind == "INVALID_VALUE"
    assert "evil" not in message


def test_extra_is_bounded_as_compact_json() -> None:
    """16 KiB as UTF-8 without white space: the bound itself is allowed."""
    room = fields.MAX_EXTRA_BYTES - len('{"a":""}')
    assert read(fields.ExtraObject, f'{{"a": "{"é" * (room // 2)}"}}')
    assert refused(fields.ExtraObject, f'{{"a": "{"x" * (room + 1)}"}}')[0] == "TOO_LARGE"


def test_frequencies_are_whole_numbers_of_the_list() -> None:
    """16000 is a frequency; 16000.0, true and 16001 are not."""
    assert read(fields.AudioFrequency, "16000") == 16_000
    assert refused(fields.AudioFrequency, "16000.0")[0] == "WRONG_TYPE"
    assert refused(fields.AudioFrequency, "true")[0] == "WRONG_TYPE"
    assert refused(fields.AudioFrequency, "16001")[0] == "literal_error"


def test_a_meetings_address_is_parsed() -> None:
    """A Meet link becomes its platform, its code and an address no repr shows."""
    meeting = read(fields.MeetingAddress, '"https://meet.google.com/ABC-defg-hij?pwd=hunter2"')
    assert isinstance(meeting, MeetingUrl)
    assert (meeting.platform, meeting.meeting_id) == (Platform.GOOGLE_MEET, "abc-defg-hij")
    assert "https" not in repr(meeting)
    assert TypeAdapter(fields.MeetingAddress).validate_python(meeting) is meeting
    assert TypeAdapter(fields.MeetingAddress).dump_python(meeting) == meeting.url


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ('"http://meet.google.com/abc-defg-hij"', "INVALID_MEETING_URL"),
        ('"https://meet.google.com.evil.example/abc-defg-hij"', "INVALID_MEETING_URL"),
        ('"https://example.com/abc-defg-hij"', "INVALID_MEETING_URL"),
        ('""', "INVALID_MEETING_URL"),
        ('"https://us02web.zoom.us/j/123?pwd=hunter2"', "INVALID_MEETING_URL"),
        ("7", "WRONG_TYPE"),
        ("null", "WRONG_TYPE"),
    ],
)
def test_addresses_of_no_meeting_of_ours(value: str, kind: str) -> None:
    """Each is refused with its own code, and never repeated."""
    found, message = refused(fields.MeetingAddress, value)
    assert found == kind
    assert "hunter2" not in message
    assert "evil" not in message

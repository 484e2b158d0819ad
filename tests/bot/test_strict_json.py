"""Reading JSON from outside."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import strict_json
from bot.contract import MAX_BODY_BYTES
from bot.errors import FieldError, FieldErrorCode
from bot.strict_json import json_object, json_objects

Code = FieldErrorCode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FINITE = JSON.filter(lambda value: "Infinity" not in json.dumps(value))


def errors_of(raw: Any) -> list[tuple[str, FieldErrorCode]]:  # noqa: ANN401 - any input
    """Places and codes of what is wrong with `raw`."""
    found = strict_json.read_object(raw)
    assert isinstance(found, tuple)
    return [(error.field, error.code) for error in found]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), FINITE, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    """Any finite object survives, from bytes, text and mapping alike."""
    text = strict_json.write(value)
    assert strict_json.read_object(text) == value
    assert strict_json.read_object(text.encode()) == value
    assert strict_json.read_object(value) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", Code.NOT_JSON),
        (b"{", Code.NOT_JSON),
        (b"\xff{}", Code.NOT_JSON),
        ('{"a": 1}'.encode("utf-16"), Code.NOT_JSON),
        (b"\xef\xbb\xbf{}", Code.NOT_JSON),
        ({"a": object()}, Code.NOT_JSON),
        ("[" * 100_000, Code.NOT_JSON),
        (b"[]", Code.WRONG_TYPE),
        (b'"job"', Code.WRONG_TYPE),
        (b"null", Code.WRONG_TYPE),
        (b'{"a": "' + b"x" * MAX_BODY_BYTES + b'"}', Code.TOO_LARGE),
        ('{"a": "' + "x" * MAX_BODY_BYTES + '"}', Code.TOO_LARGE),
    ],
)
def test_what_is_no_bounded_object_is_refused_whole(raw: object, code: FieldErrorCode) -> None:
    """The whole body gets one error, whose field is empty."""
    assert errors_of(raw) == [("", code)]


def test_the_bound_itself_is_allowed() -> None:
    """A body of exactly 1 MiB is read."""
    shell = len(b'{"a":""}')
    body = b'{"a":"' + b"x" * (MAX_BODY_BYTES - shell) + b'"}'
    assert len(body) == MAX_BODY_BYTES
    assert isinstance(strict_json.read_object(body), dict)


@pytest.mark.parametrize(
    ("raw", "place", "code"),
    [
        ('{"a": 1, "a": 2}', "a", Code.DUPLICATE_FIELD),
        ('{"a": {"b": [0, {"c": 1, "c": 1}]}}', "a.b.1.c", Code.DUPLICATE_FIELD),
        ('{"a": NaN}', "a", Code.INVALID_VALUE),
        ('{"a": [-Infinity]}', "a.0", Code.INVALID_VALUE),
        ('{"a": 1e999}', "a", Code.INVALID_VALUE),
        ('{"a": "\\ud800"}', "a", Code.INVALID_VALUE),
        ('{"\\ud800": 1}', "?", Code.INVALID_VALUE),
    ],
)
def test_what_the_library_lets_pass_is_refused_by_place(
    raw: str, place: str, code: FieldErrorCode
) -> None:
    """Keys given twice, numbers that are none and half characters are named where they are."""
    assert errors_of(raw) == [(place, code)]


def test_deep_nesting_is_refused() -> None:
    """65 levels are too many, 64 are not."""

    def nested(levels: int) -> str:
        return '{"a": ' + "[" * (levels - 1) + "]" * (levels - 1) + "}"

    assert isinstance(strict_json.read_object(nested(strict_json.MAX_DEPTH)), dict)
    found = strict_json.read_object(nested(strict_json.MAX_DEPTH + 2))
    assert isinstance(found, tuple)
    assert found[0].code is Code.INVALID_VALUE
    assert found[0].message == "nested too deeply"


def test_field_names_are_bounded_and_printable() -> None:
    """A key from outside cannot flood or break the line that names it."""
    assert strict_json.field_name(("a\nb", 3, "c")) == "a?b.3.c"
    assert len(strict_json.field_name(("x" * 5000,))) == 200


def test_errors_hold_no_values() -> None:
    """What is said about a bad body never repeats a value of it."""
    found = strict_json.read_object('{"secret": "hunter2", "secret": "hunter2"}')
    assert isinstance(found, tuple)
    assert isinstance(found[0], FieldError)
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("text", [b"", b'{"a": 1', b"[1]", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_object_is_none(text: bytes) -> None:
    """Cut off, of another kind, not UTF-8, nested without end: None, never an exception."""
    assert json_object(text) is None
    assert json_object(b'{"a": 1}') == {"a": 1}
    assert list(json_objects([b'{"a": 1}', text, b'{"b": 2}'])) == [{"a": 1}, {"b": 2}]

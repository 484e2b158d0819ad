"""Reading JSON from outside: one object, bounded, without the liberties the library takes.

Refused beyond RFC 8259: a body over the bound, bytes that are not UTF-8, NaN and Infinity (also
as a number too large for a double), a key given twice, text with half a surrogate pair, and
nesting deeper than 64.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from bot.contract import MAX_BODY_BYTES
from bot.errors import FieldError, FieldErrorCode

JsonObject = dict[str, Any]

MAX_FIELD_NAME_CHARACTERS = 200
MAX_DEPTH = 64
"""Deeper nesting is refused: it serves nobody and ends recursive readers."""
_SURROGATES = range(0xD800, 0xE000)


class _Object(dict[str, Any]):
    """A parsed object that remembers which of its keys came twice."""

    repeated: frozenset[str] = frozenset()


def read_object(raw: bytes | str | Mapping[str, Any]) -> JsonObject | tuple[FieldError, ...]:
    """The object in `raw`, or what is wrong with it: each bad place once, dotted, never a value.

    A mapping is judged as the JSON it would be written as.
    """
    text = _text(raw)
    if isinstance(text, FieldError):
        return (text,)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except (ValueError, RecursionError):
        return (_whole(FieldErrorCode.NOT_JSON, "not JSON"),)
    if not isinstance(value, dict):
        return (_whole(FieldErrorCode.WRONG_TYPE, "must be a JSON object"),)
    errors = tuple(_bad_places(value, "", 0))
    return errors or cast("JsonObject", value)


def json_objects(lines: Iterable[str | bytes]) -> Iterator[dict[str, Any]]:
    """The object of each line; a line that is none (cut off by a crash, say) is passed over."""
    return (found for line in lines if (found := json_object(line)) is not None)


def json_object(text: str | bytes) -> JsonObject | None:
    """The object that something of our own was written as; None for what is none (cut off, say)."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def field_name(path: tuple[str | int, ...]) -> str:
    """The dotted, bounded, printable name of a place in an object."""
    name = ".".join(str(part) for part in path)
    shown = name.encode("utf-8", "replace").decode()
    return "".join(c if c.isprintable() else "?" for c in shown)[:MAX_FIELD_NAME_CHARACTERS]


def _text(raw: bytes | str | Mapping[str, Any]) -> str | FieldError:
    if isinstance(raw, Mapping):
        try:
            raw = json.dumps(dict(raw), ensure_ascii=True)
        except (TypeError, ValueError, RecursionError):
            return _whole(FieldErrorCode.NOT_JSON, "not JSON")
    size_bytes = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "surrogatepass"))
    if size_bytes > MAX_BODY_BYTES:
        return _whole(FieldErrorCode.TOO_LARGE, f"over {MAX_BODY_BYTES} bytes")
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return _whole(FieldErrorCode.NOT_JSON, "not UTF-8")


def _whole(code: FieldErrorCode, message: str) -> FieldError:
    return FieldError("", code, message)


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        times = Counter(key for key, _ in pairs)
        found.repeated = frozenset(key for key in found if times[key] > 1)
    return found


def _constant(name: str) -> float:
    return float(name)


def _bad_places(value: object, path: str, depth: int) -> Iterator[FieldError]:
    if depth > MAX_DEPTH:
        yield FieldError(path, FieldErrorCode.INVALID_VALUE, "nested too deeply")
    elif isinstance(value, _Object):
        yield from _bad_members(value, path, depth)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _bad_places(child, _below(path, index), depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        yield FieldError(path, FieldErrorCode.INVALID_VALUE, "must be a finite number")
    elif isinstance(value, str) and _is_broken(value):
        yield FieldError(path, FieldErrorCode.INVALID_VALUE, "not Unicode")


def _bad_members(value: _Object, path: str, depth: int) -> Iterator[FieldError]:
    for key, child in value.items():
        place = _below(path, key)
        if _is_broken(key):
            yield FieldError(place, FieldErrorCode.INVALID_VALUE, "not Unicode")
        elif key in value.repeated:
            yield FieldError(place, FieldErrorCode.DUPLICATE_FIELD, "this field is given twice")
        else:
            yield from _bad_places(child, place, depth + 1)


def _below(path: str, key: str | int) -> str:
    return field_name((path, key) if path else (key,))


def _is_broken(text: str) -> bool:
    return any(ord(character) in _SURROGATES for character in text)


def write(value: Mapping[str, Any]) -> str:
    """Compact JSON of an object `read_object` returned."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

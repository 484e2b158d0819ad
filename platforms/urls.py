"""Reads what people paste as a meeting link. Pure.

An address is judged in two steps: `read_address` decides whether the text is one honest https
address at all, and the platform's own parser (a row of `platforms.registry`) whether it names a
meeting. Both refuse with `InvalidMeetingUrl`; its reason never repeats the text, which may hold a
passcode.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from platforms.errors import InvalidMeetingUrl

MAX_CHARACTERS: Final = 2048
MAX_WRAPPERS: Final = 3

_WRAPPING: Final = " \t\r\n<>\"'`“”‘’«»"  # noqa: RUF001 - the quotes word processors put round links
_ENCODED: Final = re.compile(r"https%3A%2F%2F", re.IGNORECASE)
_GLUED: Final = re.compile(r"[^\s/:?#@%\\]{1,16}(?=https://)", re.IGNORECASE)
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_HOST: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})+")


@dataclass(frozen=True, slots=True)
class Address:
    """An https address without port and credentials. `host` is lower-case and plain ASCII.

    `path` and `query` are as written, percent signs included; the fragment is in `fragment`.
    """

    host: str
    path: str
    query: str = field(default="", repr=False)
    fragment: str = field(default="", repr=False)

    def parameter(self, *names: str) -> str | None:
        """The decoded value of the first of `names` the query has."""
        values = parse_qs(self.query)
        return next((values[name][0] for name in names if name in values), None)


def read_address(text: str) -> Address:
    """The one address in `text`, links that only forward to another one unwrapped.

    Tolerated: white space, quotes and angle brackets round it, a missing scheme, percent signs all
    through, up to 16 characters glued to the front of `https://`. Raises `InvalidMeetingUrl`.
    """
    address = _split(text)
    for _ in range(MAX_WRAPPERS):
        inner = _forwarded(address)
        if inner is None:
            return address
        address = _split(inner)
    raise InvalidMeetingUrl("is wrapped in too many forwarding links")


def _split(text: str) -> Address:
    cleaned = _with_scheme(_cleaned(text))
    try:
        parts = urlsplit(cleaned)
        port = parts.port
    except ValueError:
        raise InvalidMeetingUrl("is not an address") from None
    if parts.username is not None or parts.password is not None:
        raise InvalidMeetingUrl("must not carry credentials")
    if port is not None or parts.netloc.endswith(":"):
        raise InvalidMeetingUrl("must not name a port")
    if not parts.netloc.isascii():
        raise InvalidMeetingUrl("has a host of other than plain letters")
    host = parts.netloc.lower()
    if _HOST.fullmatch(host) is None:
        raise InvalidMeetingUrl("has no valid host name")
    return Address(host.removeprefix("www."), parts.path, parts.query, parts.fragment)


def _cleaned(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise InvalidMeetingUrl(f"is longer than {MAX_CHARACTERS} characters")
    cleaned = text.strip(_WRAPPING)
    if not cleaned:
        raise InvalidMeetingUrl("is empty")
    if any(mark.isspace() or not mark.isprintable() or mark == "\\" for mark in cleaned):
        raise InvalidMeetingUrl("must not contain white space, control characters or backslashes")
    if _ENCODED.match(cleaned):
        return _cleaned(unquote(cleaned))
    glued = _GLUED.match(cleaned)
    return cleaned[glued.end() :] if glued else cleaned


def _with_scheme(cleaned: str) -> str:
    found = _SCHEME.match(cleaned)
    if found is None:
        return f"https://{cleaned}"
    if found[1].lower() != "https" or not cleaned[found.end() :].startswith("//"):
        raise InvalidMeetingUrl("must be an https address")
    return cleaned


def _forwarded(address: Address) -> str | None:
    """Where a link goes that only forwards (calendars and mail filters wrap links so)."""
    if address.host == "google.com" and address.path == "/url":
        target = address.parameter("q", "url")
    elif address.host.endswith(".safelinks.protection.outlook.com"):
        target = address.parameter("url")
    else:
        return None
    if target is None:
        raise InvalidMeetingUrl("is a forwarding link without a target")
    return target

"""Which platform a meeting belongs to, and which client drives it: two tables.

A new platform is a row in `PARSERS` and a row in `CLIENTS`. Reading addresses is pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from platforms import other_urls
from platforms.errors import InvalidMeetingUrl, UnsupportedPlatform
from platforms.google_meet import urls as google_meet_urls
from platforms.types import MeetingUrl, Platform
from platforms.urls import Address, read_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.async_api import Page

    from platforms.google_meet.client import GoogleMeet


class Parser(NamedTuple):
    """How one platform's addresses are known by their host, and read."""

    owns: Callable[[str], bool]
    parse: Callable[[Address], MeetingUrl]


PARSERS: Final[Mapping[Platform, Parser]] = {
    Platform.GOOGLE_MEET: Parser(google_meet_urls.owns, google_meet_urls.parse),
    Platform.TEAMS: Parser(other_urls.owns_teams, other_urls.parse_teams),
    Platform.ZOOM: Parser(other_urls.owns_zoom, other_urls.parse_zoom),
}


def parse_meeting_url(text: str) -> MeetingUrl:
    """The meeting `text` links to, of any platform we can recognise.

    Raises `InvalidMeetingUrl`: no honest https address, a host of no platform we know (look-alikes
    included), or an address there that names no meeting.
    """
    address = read_address(text)
    for parser in PARSERS.values():
        if parser.owns(address.host):
            return parser.parse(address)
    raise InvalidMeetingUrl("is not of Google Meet, Microsoft Teams or Zoom")


def _google_meet(page: Page, url: MeetingUrl) -> GoogleMeet:
    from platforms.google_meet.client import (  # noqa: PLC0415 - reading an address loads no browser driver
        GoogleMeet,
    )

    return GoogleMeet(page, url)


CLIENTS: Final[Mapping[Platform, Callable[[Page, MeetingUrl], GoogleMeet]]] = {
    Platform.GOOGLE_MEET: _google_meet,
}


def make_client(url: MeetingUrl, page: Page) -> GoogleMeet:
    """The client that drives `page` in the meeting at `url`.

    Raises `UnsupportedPlatform` for a platform that is recognised but has no client.
    """
    factory = CLIENTS.get(url.platform)
    if factory is None:
        raise UnsupportedPlatform(url.platform)
    return factory(page, url)

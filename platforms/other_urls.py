"""Recognises the meetings of platforms this version has no client for. Pure.

Enough to say "not supported" instead of "not a meeting"; the address is kept as it is.
"""

import re
from typing import Final

from platforms.errors import InvalidMeetingUrl
from platforms.types import MeetingUrl, Platform
from platforms.urls import Address

TEAMS_HOSTS: Final = frozenset(
    {
        "teams.microsoft.com",
        "teams.live.com",
        "teams.cloud.microsoft",
        "teams.microsoft.us",
        "gov.teams.microsoft.us",
        "dod.teams.microsoft.us",
        "teams.microsoftonline.cn",
    }
)

_TEAMS: Final = re.compile(
    r"/(?:v2/?#/)?(?:v2/)?(?:l/meetup-join/(?P<thread>[^/]+)(?:/.*)?|meet/(?P<number>\d{8,20})/?)"
)
_TEAMS_LAUNCHER: Final = re.compile(r"/(?:dl/launcher/.+|light-meetings/launch/?)")


def owns_teams(host: str) -> bool:
    """Whether the host is one of Microsoft Teams'."""
    return host in TEAMS_HOSTS


def parse_teams(address: Address) -> MeetingUrl:
    """The Teams meeting at an address. Raises `InvalidMeetingUrl` when it names none."""
    path = f"{address.path}#{address.fragment}" if address.fragment.startswith("/") else ""
    found = _TEAMS.fullmatch(path.partition("?")[0]) or _TEAMS.fullmatch(address.path)
    if found is not None:
        meeting_id = found["thread"] or found["number"]
    elif _TEAMS_LAUNCHER.fullmatch(address.path) and address.parameter("url", "coords"):
        meeting_id = "launcher"
    else:
        raise InvalidMeetingUrl("has no Microsoft Teams meeting in its path")
    return MeetingUrl(Platform.TEAMS, meeting_id, _whole(address))


def _whole(address: Address) -> str:
    query = f"?{address.query}" if address.query else ""
    fragment = f"#{address.fragment}" if address.fragment else ""
    return f"https://{address.host}{address.path}{query}{fragment}"

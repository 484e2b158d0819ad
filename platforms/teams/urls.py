"""Which addresses are Microsoft Teams' meetings. Pure.

Four ways of writing a meeting are known (public projects, 2025 to 2026): the long work link (thread
and context), the short one (number and passcode, work or personal), the launcher page that wraps
either, and the light client's page that holds either in `coords`. All end in the address that opens
the web client itself, past the launcher, whose prompt for the native app no page script can close.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from platforms.errors import InvalidMeetingUrl
from platforms.types import MeetingUrl, Platform
from platforms.urls import Address, read_address

PERSONAL_HOST: Final = "teams.live.com"
REGISTRATION_HOST: Final = "events.teams.microsoft.com"
HOSTS: Final = (
    "teams.microsoft.com",
    PERSONAL_HOST,
    "teams.cloud.microsoft",
    # governments and sovereign clouds: the same client at another name, none of them seen by us
    "teams.microsoft.us",
    "gov.teams.microsoft.us",
    "dod.teams.microsoft.us",
    "teams.microsoftonline.cn",
    "teams.sovcloud.fr",
)

_LONG: Final = re.compile(r"/l/meetup-join/(?P<thread>[^/]+)/(?P<message>\d{1,20})/?")
_SHORT: Final = re.compile(r"/meet/(?P<number>\d{10,20})/?", re.ASCII)
_SHELL: Final = re.compile(r"/(?:v2|_)?(?=/|$)")
_LAUNCHER: Final = re.compile(r"/dl/launcher/[\w.-]+", re.ASCII)
_LIGHT: Final = re.compile(r"/light-meetings/launch/?")
_THREAD: Final = re.compile(r"19:[\w.~+=-]{1,200}@[a-z0-9.]{1,40}", re.ASCII)
_TENANT: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LAUNCH_PARAMETERS: Final = frozenset(
    {
        *("anon", "context", "p", "url", "type", "deeplinkId", "directDl", "msLaunch"),
        *("suppressPrompt", "enableMobilePage", "fqdn", "lightExperience", "launchAgent"),
        *("meetingjoin", "correlationId"),
    }
)
"""What steers the launcher, or is written anew; anything else may name a webinar's registration."""
_MAX_NESTED: Final = 3
_NO_MEETING: Final = "has no Microsoft Teams meeting in its path"


def owns(host: str) -> bool:
    """Whether the host is one of Microsoft Teams'."""
    return host in HOSTS or host == REGISTRATION_HOST


def parse(address: Address) -> MeetingUrl:
    """The meeting at a Teams address; `meeting_id` is its thread, or its number.

    Raises `InvalidMeetingUrl`, with what is missing as its reason.
    """
    return _parse(address, _MAX_NESTED)


def _parse(address: Address, left: int) -> MeetingUrl:
    if address.host == REGISTRATION_HOST:
        raise InvalidMeetingUrl("is a registration page; the meeting's link comes by mail")
    if left == 0:
        raise InvalidMeetingUrl("is wrapped in too many launcher links")
    if _LAUNCHER.fullmatch(address.path):
        return _parse(_launched(address), left - 1)
    if _LIGHT.fullmatch(address.path):
        return _of_coords(address, left)
    path, query = _route(address)
    number = _SHORT.fullmatch(path)
    if number is not None:
        return _short(address.host, number["number"], dict(parse_qsl(query)).get("p"))
    long = _LONG.fullmatch(path)
    if long is None:
        raise InvalidMeetingUrl(_NO_MEETING)
    return _long(address.host, long["thread"], long["message"], parse_qsl(query))


def _route(address: Address) -> tuple[str, str]:
    """Path and query of what the client is asked to open, which may stand in the fragment."""
    if address.fragment.startswith("/"):
        path, _, query = address.fragment.partition("?")
        return path, query
    return _SHELL.sub("", address.path, count=1), address.query


def _launched(address: Address) -> Address:
    target = address.parameter("url")
    if target is None or not target.startswith("/"):
        raise InvalidMeetingUrl(_NO_MEETING)
    path, _, fragment = target.partition("#")
    path, _, query = path.partition("?")
    return Address(address.host, path, query, fragment)


def _of_coords(address: Address, left: int) -> MeetingUrl:
    coords = _coords(address.parameter("coords"))
    number, thread = coords.get("meetingCode", ""), coords.get("conversationId", "")
    if _SHORT.fullmatch(f"/meet/{number}"):
        return _short(address.host, number, coords.get("passcode"))
    if thread:
        context = {"Tid": coords.get("tenantId", "")}
        if "organizerId" in coords:
            context["Oid"] = coords["organizerId"]
        message = coords.get("messageId", "0")
        return _long(address.host, thread, message, [("context", json.dumps(context))])
    inner = read_address(coords.get("meetingUrl", "-"))
    if not owns(inner.host):
        raise InvalidMeetingUrl(_NO_MEETING)
    return _parse(inner, left - 1)


def _coords(text: str | None) -> Mapping[str, str]:
    if text is None:
        raise InvalidMeetingUrl(_NO_MEETING)
    padded = text.replace("-", "+").replace("_", "/").replace(" ", "+")
    padded += "=" * (-len(padded) % 4)
    try:
        coords = json.loads(base64.b64decode(padded, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidMeetingUrl("has coordinates of a meeting that cannot be read") from None
    if not isinstance(coords, dict):
        raise InvalidMeetingUrl("has coordinates of a meeting that cannot be read")
    return {key: str(value) for key, value in coords.items() if isinstance(value, str | int)}


def _short(host: str, number: str, passcode: str | None) -> MeetingUrl:
    query = urlencode({"p": passcode} if passcode else {})
    query = f"{query}&anon=true" if query else "anon=true"
    shell = "" if host == PERSONAL_HOST else "/v2/?meetingjoin=true#"
    return MeetingUrl(Platform.TEAMS, number, f"https://{host}{shell}/meet/{number}?{query}")


def _long(
    host: str, thread: str, message: str, parameters: Sequence[tuple[str, str]]
) -> MeetingUrl:
    thread = unquote(unquote(thread))
    if _THREAD.fullmatch(thread) is None:
        raise InvalidMeetingUrl(_NO_MEETING)
    context = _context(dict(parameters).get("context"))
    kept = [(key, value) for key, value in parameters if key not in _LAUNCH_PARAMETERS]
    query = urlencode([("context", context), *kept, ("anon", "true")], quote_via=quote)
    route = f"/l/meetup-join/{quote(thread, safe='')}/{message}?{query}"
    return MeetingUrl(Platform.TEAMS, thread, f"https://{host}/v2/?meetingjoin=true#{route}")


def _context(text: str | None) -> str:
    """Whose meeting it is (tenant, organiser), as compact JSON: no meeting resolves without."""
    if text is None:
        raise InvalidMeetingUrl("lacks the context of its Microsoft Teams meeting")
    for _ in range(_MAX_NESTED):
        try:
            context = json.loads(text)
        except (ValueError, RecursionError):
            text = unquote(text)
        else:
            break
    else:
        context = None
    if not isinstance(context, dict) or _TENANT.fullmatch(str(context.get("Tid"))) is None:
        raise InvalidMeetingUrl("has a context that names no Microsoft Teams tenant")
    return json.dumps(context, separators=(",", ":"))

"""Which addresses are Zoom's meetings, and where their web client is. Pure.

Forms as public projects accept them (2025 to 2026): invitations `/j/` and `/s/`, webinars `/w/`,
web client addresses `/wc/`, personal names `/my/`, events, a company's name before the domain,
country domains, the government's, and one white label. Most are rewritten to the web client's own
address; the launcher page between would only offer the native program.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlencode

from platforms.errors import InvalidMeetingUrl
from platforms.types import MeetingUrl, Platform
from platforms.urls import Address

CLIENT_HOST: Final = "app.zoom.us"
COMMERCIAL_DOMAINS: Final = ("zoom.us", "zoom.com", "zoom.com.cn", "zoom.eu", "zoom.de", "zoom.fr")
"""All are rewritten to `CLIENT_HOST`: whoever owns the country domains learns no passcode."""
GOVERNMENT_DOMAIN: Final = "zoomgov.com"
"""A cloud of its own: its meetings stay on their host. Nobody was seen driving a bot there."""
DOMAINS: Final = (*COMMERCIAL_DOMAINS, GOVERNMENT_DOMAIN)
EVENTS_HOST: Final = "events.zoom.us"
WHITE_LABELS: Final = frozenset({"zoom-lfx.platform.linuxfoundation.org"})
MAX_TYPED_PASSCODE: Final = 10
"""Zoom's passcodes are at most so long; what is longer in an address is a token of one."""

_NUMBER: Final = r"(?P<number>\d{9,12})"
_NUMBERED: Final = re.compile(
    rf"/(?:j|s|w|wc/join|wc/start)/{_NUMBER}/?|/wc/{_NUMBER.replace('number', 'client')}"
    r"(?:/(?:join|start))?/?",
    re.ASCII,
)
_VANITY: Final = re.compile(r"/my/(?P<name>\w[\w.-]{0,99})/?", re.ASCII)
_EVENT: Final = re.compile(r"/ejl/(?P<event>[\w-]{1,200})/?", re.ASCII)
_WHITE_LABEL: Final = re.compile(rf"/meeting/{_NUMBER}/?", re.ASCII)
_CONFERENCE: Final = re.compile(r"\d{9,12}", re.ASCII)
_PASSCODE_NAMES: Final = ("pwd", "password", "passcode")


def owns(host: str) -> bool:
    """Whether the host is Zoom's: a domain of its own, with any company's name before it."""
    return host in WHITE_LABELS or any(
        host == domain or host.endswith(f".{domain}") for domain in DOMAINS
    )


def parse(address: Address) -> MeetingUrl:
    """The meeting at a Zoom address, at the address that opens the web client directly.

    `meeting_id` is the number, a personal name ("my/<name>") or an event ("ejl/<id>"). Those two
    tell no number and stay as they are, like a white label's. Every parameter is kept (a webinar's
    `tk` is the ticket); the passcode's is called `pwd` afterwards, wherever it stood.
    Raises `InvalidMeetingUrl`.
    """
    if address.host in WHITE_LABELS:
        return _as_it_is(address, _WHITE_LABEL, "number", "")
    if address.host == EVENTS_HOST:
        return _as_it_is(address, _EVENT, "event", "ejl/")
    parameters = _parameters(address)
    number = _number(address.path, parameters)
    if number is None:
        return _as_it_is(address, _VANITY, "name", "my/")
    query = f"?{urlencode(parameters)}" if parameters else ""
    if _is_government(address.host):
        url = f"https://{address.host}/wc/join/{number}{query}"
    else:
        url = f"https://{CLIENT_HOST}/wc/{number}/join{query}"
    return MeetingUrl(Platform.ZOOM, number, url)


def typed_passcode(url: str) -> str | None:
    """The passcode in a client address that a person could type, or None: a token is none."""
    parameters = dict(parse_qsl(url.partition("?")[2].partition("#")[0]))
    passcode = parameters.get("pwd", "")
    return passcode if 0 < len(passcode) <= MAX_TYPED_PASSCODE else None


def _number(path: str, parameters: dict[str, str]) -> str | None:
    found = _NUMBERED.fullmatch(path)
    if found is not None:
        return found["number"] or found["client"]
    conference = parameters.pop("confno", "") if path.rstrip("/") == "/join" else ""
    return conference if _CONFERENCE.fullmatch(conference) else None


def _parameters(address: Address) -> dict[str, str]:
    """What query and fragment say, the passcode first; `#success` and its like say nothing."""
    text = f"{_decoded_once(address.query)}&{_decoded_once(address.fragment)}"
    found = dict(reversed(parse_qsl(text)))
    passcodes = [found.pop(name) for name in _PASSCODE_NAMES if name in found]
    rest = dict(reversed(found.items()))
    return {"pwd": passcodes[0], **rest} if passcodes else rest


def _decoded_once(text: str) -> str:
    """A query whose very "=" were escaped by whoever handed it on is read all the same."""
    return text if "=" in text else unquote(text)


def _as_it_is(address: Address, path: re.Pattern[str], group: str, prefix: str) -> MeetingUrl:
    found = path.fullmatch(address.path)
    if found is None:
        raise InvalidMeetingUrl("has no Zoom meeting number in its path")
    query = f"?{address.query}" if address.query else ""
    url = f"https://{address.host}{address.path}{query}"
    return MeetingUrl(Platform.ZOOM, f"{prefix}{found[group]}", url)


def _is_government(host: str) -> bool:
    return host == GOVERNMENT_DOMAIN or host.endswith(f".{GOVERNMENT_DOMAIN}")

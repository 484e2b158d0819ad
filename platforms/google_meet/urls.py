"""Which addresses are Google Meet's meetings. Pure."""

import re
from typing import Final

from platforms.errors import InvalidMeetingUrl
from platforms.types import MeetingUrl, Platform
from platforms.urls import Address

HOST: Final = "meet.google.com"
LANGUAGE: Final = "en"
"""`?hl=` pins the client's language, for signed-in accounts too."""

_CODE: Final = re.compile(r"/([a-z]{3}-[a-z]{4}-[a-z]{3})/?")
_NICKNAME: Final = re.compile(r"/(lookup/[A-Za-z0-9][A-Za-z0-9._-]{0,99})/?")
_CODE_ONLY: Final = re.compile(r"[a-z]{3}-[a-z]{4}-[a-z]{3}")


def owns(host: str) -> bool:
    """Whether the host is Google Meet's."""
    return host == HOST


def parse(address: Address) -> MeetingUrl:
    """The meeting at a Google Meet address; `meeting_id` is its code, or "lookup/<nickname>".

    Query and fragment are dropped: they choose an account or a device, never a meeting.
    Raises `InvalidMeetingUrl`.
    """
    code = _CODE.fullmatch(address.path.lower()) if address.path.isascii() else None
    found = code or _NICKNAME.fullmatch(address.path)
    if found is None:
        raise InvalidMeetingUrl("has no Google Meet code (abc-defg-hij)")
    meeting_id = found[1]
    url = f"https://{HOST}/{meeting_id}?hl={LANGUAGE}"
    return MeetingUrl(Platform.GOOGLE_MEET, meeting_id, url)


def is_code(meeting_id: str) -> bool:
    """Whether the id is a meeting code, and not a nickname that redirects to one."""
    return _CODE_ONLY.fullmatch(meeting_id) is not None

"""The platform `janus_room`: which addresses are its meetings. Loads no browser driver."""

from importlib import import_module
from typing import Final

from platforms.errors import InvalidMeetingUrl
from platforms.plugin import Plugin
from platforms.types import MeetingUrl, NameRules
from platforms.urls import Address

HOST: Final = "janus.example"
PAGE: Final = "/videoroomtest.html"


def _parse(address: Address) -> MeetingUrl:
    """The room at an address of the demo page; raises `InvalidMeetingUrl` for any other page."""
    room = address.parameter("room") or "1234"
    if address.path != PAGE or not (room.isascii() and room.isdigit()):
        raise InvalidMeetingUrl(f"has no room of the demo page ({PAGE}?room=1234)")
    return MeetingUrl("janus_room", room, f"https://{HOST}{PAGE}?room={room}")


PLATFORM: Final = Plugin(
    title="Janus VideoRoom",
    owns=lambda host: host == HOST,
    parse=_parse,
    load_adapter=lambda: import_module("janus_room.adapter").ADAPTER,
    name_rules=NameRules(accepted="[A-Za-z0-9]"),
)

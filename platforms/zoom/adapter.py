"""The Zoom web client, as the common client drives it."""

import json
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import Frame

from platforms.adapter import Adapter
from platforms.packaged import searching_script
from platforms.types import Platform
from platforms.zoom import chat, controls, views
from platforms.zoom.chat_reading import read_chat
from platforms.zoom.controls import LEAVE, LEAVE_MEETING, LIVE_DEVICE
from platforms.zoom.dialogs import DIALOGS
from platforms.zoom.evidence import (
    COUNTED,
    EVIDENCE,
    HOST_ABSENT,
    JOIN,
    LOBBY_TEXT,
    NAME_BOX,
    NEVER_IN,
    PASSCODE_ASKED,
    REMOVED_LABEL,
    WAITING_ROOM,
)
from platforms.zoom.joining import fill_in, switch_devices_off
from platforms.zoom.on_the_way import settle_in, tend
from platforms.zoom.people import people_of
from platforms.zoom.texts import phrases
from platforms.zoom.urls import DOMAINS, WHITE_LABELS, owns, typed_passcode
from platforms.zoom.views import choose_view

_MARKS: Final = {"self": phrases("self_mark"), "host": phrases("host_mark")}
_PEOPLE: Final = searching_script("platforms.zoom", "people.js")


def owns_frame(frame: Frame) -> bool:
    """Whether the client lives in this frame, as it does for some meetings: `iframe#webclient`."""
    address = urlsplit(frame.url)
    return owns(address.hostname or "") and address.path.startswith("/wc/")


ADAPTER: Final = Adapter(
    platform=Platform.ZOOM,
    domains=(*DOMAINS, *WHITE_LABELS),
    rows=EVIDENCE,
    never_in=NEVER_IN,
    join=JOIN,
    name_box=NAME_BOX,
    asked=(WAITING_ROOM, LOBBY_TEXT, HOST_ABSENT, COUNTED, REMOVED_LABEL),
    ask_is_proved=True,
    not_for=lambda url: {PASSCODE_ASKED} if typed_passcode(url.url) else (),
    dialogs=DIALOGS,
    leave=(LEAVE, LEAVE_MEETING),
    chat=NEVER_IN.removesuffix(", script, style, template, noscript"),
    people_script=f"() => ({_PEOPLE})({json.dumps({'marks': _MARKS})})",
    read_people=people_of,
    fill_in=fill_in,
    say=chat.say,
    live_device=LIVE_DEVICE,
    switch_devices_off=switch_devices_off,
    on_watch=settle_in,
    tend=tend,
    read_chat=read_chat,
    choose_view=choose_view,
    owns_frame=owns_frame,
    controls=(
        controls.FROM_BROWSER,
        controls.NAME_BOX,
        controls.PASSCODE_BOX,
        controls.JOIN,
        controls.JOIN_AUDIO,
        controls.PEOPLE_BUTTON,
        controls.PEOPLE_LIST,
        controls.CHAT_BUTTON,
        controls.CHAT_BOX,
        controls.CHAT_SEND,
        views.MENU_BUTTON,
    ),
)

"""The Google Meet web client, as the common client drives it."""

from typing import Final

from platforms.adapter import Adapter, Overheard
from platforms.google_meet import chat, controls, views
from platforms.google_meet.chat_reading import read_chat
from platforms.google_meet.controls import JUST_LEAVE, LEAVE, LIVE_DEVICE
from platforms.google_meet.dialogs import DIALOGS
from platforms.google_meet.evidence import ASKING, EVIDENCE, JOIN, NAME_BOX, NEVER_IN, TILE
from platforms.google_meet.evidence import LEAVE as LEAVE_SIGN
from platforms.google_meet.joining import press_join, switch_devices_off
from platforms.google_meet.people import people_of
from platforms.google_meet.verdict import RPC, verdict_of
from platforms.google_meet.views import choose_view
from platforms.packaged import packaged_text
from platforms.types import Platform

ADAPTER: Final = Adapter(
    platform=Platform.GOOGLE_MEET,
    domains=("google.com", "youtube.com"),  # signing in passes through both
    rows=EVIDENCE,
    never_in=NEVER_IN,
    join=JOIN,
    name_box=NAME_BOX,
    asked=(LEAVE_SIGN, TILE, ASKING),
    dialogs=DIALOGS,
    leave=(LEAVE, JUST_LEAVE),
    chat="[data-message-id], [role=log], aside",
    people_script=packaged_text("platforms.google_meet", "people.js"),
    read_people=people_of,
    fill_in=lambda surface, name, _url: press_join(surface, name),
    say=chat.say,
    live_device=LIVE_DEVICE,
    switch_devices_off=switch_devices_off,
    read_chat=read_chat,
    choose_view=choose_view,
    overheard=Overheard(RPC, verdict_of),
    controls=(
        controls.NAME_BOX,
        controls.JOIN,
        controls.CHAT_BUTTON,
        controls.CHAT_BOX,
        controls.CHAT_SEND,
        views.MORE,
        views.ADJUST_VIEW,
        *views.LAYOUTS.values(),
        views.CLOSE,
    ),
)

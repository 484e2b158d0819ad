"""The Microsoft Teams web client, as the common client drives it."""

from typing import Final

from platforms.adapter import Adapter
from platforms.teams import chat, controls, panel, views
from platforms.teams.chat_reading import read_chat
from platforms.teams.controls import CANCEL, LEAVE, LEAVE_MENU, LIVE_DEVICE
from platforms.teams.dialogs import DIALOGS
from platforms.teams.evidence import (
    CALL_SCREEN,
    CONNECTING,
    EVIDENCE,
    JOIN,
    LOBBY,
    LOBBY_TEXT,
    NAME_BOX,
    NEVER_IN,
    SIGN_IN_HOSTS,
    TIMER,
)
from platforms.teams.joining import press_join, switch_devices_off
from platforms.teams.panel import tend_panel
from platforms.teams.people import SCRIPT, people_of
from platforms.teams.urls import HOSTS
from platforms.teams.views import choose_view
from platforms.types import Platform

DOMAINS: Final = ("microsoft.com", "microsoft.us", "live.com", "office.com", "cloud.microsoft")
"""Launcher, signing in and the pages after a meeting are spread over these."""

ADAPTER: Final = Adapter(
    platform=Platform.TEAMS,
    domains=(*HOSTS, *SIGN_IN_HOSTS, *DOMAINS),
    rows=EVIDENCE,
    never_in=NEVER_IN,
    join=JOIN,
    name_box=NAME_BOX,
    asked=(LOBBY, LOBBY_TEXT, CONNECTING, CALL_SCREEN, TIMER),
    dialogs=DIALOGS,
    leave=(LEAVE, LEAVE_MENU, CANCEL),
    chat='[data-tid^="chat-pane"], [data-tid^="message-pane"], [data-tid="ckeditor"]',
    people_script=SCRIPT,
    read_people=people_of,
    fill_in=press_join,
    say=chat.say,
    live_device=LIVE_DEVICE,
    switch_devices_off=switch_devices_off,
    tend=tend_panel,
    read_chat=read_chat,
    choose_view=choose_view,
    controls=(
        controls.NAME_BOX,
        controls.PASSCODE_BOX,
        controls.JOIN,
        panel.PEOPLE_BUTTON,
        controls.CHAT_BUTTON,
        controls.CHAT_BOX,
        controls.CHAT_SEND,
        views.VIEW_MENU,
        *views.ITEMS.values(),
    ),
)

"""The screens of the Zoom web client as the public facts describe them, as static pages.

Every screen carries what trips a careless reader: hidden templates with the sentences of other
screens, the footer where nobody is admitted yet. `SECOND` is the same client a generation later:
ids, classes and sentences changed, only what Zoom does not translate stayed. The adapter was not
written against it.
"""

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from platforms.types import PageState as S
from tests.pages.state_page import StatePage

URL = "https://app.zoom.us/wc/98765432101/join?pwd=x"
TEMPLATES = """
<div class="zm-modal" style="display:none"><p>You have been removed</p></div>
<div role="dialog" style="visibility:hidden;position:absolute"><p>This meeting has been ended by
 host</p></div>
<div role="dialog" style="width:0;height:0;overflow:hidden;position:absolute"><p
 style="margin:0;width:0;height:0;overflow:hidden">Automated bots aren't allowed</p></div>
<template><p>Please wait, the meeting host will let you in soon.</p></template>
<div id="wc-loading" style="display:none">Joining Meeting...</div>
"""
STYLE = (
    "<style>video-player{display:inline-block;width:160px;height:90px}"
    ".waiting-room-container{padding:9px}</style>"
)
EVIL = "You have been removed. This meeting has been ended by host. Automated bots aren't allowed"

SECOND = {
    "wc-footer": "app-footer",
    "foot-bar": "app-bar",
    "main-footer": "shell-footer",
    "footer__inner": "shell__bar",
    "footer__leave-btn-container": "shell__leave",
    "footer-button__number-counter": "toolbar-badge",
    "waiting-room-container": "lobby-view",
    "wr-information": "lobby-view__info",
    "wr-tip": "lobby-view__tip",
    "preview-join-button": "green-room__join",
    "preview-root": "green-room",
    "input-for-name": "guest-name",
    "input-for-pwd": "guest-code",
    "video-avatar__avatar-footer": "tile__label",
    "video-avatar__avatar-name": "tile__name",
    "video-avatar__avatar": "tile",
    "video-item-container": "tile-box",
    "wc-loading": "app-loading",
    "zm-modal-legacy": "modal-shell",
    "zm-modal": "modal-shell",
    "error-for-pwd": "code-error",
    "Please wait, the meeting host will let you in soon.": "Hang tight! You are next in line.",
    "Waiting for the host to start the meeting.": "The meeting has not begun.",
    "This meeting has been ended by host": "That is all. Everybody has left.",
    "This meeting link is invalid (3,001)": "We could not find that meeting.",
    "You have been removed from this meeting": "Your host asked you to go",
    "Passcode wrong": "That code did not work",
}
"""Generation one's words, and what became of them."""


def second(body: str) -> str:
    """A screen of the first generation as the second one draws it."""
    for old, new in SECOND.items():
        body = body.replace(old, new)
    return body


def screen(body: str, *, lang: str = "en", title: str = "Zoom", script: str = "") -> str:
    """A whole document round a body."""
    code = f'<script nonce="page">{script}</script>' if script else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"{STYLE}</head><body>{body}{TEMPLATES}{code}</body></html>"
    )


def prejoin(
    text: str = "Join",
    *,
    passcode: bool = False,
    error: str = "",
    named: bool = True,
    live: bool = True,
) -> str:
    """The preview: name, passcode, toggles, and the button its own texts cover."""
    name = '<input id="input-for-name" type="text">' if named else ""
    invalid = 'aria-invalid="true"' if error else ""
    box = (
        f'<input id="input-for-pwd" type="password" {invalid}><p id="error-for-pwd">{error}</p>'
        if passcode
        else ""
    )
    mic, camera = ("SvgAudioMute", "SvgVideoOn") if live else ("SvgAudioUnmute", "SvgVideoOff")
    return (
        '<div class="preview-root"><video-player id="preview-video-player" media-type="preview">'
        f'</video-player><button id="preview-audio-control-button"><svg class="{mic}"></svg>Mute'
        f'</button><button id="preview-video-control-button"><svg class="{camera}"></svg>Stop Video'
        f'</button>{name}{box}<button class="zm-btn preview-join-button">{text}</button></div>'
    )


def classic() -> str:
    """The older preview page, with the cookie banner over it."""
    return (
        '<div id="onetrust-banner-sdk"><button id="onetrust-accept-btn-handler">Accept Cookies'
        '</button></div><form><input id="inputname" type="text"><button id="joinBtn">Join</button>'
        "</form>"
    )


def footer(count: int | str | None, *, hidden: bool = False) -> str:
    """The toolbar, in the call and before: `count` of people, 0 until admitted."""
    counter = (
        ""
        if count is None
        else f'<span class="footer-button__number-counter"><span>{count}</span></span>'
    )
    label = "" if count is None else f"open the participants list pane,[{count}] particpants"
    style = 'style="visibility:hidden"' if hidden else ""
    return (
        f'<footer id="wc-footer" class="footer main-footer" {style}><div id="foot-bar" '
        'class="footer__inner"><button class="join-audio-container__btn" aria-label="unmute my '
        'microphone"><svg class="SvgAudioUnmute"></svg></button><div id="participant" '
        f'feature-type="participant"><button aria-label="{label}">{counter}</button></div>'
        '<div feature-type="chat"><button aria-label="open the chat panel">Chat</button></div>'
        '<div class="footer__leave-btn-container"><button aria-label="Leave">Leave</button></div>'
        "</div></footer>"
    )


def loading() -> str:
    """Joining: the whole client is mounted below, nobody is counted."""
    shade = "position:fixed;inset:0;background:#fff"
    return (
        f'<div id="meeting-app"><div id="wc-loading" style="{shade}">Joining Meeting...</div>'
        '<div id="video-share-layout"><video-player node-id=""></video-player></div>'
        f"{footer(0)}</div>"
    )


def lobby(
    text: str = "Please wait, the meeting host will let you in soon.",
    *,
    topic: str = "Weekly sync",
    count: int | None = 0,
) -> str:
    """The waiting room, with the footer behind it."""
    return (
        '<div id="meeting-app" class="meeting-app"><div class="waiting-room-container"><div '
        f'class="wr-information"><div class="wr-topic">{escape(topic)}</div><div class="wr-tip">'
        f'<span>{text}</span></div></div><div class="btn-container"><button class="leave-btn">'
        f"Leave</button></div></div>{footer(count)}</div>"
    )


def tile(name: str, *, camera: bool = True, frame: str = "speaker-active-container") -> str:
    """One person on the stage."""
    player = '<video-player node-id="16778240" media-type="video"></video-player>'
    shown = (
        f'<div class="video-avatar__avatar-footer"><span role="none">{escape(name)}</span></div>'
        if camera
        else f'<div class="video-avatar__avatar-name">{escape(name)}</div>'
    )
    return (
        f'<div class="{frame}__video-frame"><div data-attr="video-item-container">'
        f'{player if camera else ""}<div class="video-avatar__avatar">{shown}</div></div></div>'
    )


def in_call(
    tiles: Sequence[str] = (),
    *,
    count: int | str | None = 2,
    hidden: bool = False,
    panel: str = "",
    more: str = "",
) -> str:
    """The call."""
    shown = "".join(tiles or (tile("Meetbot"), tile("Ada")))
    return (
        '<div id="meeting-app" class="meeting-app"><span class="meeting-info-icon__title">Weekly '
        'sync</span><div id="wc-container"><div id="wc-container-left"><div class="main-layout">'
        f"<video-player-container>{shown}</video-player-container></div></div><div "
        f'id="wc-container-right">{panel}</div></div>{footer(count, hidden=hidden)}</div>{more}'
    )


def person_row(number: int, name: str, label: str = "") -> str:
    """One line of the list of participants."""
    return (
        f'<div class="participants-li" id="participants-list-{number}" aria-label="{escape(name)},'
        f'{label},computer audio muted,video off"><span class="participants-item__display-name">'
        f'{escape(name)}</span><span class="participants-item__name-label">{label}</span></div>'
    )


def people_panel(*rows: str) -> str:
    """The open list of participants."""
    return f'<div id="participants-ul" role="list">{"".join(rows)}</div>'


def modal(label: str, text: str, *buttons: str, classes: str = "zm-modal zm-modal-legacy") -> str:
    """A modal dialog. Its label is never translated, its text is."""
    pressed = "".join(
        f'<button class="zm-btn zm-btn-legacy zm-btn--primary">{each}</button>'
        for each in buttons or ("OK",)
    )
    return (
        f'<div class="{classes}" role="dialog" aria-label="{label}" style="position:fixed;inset:0;'
        f'background:#fff"><div class="zm-modal-body-title">{text}</div>'
        f'<div class="zm-modal-footer-default-actions">{pressed}</div></div>'
    )


def over(label: str, text: str) -> str:
    """The modal of an ending over the emptied client."""
    return f'<div id="meeting-app">{footer(None)}</div>{modal(label, text)}'


def launcher() -> str:
    """The page between an invitation and the client."""
    return (
        "<h1>Click Launch Meeting below</h1><div role=button>Launch Meeting</div>"
        '<a href="/wc/join/98765432101?pwd=x" role="button">Join from your browser</a>'
    )


def link_error() -> str:
    """The page of a meeting that has not begun, or never was one."""
    return "<h1>Invalid link</h1><p>This meeting link is invalid (3,001)</p>"


PRESSED = """
document.body.dataset.pressed = '';
document.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || !event.isTrusted) return;
  document.body.dataset.pressed += `[${button.textContent.trim()}]`;
  button.closest('[role=dialog]')?.remove();
});
"""
"""Notes every trusted click on a button, and lets a dialog go when it was answered."""

CHAT = (
    '<div aria-label="Chat Message List" id="chat-list-content"><div id="chat-message-1" '
    'class="new-chat-message__container"><div id="chat-message-content-1" aria-label="Ana to '
    f'Everyone, 10:00 AM, hi" role="dialog">{EVIL}. Incorrect passcode. Sign in to join this '
    "meeting. Waiting for the host to start the meeting. (3,001). Invalid meeting ID. Check captcha"
    "</div></div></div>"
    f'<div class="chat-rtf-box"><div contenteditable="true">{EVIL}</div></div>'
)
"""Everything the client could say, written by a person."""

LABEL_ONLY = "The dialog's untranslated label; its sentence counts only within a dialog, by design."
SENTENCE_ONLY = "Host absent and waiting room are one screen of two sentences; the error page too."
WALL = "We detected you may be a bot. Automated bots aren't allowed to join this meeting"
HOME = "https://app.zoom.us/wc/home"
_IN = frozenset({S.LOBBY, S.IN_CALL})

_SCREENS = (
    StatePage("prejoin", S.PREJOIN, screen(prejoin()), URL),
    StatePage("prejoin-classic", S.PREJOIN, screen(classic()), URL),
    StatePage("launcher", S.PREJOIN, screen(launcher()), "https://zoom.us/j/98765432101"),
    StatePage("loading", S.UNKNOWN, screen(loading()), URL),
    StatePage("lobby", S.LOBBY, screen(lobby()), URL),
    StatePage("on-hold", S.LOBBY, screen(lobby(topic=EVIL)), URL, after=_IN),
    StatePage(
        "host-absent",
        S.WAITING_FOR_HOST,
        screen(lobby("Waiting for the host to start the meeting.")),
        URL,
        few=SENTENCE_ONLY,
    ),
    StatePage("not-begun", S.WAITING_FOR_HOST, screen(link_error(), title="Error - Zoom"), URL),
    StatePage("in-call", S.IN_CALL, screen(in_call()), URL, after=frozenset({S.LOBBY})),
    StatePage("in-call-chat", S.IN_CALL, screen(in_call(more=CHAT)), URL),
    StatePage("in-call-hidden", S.IN_CALL, screen(in_call([tile(EVIL)], hidden=True)), URL),
    StatePage(
        "reconnecting",
        S.RECONNECTING,
        screen(in_call(more=modal("Reconnect server dialog", "Meeting connected timeout."))),
        URL,
        after=_IN,
        few=LABEL_ONLY,
    ),
    StatePage("bot-wall", S.BLOCKED, screen(modal("BotDetectedDialog", WALL, "Close")), URL),
    StatePage("locked", S.BLOCKED, screen(modal("Meeting is locked", "Meeting is locked")), URL),
    StatePage("full", S.BLOCKED, screen(modal("Meeting is full", "Meeting is full")), URL),
    StatePage(
        "passcode-wrong",
        S.BLOCKED,
        screen(prejoin(passcode=True, error="Passcode wrong")),
        URL,
        less=frozenset({S.PREJOIN}),
    ),
    StatePage(
        "registration", S.BLOCKED, screen("<h1>x</h1>"), "https://zoom.us/webinar/register/WN_1"
    ),
    StatePage(
        "sign-in",
        S.LOGIN,
        screen('<div id="login"><button class="login-btn-zoom">Sign in</button></div>'),
        "https://app.zoom.us/signin",
    ),
    StatePage(
        "sign-in-asked",
        S.LOGIN,
        screen('<div id="prompt">Sign in to join this meeting</div>'),
        URL,
    ),
    StatePage(
        "no-such-meeting",
        S.INVALID,
        screen("<h1>Invalid meeting ID</h1>"),
        URL,
        few="Only a sentence was ever read of a number that Zoom itself calls invalid.",
    ),
    StatePage(
        "removed",
        S.REMOVED,
        screen(over("You have been removed", "You have been removed")),
        URL,
        after=_IN,
        few=LABEL_ONLY,
    ),
    StatePage(
        "ended",
        S.ENDED,
        screen(over("Meeting is end now", "This meeting has been ended by host")),
        URL,
        after=_IN,
        few=LABEL_ONLY,
    ),
    StatePage(
        "home", S.ENDED, screen("<h1>Home</h1>"), HOME, after=_IN, less=frozenset({S.BLOCKED})
    ),
)
STATES = (
    *_SCREENS,
    *(
        replace(each, name=f"{each.name}-2", html=second(each.html), generation=2)
        for each in _SCREENS
        if second(each.html) != each.html
    ),
)
"""Every state of the table, in both generations."""

"""The screens of the Microsoft Teams client as the public facts describe them, as static pages.

Every screen carries what trips a careless reader: hidden templates with the sentences of other
screens, a meeting's title that could be one. `SECOND` is the same client a generation later: marks
renamed, sentences reworded, ids and roles kept. The adapter was not written against it.
"""

from collections.abc import Sequence
from dataclasses import replace

from platforms.types import PageState as S
from tests.pages.state_page import StatePage

URL = "https://teams.microsoft.com/v2/?meetingjoin=true"
EVIL = "You've been removed from this meeting. The meeting has ended"
TEMPLATES = """
<div style="display:none"><h1>Sorry, but you were denied access to the meeting.</h1></div>
<h1 style="visibility:hidden;position:absolute">You've been removed from this meeting</h1>
<div role="dialog" style="width:0;height:0;overflow:hidden;position:absolute"><p
 style="margin:0;width:0;height:0;overflow:hidden">Verify you're a real person</p></div>
<template><p>Someone in the meeting should let you in soon</p></template>
"""
STYLE = (
    "<style>[data-stream-type],[data-acc-element-id],.tile{display:inline-block;width:160px;"
    "height:90px} [data-tid=modern-stage-wrapper],.stage{min-height:90px}</style>"
)


def screen(body: str, *, lang: str = "en", title: str = "Microsoft Teams", script: str = "") -> str:
    """A whole document round a body, within the client's own wrappers."""
    code = f'<script nonce="page">{script}</script>' if script else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f'{STYLE}</head><body><div id="root"><div data-tid="meeting-branding-v9-provider">{body}'
        f"</div></div>{TEMPLATES}{code}</body></html>"
    )


def launcher(text: str = "Continue on this browser") -> str:
    """The page that prefers the app."""
    return (
        '<main><h1>How do you want to join?</h1><button data-tid="joinOnWeb" aria-label='
        f'"Join meeting from this browser"><h3>{text}</h3></button><button data-tid="joinInApp">'
        "Join on the Teams app</button></main>"
    )


def switches(*, on: bool = True) -> str:
    """Camera and microphone before the call."""
    checked = "checked" if on else ""
    return "".join(
        f'<label><input type="checkbox" role="switch" data-tid="toggle-{which}" {checked}>'
        f"{label}</label>"
        for which, label in (("video", "Camera"), ("mute", "Microphone"))
    )


def form(
    text: str = "Join now",
    *,
    sent: bool = False,
    named: bool = True,
    title: str = EVIL,
    name: str = "Type your name",
    passcode: bool = False,
) -> str:
    """Everything to be filled in; also what the lobby shows again."""
    box = (
        f'<input type="text" data-tid="prejoin-display-name-input" placeholder="{name}">'
        if named
        else '<button data-tid="account-selection-change-account-button">Ada</button>'
    )
    code = '<input type="password" data-tid="prejoin-passcode-input">' if passcode else ""
    disabled = "disabled" if sent else ""
    return (
        '<div data-tid="prejoin-header-content"><span data-tid="meeting-header-title">'
        f'{title}</span></div><div data-tid="calling-prejoin-render-content-container">'
        f"{switches()}{box}{code}"
        '<button data-tid="prejoin-cancel-button">Cancel</button><button id="prejoin-join-button" '
        f'data-tid="prejoin-join-button" aria-label="{text}" {disabled}>{text}</button></div>'
    )


def prejoin(
    text: str = "Join now",
    *,
    named: bool = True,
    name: str = "Type your name",
    passcode: bool = False,
) -> str:
    """The page before the ask."""
    inside = form(text, named=named, name=name, passcode=passcode)
    return f'<div role="region" data-tid="calling-prejoin-screen">{inside}</div>'


def connecting() -> str:
    """Between the ask and what comes of it."""
    return '<div role="region" data-tid="calling-connecting-screen">&#8203;<i>o</i></div>'


def lobby(text: str = "Someone in the meeting should let you in soon") -> str:
    """The lobby, with the whole form in it."""
    return (
        f'<div role="region" data-tid="calling-lobby-screen"><p>{text}</p>{form(sent=True)}</div>'
    )


def tile(
    name: str, *, me: bool = False, speaking: bool = False, kind: str = "Video", extra: str = ""
) -> str:
    """One person's tile; one's own has no voice outline."""
    glow = 'class="vdi-frame-occlusion"' if speaking else ""
    outline = "" if me else f'<div data-tid="voice-level-stream-outline" {glow}></div>'
    return (
        f'<div role="menuitem" data-acc-element-id="a7" class="tile"><div data-tid='
        f'"video-item-container-{name}"><div data-stream-type="{kind}" data-tid="{name}" {extra}>'
        f'<div data-tid="participant-avatar">{name[:1]}</div>{outline}</div></div></div>'
    )


def toolbar(count: int | str | None = 2, *, mic: str = "off") -> str:
    """The bar of the call, but for leaving."""
    badge = "" if count is None else f'<span data-tid="toolbar-item-badge">{count}</span>'
    return (
        '<div role="toolbar" data-tid="ubar-horizontal-middle-end" aria-label="Meeting controls">'
        f'<button id="chat-button">Chat</button><button id="roster-button">People{badge}</button>'
        '<button id="raisehands-button">Raise</button><button id="view-mode-button">View</button>'
        '<button id="callingButtons-showMoreBtn">More</button><button id="mic-button">'
        f'<svg data-testid="ubar-mic-{mic}-icon"></svg></button></div>'
    )


def hangup(label: str = "Leave") -> str:
    """The leave button."""
    return (
        '<div role="group" data-tid="ubar-horizontal-end"><button id="hangup-button" '
        f'data-tid="hangup-main-btn" data-inp="hangup-button" aria-label="{label}" '
        f'aria-keyshortcuts="Ctrl+Shift+H">{label}</button></div>'
    )


def in_call(
    tiles: Sequence[str] = (),
    *,
    count: int | str | None = 2,
    collapsed: bool = False,
    more: str = "",
    mic: str = "off",
) -> str:
    """The call; `collapsed` has neither timer, toolbar nor badge."""
    shown = "".join(tiles or (tile("Notes", me=True), tile("Ada")))
    bar = (
        "" if collapsed else f'<span data-tid="call-duration">00:51</span>{toolbar(count, mic=mic)}'
    )
    return (
        f'<div data-cid="call-screen-wrapper"><div data-tid="ubar-toolbar-wrapper">{bar}{hangup()}'
        f'</div><div data-tid="modern-stage-wrapper" class="stage"><div data-test-segment-type='
        f'"side"><div data-tid="MixedStage-wrapper">{shown}</div></div></div>{more}</div>'
    )


def not_found(
    text: str = "We couldn't find a meeting matching this ID and passcode.",
) -> str:
    """No such meeting: another number and passcode may be typed."""
    return (
        '<div data-tid="calling-retry-screen"><div role="alert" data-tid='
        f'"calling-retry-screen-alert-container"><h2 id="calling-retry-screen-description">{text}'
        '</h2></div><input id="meeting-id-input-field-id" data-tid="meeting-code-input">'
        '<input data-tid="meeting-passcode-input"><button data-tid="calling-retry-rejoinbutton" '
        'disabled>Join now</button><button data-tid="calling-retry-cancelbutton">Cancel</button>'
        "</div>"
    )


def retry(text: str) -> str:
    """Refused, removed, or not connected: its sentence says which."""
    return (
        f'<div data-tid="calling-retry-screen"><h1 id="calling-retry-screen-title">{text}</h1>'
        '<button data-tid="calling-retry-rejoinbutton">Rejoin</button>'
        '<button data-tid="calling-retry-cancelbutton">Cancel</button></div>'
    )


def ended(text: str = "The meeting has ended", *, stale: bool = False) -> str:
    """After the call; `stale` leaves the leave button behind."""
    left = hangup() if stale else ""
    return (
        '<div data-testid="calling-anon-meeting-end-screen"><h1 data-tid='
        f'"anon-meeting-end-screen-header">{text}</h1><button data-tid='
        f'"anon-meeting-end-screen-rejoin-button">Rejoin</button></div>{left}'
    )


def dialog(text: str, *buttons: str, attributes: str = "") -> str:
    """A modal dialog."""
    pressed = "".join(f"<button>{button}</button>" for button in buttons)
    return (
        f'<div role="dialog" aria-modal="true" {attributes} style="position:fixed;inset:0;'
        f'background:#fff"><h2>{text}</h2>{pressed}</div>'
    )


CAPTCHA = dialog(
    "Verify you're a real person",
    "Verify",
    "Close",
    attributes='aria-describedby="captcha-dialog-instructions"',
).replace(
    "<button>Verify",
    '<p id="captcha-dialog-instructions">Type the letters</p><input type="text" '
    'data-tid="HIP-Captcha-Input"><button>Verify',
)
CHAT = (
    '<div data-tid="calling-right-side-panel"><div data-tid="message-pane-list-viewport"><div '
    'data-tid="chat-pane-message" data-mid="1"><span data-tid="message-author-name">Notes</span>'
    f'<div id="content-1">{EVIL}. Your connection was lost. We couldn\'t connect you</div></div>'
    '</div><div data-tid="ckeditor"><div contenteditable="true" role="textbox">Removed from the '
    'meeting</div></div><button data-tid="newMessageCommands-send">Send</button></div>'
)
LOST = '<div data-tid="callingAlert-x" role="alert">Your connection was lost</div>'
SIGN_IN = '<h1>Sign in</h1><input type="email" name="loginfmt">'
SIGN_IN_URL = "https://login.microsoftonline.com/common/oauth2/authorize"

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

SECOND = {
    "calling-prejoin-screen": "green-room",
    "calling-lobby-screen": "foyer-view",
    "calling-connecting-screen": "hold-view",
    "calling-retry-screen-alert-container": "problem-alert",
    'data-tid="calling-retry-screen"': 'data-tid="problem-view"',
    "prejoin-display-name-input": "guest-name",
    'data-tid="prejoin-join-button"': 'data-tid="enter"',
    "meeting-header-title": "call-title",
    "calling-anon-meeting-end-screen": "goodbye-view",
    "anon-meeting-end-screen": "goodbye",
    "call-screen-wrapper": "live-view",
    "call-duration": "live-clock",
    "modern-stage-wrapper": "live-stage",
    "MixedStage-wrapper": "live-tiles",
    "data-test-segment-type": "data-segment",
    "data-stream-type": "data-stream",
    "video-item-container": "person",
    "hangup-main-btn": "exit",
    "ubar-": "deck-",
    "HIP-Captcha-Input": "riddle",
    "joinOnWeb": "stay-here",
    "loginfmt": "account",
    "Type your name": "Who are you?",
    "Join now": "Go in",
    "Continue on this browser": "Stay in this window",
    "Someone in the meeting should let you in soon": "Hang on, the door will be opened",
    "you were denied access to the meeting": "this meeting is not for you",
    "No one let you in": "The door stayed closed",
    "You've been removed from this meeting": "Somebody took you out",
    "The meeting has ended": "It is over",
    "Your connection was lost": "The network is gone",
    "We couldn't find a meeting matching this ID and passcode": "No such meeting",
    "we couldn't connect you": "it did not work",
    "Verify you're a real person": "Are you somebody?",
}
"""Generation one's marks and words, and what became of them: what the adapter was not told."""


def second(html: str) -> str:
    """The same screen a generation later."""
    for old, new in SECOND.items():
        html = html.replace(old, new)
    return html


_IN = frozenset({S.IN_CALL})
_WAITED = frozenset({S.PREJOIN, S.LOBBY})
_SENTENCE = "One screen serves every refusal: the sentence in its heading alone tells which it is."
_NOT_TOLD = "No source tells how a lost connection looks: a sentence of ours in an alert."
_FORM = "Told by a sentence in a heading, or by the form for another number."
_SCREENS = (
    StatePage("launcher", S.PREJOIN, screen(launcher()), URL),
    StatePage("prejoin", S.PREJOIN, screen(prejoin()), URL),
    StatePage("prejoin-signed-in", S.PREJOIN, screen(prejoin(named=False)), URL),
    StatePage("lobby", S.LOBBY, screen(lobby()), URL, after=frozenset({S.PREJOIN})),
    StatePage("in-call", S.IN_CALL, screen(in_call()), URL),
    StatePage("in-call-chat", S.IN_CALL, screen(in_call(more=CHAT)), URL),
    StatePage("in-call-collapsed", S.IN_CALL, screen(in_call(collapsed=True)), URL),
    StatePage(
        "reconnecting", S.RECONNECTING, screen(in_call(more=LOST)), URL, after=_IN, few=_NOT_TOLD
    ),
    StatePage(
        "connecting-again",
        S.RECONNECTING,
        screen(connecting()),
        URL,
        after=_IN,
        few=_NOT_TOLD,
    ),
    StatePage("sign-in", S.LOGIN, screen(SIGN_IN), SIGN_IN_URL),
    StatePage(
        "verify-info",
        S.LOGIN,
        screen(prejoin() + dialog("We need to verify your info before you can join", "Sign in")),
        URL,
    ),
    StatePage(
        "denied",
        S.DENIED,
        screen(retry("Sorry, but you were denied access to the meeting.")),
        URL,
        after=_WAITED,
        few=_SENTENCE,
        less=frozenset({S.BLOCKED}),
    ),
    StatePage(
        "no-answer",
        S.NO_ANSWER,
        screen(retry("No one let you in")),
        URL,
        after=_WAITED,
        few=_SENTENCE,
        less=frozenset({S.BLOCKED}),
    ),
    StatePage("not-connected", S.BLOCKED, screen(retry("Sorry, we couldn't connect you.")), URL),
    StatePage("captcha", S.BLOCKED, screen(prejoin() + CAPTCHA), URL),
    StatePage("elsewhere", S.BLOCKED, screen("<h1>Teams</h1>"), "https://www.microsoft.com/teams"),
    StatePage("not-found", S.INVALID, screen(not_found()), URL, few=_FORM),
    StatePage(
        "removed",
        S.REMOVED,
        screen(retry("You've been removed from this meeting")),
        URL,
        after=_IN,
        few=_SENTENCE,
        less=frozenset({S.BLOCKED}),
    ),
    StatePage(
        "ended",
        S.ENDED,
        screen(ended()),
        URL,
        after=_IN,
        few="The mark of the retry screen; its heading's sentence counts only within headings.",
    ),
    StatePage("ended-stale", S.ENDED, screen(ended(stale=True)), URL, after=_IN),
    StatePage(
        "after-meeting",
        S.ENDED,
        screen("<p>How was the call?</p>"),
        "https://teams.microsoft.com/postmeeting/x",
        after=_IN,
    ),
)
STATES = (
    *_SCREENS,
    *(
        replace(each, name=f"{each.name}-second", html=second(each.html), generation=2)
        for each in _SCREENS
    ),
)
"""Every state of the table, in two layout generations (`tests.pages.state_page`)."""

"""The screens of the Google Meet client as the public facts describe them, as static pages.

Every screen carries what trips a careless reader: hidden templates with the sentences of other
screens, and class names without meaning. Scripts have the nonce of the test pages' policy.
"""

from collections.abc import Sequence
from dataclasses import replace

from platforms.types import PageState as S
from tests.pages.state_page import StatePage

TEMPLATES = """
<div style="display:none"><h1>Someone in the call denied your request to join</h1></div>
<main style="visibility:hidden;position:absolute"><h1>You've been removed from the meeting</h1>
</main>
<div role="dialog" style="width:0;height:0;overflow:hidden;position:absolute"><p
 style="margin:0;width:0;height:0;overflow:hidden">You can't join this video call</p></div>
<template><p>No one responded to your request to join the call</p></template>
"""
ICON = '<i class="google-symbols" aria-hidden="true">{}</i>'
CALL_END = ICON.format("call_end")
STYLE = "<style>[data-participant-id]{display:inline-block;width:160px;height:90px}</style>"


def screen(body: str, *, lang: str = "en", title: str = "Meet", script: str = "") -> str:
    """A whole document round a body."""
    code = f'<script nonce="page">{script}</script>' if script else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"{STYLE}</head><body>{body}{TEMPLATES}{code}</body></html>"
    )


def toggles(muted: str = "false", *, jsname: bool = True) -> str:
    """The microphone and camera buttons every screen before the end carries."""
    mic, camera = ('jsname="hw0c9"', 'jsname="psRWwc"') if jsname else ("", "")
    return (
        f'<button {mic} class="q1" data-is-muted="{muted}" aria-label="Turn off microphone '
        f'(ctrl + d)">{ICON.format("mic")}</button><button {camera} class="q2" '
        f'data-is-muted="{muted}" aria-label="Turn off camera">{ICON.format("videocam")}</button>'
    )


def leave(*, jsname: bool = True, label: str = "Leave call", style: str = "") -> str:
    """The Leave button, in the lobby and in the call."""
    name = 'jsname="CQylAd"' if jsname else ""
    return f'<button {name} aria-label="{label}" style="{style}">{CALL_END}</button>'


def prejoin(
    text: str = "Ask to join", *, jsname: bool = True, named: bool = True, meeting: str = "Sync"
) -> str:
    """The green room."""
    box = (
        '<input type="text" autocomplete="name" aria-label="Your name" jsname="YPqjbf">'
        if named and jsname
        else '<input type="text">'
        if named
        else ""
    )
    wrapper = 'jsname="Qx7uuf"' if jsname else ""
    heading = 'jsname="r4nke"' if jsname else ""
    return (
        f'<main><h1 {heading} class="x">{meeting}</h1>{toggles(jsname=jsname)}{box}'
        f'<div {wrapper}><button><span class="V">{text}</span></button></div>'
        '<button><i class="google-symbols">expand_more</i><span>Other ways to join</span></button>'
        '<button aria-label="Return to home screen"><span>Return to home screen</span></button>'
        "</main>"
    )


def lobby(text: str = "Asking to be let in...", *, jsname: bool = True) -> str:
    """The lobby with its traps: Leave, toggles, chat and a tile with a participant id."""
    return (
        '<main><div data-participant-id="spaces/s/devices/9" aria-label="Backgrounds and effects">'
        f'{ICON.format("visual_effects")}</div><div role="heading" aria-level="1">{text}</div>'
        '<button aria-label="Return to home screen"><span>Return to home screen</span></button>'
        f"</main>{toggles(jsname=jsname)}{leave(jsname=jsname)}"
        f'<button data-panel-id="2" aria-label="Chat with everyone">{ICON.format("chat")}</button>'
    )


def tile(number: int, name: str, *, me: bool = False, media: bool = True, extra: str = "") -> str:
    """One person's tile."""
    media_id = f'data-tile-media-id="m{number}"' if media else ""
    mark = ICON.format("frame_person") if me else ""
    return (
        f'<div data-participant-id="spaces/s/devices/{number}" {media_id} {extra}><div class="m">'
        f'</div><span class="notranslate">{name}</span>{mark}</div>'
    )


def in_call(
    tiles: Sequence[str] = (),
    *,
    panel: bool = True,
    marks: bool = True,
    jsname: bool = True,
    bar_style: str = "",
    more: str = "",
    count: int | None = None,
) -> str:
    """The call."""
    shown = "".join(tiles or (tile(1, "Meetbot", me=True), tile(2, "Ada")))
    people = 'data-panel-id="1"' if panel else ""
    badge = f'<span data-avatar-count="{count or len(tiles) or 2}"></span>' if marks else ""
    title = 'data-meeting-title="Sync"' if marks else ""
    label = 'aria-label="People - 2 joined"' if panel else ""
    return (
        f'<div data-call-ended="false"><div {title}><main>{shown}</main>'
        f'<div role="region" style="{bar_style}">{toggles("true", jsname=jsname)}'
        f"{leave(jsname=jsname)}<nav><button {people} {label}>{ICON.format('group')}{badge}"
        f'</button><button data-panel-id="2" aria-label="Chat with everyone">'
        f"{ICON.format('chat')}</button></nav></div></div></div>{more}"
    )


def refused(text: str) -> str:
    """A screen for those who were never in."""
    return (
        f"<main><h1>{text}</h1><button><span>Ask to join again</span></button>"
        '<button aria-label="Return to home screen"><span>Return to home screen</span></button>'
        "</main>"
    )


def final(text: str, *, jsname: bool = True, ended: bool = True) -> str:
    """The screen for those who were in."""
    heading = 'jsname="r4nke"' if jsname else ""
    home = 'jsname="WIVZEd"' if jsname else ""
    mark = 'data-call-ended="true"' if ended else ""
    return (
        f'<div {mark}><main><h1 {heading} class="roSPhc">{text}</h1>'
        f"<div {home}><button><span>Return to home screen</span></button></div></main></div>"
    )


def dialog(text: str, *buttons: str, attributes: str = "") -> str:
    """A modal dialog; each button takes itself and the dialog away and notes its text."""
    pressed = "".join(f"<button {attributes}><span>{button}</span></button>" for button in buttons)
    return (
        '<div role="dialog" aria-modal="true" class="box" style="position:fixed;inset:0;'
        f'background:#fff"><h2>{text}</h2>{pressed}</div>'
    )


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
    '<aside aria-label="Side panel"><div data-message-id="1">Meetbot: I am a recorder and was '
    "removed from the meeting. Asking to be let in. You lost your network connection</div>"
    '<textarea aria-label="Send a message">You can\'t join this video call</textarea></aside>'
)

URL = "https://meet.google.com/abc-defg-hij?hl=en"
TEXT_ONLY = "Told in a sentence only, which counts in headings, dialogs and the main region only."
WORDS_OR_NOTHING = "The final screen's heading is the only place that tells a removal from an end."

SECOND = {
    'jsname="Qx7uuf"': 'jsname="Aa1bb2"',
    'jsname="YPqjbf"': 'jsname="Cc3dd4"',
    'jsname="r4nke"': 'jsname="Ee5ff6"',
    'jsname="WIVZEd"': 'jsname="Gg7hh8"',
    "data-is-muted": "data-device-off",
    "data-tile-media-id": "data-stream-id",
    "data-avatar-count": "data-people-count",
    "data-meeting-title": "data-call-title",
    "data-panel-id": "data-side-panel",
    "roSPhc": "k2",
    "notranslate": "n9",
    "Ask to join": "Request to join",
    "Asking to be let in...": "Hold on, somebody will open the door",
    "Waiting for the host to join": "The organizer is not here yet",
    "denied your request to join": "did not want you to join",
    "No one responded to your request": "Your request was not seen by anybody",
    "You can't join this video call": "This call is not for you",
    "Check your meeting code": "There is no meeting here",
    "You've been removed from the meeting": "Somebody took you out of the meeting",
    "Your host ended the meeting for everyone": "It is over",
    "Trying to reconnect": "The network is gone",
}
"""Generation one's marks and words, and what became of them: what the adapter was not told."""


def second(html: str) -> str:
    """The same screen a generation later: attributes moved and renamed, texts reworded."""
    for old, new in SECOND.items():
        html = html.replace(old, new)
    return html.replace('<span class="V">', "<span>").replace("<nav>", '<div class="bar">')


_IN = frozenset({S.IN_CALL})
_SCREENS = (
    StatePage("prejoin", S.PREJOIN, screen(prejoin()), URL),
    StatePage("prejoin-signed-in", S.PREJOIN, screen(prejoin("Join now", named=False)), URL),
    StatePage("lobby", S.LOBBY, screen(lobby()), URL),
    StatePage(
        "host-absent",
        S.WAITING_FOR_HOST,
        screen(lobby("Waiting for the host to join")),
        URL,
        few=TEXT_ONLY,
    ),
    StatePage("in-call", S.IN_CALL, screen(in_call()), URL),
    StatePage("in-call-chat", S.IN_CALL, screen(in_call(more=CHAT)), URL),
    StatePage(
        "reconnecting",
        S.RECONNECTING,
        screen(in_call(more="<div role=alert>Trying to reconnect...</div>")),
        URL,
        after=_IN,
        few=TEXT_ONLY,
    ),
    StatePage(
        "denied",
        S.DENIED,
        screen(refused("Someone in the call denied your request to join")),
        URL,
        few=TEXT_ONLY,
    ),
    StatePage(
        "no-answer",
        S.NO_ANSWER,
        screen(refused("No one responded to your request to join the call")),
        URL,
        few=TEXT_ONLY,
    ),
    StatePage(
        "blocked", S.BLOCKED, screen(refused("You can't join this video call")), URL, few=TEXT_ONLY
    ),
    StatePage("elsewhere", S.BLOCKED, screen("<h1>Meet</h1>"), "https://workspace.google.com/meet"),
    StatePage(
        "no-such-meeting",
        S.INVALID,
        screen(refused("Check your meeting code")),
        URL,
        few="A wrong code is told in a sentence; the landing page is known by its address alone.",
    ),
    StatePage("landing", S.INVALID, screen("<h1>Meetings</h1>"), "https://meet.google.com/landing"),
    StatePage(
        "sign-in",
        S.LOGIN,
        screen('<h1>Sign in</h1><input type="email" id="identifierId">'),
        "https://accounts.google.com/v3/signin",
    ),
    StatePage(
        "removed",
        S.REMOVED,
        screen(final("You've been removed from the meeting")),
        URL,
        after=_IN,
        few=WORDS_OR_NOTHING,
    ),
    StatePage(
        "ended", S.ENDED, screen(final("Your host ended the meeting for everyone")), URL, after=_IN
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

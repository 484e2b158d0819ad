"""How each state of the Microsoft Teams web client is proved. Pure but for reading its own texts.

Collected from independent public projects; none of it was confirmed by us on the live page. Nearly
every control carries a `data-tid`, the same in every language; `id`s are the second witness, texts
the last.

Traps that shape the rows. The lobby screen keeps the whole prejoin form inside it, join button
disabled, so the lobby is judged first and the form counts only while join can be pressed. The
hang-up button was seen to stay after the end (2026-08), so it refutes no ending; stage, tiles and
the running timer do. A bare alert is no removal (false evictions, 2026-08). A removal shows the
same screen as a refusal: its sentence tells them apart, or else whether the bot was in the call.
"""

from typing import Final

from platforms.evidence import Css, Place, Row, Text, see, sign
from platforms.teams import sources as by
from platforms.teams.texts import labels, phrases
from platforms.teams.urls import HOSTS
from platforms.types import PageState as S

NEVER_IN: Final = (
    '[data-tid^="message-pane"], [data-tid^="chat-pane"], [data-tid="ckeditor"], [role=log], '
    "textarea, input, [role=textbox], [contenteditable]:not([contenteditable=false]), "
    '[data-tid="meeting-header-title"], [data-tid="calling-right-side-panel"], [role=tree], '
    '[role=complementary], aside, [data-stream-type], [data-tid^="video-item-container"], '
    '[data-acc-element-id], [data-tid="participant-info-nametag"], '
    '[data-tid^="closed-caption"], script, style, template, noscript'
)
"""What people write or say (chat, names, titles, captions), and what is never drawn."""

SIGN_IN_HOSTS: Final = (
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.microsoftonline.de",
    "login.partner.microsoftonline.cn",
    "login.microsoft.com",
    "login.live.com",
    "login.windows.net",
    "account.live.com",
)
_DIALOG: Final = "[role=dialog], [role=alertdialog], .fui-Dialog__surface"
_ANNOUNCED: Final = (
    f"h1, h2, [role=heading], {_DIALOG}, "
    '[data-tid^="calling-retry-screen"], [data-tid^="anon-meeting-end-screen"]'
)
_NOT_THE_FORM: Final = f'{_DIALOG}, [data-tid^="calling-retry"]'
_PRESSABLE: Final = ":not(:disabled):not([aria-disabled=true])"
_SENT: Final = (
    '[data-tid="calling-lobby-screen"], [data-tid="calling-connecting-screen"], '
    '#prejoin-join-button:disabled, [data-tid="prejoin-join-button"]:disabled'
)
_FORM_STANDS: Final = f"body:not(:has({_SENT}))"
_NAMED: Final = ", ".join(
    f'{_FORM_STANDS} input[placeholder="{text}" i]' for text in phrases("your_name")
)

JOIN = sign(
    "join",
    Css(f'[data-tid="prejoin-join-button"]{_PRESSABLE}, #prejoin-join-button{_PRESSABLE}'),
    Text(phrases("join"), within=f"button{_PRESSABLE}", outside=_NOT_THE_FORM, whole=True),
    sources=(by.Z, by.N, by.U1, by.W),
)
JOIN_SENT = sign(
    "join-sent",
    Css('[data-tid="prejoin-join-button"]:disabled, #prejoin-join-button:disabled'),
    sources=(by.Z, by.U1),
)
NAME_BOX = sign(
    "name-box",
    Css(f'{_FORM_STANDS} input[data-tid="prejoin-display-name-input"]'),
    Css(_NAMED),
    sources=(by.Z, by.N, by.U1, by.W),
)
SWITCH = sign(
    "switch",
    Css('[data-tid="toggle-mute"], [data-tid="toggle-video"]', visible=False),
    Css('input[type=checkbox][role=switch], [data-cid^="toggle-mute"]', visible=False),
    sources=(by.Z, by.W, by.N, by.S),
)
PREJOIN_SCREEN = sign(
    "prejoin-screen", Css('[data-tid="calling-prejoin-screen"]'), sources=(by.Z, by.U2, by.N, by.U1)
)
LAUNCHER = sign(
    "launcher",
    Css('[data-tid="joinOnWeb"], a[href*="light-meetings"]'),
    Text(phrases("in_browser"), within="button, a, [role=button]", whole=True),
    sources=(by.B, by.W, by.N, by.S),
)
CONNECTING = sign(
    "connecting-screen", Css('[data-tid="calling-connecting-screen"]'), sources=(by.Z,)
)
LOBBY = sign(
    "lobby-screen", Css('[data-tid="calling-lobby-screen"]'), sources=(by.Z, by.U2, by.N, by.U1)
)
LOBBY_TEXT = sign("lobby-text", Text(phrases("lobby")), sources=(by.B, by.W))

HANGUP = sign(
    "hangup",
    Css('#hangup-button, [data-tid="hangup-main-btn"], [data-inp="hangup-button"]', visible=False),
    Css('button[aria-keyshortcuts="Ctrl+Shift+H"]', visible=False),
    Css(labels("leave_label", "button"), visible=False),
    sources=(by.Z, by.A, by.W, by.N),
)
CALL_SCREEN = sign("call-screen", Css('[data-cid="call-screen-wrapper"]'), sources=(by.Z,))
TIMER = sign("call-timer", Css('[data-tid="call-duration"]', visible=False), sources=(by.N,))
TILE = sign(
    "tile",
    Css('[data-stream-type="Video"], [data-stream-type="ScreenSharing"]'),
    Css('[data-tid^="video-item-container"], [data-cid="calling-participant-stream"]'),
    sources=(by.Z, by.A, by.B, by.W),
)
STAGE = sign(
    "stage",
    Css('[data-tid="modern-stage-wrapper"], [data-tid="stage-layouts-renderer"]'),
    Css('[data-test-segment-type="central"], [data-tid="MixedStage-wrapper"]'),
    sources=(by.Z, by.A, by.W, by.N),
)
TOOLBAR = sign(
    "call-toolbar",
    # not the group that holds the leave button, with which it may outlive the call
    Css('[data-tid="ubar-horizontal-middle-end"]', visible=False),
    Css("#callingButtons-showMoreBtn, #roster-button, #raisehands-button", visible=False),
    Css('[role=toolbar][aria-label="Meeting controls" i]', visible=False),
    sources=(by.Z, by.A, by.N),
)

RETRY_SCREEN = sign(
    "retry-screen",
    Css('[data-tid="calling-retry-screen"]'),
    Css("#calling-retry-screen-title, #calling-retry-screen-description"),
    sources=(by.A, by.U1, by.S),
)
RETRY_TITLE = sign(
    # refused, removed or not connected; what was not found has a description and a form instead
    "retry-screen-title",
    Css("#calling-retry-screen-title"),
    sources=(by.A, by.S),
)
CODE_INPUT = sign(
    "code-input",
    Css('[data-tid="meeting-code-input"], #meeting-id-input-field-id'),
    sources=(by.U1,),
)
END_SCREEN = sign(
    "end-screen",
    Css('[data-testid="calling-anon-meeting-end-screen"], [data-tid^="anon-meeting-end-screen"]'),
    sources=(by.Z, by.W),
)
ENCRYPTION_SCREEN = sign(
    "encryption-screen", Css('[data-tid="calling-e2ee-end-screen"]'), sources=(by.A,)
)
CAPTCHA = sign(
    "captcha",
    Css('[role=dialog][aria-describedby="captcha-dialog-instructions"]'),
    Css('[data-tid="HIP-Captcha-Input"], [data-tid="HIP-Captcha-Image"]'),
    Text(phrases("captcha"), within=_DIALOG),
    sources=(by.W, by.S),
)
AT_SIGN_IN = sign("at-sign-in", Place(hosts=SIGN_IN_HOSTS), sources=(by.B,))
SIGN_IN_BOX = sign("sign-in-box", Css("input[type=email][name=loginfmt]"), sources=(by.B,))
ELSEWHERE = sign("elsewhere", Place(elsewhere_than=(*HOSTS, *SIGN_IN_HOSTS)))
AFTER_MEETING = sign(
    "after-meeting-page",
    Place(hosts=HOSTS, paths=("/postmeeting*", "/meetingended*", "/v2/postmeeting*")),
    sources=(by.B,),
)

DENIED = sign("denied-text", Text(phrases("denied"), within=_ANNOUNCED), sources=(by.A, by.B))
NO_ANSWER = sign("no-answer-text", Text(phrases("no_answer"), within=_ANNOUNCED))
REMOVED = sign("removed-text", Text(phrases("removed"), within=_ANNOUNCED), sources=(by.A, by.V))
ENDED = sign("ended-text", Text(phrases("ended"), within=_ANNOUNCED), sources=(by.W, by.Z))
NOT_FOUND = sign("not-found-text", Text(phrases("not_found"), within=_ANNOUNCED), sources=(by.U1,))
CANNOT_JOIN = sign(
    "cannot-join-text", Text(phrases("cannot_join"), within=_ANNOUNCED), sources=(by.S,)
)
SIGN_IN = sign("sign-in-text", Text(phrases("sign_in"), within=_ANNOUNCED), sources=(by.B,))
RECONNECTING = sign(  # no source tells how it looks: the texts are ours
    "reconnecting-text",
    Text(
        phrases("reconnecting"),
        within=f'{_DIALOG}, [role=alert], [role=status], [data-tid^="callingAlert"]',
    ),
)

_LIVE: Final = see(TIMER, TILE, STAGE)
"""A call that goes on. The hang-up button is not in it: it may outlive the call."""
_NOT_OVER: Final = see(*_LIVE, JOIN, NAME_BOX, JOIN_SENT, LOBBY)
"""Nor does an ending show a form, sent or not: a meeting's title can say anything."""
_OUTSIDE: Final = see(LOBBY, CONNECTING, PREJOIN_SCREEN)
_WAITED: Final = frozenset({S.LOBBY, S.WAITING_FOR_HOST})
_WAS_IN: Final = frozenset({S.IN_CALL, S.RECONNECTING})

# While loading, the page may hop through a silent sign-in that fails: 20 s before that counts.
_SILENT_SIGN_IN_S: Final = 20.0
# Without timer and tile only the toolbar speaks for a call; no lobby was seen with one.
_TOOLBAR_SETTLE_S: Final = 8.0

# fmt: off
EVIDENCE: Final = (
    Row(S.LOGIN, "sign-in-host", see(AT_SIGN_IN), looks=2, settle_s=_SILENT_SIGN_IN_S),
    Row(S.LOGIN, "sign-in-box", see(SIGN_IN_BOX), _LIVE, looks=2, settle_s=2.0),
    Row(S.BLOCKED, "captcha", see(CAPTCHA), _LIVE),
    Row(S.LOGIN, "sign-in-text", see(SIGN_IN), _LIVE, looks=2),

    Row(S.INVALID, "not-found-form", see(CODE_INPUT), see(*_LIVE, JOIN), looks=2),
    Row(S.INVALID, "not-found-text", see(NOT_FOUND), _NOT_OVER, looks=2),
    Row(S.REMOVED, "removed-text", see(RETRY_SCREEN, REMOVED), _NOT_OVER),
    Row(S.REMOVED, "removed-heading", see(REMOVED), _NOT_OVER, looks=2,
        after=_WAITED | _WAS_IN),
    Row(S.DENIED, "denied-text", see(RETRY_SCREEN, DENIED), _NOT_OVER),
    Row(S.DENIED, "denied-heading", see(DENIED), _NOT_OVER, looks=2),
    Row(S.NO_ANSWER, "lobby-timed-out", see(NO_ANSWER), _NOT_OVER, looks=2),
    Row(S.BLOCKED, "cannot-join", see(CANNOT_JOIN), _NOT_OVER, looks=2),
    Row(S.BLOCKED, "encryption", see(ENCRYPTION_SCREEN), _LIVE, looks=2),

    Row(S.ENDED, "end-screen", see(END_SCREEN), _LIVE, looks=2),
    Row(S.ENDED, "ended-text", see(ENDED), _NOT_OVER, looks=2,
        after=_WAITED | _WAS_IN),
    Row(S.ENDED, "after-meeting-page", see(AFTER_MEETING), _NOT_OVER, looks=2,
        after=_WAS_IN),
    # the sentence is not known: who was in the call was removed, who was not is not let in
    Row(S.REMOVED, "retry-screen-after-call", see(RETRY_TITLE), _NOT_OVER, looks=2, after=_WAS_IN),
    Row(S.BLOCKED, "retry-screen", see(RETRY_TITLE), _NOT_OVER, looks=2, settle_s=5.0),
    Row(S.BLOCKED, "other-host", see(ELSEWHERE), looks=2, settle_s=5.0),

    Row(S.RECONNECTING, "reconnecting", see(RECONNECTING), see(JOIN, NAME_BOX, LOBBY),
        after=_WAS_IN),
    Row(S.RECONNECTING, "connecting-again", see(CONNECTING), _NOT_OVER, after=_WAS_IN),

    Row(S.LOBBY, "lobby-screen", see(LOBBY), see(TIMER)),
    Row(S.LOBBY, "lobby-text", see(LOBBY_TEXT), see(*_LIVE, JOIN)),
    Row(S.IN_CALL, "timer-and-leave", see(TIMER, HANGUP), see(*_OUTSIDE, JOIN), looks=2),
    Row(S.IN_CALL, "tile-and-leave", see(TILE, HANGUP), see(*_OUTSIDE, JOIN), looks=2),
    Row(S.IN_CALL, "call-screen", see(CALL_SCREEN, HANGUP), see(*_OUTSIDE, JOIN), looks=2),
    Row(S.IN_CALL, "toolbar-and-leave", see(TOOLBAR, HANGUP), see(*_OUTSIDE, JOIN), looks=2,
        settle_s=_TOOLBAR_SETTLE_S),

    Row(S.PREJOIN, "prejoin-screen", see(PREJOIN_SCREEN, JOIN), see(LOBBY, CONNECTING, TIMER)),
    Row(S.PREJOIN, "join-control", see(JOIN), see(LOBBY, CONNECTING, *_LIVE)),
    Row(S.PREJOIN, "name-and-switches", see(NAME_BOX, SWITCH), see(LOBBY, CONNECTING, *_LIVE)),
    Row(S.PREJOIN, "launcher", see(LAUNCHER), see(*_OUTSIDE, *_LIVE, HANGUP)),

    # no screen is marked, no sentence known: a form that was sent and stays so is being waited on
    Row(S.LOBBY, "form-sent", see(JOIN_SENT), see(CONNECTING, *_LIVE), looks=2, settle_s=3.0,
        after=frozenset({S.PREJOIN})),
)
# fmt: on

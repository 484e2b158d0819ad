"""How each state of the Google Meet web client is proved. Pure but for reading its own texts.

Collected from independent public projects (2025 to 2026); none of it was confirmed by us on the
live page. What has no language comes first, texts are the last alternative of a sign.

Three traps shape the rows. The lobby has the Leave button, both toggles, a chat button and a tile
with a participant id (the effects preview), so none of these proves admission by itself. The
toolbar fades, so what sits on it counts when it is merely attached. What people write can hold any
sentence, so texts count only outside chat, names and titles, and endings only in headings,
dialogs and the main region.
"""

from typing import Final

from platforms.evidence import Css, Icon, Place, Row, Text, see, sign
from platforms.google_meet import sources as by
from platforms.google_meet.texts import labels, phrases
from platforms.google_meet.urls import HOST
from platforms.types import PageState as S

NEVER_IN: Final = (
    "[data-message-id], [role=log], aside, [role=complementary], textarea, input, [role=textbox], "
    "[contenteditable]:not([contenteditable=false]), [data-participant-id], [role=listitem], "
    "[role=region][tabindex], .u6vdEc, script, style, template, noscript"
)
"""What people write or say (chat, names, captions), and what is never drawn.

`.u6vdEc` is the meeting's title in the call.
"""

_ANNOUNCED: Final = (
    "h1, h2, h3, [role=heading], main, [role=main], [role=dialog], [role=alertdialog]"
)
_BUTTON: Final = "button, [role=button]"
_DIALOG: Final = "[role=dialog], [role=alertdialog]"
_SIGN_IN_HOST: Final = "accounts.google.com"
_LANDINGS: Final = ("/landing", "/home", "/")
_LEAVE_SELECTOR: Final = f'[jsname="CQylAd"], {labels("leave_label", "button")}'


LEAVE = sign(
    "leave",
    Css(_LEAVE_SELECTOR, visible=False),
    Icon("call_end", visible=False),
    sources=(by.R, by.D, by.V, by.Z),
)
LEAVE_SHOWN = sign(
    "leave-shown", Css(_LEAVE_SELECTOR), Icon("call_end"), sources=(by.R, by.D, by.V, by.Z)
)
JOIN = sign(
    "join",
    Css('[jsname="Qx7uuf"] button, [jsname="z0F4cd"] button, button[jsname="Qx7uuf"]'),
    # the consent dialog of a running call has a "Join now" too
    Text(phrases("join"), within=_BUTTON, outside=_DIALOG, whole=True),
    sources=(by.R, by.D, by.V, by.A, by.S),
)
NAME_BOX = sign(
    "name-box",
    Css('input[jsname][type="text"], input[autocomplete="name"]'),
    Css('input[aria-label="Your name"], input[placeholder="Your name"]'),
    Css('main input[type="text"], input[placeholder="名前"]'),
    sources=(by.V, by.B, by.S, by.A, by.M, by.P, by.J),
)
TOGGLE = sign("toggle", Css("[data-is-muted]"), sources=(by.R, by.D, by.V))
TILE = sign("tile", Css("[data-participant-id][data-tile-media-id]"), sources=(by.Z, by.E))
UNMARKED_TILE = sign(
    # some builds have no data-tile-media-id; the effects preview of the lobby names nobody
    "unmarked-tile",
    Css("[data-participant-id]:not([role=listitem]):has(span.notranslate)"),
    sources=(by.V, by.E),
)
PANEL = sign(
    "side-panel-button",
    Css('[data-panel-id="1"], [data-panel-id="5"], [data-panel-id="10"]', visible=False),
    Css('button[aria-label^="People"], button[aria-label="Meeting details"]', visible=False),
    Css('button[aria-label="Meeting tools"], button[aria-label="Host controls"]', visible=False),
    Css('button[jsname="FpSaz"], button[jsname="NakZHc"]', visible=False),
    sources=(by.B, by.D, by.P, by.V, by.A, by.S, by.R),
)
CALL_MARK = sign(
    "call-mark",
    Css("div[data-meeting-title]", visible=False),
    Css('[data-avatar-count]:not([data-avatar-count="0"])', visible=False),
    sources=(by.S, by.D, by.U),
)
FINAL_SCREEN = sign(
    "final-screen",
    Css('[data-call-ended="true"]', visible=False),
    Css('[jsname="WIVZEd"], button[jsname="W6suGc"], button[jsname="oI7Fj"]'),
    sources=(by.U, by.R, by.D),
)
REASON_HEADING = sign(
    "reason-heading", Css('[jsname="r4nke"], h1.roSPhc'), sources=(by.R, by.D, by.P, by.U)
)

ASKING = sign(
    "asking-text",
    Text(phrases("asking")),
    Css('img[alt*="Please wait until" i], [aria-label^="someone lets you in" i]'),
    sources=(by.V, by.B, by.S, by.J),
)
HOST_ABSENT = sign(
    "host-absent-text",
    Text(phrases("host_absent")),
    Text(phrases("host_absent_whole"), whole=True),
    sources=(by.A, by.B),
)
DENIED = sign("denied-text", Text(phrases("denied"), within=_ANNOUNCED), sources=(by.B, by.A))
NO_ANSWER = sign(
    "no-answer-text", Text(phrases("no_answer"), within=_ANNOUNCED), sources=(by.B, by.S)
)
BLOCKED = sign(
    "blocked-text", Text(phrases("blocked"), within=_ANNOUNCED), sources=(by.B, by.A, by.V)
)
PROBLEM = sign("problem-text", Text(phrases("problem_joining"), within=_ANNOUNCED), sources=(by.B,))
INVALID = sign("invalid-text", Text(phrases("invalid"), within=_ANNOUNCED), sources=(by.V,))
REMOVED = sign("removed-text", Text(phrases("removed"), within=_ANNOUNCED), sources=(by.B, by.A))
RECONNECTING = sign("reconnecting-text", Text(phrases("reconnecting")), sources=(by.B, by.P))
CREDENTIALS = sign("credentials-text", Text(phrases("sign_in"), within=_ANNOUNCED), sources=(by.B,))

AT_SIGN_IN = sign("at-sign-in", Place(hosts=(_SIGN_IN_HOST,)), sources=(by.B, by.V))
SIGN_IN_BOX = sign("sign-in-box", Css('input[type="email"]#identifierId'))
AT_LANDING = sign("at-landing", Place(hosts=(HOST,), paths=_LANDINGS), sources=(by.R, by.B))
ELSEWHERE = sign("elsewhere", Place(elsewhere_than=(HOST, _SIGN_IN_HOST)), sources=(by.B,))
CAPTCHA = sign(
    # an invisible frame of it is on every page; only a large one is a challenge
    "captcha",
    Css('iframe[src*="recaptcha"]', min_width_px=120, min_height_px=40),
    sources=(by.V,),
)

_PEOPLE: Final = see(TILE, UNMARKED_TILE)
_NO_ASKING: Final = see(*_PEOPLE, PANEL, NAME_BOX)
"""A refusal shows neither a call nor a form: a meeting's name, as a heading, can say anything."""
_WAS_IN: Final = frozenset({S.LOBBY, S.WAITING_FOR_HOST, S.IN_CALL, S.RECONNECTING})

# Confirming an admission. The lobby's text was seen to follow up to 6.4 s after in-call controls.
# A tile with a media id was never seen in the lobby: two looks are enough. A tile without one may
# be a lobby's in a build we do not know: 3 s. No tile at all, only marks of the call or buttons
# that no lobby was seen to have: 8 s.
_UNMARKED_SETTLE_S: Final = 3.0
_TILELESS_SETTLE_S: Final = 8.0

# fmt: off
EVIDENCE: Final = (
    Row(S.LOGIN, "sign-in-host", see(AT_SIGN_IN), looks=2, settle_s=2.0),
    Row(S.LOGIN, "sign-in-box", see(SIGN_IN_BOX), _PEOPLE, looks=2),
    Row(S.LOGIN, "credentials-changed", see(CREDENTIALS), _PEOPLE, looks=2),

    Row(S.REMOVED, "removed-screen", see(FINAL_SCREEN, REMOVED), _PEOPLE),
    Row(S.REMOVED, "removed-heading", see(REASON_HEADING, REMOVED), see(*_PEOPLE, TOGGLE),
        after=_WAS_IN),

    Row(S.DENIED, "host-refused", see(DENIED), _NO_ASKING),
    Row(S.NO_ANSWER, "nobody-answered", see(NO_ANSWER), _NO_ASKING),

    Row(S.BLOCKED, "cannot-join", see(BLOCKED), _NO_ASKING, looks=2),
    Row(S.BLOCKED, "problem-joining", see(PROBLEM), see(*_NO_ASKING, FINAL_SCREEN), looks=2),
    Row(S.BLOCKED, "other-host", see(ELSEWHERE), looks=2),
    Row(S.BLOCKED, "captcha", see(CAPTCHA), _NO_ASKING, looks=2, settle_s=5.0),
    Row(S.INVALID, "no-such-meeting", see(INVALID), _NO_ASKING, looks=2),

    Row(S.ENDED, "final-screen", see(FINAL_SCREEN), _PEOPLE, looks=2),
    Row(S.ENDED, "reason-heading", see(REASON_HEADING),
        see(*_PEOPLE, TOGGLE, NAME_BOX, JOIN, LEAVE_SHOWN), looks=2, after=_WAS_IN),
    Row(S.ENDED, "landing", see(AT_LANDING), _PEOPLE, looks=2, after=_WAS_IN),
    Row(S.INVALID, "landing-at-once", see(AT_LANDING), _PEOPLE, looks=2),

    Row(S.RECONNECTING, "reconnecting", see(RECONNECTING), see(JOIN, NAME_BOX),
        after=frozenset({S.IN_CALL})),

    # the lobby's text may linger after admission: people beside panel buttons outweigh it
    Row(S.IN_CALL, "tile-and-panel", see(LEAVE, TILE, PANEL), see(JOIN), looks=2),
    Row(S.WAITING_FOR_HOST, "host-absent", see(HOST_ABSENT), see(JOIN, NAME_BOX)),
    Row(S.LOBBY, "asking", see(ASKING), see(JOIN, NAME_BOX)),
    Row(S.IN_CALL, "tile-and-leave", see(LEAVE, TILE), see(JOIN), looks=2),
    Row(S.IN_CALL, "unmarked-tile", see(LEAVE, UNMARKED_TILE), see(JOIN), looks=2,
        settle_s=_UNMARKED_SETTLE_S),
    Row(S.IN_CALL, "call-mark", see(LEAVE, CALL_MARK), see(JOIN), looks=2,
        settle_s=_TILELESS_SETTLE_S),
    Row(S.IN_CALL, "leave-and-panel", see(LEAVE, PANEL), see(JOIN, NAME_BOX), looks=2,
        settle_s=_TILELESS_SETTLE_S),
    Row(S.LOBBY, "leave-without-call", see(LEAVE_SHOWN), see(JOIN, NAME_BOX, PANEL)),

    Row(S.PREJOIN, "join-control", see(JOIN), see(LEAVE_SHOWN)),
    Row(S.PREJOIN, "name-and-toggles", see(NAME_BOX, TOGGLE), see(LEAVE_SHOWN)),
)
# fmt: on

"""How each state of the Zoom web client is proved. Pure but for reading its own texts.

Collected from Zoom's own shipped interface code (Meeting SDK 6.2.0, the same React interface as the
web client) and from independent public projects (2025 to 2026); none of it was confirmed by us on
the live page. Modal dialogs carry labels that Zoom does not translate: they come first.

Four traps shape the rows. Footer, Leave button, stage and an empty player render while joining and
behind the waiting room: only the footer's count of people, 0 until admitted, proves admission. The
footer hides itself, so what sits on it counts when it is merely attached. The waiting room also
shows for a host who is absent and for somebody put on hold: none of it is an ending. Chat, names,
topics and captions can hold any sentence: texts count only outside them, endings only in dialogs,
and never while people are counted; the client leaves its address a few seconds after any ending.
"""

from typing import Final

from platforms.evidence import Count, Css, Place, Row, Text, Title, see, sign
from platforms.types import PageState as S
from platforms.zoom import sources as by
from platforms.zoom.texts import phrases
from platforms.zoom.urls import DOMAINS, WHITE_LABELS

NEVER_IN: Final = (
    "[id^=chat-message], .new-chat-message__container, .chat-virtuoso-wrapper, #chat-list-content, "
    '[aria-label="Chat Message List"], .chat-rtf-box, textarea, input, '
    "[contenteditable]:not([contenteditable=false]), .video-avatar__avatar, .participants-li, "
    "#participants-ul, .meeting-info-icon__title, .wr-topic, .live-transcription-subtitle__box, "
    "#live-transcription-subtitle, .new-caption-box, script, style, template, noscript"
)
"""What people write or say (chat, names, topics, captions), and what is never drawn."""

DIALOG: Final = (
    "[role=dialog], [role=alertdialog], .zm-modal, .zm-modal-legacy, .zmu-modal, "
    ".ReactModal__Content"
)
_ENDING: Final = (
    f"{DIALOG}, [class*=meeting-ended], [class*=ended-meeting], [class*=end-screen], "
    "[class*=leave-page]"
)
_ANNOUNCED: Final = f"{DIALOG}, h1, h2, h3, [role=heading], #prompt, #login"
COUNTER_SELECTOR: Final = (
    "#participant .footer-button__number-counter, "
    "[feature-type=participant] .footer-button__number-counter, "
    "[data-feature-type=participant] .footer-button__number-counter"
)
_PANE: Final = 'button[aria-label*="participants list pane,["]'
_ZOOM: Final = (*(f".{domain}" for domain in DOMAINS), *sorted(WHITE_LABELS))

JOIN = sign(
    "join",
    Css("button.preview-join-button, #joinBtn"),
    sources=(by.K, by.Z, by.V, by.B, by.W, by.S, by.N),
)
NAME_BOX = sign(
    "name-box",
    Css("#input-for-name, #inputname"),
    sources=(by.K, by.Z, by.V, by.B, by.W, by.S, by.N),
)
PASSCODE_BOX = sign(
    "passcode-box",
    Css("#input-for-pwd, #inputpasscode"),
    Css("input[type=password]"),
    sources=(by.K, by.V, by.B, by.W),
)
LOADING = sign("loading", Css("#wc-loading"), Text(phrases("joining")), sources=(by.Z, by.K, by.B))
COUNTED = sign(
    "people-counted",
    Count(COUNTER_SELECTOR),
    Css(f'{_PANE}:not([aria-label*=",[0]"])', visible=False),
    sources=(by.Z, by.K, by.W, by.S),
)
COUNTED_NONE = sign(
    "nobody-counted",
    Count(COUNTER_SELECTOR, at_least=0, at_most=0),
    Css(f'{_PANE}[aria-label*=",[0]"]', visible=False),
    sources=(by.Z, by.S, by.B),
)
FOOTER = sign(
    "footer",
    Css("#wc-footer, #foot-bar", visible=False),
    Css("footer.main-footer, .footer__inner", visible=False),
    Css(".footer__leave-btn-container button, button.join-audio-container__btn", visible=False),
    Css('button[aria-label*="participants list pane"]', visible=False),
    sources=(by.Z, by.K, by.S, by.B, by.W),
)
STAGE = sign(
    # an empty player is mounted before admission: only names prove people
    "people-on-stage",
    Css(".video-avatar__avatar-footer span:not(:empty), .video-avatar__avatar-name:not(:empty)"),
    Css('[data-attr="video-item-container"] video-player[node-id]:not([node-id=""])'),
    sources=(by.Z, by.K, by.V, by.B, by.W),
)
WAITING_ROOM = sign(
    "waiting-room",
    Css(".waiting-room-container"),
    Css(".wr-information, .wr-main-content, .wr-tip"),
    sources=(by.K, by.N),
)
LOBBY_TEXT = sign("lobby-text", Text(phrases("lobby")), sources=(by.K, by.B, by.V))
HOST_ABSENT = sign("host-absent-text", Text(phrases("host_absent")), sources=(by.K, by.B))
LINK_CODE = sign(
    "link-code-3001", Text(("(3,001)", "(3.001)", "(3 001)", "(3001)")), sources=(by.B, by.V, by.K)
)
ERROR_TITLE = sign("error-title", Title(("Error - Zoom",)), sources=(by.B, by.V))

REMOVED_LABEL = sign(
    "removed-label",
    Css('[aria-label="You have been removed"], [aria-label="Has been Removed dialog"]'),
    sources=(by.K,),
)
ENDED_LABEL = sign("ended-label", Css('[aria-label="Meeting is end now"]'), sources=(by.K,))
WALL_LABEL = sign("bot-wall-label", Css('[aria-label="BotDetectedDialog"]'), sources=(by.K,))
LOCKED_LABEL = sign("locked-label", Css('[aria-label="Meeting is locked"]'), sources=(by.K,))
FULL_LABEL = sign("full-label", Css('[aria-label="Meeting is full"]'), sources=(by.K,))
BLOCK_LABEL = sign("blocked-label", Css('[aria-label="BlockErrorDialog"]'), sources=(by.K,))
RECONNECT_LABEL = sign(
    "reconnect-label", Css('[aria-label="Reconnect server dialog"]'), sources=(by.K,)
)

REMOVED_TEXT = sign("removed-text", Text(phrases("removed"), within=_ENDING), sources=(by.K, by.B))
ENDED_TEXT = sign("ended-text", Text(phrases("ended"), within=_ENDING), sources=(by.K, by.B))
WALL_TEXT = sign("bot-wall-text", Text(phrases("bot_wall"), within=DIALOG), sources=(by.B,))
LOCKED_TEXT = sign("locked-text", Text(phrases("locked"), within=DIALOG))
FULL_TEXT = sign("full-text", Text(phrases("full"), within=DIALOG))
CLIENT_BLOCKED = sign(
    "client-blocked-text", Text(phrases("blocked"), within=_ANNOUNCED), sources=(by.K,)
)
EXPIRED_TEXT = sign("expired-text", Text(phrases("expired"), within=_ANNOUNCED))
SIGN_IN_TEXT = sign(
    "sign-in-text", Text(phrases("sign_in"), within=_ANNOUNCED), sources=(by.B, by.V, by.K)
)
SIGN_IN_BUTTON = sign("sign-in-button", Css(".login-btn-zoom"), sources=(by.B,))
PASSCODE_WRONG = sign(
    "passcode-wrong",
    Css('input[type=password][aria-invalid="true"], #input-for-pwd[aria-invalid="true"]'),
    Css("#error-for-pwd:not(:empty)"),
    Text(phrases("wrong_passcode")),
    sources=(by.K, by.B),
)
CAPTCHA = sign(
    "captcha",
    Css(".preview-reCaptcha-error__message"),
    Text(phrases("captcha"), within=f"{DIALOG}, .preview-root"),
    # an invisible frame of it may be on any page; only a large one is a challenge
    Css('iframe[src*="recaptcha"]', min_width_px=120, min_height_px=40),
    sources=(by.K,),
)
RECONNECTING = sign(
    "reconnecting-text", Text(phrases("reconnecting"), within=DIALOG), sources=(by.K,)
)

AT_SIGN_IN = sign(
    "at-sign-in",
    Place(hosts=_ZOOM, paths=("/signin*", "/oauth*", "/login*", "/saml*")),
    sources=(by.W, by.B),
)
AT_REGISTRATION = sign(
    "at-registration",
    Place(hosts=_ZOOM, paths=("/webinar/register*", "/meeting/register*")),
    sources=(by.B,),
)
AT_HOME = sign(
    "at-home",
    Place(hosts=_ZOOM, paths=("/postattendee*", "/wc", "/wc/home*", "/leave*", "/wc/leave*")),
    sources=(by.Z, by.V, by.B),
)
AT_LAUNCHER = sign(
    "at-launcher", Place(hosts=_ZOOM, paths=("/j/*", "/s/*", "/my/*")), sources=(by.M, by.S)
)
ELSEWHERE = sign("elsewhere", Place(elsewhere_than=_ZOOM), sources=(by.B,))

_FORM: Final = see(JOIN, NAME_BOX)
_CALL: Final = see(COUNTED)
_OVER: Final = see(REMOVED_TEXT, ENDED_TEXT)
"""Said in a dialog over a call: an ending, or what somebody made a poll of. Neither is believed."""
_WAS_IN: Final = frozenset({S.LOBBY, S.WAITING_FOR_HOST, S.IN_CALL, S.RECONNECTING})
_SIGN_IN: Final = see(AT_SIGN_IN, SIGN_IN_BUTTON, AT_REGISTRATION)
_NOT_IN_YET: Final = see(LOADING, WAITING_ROOM, LOBBY_TEXT, HOST_ABSENT)

PASSCODE_ASKED: Final = "passcode-asked"
"""The client asks for a passcode and the job's address has none that could be typed."""

# The count is 0 until admitted: two looks are enough. Names on the stage alone, 4 s: the waiting
# room was never seen to show any, but nobody says that it cannot.
_STAGE_SETTLE_S: Final = 4.0

# fmt: off
EVIDENCE: Final = (
    Row(S.BLOCKED, "bot-wall", see(WALL_LABEL)),
    Row(S.BLOCKED, "bot-wall-text", see(WALL_TEXT), _CALL, looks=2),
    Row(S.REMOVED, "removed-dialog", see(REMOVED_LABEL), looks=2),
    Row(S.ENDED, "ended-dialog", see(ENDED_LABEL), looks=2),
    Row(S.BLOCKED, "locked", see(LOCKED_LABEL), _CALL),
    Row(S.BLOCKED, "full", see(FULL_LABEL), _CALL),
    Row(S.BLOCKED, "blocked-dialog", see(BLOCK_LABEL), _CALL),

    Row(S.LOGIN, "sign-in-page", see(AT_SIGN_IN), looks=2, settle_s=2.0),
    Row(S.LOGIN, "sign-in-button", see(SIGN_IN_BUTTON), see(*_CALL, *_FORM), looks=2),
    Row(S.LOGIN, "sign-in-text", see(SIGN_IN_TEXT), _CALL, looks=2),
    Row(S.BLOCKED, "registration", see(AT_REGISTRATION), looks=2, settle_s=2.0),

    Row(S.REMOVED, "removed-text", see(REMOVED_TEXT), see(*_CALL, *_FORM), looks=2),
    Row(S.ENDED, "ended-text", see(ENDED_TEXT), see(*_CALL, *_FORM), looks=2),
    Row(S.BLOCKED, "locked-text", see(LOCKED_TEXT), _CALL, looks=2),
    Row(S.BLOCKED, "full-text", see(FULL_TEXT), _CALL, looks=2),
    Row(S.BLOCKED, "client-blocked", see(CLIENT_BLOCKED), _CALL, looks=2),
    Row(S.BLOCKED, "captcha", see(CAPTCHA), _CALL, looks=2, settle_s=5.0),
    Row(S.BLOCKED, "passcode-wrong", see(PASSCODE_BOX, PASSCODE_WRONG), _CALL, looks=2,
        settle_s=3.0),
    Row(S.BLOCKED, PASSCODE_ASKED, see(PASSCODE_BOX), see(*_CALL, *_SIGN_IN), looks=2,
        settle_s=5.0),
    Row(S.INVALID, "no-such-meeting", see(EXPIRED_TEXT), see(*_CALL, *_FORM), looks=2),

    Row(S.ENDED, "home", see(AT_HOME), _CALL, looks=2, after=_WAS_IN),
    Row(S.ENDED, "left-zoom", see(ELSEWHERE), _CALL, looks=2, after=_WAS_IN),
    Row(S.BLOCKED, "home-at-once", see(AT_HOME), _CALL, looks=2, settle_s=2.0),
    Row(S.BLOCKED, "other-host", see(ELSEWHERE), looks=2, settle_s=2.0),

    Row(S.RECONNECTING, "reconnect-dialog", see(RECONNECT_LABEL), _FORM, after=_WAS_IN),
    Row(S.RECONNECTING, "reconnecting", see(RECONNECTING), _FORM, after=_WAS_IN),

    Row(S.WAITING_FOR_HOST, "host-absent", see(HOST_ABSENT), see(*_CALL, *_FORM)),
    # also what a number that never was a meeting shows: nothing tells the two apart
    Row(S.WAITING_FOR_HOST, "link-code-3001", see(LINK_CODE), see(*_CALL, *_FORM)),
    Row(S.WAITING_FOR_HOST, "error-page", see(ERROR_TITLE), see(*_CALL, *_FORM, FOOTER), looks=2),
    Row(S.LOBBY, "waiting-room", see(WAITING_ROOM), see(*_CALL, *_FORM)),
    Row(S.LOBBY, "lobby-text", see(LOBBY_TEXT), see(*_CALL, *_FORM)),

    Row(S.IN_CALL, "people-counted", see(FOOTER, COUNTED), see(*_OVER, LOADING, *_FORM),
        looks=2),
    Row(S.IN_CALL, "people-on-stage", see(FOOTER, STAGE),
        see(*_OVER, *_NOT_IN_YET, *_FORM, COUNTED_NONE), looks=2, settle_s=_STAGE_SETTLE_S),

    Row(S.PREJOIN, "join-control", see(JOIN), see(LOADING, *_CALL)),
    Row(S.PREJOIN, "name-box", see(NAME_BOX), see(LOADING, *_CALL)),
    Row(S.PREJOIN, "launcher", see(AT_LAUNCHER), see(LOADING, *_CALL, *_FORM)),
)
# fmt: on

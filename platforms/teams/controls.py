"""Where the Microsoft Teams client's controls are. Language-independent first, texts last."""

from typing import Final

from platforms.actions import Target
from platforms.teams import sources as by
from platforms.teams.texts import labels, phrases

DIALOG: Final = "[role=dialog], [role=alertdialog], .fui-Dialog__surface"
_WRITTEN: Final = '[data-tid^="chat-pane"], [data-tid^="message-pane"], [data-stream-type]'
NOT_A_CONTROL: Final = f"{DIALOG}, {_WRITTEN}"

IN_BROWSER: Final = Target(
    "continue-in-browser",
    selectors=('[data-tid="joinOnWeb"]', 'a[href*="light-meetings"]'),
    texts=phrases("in_browser"),
    outside=f'{NOT_A_CONTROL}, [data-tid="joinInApp"]',
    sources=(by.N, by.B, by.S, by.W),
)
JOIN: Final = Target(
    "join",
    selectors=('[data-tid="prejoin-join-button"]', "#prejoin-join-button"),
    texts=phrases("join"),
    outside=DIALOG,
    sources=(by.Z, by.U2, by.A, by.B, by.W, by.N, by.U1),
)
NAME_BOX: Final = Target(
    "name-box",
    selectors=(
        'input[data-tid="prejoin-display-name-input"]',
        *(f'input[placeholder="{text}" i]' for text in phrases("your_name")),
    ),
    sources=(by.Z, by.U2, by.A, by.B, by.W, by.N, by.U1),
)
PASSCODE_BOX: Final = Target(
    "passcode-box", selectors=('[data-tid="prejoin-passcode-input"]',), sources=(by.N,)
)
LIVE_DEVICE: Final = Target(
    "live-device",
    # before the call a switch says it; in the call the microphone's picture, or a button's label
    selectors=(
        '[data-tid="toggle-mute"]:checked, [data-tid="toggle-mute"][aria-checked="true"]',
        '[data-tid="toggle-video"]:checked, [data-tid="toggle-video"][aria-checked="true"]',
        '#mic-button:has([data-testid="ubar-mic-on-icon"])',
        f"{labels('mute_label', 'button')}, {labels('camera_off_label', 'button')}",
    ),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.Z, by.N, by.S, by.W, by.B),
)
LEAVE: Final = Target(
    "leave",
    selectors=(
        '[data-tid="hangup-main-btn"]',
        "#hangup-button",
        '[data-inp="hangup-button"]',
        'button[aria-keyshortcuts="Ctrl+Shift+H"]',
        labels("leave_label", "button"),
    ),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.Z, by.A, by.V, by.W, by.N),
)
LEAVE_MENU: Final = Target(
    "leave-in-menu",
    # an organiser's leave button opens a menu; ending the meeting for all is never pressed
    selectors=('[data-tid="hangup-leave-button"]', "#hangup-leave-button"),
    sources=(by.N,),
)
CANCEL: Final = Target(
    "cancel-waiting", selectors=('[data-tid="prejoin-cancel-button"]',), sources=(by.N, by.U1)
)
CHAT_BUTTON: Final = Target(
    "chat-button",
    selectors=("#chat-button", '[data-inp="chat-button"]'),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.Z, by.A, by.W),
)
CHAT_BOX: Final = Target(
    "chat-box",
    selectors=(
        '[data-tid="ckeditor"] [contenteditable=true]',
        '[data-tid="ckeditor"][contenteditable=true]',
        labels("type_message", "[contenteditable=true]"),
        "[role=textbox][contenteditable=true]",
    ),
    sources=(by.B, by.W),
)
CHAT_SEND: Final = Target(
    "chat-send",
    selectors=(
        '[data-tid="newMessageCommands-send"]',
        '[data-tid="sendMessageCommands-send"]',
    ),
    sources=(by.W, by.B),
)

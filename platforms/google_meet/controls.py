"""Where the Google Meet client's controls are. Language-independent first, texts last."""

from typing import Final

from platforms.actions import Target
from platforms.google_meet import sources as by
from platforms.google_meet.texts import labels, phrases

_DIALOG: Final = "[role=dialog], [role=alertdialog]"
NOT_A_CONTROL: Final = f"{_DIALOG}, [data-participant-id], [role=listitem], [data-message-id]"

JOIN: Final = Target(
    "join",
    selectors=(
        '[jsname="Qx7uuf"] button',
        'button[jsname="Qx7uuf"]',
        '[jsname="z0F4cd"] button',
    ),
    texts=phrases("join"),
    outside=_DIALOG,
    sources=(by.R, by.D, by.V, by.U),
)
NAME_BOX: Final = Target(
    "name-box",
    selectors=(
        'input[jsname][type="text"]',
        'input[autocomplete="name"]',
        'input[aria-label="Your name"]',
        'input[placeholder="Your name"]',
        'main input[type="text"]',
    ),
    sources=(by.V, by.B, by.S, by.A, by.M, by.P, by.J, by.U),
)
LIVE_DEVICE: Final = Target(
    "live-device",
    selectors=(
        '[jsname="hw0c9"][data-is-muted="false"]',
        '[jsname="psRWwc"][data-is-muted="false"]',
        'button[data-is-muted="false"]',
        '[role=button][data-is-muted="false"]',
    ),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.R, by.D, by.V),
)
LEAVE: Final = Target(
    "leave",
    selectors=(
        'button[jsname="CQylAd"]',
        '[jsname="CQylAd"] button',
        '[jsname="CQylAd"]',
        labels("leave_label", "button"),
    ),
    icons=("call_end",),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.R, by.Z, by.D, by.V, by.B),
)
JUST_LEAVE: Final = Target(
    "just-leave",
    selectors=('[data-mdc-dialog-action="Pd96ce"]',),
    texts=("Just leave the call", "Leave call"),
    within=_DIALOG,
    sources=(by.R, by.D),
)
CHAT_BUTTON: Final = Target(
    "chat-button",
    selectors=(
        'button[data-panel-id="2"]',
        '[data-panel-id="2"] button',
        'button[aria-label^="Chat with everyone"]',
        "nav button:has([data-avatar-count]) ~ button",
    ),
    icons=("chat", "chat_bubble"),
    outside=NOT_A_CONTROL,
    hidden=True,
    sources=(by.B, by.D, by.P, by.V),
)
CHAT_BOX: Final = Target(
    "chat-box",
    selectors=(
        'textarea[aria-label^="Send a message"]',
        'textarea[placeholder^="Send a message"]',
        "aside textarea",
        "aside [role=textbox][contenteditable]:not([contenteditable=false])",
        "[role=textbox][contenteditable]:not([contenteditable=false])",
    ),
    sources=(by.B, by.U),
)
CHAT_SEND: Final = Target("chat-send", icons=("send",), sources=(by.B,))

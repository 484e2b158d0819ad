"""Where the Google Meet client's controls are. Language-independent first, texts last."""

from typing import Final

from platforms.actions import Target
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
)
JUST_LEAVE: Final = Target(
    "just-leave",
    selectors=('[data-mdc-dialog-action="Pd96ce"]',),
    texts=("Just leave the call", "Leave call"),
    within=_DIALOG,
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
)
CHAT_SEND: Final = Target("chat-send", icons=("send",))

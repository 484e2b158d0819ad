"""Where the Zoom client's controls are. Language-independent first, texts last."""

from typing import Final

from platforms.actions import Target
from platforms.zoom import sources as by
from platforms.zoom.evidence import DIALOG, NEVER_IN
from platforms.zoom.texts import phrases

JOIN_SELECTORS: Final = ("button.preview-join-button:not(.disabled)", "#joinBtn:not(.disabled)")

JOIN: Final = Target(
    "join",
    selectors=JOIN_SELECTORS,
    texts=phrases("join"),
    outside=f"{DIALOG}, .disabled",
    sources=(by.K, by.Z, by.V, by.B, by.W, by.S, by.M, by.N),
)
NAME_BOX: Final = Target(
    "name-box",
    selectors=(
        "#input-for-name",
        "#inputname",
        'input[placeholder="Your Name" i]',
        ".preview-root input[type=text]",
    ),
    sources=(by.K, by.Z, by.V, by.B, by.W, by.S, by.M, by.N),
)
PASSCODE_BOX: Final = Target(
    "passcode-box",
    selectors=("#input-for-pwd", "#inputpasscode", "input[type=password]"),
    sources=(by.K, by.V, by.B, by.W),
)
LIVE_DEVICE: Final = Target(
    # the icon's class says what the device is, whatever the language: "AudioMute" is live
    "live-device",
    selectors=(
        '#preview-audio-control-button:has(svg[class*="SvgAudioMute"])',
        '#preview-video-control-button:has(svg[class*="SvgVideoOn"])',
        'button.join-audio-container__btn:has(svg[class*="SvgAudioMute"])',
        '#foot-bar button:has(svg[class*="SvgVideoOn"])',
        'button[aria-label="mute my microphone" i]',
        'button[aria-label="stop my video" i]',
    ),
    outside=NEVER_IN,
    hidden=True,
    sources=(by.K, by.Z, by.V, by.B, by.W),
)
JOIN_AUDIO: Final = Target(
    "join-audio",
    selectors=(
        ".join-audio-by-voip__join-btn",
        'button.join-audio-container__btn:has(svg[class*="SvgAudioJoin"])',
    ),
    texts=phrases("join_audio"),
    outside=NEVER_IN,
    hidden=True,
    sources=(by.K, by.Z),
)
LEAVE: Final = Target(
    "leave",
    selectors=(
        ".footer__leave-btn-container button",
        "button.leave-btn",
        '#foot-bar button[aria-label="Leave" i]',
    ),
    outside=NEVER_IN,
    hidden=True,
    sources=(by.K, by.Z),
)
LEAVE_MEETING: Final = Target(
    # a guest has this one choice; a host, whom a bot never is, could also end it for all
    "leave-meeting",
    selectors=(".leave-meeting-options button.leave-meeting-options__btn:only-of-type",),
    texts=("Leave meeting",),
    within=".leave-meeting-options",
    sources=(by.K, by.Z, by.V, by.B),
)
PEOPLE_BUTTON: Final = Target(
    "people-button",
    selectors=(
        "#participant button",
        "[feature-type=participant] button",
        'button[aria-label^="open the participants list pane" i]',
    ),
    outside=NEVER_IN,
    hidden=True,
    sources=(by.K, by.Z, by.B, by.W),
)
PEOPLE_LIST: Final = Target(
    "people-list", selectors=("#participants-ul", ".participants-li"), sources=(by.K, by.Z, by.B)
)
CHAT_BUTTON: Final = Target(
    "chat-button",
    selectors=(
        "[feature-type=chat] button",
        "[data-feature-type=chat] button",
        'button[aria-label="open the chat panel" i]',
        'button[aria-label="close the chat panel" i]',
    ),
    outside=NEVER_IN,
    hidden=True,
    sources=(by.K, by.B, by.W),
)
CHAT_BOX: Final = Target(
    "chat-box",
    selectors=(
        ".chat-rtf-box [contenteditable]:not([contenteditable=false])",
        "div.ProseMirror[contenteditable=true]",
        "textarea.chat-box__chat-textarea",
    ),
    sources=(by.K, by.B, by.W),
)
CHAT_SEND: Final = Target("chat-send", selectors=(".chat-rtf-box__send",), sources=(by.K, by.W))
FROM_BROWSER: Final = Target(
    "from-browser",
    selectors=('a[href*="/wc/join/"]',),
    texts=phrases("from_browser"),
    outside=NEVER_IN,
)

"""The dialogs of the Zoom client and what to answer: specific ones before generic ones.

Only what is written here is ever pressed. A notice that the meeting is recorded is accepted, never
hidden: whoever sent the bot decided that. "Allow" comes before "Continue without microphone and
camera": without a device the client plays no sound of the others either.
"""

from functools import partial
from typing import Final

from platforms.actions import Target
from platforms.dialogs import Dialog, answered_by
from platforms.zoom import sources as by
from platforms.zoom.evidence import DIALOG, NEVER_IN
from platforms.zoom.texts import phrases

_PRIMARY: Final = (
    ".zm-modal-footer-default-actions button.zm-btn--primary",
    "button.zm-btn--primary",
)
_CLOSE: Final = ('button[aria-label^="close" i]', ".zm-modal-close")
_ACKNOWLEDGE: Final = phrases("acknowledge")
_FINAL: Final = (
    '[aria-label="Meeting is end now"], [aria-label="You have been removed"], '
    '[aria-label="Has been Removed dialog"], [aria-label="BotDetectedDialog"], '
    '[aria-label="Reconnect server dialog"], .leave-meeting-options'
)
"""What these say is evidence: answering them would take it away."""
_OUTSIDE: Final = f"{NEVER_IN}, {_FINAL}"
_answer: Final = partial(answered_by, within=DIALOG, outside=_OUTSIDE)

DIALOGS: Final = (
    _answer(
        "cookies",
        selectors=("#onetrust-reject-all-handler", "#onetrust-accept-btn-handler"),
        within="",
        sources=(by.B,),
    ),
    _answer(
        "terms",
        selectors=("#wc_agree1", "#disclaimer_agree"),
        within="",
        sources=(by.K, by.V, by.B),
    ),
    _answer("devices", texts=phrases("allow"), within="", sources=(by.V, by.B)),
    _answer("without-devices", texts=phrases("without_devices"), within="", sources=(by.V, by.B)),
    _answer(
        "recording-dialog",
        selectors=_PRIMARY,
        texts=_ACKNOWLEDGE,
        within=".recording-disclaimer-dialog",
        sources=(by.K,),
    ),
    _answer(
        "recording-notice",
        *phrases("recording_notice"),
        selectors=_PRIMARY,
        texts=_ACKNOWLEDGE,
        sources=(by.B,),
    ),
    Dialog(
        Target("unmute-request", selectors=('[aria-label="Unmute Dialog"]',), sources=(by.K,)),
        key="Escape",
    ),
    _answer("interpretation", "interpretation", texts=_ACKNOWLEDGE),
    _answer("tip", texts=_ACKNOWLEDGE, within=".relative-tooltip, .settings-feature-tips"),
    _answer(
        "generic", texts=_ACKNOWLEDGE, selectors=_CLOSE, within="[role=dialog]", sources=(by.B,)
    ),
)

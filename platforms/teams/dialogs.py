"""The dialogs of the Microsoft Teams client and what to answer: specific before generic ones.

Only what is written here is ever pressed; "open the app" and "end meeting" never are. The notice
that a meeting is recorded is a banner without a button: it stays in the picture. A dialog that asks
for consent to being recorded is accepted: whoever sent the bot decided that.
"""

from functools import partial
from typing import Final

from platforms.dialogs import Dialog, answered_by
from platforms.teams import sources as by
from platforms.teams.controls import DIALOG, IN_BROWSER
from platforms.teams.evidence import NEVER_IN
from platforms.teams.texts import phrases

_CLOSE: Final = (
    'button[aria-label="Close" i], button[title="Close" i]',
    '[data-tid="closeModelDialogBtn"]',
)
_CAPTCHA: Final = '[aria-describedby="captcha-dialog-instructions"]'
_ACKNOWLEDGE: Final = phrases("close")
_answer: Final = partial(answered_by, within=DIALOG, outside=f"{NEVER_IN}, {_CAPTCHA}")

DIALOGS: Final = (
    Dialog(IN_BROWSER),
    _answer("without-devices", texts=phrases("without_devices"), within="", sources=(by.B,)),
    _answer("as-guest", texts=phrases("as_guest"), within=""),
    _answer(  # U2 2026-09: a flyout that swallows every click under it
        "privacy",
        *phrases("privacy"),
        texts=(*phrases("accept"), *phrases("close")),
        selectors=_CLOSE,
        within=f"{DIALOG}, [role=region], aside",
        sources=(by.U2,),
    ),
    _answer(
        "recording-consent",
        *phrases("recording_consent"),
        texts=(*phrases("accept"), *phrases("close"), *phrases("accept_recording")),
    ),
    _answer(
        "devices",
        *phrases("device_notice"),
        texts=_ACKNOWLEDGE,
        selectors=_CLOSE,
        sources=(by.B,),
    ),
    _answer("generic", texts=_ACKNOWLEDGE, selectors=_CLOSE, sources=(by.S,)),
    _answer("modal", texts=_ACKNOWLEDGE, selectors=_CLOSE, within='[data-tid="modal"]'),
)

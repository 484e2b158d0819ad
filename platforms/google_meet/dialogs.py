"""The dialogs of the Google Meet client and what to answer: specific ones before generic ones.

Only what is written here is ever pressed. "Switch here" is not: it throws out another session.
A notice that the meeting is recorded is accepted, never hidden: whoever sent the bot decided that.
"""

from functools import partial
from typing import Final

from platforms.actions import Target
from platforms.dialogs import Dialog, answered_by
from platforms.google_meet import sources as by
from platforms.google_meet.evidence import NEVER_IN
from platforms.google_meet.texts import labels, phrases

_DIALOG: Final = "[role=dialog], [role=alertdialog], [aria-modal=true]"
_HINT: Final = phrases("acknowledge")
_ACKNOWLEDGE: Final = (*_HINT, "OK", *phrases("close"))
_ACCEPT: Final = (*phrases("join_recorded"), *_ACKNOWLEDGE)
_OK: Final = ('[data-mdc-dialog-action="ok"]',)
_CLOSE: Final = ('button[aria-label^="Close" i]', labels("close", "button"))
_OUTSIDE: Final = f"{NEVER_IN}, [data-is-muted]"
_answer: Final = partial(answered_by, within=_DIALOG, outside=_OUTSIDE)

DIALOGS: Final = (
    Dialog(
        Target(
            "people-hover",
            selectors=('[role=dialog][aria-label*="people in the call" i]',),
            sources=(by.B,),
        ),
        key="Escape",
    ),
    _answer(
        "recording-notice",
        *phrases("recording_notice"),
        selectors=_OK,
        texts=_ACCEPT,
        sources=(by.B,),
    ),
    _answer(
        "notes-notice",
        *phrases("notes_notice"),
        selectors=_OK,
        texts=_ACCEPT,
        sources=(by.B,),
    ),
    _answer("consent", selectors=_OK, within="[role=dialog][aria-modal=true]", sources=(by.B,)),
    _answer("without-devices", texts=phrases("without_devices"), within="", sources=(by.S, by.V)),
    _answer("keep-waiting", texts=phrases("keep_waiting"), sources=(by.B,)),
    _answer("without-account", texts=phrases("without_account"), within="", sources=(by.B,)),
    _answer(
        "video-differently",
        *phrases("video_differently"),
        texts=_ACKNOWLEDGE,
        sources=(by.B,),
    ),
    _answer("device-missing", *phrases("device_missing"), texts=_ACKNOWLEDGE, sources=(by.B,)),
    _answer("meeting-info", selectors=_CLOSE, within='[jscontroller="Cmkwqf"]', sources=(by.D,)),
    _answer(
        "generic", texts=_ACKNOWLEDGE, selectors=_CLOSE, within="[role=dialog]", sources=(by.B,)
    ),
    _answer("hint", texts=_HINT, within="", sources=(by.B,)),
)

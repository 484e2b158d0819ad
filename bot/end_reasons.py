"""Why bots end: every code of the contract, and all that follows from each. Tables, no behaviour.

Codes, titles and the split into completed and failed are the product's; the sentences, which an
orchestrator's users read as `error_message`, are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from bot.errors import Fault

MIN_RECORDED_S: Final = 15.0
"""A bot removed with less recorded than this was removed too early."""

EXIT_COMPLETED: Final = 0
EXIT_MEETING: Final = 1
EXIT_CALLER: Final = 2
EXIT_INFRASTRUCTURE: Final = 3
EXIT_INTERNAL: Final = 4
EXIT_SECOND_INTERRUPT: Final = 130
EXIT_KILLED: Final = 137
EXIT_SIGTERM: Final = 143

EXIT_OF_FAULT: Final[Mapping[Fault, int]] = MappingProxyType(
    {
        Fault.MEETING: EXIT_MEETING,
        Fault.CALLER: EXIT_CALLER,
        Fault.DESTINATION: EXIT_INFRASTRUCTURE,
        Fault.US: EXIT_INTERNAL,
    }
)
"""Exit code of a failure, by who can mend it, where no signal decides it."""


class EndReason(StrEnum):
    """Why a bot ended: `end_reason` of `bot.completed`, `error_code` of `bot.failed`."""

    BOT_REMOVED = "BOT_REMOVED"
    NO_ATTENDEES = "NO_ATTENDEES"
    NO_SPEAKER = "NO_SPEAKER"
    RECORDING_TIMEOUT = "RECORDING_TIMEOUT"
    API_REQUEST = "API_REQUEST"
    EXITING_MEETING_BEFORE_RECORD = "EXITING_MEETING_BEFORE_RECORD"
    BOT_REMOVED_TOO_EARLY = "BOT_REMOVED_TOO_EARLY"
    BOT_NOT_ACCEPTED = "BOT_NOT_ACCEPTED"
    TIMEOUT_WAITING_TO_START = "TIMEOUT_WAITING_TO_START"
    CANNOT_JOIN_MEETING = "CANNOT_JOIN_MEETING"
    LOGIN_REQUIRED = "LOGIN_REQUIRED"
    INVALID_MEETING_URL = "INVALID_MEETING_URL"
    STREAMING_SETUP_FAILED = "STREAMING_SETUP_FAILED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    TRANSCRIPTION_FAILED = "TRANSCRIPTION_FAILED"
    WAITING_FOR_HOST_TIMEOUT = "WAITING_FOR_HOST_TIMEOUT"
    MEETING_ENDED_PREMATURELY = "MEETING_ENDED_PREMATURELY"
    RECORDING_RIGHTS_NOT_GRANTED = "RECORDING_RIGHTS_NOT_GRANTED"
    CANNOT_REQUEST_RECORDING_RIGHT = "CANNOT_REQUEST_RECORDING_RIGHT"
    SET_ZOOM_ID_AND_PWD_TOGETHER = "SET_ZOOM_ID_AND_PWD_TOGETHER"  # noqa: S105 - a code
    CANNOT_GET_JWT_TOKEN = "CANNOT_GET_JWT_TOKEN"  # noqa: S105 - a code, not a credential
    SDK_AUTH_FAILED = "SDK_AUTH_FAILED"
    ZOOM_ACCESS_TOKEN_ERROR = "ZOOM_ACCESS_TOKEN_ERROR"  # noqa: S105 - a code, not a credential
    OOM_KILLED = "OOM_KILLED"
    SIGTERM = "SIGTERM"
    FORCE_KILLED = "FORCE_KILLED"
    GENERAL_ERROR = "GENERAL_ERROR"
    UNKNOWN_ERROR = "UNKNOWN_ERROR"
    INSUFFICIENT_TOKENS = "INSUFFICIENT_TOKENS"
    DAILY_BOT_CAP_REACHED = "DAILY_BOT_CAP_REACHED"
    BOT_ALREADY_EXISTS = "BOT_ALREADY_EXISTS"


@dataclass(frozen=True, slots=True)
class EndReasonFacts:
    """All that follows from an end reason.

    `retryable` means that a new bot for the same meeting may fare better with nothing changed.
    `raised_here` is False for the codes of other programs: the platform's native SDK, and the
    orchestrator. `fault` is None for a reason that is no failure.
    """

    title: str
    sentence: str
    ends_as: Literal["completed", "failed"]
    fault: Fault | None
    retryable: bool
    exit_code: int
    raised_here: bool


def _completed(title: str, sentence: str) -> EndReasonFacts:
    return EndReasonFacts(
        title,
        sentence,
        ends_as="completed",
        fault=None,
        retryable=False,
        exit_code=EXIT_COMPLETED,
        raised_here=True,
    )


def _failed(
    title: str,
    sentence: str,
    fault: Fault,
    *,
    retryable: bool = False,
    exit_code: int | None = None,
    raised_here: bool = True,
) -> EndReasonFacts:
    return EndReasonFacts(
        title,
        sentence,
        ends_as="failed",
        fault=fault,
        retryable=retryable,
        exit_code=EXIT_OF_FAULT[fault] if exit_code is None else exit_code,
        raised_here=raised_here,
    )


_TABLE: dict[EndReason, EndReasonFacts] = {
    EndReason.BOT_REMOVED: _completed(
        "Bot Removed", "The bot was removed from the meeting, or the meeting ended for everyone."
    ),
    EndReason.NO_ATTENDEES: _completed(
        "No Attendees", "Nobody else joined the meeting, or everybody else had left it."
    ),
    EndReason.NO_SPEAKER: _completed("No Speaker", "Nobody spoke for too long."),
    EndReason.RECORDING_TIMEOUT: _completed(
        "Recording Timeout", "The recording reached its longest permitted duration."
    ),
    EndReason.API_REQUEST: _completed("API Request", "The bot left because it was asked to."),
    EndReason.EXITING_MEETING_BEFORE_RECORD: _failed(
        "Exiting Meeting Before Record",
        "The bot was told to leave, or the meeting ended, before recording began.",
        Fault.MEETING,
    ),
    EndReason.BOT_REMOVED_TOO_EARLY: _failed(
        "Bot Removed Too Early",
        "The bot was removed, or the meeting ended, so soon that the recording is too short.",
        Fault.MEETING,
    ),
    EndReason.BOT_NOT_ACCEPTED: _failed(
        "Bot Not Accepted",
        "The bot was not let into the meeting, by its participants or by the meeting platform.",
        Fault.MEETING,
    ),
    EndReason.TIMEOUT_WAITING_TO_START: _failed(
        "Timeout Waiting to Start",
        "Nobody let the bot into the meeting in time.",
        Fault.MEETING,
    ),
    EndReason.CANNOT_JOIN_MEETING: _failed(
        "Cannot Join Meeting",
        "The bot could not ask to join: the meeting is not reachable, may not exist, or is closed "
        "to it.",
        Fault.MEETING,
        retryable=True,
    ),
    EndReason.LOGIN_REQUIRED: _failed(
        "Login Required", "Only signed-in users may join this meeting.", Fault.MEETING
    ),
    EndReason.INVALID_MEETING_URL: _failed(
        "Invalid Meeting URL", "The meeting URL leads to no meeting.", Fault.MEETING
    ),
    EndReason.STREAMING_SETUP_FAILED: _failed(
        "Streaming Setup Failed",
        "The streaming endpoint could not be reached.",
        Fault.DESTINATION,
        retryable=True,
    ),
    EndReason.INTERNAL_ERROR: _failed(
        "Internal Error", "The bot failed by its own fault.", Fault.US, retryable=True
    ),
    EndReason.TRANSCRIPTION_FAILED: _failed(
        "Transcription Failed",
        "The transcription provider failed; the recording is kept and can be transcribed again.",
        Fault.DESTINATION,
    ),
    EndReason.WAITING_FOR_HOST_TIMEOUT: _failed(
        "Waiting for Host Timeout",
        "The host of the meeting did not come in time.",
        Fault.MEETING,
    ),
    EndReason.MEETING_ENDED_PREMATURELY: _failed(
        "Meeting Ended Prematurely",
        "The meeting ended before the bot could take part.",
        Fault.MEETING,
    ),
    EndReason.RECORDING_RIGHTS_NOT_GRANTED: _failed(
        "Recording Rights Not Granted",
        "The host did not grant the bot the right to record.",
        Fault.MEETING,
        raised_here=False,
    ),
    EndReason.CANNOT_REQUEST_RECORDING_RIGHT: _failed(
        "Cannot Request Recording Right",
        "The bot could not ask for the right to record; the meeting may not allow recording.",
        Fault.MEETING,
        raised_here=False,
    ),
    EndReason.SET_ZOOM_ID_AND_PWD_TOGETHER: _failed(
        "Zoom SDK Configuration Error",
        "The Zoom SDK's id and password must be given together.",
        Fault.CALLER,
        raised_here=False,
    ),
    EndReason.CANNOT_GET_JWT_TOKEN: _failed(
        "Cannot Get JWT Token",
        "The Zoom SDK's credentials gave no JWT token.",
        Fault.CALLER,
        raised_here=False,
    ),
    EndReason.SDK_AUTH_FAILED: _failed(
        "SDK Authentication Failed",
        "The Zoom SDK refused its credentials.",
        Fault.CALLER,
        raised_here=False,
    ),
    EndReason.ZOOM_ACCESS_TOKEN_ERROR: _failed(
        "Zoom Access Token Error",
        "No Zoom access token could be obtained.",
        Fault.CALLER,
        raised_here=False,
    ),
    EndReason.OOM_KILLED: _failed(
        "Out of Memory",
        "The bot's process was killed because memory ran out.",
        Fault.US,
        retryable=True,
        exit_code=EXIT_KILLED,
    ),
    EndReason.SIGTERM: _failed(
        "Process Terminated",
        "The bot's process was told to stop.",
        Fault.DESTINATION,
        retryable=True,
        exit_code=EXIT_SIGTERM,
    ),
    EndReason.FORCE_KILLED: _failed(
        "Force Killed",
        "The bot's process was killed.",
        Fault.DESTINATION,
        retryable=True,
        exit_code=EXIT_KILLED,
    ),
    EndReason.GENERAL_ERROR: _failed(
        "General Error", "The bot's process died of an error.", Fault.US, retryable=True
    ),
    EndReason.UNKNOWN_ERROR: _failed(
        "Unknown Error", "The bot failed for an unknown reason.", Fault.US, retryable=True
    ),
    EndReason.INSUFFICIENT_TOKENS: _failed(
        "Insufficient Tokens",
        "Not enough tokens were available to launch the bot.",
        Fault.CALLER,
        raised_here=False,
    ),
    EndReason.DAILY_BOT_CAP_REACHED: _failed(
        "Daily Bot Cap Reached",
        "The team's daily limit of bots has been reached.",
        Fault.CALLER,
        raised_here=False,
    ),
    EndReason.BOT_ALREADY_EXISTS: _failed(
        "Bot Already Exists",
        "Another bot is already in this meeting.",
        Fault.CALLER,
        raised_here=False,
    ),
}

END_REASONS: Final[Mapping[EndReason, EndReasonFacts]] = MappingProxyType(_TABLE)
"""Total: a row for every code."""


def exit_code_of_error(error_code: object) -> int:
    """The exit code of a bot that failed with this code, one of a later version included."""
    try:
        return END_REASONS[EndReason(str(error_code))].exit_code
    except ValueError:
        return EXIT_INTERNAL

"""From what was seen to why the bot ends: total tables, and the gate only one ending passes. Pure.

`PAGE_ENDINGS` has a row for every page state in every phase, None where it is no ending. UNKNOWN
is never one: only a deadline on it is (`bot.leave_rules`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from bot.contract import END_REASONS, EXIT_OF_FAULT, MIN_RECORDED_S, EndReason, Status
from bot.end_reasons import EndReasonFacts
from bot.errors import Fault
from bot.leave import Verdict
from bot.machine import RECORDING
from platforms.errors import InvalidMeetingUrl
from platforms.types import Finding, PageState, Traits


class Phase(StrEnum):
    """How far the bot has come, as far as the meaning of a page depends on it."""

    BEFORE_ASK = "before_ask"
    ASKED = "asked"
    ADMITTED = "admitted"
    RECORDING = "recording"
    READMITTING = "readmitting"
    """In the call until our own page died, and asking again."""
    OVER = "over"


_R = EndReason
_NO_ENDING: Final[Mapping[PageState, EndReason | None]] = dict.fromkeys(PageState)
_REMOVAL: Final[Mapping[PageState, EndReason | None]] = dict.fromkeys(
    (
        PageState.REMOVED,
        PageState.LOGIN,
        PageState.DENIED,
        PageState.NO_ANSWER,
        PageState.BLOCKED,
        PageState.INVALID,
    ),
    _R.BOT_REMOVED,
)
"""Once the bot has been let in, every way of not being there any more is a removal."""

_BY_PHASE: Final[Mapping[Phase, Mapping[PageState, EndReason | None]]] = {
    Phase.BEFORE_ASK: {
        **_NO_ENDING,
        PageState.LOGIN: _R.LOGIN_REQUIRED,
        PageState.DENIED: _R.CANNOT_JOIN_MEETING,
        PageState.NO_ANSWER: _R.CANNOT_JOIN_MEETING,
        PageState.BLOCKED: _R.CANNOT_JOIN_MEETING,
        PageState.INVALID: _R.INVALID_MEETING_URL,
        PageState.REMOVED: _R.CANNOT_JOIN_MEETING,
        PageState.ENDED: _R.EXITING_MEETING_BEFORE_RECORD,
    },
    Phase.ASKED: {
        **_NO_ENDING,
        PageState.LOGIN: _R.LOGIN_REQUIRED,
        PageState.DENIED: _R.BOT_NOT_ACCEPTED,
        PageState.NO_ANSWER: _R.TIMEOUT_WAITING_TO_START,
        PageState.BLOCKED: _R.BOT_NOT_ACCEPTED,
        PageState.INVALID: _R.INVALID_MEETING_URL,
        PageState.REMOVED: _R.BOT_NOT_ACCEPTED,
        PageState.ENDED: _R.EXITING_MEETING_BEFORE_RECORD,
    },
    Phase.ADMITTED: {
        **_NO_ENDING,
        **_REMOVAL,
        PageState.ENDED: _R.EXITING_MEETING_BEFORE_RECORD,
    },
    Phase.RECORDING: {
        **_NO_ENDING,
        **_REMOVAL,
        PageState.ENDED: _R.BOT_REMOVED,
    },
    Phase.READMITTING: {
        **_NO_ENDING,
        PageState.LOGIN: _R.INTERNAL_ERROR,
        PageState.DENIED: _R.INTERNAL_ERROR,
        PageState.NO_ANSWER: _R.INTERNAL_ERROR,
        PageState.BLOCKED: _R.INTERNAL_ERROR,
        PageState.INVALID: _R.INTERNAL_ERROR,
        PageState.REMOVED: _R.BOT_REMOVED,
        PageState.ENDED: _R.BOT_REMOVED,
    },
    Phase.OVER: _NO_ENDING,
}

PAGE_ENDINGS: Final[Mapping[tuple[Phase, PageState], EndReason | None]] = MappingProxyType(
    {(phase, state): _BY_PHASE[phase][state] for phase in Phase for state in PageState}
)
"""What a page state means in a phase. BOT_REMOVED here still depends on what was recorded."""

LEAVE_ENDINGS: Final[Mapping[Status, EndReason | None]] = MappingProxyType(
    {
        Status.QUEUED: _R.EXITING_MEETING_BEFORE_RECORD,
        Status.JOINING_CALL: _R.EXITING_MEETING_BEFORE_RECORD,
        Status.IN_WAITING_ROOM: _R.EXITING_MEETING_BEFORE_RECORD,
        Status.IN_WAITING_FOR_HOST: _R.EXITING_MEETING_BEFORE_RECORD,
        Status.IN_CALL_NOT_RECORDING: _R.EXITING_MEETING_BEFORE_RECORD,
        Status.IN_CALL_RECORDING: _R.API_REQUEST,
        Status.RECORDING_PAUSED: _R.API_REQUEST,
        Status.RECORDING_RESUMED: _R.API_REQUEST,
        Status.CALL_ENDED: None,
        Status.TRANSCRIBING: None,
        Status.COMPLETED: None,
        Status.FAILED: None,
    }
)
"""What the leave command ends a bot as; None where it is refused."""


@runtime_checkable
class Blamed(Protocol):
    """Every error of our three packages: it says whose fault it is and whether to retry."""

    fault: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why one bot ended, with the evidence for it.

    `row` names the evidence: "platform/row", "leave/rule", "command/leave", "signal/SIGTERM" or
    "error/Class". `detail` is what was seen or raised, free of secrets. `fault` and `retryable`
    differ from the reason's own only where an error knew better.
    """

    reason: EndReason
    row: str
    detail: str = ""
    fault: Fault | None = None
    retryable: bool = False

    @property
    def facts(self) -> EndReasonFacts:
        """The reason's row of the table of end reasons."""
        return END_REASONS[self.reason]

    @property
    def is_completed(self) -> bool:
        """Whether the bot ends as completed."""
        return self.facts.ends_as == "completed"

    @property
    def error_message(self) -> str:
        """The reason's sentence, and for our own failures what exactly happened."""
        if self.fault in {Fault.US, Fault.DESTINATION} and self.detail:
            return f"{self.facts.sentence} ({self.detail})"
        return self.facts.sentence

    @property
    def exit_code(self) -> int:
        """The process's exit code: an error that is not ours makes INTERNAL_ERROR another one."""
        if self.fault is not None and self.reason in _EXIT_BY_FAULT:
            return EXIT_OF_FAULT[self.fault]
        return self.facts.exit_code


_EXIT_BY_FAULT: Final = frozenset({_R.INTERNAL_ERROR, _R.UNKNOWN_ERROR})


def phase_of(status: Status, *, asked: bool = False, readmitting: bool = False) -> Phase:
    """The phase of a bot. `asked`: the request to join was really sent, status or not.

    `readmitting`: the page died under us after admission and is being joined again.
    """
    if status in {Status.QUEUED, Status.JOINING_CALL}:
        return Phase.ASKED if asked else Phase.BEFORE_ASK
    if status in {Status.IN_WAITING_ROOM, Status.IN_WAITING_FOR_HOST}:
        return Phase.ASKED
    if status is Status.IN_CALL_NOT_RECORDING:
        return Phase.READMITTING if readmitting else Phase.ADMITTED
    if status in RECORDING or status is Status.RECORDING_PAUSED:
        return Phase.READMITTING if readmitting else Phase.RECORDING
    return Phase.OVER


def reason_for_page(
    state: PageState,
    phase: Phase,
    recorded_s: float = 0.0,
    traits: Traits | None = None,
) -> EndReason | None:
    """Why a page state ends the bot, or None when it does not. Total.

    `recorded_s` counts seconds in the recording, pauses excluded.
    """
    reason = PAGE_ENDINGS[phase, state]
    if reason is EndReason.BOT_REMOVED and recorded_s < MIN_RECORDED_S:
        return EndReason.BOT_REMOVED_TOO_EARLY
    premature = traits is not None and traits.ends_before_recording_as_premature
    if reason is EndReason.EXITING_MEETING_BEFORE_RECORD and premature:
        return EndReason.MEETING_ENDED_PREMATURELY
    return reason


def outcome(reason: EndReason, row: str, detail: str = "") -> Outcome:
    """An outcome whose fault and retry are the reason's own."""
    facts = END_REASONS[reason]
    return Outcome(reason, row, detail, facts.fault, facts.retryable)


def outcome_of_finding(
    finding: Finding,
    phase: Phase,
    recorded_s: float = 0.0,
    traits: Traits | None = None,
) -> Outcome | None:
    """The outcome a judged look proves, or None when it proves no ending."""
    reason = reason_for_page(finding.state, phase, recorded_s, traits)
    return None if reason is None else outcome(reason, finding.row, finding.detail)


def outcome_of_verdict(verdict: Verdict) -> Outcome:
    """The outcome of a leave rule that fired."""
    return outcome(
        verdict.reason, verdict.row, f"held {verdict.held_s:.1f} s of {verdict.limit_s:g} s"
    )


def outcome_of_leave(status: Status) -> Outcome | None:
    """The outcome of the leave command, None in a status that refuses it."""
    reason = LEAVE_ENDINGS[status]
    return None if reason is None else outcome(reason, "command/leave", status.value)


def outcome_of_sigterm() -> Outcome:
    """The outcome of being told to stop by whoever runs the process."""
    return outcome(EndReason.SIGTERM, "signal/SIGTERM")


def outcome_of_error(error: BaseException, phase: Phase = Phase.BEFORE_ASK) -> Outcome:
    """The outcome of an error that ended the bot in `phase`.

    Errors of our packages keep their fault and text: one that is the meeting's own before
    admission means that it cannot be joined. A stranger is our fault, and only its class is told:
    its text may hold anything.
    """
    row = f"error/{type(error).__name__}"
    if isinstance(error, InvalidMeetingUrl):
        return outcome(EndReason.INVALID_MEETING_URL, row, str(error))
    if not isinstance(error, Blamed):
        return outcome(EndReason.INTERNAL_ERROR, row, type(error).__name__)
    fault = Fault(error.fault)
    outside = phase in {Phase.BEFORE_ASK, Phase.ASKED}
    reason = _R.CANNOT_JOIN_MEETING if fault is Fault.MEETING and outside else _R.INTERNAL_ERROR
    return Outcome(reason, row, str(error), fault, retryable=error.retryable)


class Attempt:
    """One try at the meeting. Once another has begun, nothing it says counts any more."""

    def __init__(self, gate: "OutcomeGate") -> None:
        self._gate = gate

    @property
    def is_current(self) -> bool:
        """Whether this attempt may still end the bot."""
        return self._gate.current is self

    def settle(self, found: Outcome) -> bool:
        """End the bot with `found`; False when it has ended, or another attempt took over."""
        return self.is_current and self._gate.settle(found)


class OutcomeGate:
    """The one place a bot ends: the first outcome passes, everything after it is ignored.

    Not safe for threads: it belongs to the event loop. `on_settled` is called once, on passing.
    """

    def __init__(self, on_settled: Callable[[Outcome], None] | None = None) -> None:
        self.outcome: Outcome | None = None
        self.current: Attempt | None = None
        self._on_settled = on_settled

    def attempt(self) -> Attempt:
        """Begin an attempt; the one before it is superseded."""
        self.current = Attempt(self)
        return self.current

    def settle(self, found: Outcome) -> bool:
        """End the bot with `found`, whatever attempt is running; False when it has ended."""
        if self.outcome is not None:
            return False
        self.outcome = found
        if self._on_settled is not None:
            self._on_settled(found)
        return True

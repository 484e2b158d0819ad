"""From evidence to end reason, and the gate."""

import inspect
from itertools import product
from types import ModuleType

import pytest

import bot.errors
import media.errors
import platforms.errors
from bot.contract import END_REASONS, Command, EndReason, Status
from bot.errors import Fault, IllegalTransition, NoJobError
from bot.leave import Verdict
from bot.machine import COMMANDS
from bot.outcome import (
    LEAVE_ENDINGS,
    PAGE_ENDINGS,
    Outcome,
    OutcomeGate,
    Phase,
    outcome,
    outcome_of_error,
    outcome_of_finding,
    outcome_of_leave,
    outcome_of_sigterm,
    outcome_of_verdict,
    phase_of,
    reason_for_page,
)
from platforms.errors import InvalidMeetingUrl
from platforms.types import Finding, PageState, Traits

P, R = PageState, EndReason
ENDINGS = {P.LOGIN, P.DENIED, P.NO_ANSWER, P.BLOCKED, P.INVALID, P.REMOVED, P.ENDED}


PREMATURE = Traits(ends_before_recording_as_premature=True)


def test_the_table_is_total() -> None:
    """Every page state in every phase, however much is recorded, gives a reason or None."""
    assert set(PAGE_ENDINGS) == set(product(Phase, PageState))
    for phase, state, recorded_s, traits in product(
        Phase, PageState, (0.0, 14.9, 15.0, 3600.0), (None, PREMATURE)
    ):
        reason = reason_for_page(state, phase, recorded_s, traits)
        assert reason is None or END_REASONS[reason].raised_here
        assert (reason is not None) == (state in ENDINGS and phase is not Phase.OVER)


def test_no_evidence_is_no_ending() -> None:
    """UNKNOWN and RECONNECTING end nothing in any phase."""
    for phase, state in product(Phase, (P.UNKNOWN, P.RECONNECTING, P.IN_CALL, P.LOBBY)):
        assert reason_for_page(state, phase) is None


def test_nothing_completes_without_a_recording() -> None:
    """A page can end a bot as completed only when 15 s were recorded."""
    for phase, state in product(Phase, PageState):
        reason = reason_for_page(state, phase, recorded_s=14.999)
        assert reason is None or END_REASONS[reason].ends_as == "failed"


@pytest.mark.parametrize(
    ("phase", "state", "recorded_s", "reason"),
    [
        (Phase.BEFORE_ASK, P.LOGIN, 0, R.LOGIN_REQUIRED),
        (Phase.BEFORE_ASK, P.BLOCKED, 0, R.CANNOT_JOIN_MEETING),
        (Phase.BEFORE_ASK, P.DENIED, 0, R.CANNOT_JOIN_MEETING),
        (Phase.BEFORE_ASK, P.INVALID, 0, R.INVALID_MEETING_URL),
        (Phase.BEFORE_ASK, P.ENDED, 0, R.EXITING_MEETING_BEFORE_RECORD),
        (Phase.ASKED, P.DENIED, 0, R.BOT_NOT_ACCEPTED),
        (Phase.ASKED, P.REMOVED, 0, R.BOT_NOT_ACCEPTED),
        (Phase.ASKED, P.BLOCKED, 0, R.BOT_NOT_ACCEPTED),
        (Phase.ASKED, P.NO_ANSWER, 0, R.TIMEOUT_WAITING_TO_START),
        (Phase.ASKED, P.ENDED, 0, R.EXITING_MEETING_BEFORE_RECORD),
        (Phase.ADMITTED, P.REMOVED, 0, R.BOT_REMOVED_TOO_EARLY),
        (Phase.ADMITTED, P.DENIED, 0, R.BOT_REMOVED_TOO_EARLY),
        (Phase.ADMITTED, P.ENDED, 0, R.EXITING_MEETING_BEFORE_RECORD),
        (Phase.RECORDING, P.REMOVED, 14.9, R.BOT_REMOVED_TOO_EARLY),
        (Phase.RECORDING, P.ENDED, 14.9, R.BOT_REMOVED_TOO_EARLY),
        (Phase.RECORDING, P.REMOVED, 15, R.BOT_REMOVED),
        (Phase.RECORDING, P.ENDED, 15, R.BOT_REMOVED),
        (Phase.RECORDING, P.DENIED, 60, R.BOT_REMOVED),
        (Phase.RECORDING, P.LOGIN, 60, R.BOT_REMOVED),
        (Phase.READMITTING, P.DENIED, 60, R.INTERNAL_ERROR),
        (Phase.READMITTING, P.ENDED, 60, R.BOT_REMOVED),
    ],
)
def test_the_contracts_rows(
    phase: Phase, state: PageState, recorded_s: float, reason: EndReason
) -> None:
    """Each row of the contract's table of end reasons that a page can prove."""
    finding = Finding(state, "google_meet/row", "seen")
    found = outcome_of_finding(finding, phase, recorded_s)
    assert found is not None
    assert (found.reason, found.row, found.detail) == (reason, "google_meet/row", "seen")


def test_zoom_has_its_own_word_for_ending_too_soon() -> None:
    """A Zoom meeting that ends before recording began ended prematurely."""
    assert reason_for_page(P.ENDED, Phase.ASKED, 0, PREMATURE) is R.MEETING_ENDED_PREMATURELY


def test_a_finding_that_ends_nothing_has_no_outcome() -> None:
    """IN_CALL while recording is no ending."""
    assert outcome_of_finding(Finding(P.IN_CALL, "r"), Phase.RECORDING) is None


@pytest.mark.parametrize("status", Status)
def test_leave_ends_every_bot_it_is_legal_for(status: Status) -> None:
    """The leave command has an ending in exactly the statuses that allow it."""
    assert set(LEAVE_ENDINGS) == set(Status)
    found = outcome_of_leave(status)
    assert (found is not None) == (status in COMMANDS[Command.LEAVE])
    if found is not None:
        recording = status.value.startswith("recording") or status is Status.IN_CALL_RECORDING
        wanted = R.API_REQUEST if recording else R.EXITING_MEETING_BEFORE_RECORD
        assert (found.reason, found.row) == (wanted, "command/leave")


@pytest.mark.parametrize(
    ("status", "asked", "readmitting", "phase"),
    [
        (Status.QUEUED, False, False, Phase.BEFORE_ASK),
        (Status.JOINING_CALL, False, False, Phase.BEFORE_ASK),
        (Status.JOINING_CALL, True, False, Phase.ASKED),
        (Status.IN_WAITING_ROOM, True, False, Phase.ASKED),
        (Status.IN_WAITING_FOR_HOST, False, False, Phase.ASKED),
        (Status.IN_CALL_NOT_RECORDING, True, False, Phase.ADMITTED),
        (Status.IN_CALL_NOT_RECORDING, True, True, Phase.READMITTING),
        (Status.IN_CALL_RECORDING, True, False, Phase.RECORDING),
        (Status.RECORDING_PAUSED, True, False, Phase.RECORDING),
        (Status.RECORDING_RESUMED, True, True, Phase.READMITTING),
        (Status.CALL_ENDED, True, False, Phase.OVER),
        (Status.FAILED, False, False, Phase.OVER),
    ],
)
def test_phases(status: Status, *, asked: bool, readmitting: bool, phase: Phase) -> None:
    """A status, and what was really sent, decide what a page means."""
    assert phase_of(status, asked=asked, readmitting=readmitting) is phase


def test_every_status_has_a_phase() -> None:
    """`phase_of` is total."""
    for status, asked, readmitting in product(Status, (False, True), (False, True)):
        assert phase_of(status, asked=asked, readmitting=readmitting) in Phase


def test_a_verdict_keeps_its_row_and_arithmetic() -> None:
    """A leave rule's outcome says which rule, and how long it held."""
    found = outcome_of_verdict(Verdict(R.NO_ATTENDEES, "leave/everyone-left", 30.5, 30))
    assert (found.reason, found.row) == (R.NO_ATTENDEES, "leave/everyone-left")
    assert found.detail == "held 30.5 s of 30 s"
    assert found.is_completed
    assert found.exit_code == 0


def test_sigterm_exits_as_a_signal_does() -> None:
    """Being told to stop is a failure that may be retried, with exit code 143."""
    found = outcome_of_sigterm()
    assert (found.reason, found.exit_code, found.retryable) == (R.SIGTERM, 143, True)
    assert not found.is_completed


class _Unreachable(Exception):  # noqa: N818 - stands for an error of a sister package
    fault = "meeting"
    retryable = True


def test_a_url_the_parser_refuses_keeps_its_code() -> None:
    """The platforms' parser error becomes INVALID_MEETING_URL."""
    found = outcome_of_error(InvalidMeetingUrl("no meeting code"))
    assert (found.reason, found.exit_code) == (R.INVALID_MEETING_URL, 1)


def test_errors_keep_whose_fault_they_are() -> None:
    """Infrastructure exits 3, our own fault 4, and both say what happened."""
    infrastructure = outcome_of_error(NoJobError(300))
    assert (infrastructure.reason, infrastructure.exit_code) == (R.INTERNAL_ERROR, 3)
    assert infrastructure.fault is Fault.DESTINATION
    assert infrastructure.retryable
    assert "no job came within 300 s" in infrastructure.error_message
    ours = outcome_of_error(IllegalTransition("queued", "completed"))
    assert (ours.reason, ours.exit_code, ours.retryable) == (R.INTERNAL_ERROR, 4, False)


def errors_of(module: ModuleType, root: type[Exception]) -> list[type[Exception]]:
    """All error classes of a package."""
    classes = (found for _, found in inspect.getmembers(module, inspect.isclass))
    return [found for found in classes if issubclass(found, root)]


@pytest.mark.parametrize(
    "cls",
    errors_of(bot.errors, bot.errors.BotError)
    + errors_of(media.errors, media.errors.MediaError)
    + errors_of(platforms.errors, platforms.errors.PlatformError),
)
def test_every_error_of_the_three_packages_has_an_outcome(cls: type[Exception]) -> None:
    """Whose fault an error is and whether to retry are words that bot knows, class by class."""
    raised = cls.__new__(cls)
    for phase in Phase:
        found = outcome_of_error(raised, phase)
        assert found.row == f"error/{cls.__name__}"
        assert not found.is_completed
        assert found.exit_code in {1, 2, 3, 4}
        assert found.exit_code != 4 or found.fault is Fault.US


@pytest.mark.parametrize("phase", Phase)
def test_the_meetings_own_error_matters_before_admission(phase: Phase) -> None:
    """A meeting's error means it cannot be joined, and nothing of the sort once it was."""
    outside = phase in {Phase.BEFORE_ASK, Phase.ASKED}
    found = outcome_of_error(_Unreachable("gone"), phase)
    assert found.reason is (R.CANNOT_JOIN_MEETING if outside else R.INTERNAL_ERROR)
    assert found.exit_code == 1


def test_a_strangers_text_is_not_told() -> None:
    """An error of no package of ours is our fault, and only its class is named."""
    found = outcome_of_error(ValueError("https://meet.google.com/?pwd=hunter2"))
    assert (found.reason, found.row, found.exit_code) == (R.INTERNAL_ERROR, "error/ValueError", 4)
    assert "hunter2" not in found.error_message + repr(found)


def test_messages_of_the_meetings_reasons_are_the_tables() -> None:
    """What a page showed is evidence, not part of the sentence a user reads."""
    found = outcome(R.BOT_NOT_ACCEPTED, "r", "denied your request")
    assert found.error_message == END_REASONS[R.BOT_NOT_ACCEPTED].sentence
    assert found.facts is END_REASONS[R.BOT_NOT_ACCEPTED]


def test_the_first_outcome_passes_and_no_other() -> None:
    """The gate lets one outcome through, calls back once, and ignores the rest."""
    passed: list[Outcome] = []
    gate = OutcomeGate(passed.append)
    first, second = outcome(R.BOT_REMOVED, "a"), outcome(R.INTERNAL_ERROR, "b")
    assert gate.outcome is None
    assert gate.settle(first)
    assert not gate.settle(second)
    assert gate.outcome is first
    assert passed == [first]


def test_a_superseded_attempt_writes_nothing() -> None:
    """A join that settles late, after another began, does not end the bot."""
    gate = OutcomeGate()
    late = gate.attempt()
    assert late.is_current
    current = gate.attempt()
    assert not late.is_current
    assert not late.settle(outcome(R.BOT_NOT_ACCEPTED, "late"))
    assert gate.outcome is None
    assert current.settle(outcome(R.BOT_REMOVED, "now"))
    assert not current.settle(outcome(R.BOT_NOT_ACCEPTED, "again"))
    assert gate.outcome is not None
    assert gate.outcome.row == "now"

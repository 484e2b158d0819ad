"""The table of end reasons."""

import pytest

from bot.end_reasons import (
    END_REASONS,
    EXIT_COMPLETED,
    EXIT_KILLED,
    EXIT_OF_FAULT,
    EXIT_SIGTERM,
    EndReason,
)
from bot.errors import Fault

COMPLETED = {"BOT_REMOVED", "NO_ATTENDEES", "NO_SPEAKER", "RECORDING_TIMEOUT", "API_REQUEST"}
NEVER_HERE = {
    "RECORDING_RIGHTS_NOT_GRANTED",
    "CANNOT_REQUEST_RECORDING_RIGHT",
    "SET_ZOOM_ID_AND_PWD_TOGETHER",
    "CANNOT_GET_JWT_TOKEN",
    "SDK_AUTH_FAILED",
    "ZOOM_ACCESS_TOKEN_ERROR",
    "INSUFFICIENT_TOKENS",
    "DAILY_BOT_CAP_REACHED",
    "BOT_ALREADY_EXISTS",
}


def test_the_table_is_total() -> None:
    """Every code has its row, and names are their own values."""
    assert set(END_REASONS) == set(EndReason)
    assert all(reason.name == reason.value for reason in EndReason)
    assert len(EndReason) == 31


def test_exactly_the_contracts_five_reasons_complete() -> None:
    """Completed and failed are split as the contract splits them."""
    assert {code for code in END_REASONS if END_REASONS[code].ends_as == "completed"} == COMPLETED


def test_the_codes_of_other_programs_are_marked() -> None:
    """The native SDK's codes and the orchestrator's are never raised here."""
    assert {code for code in END_REASONS if not END_REASONS[code].raised_here} == NEVER_HERE


@pytest.mark.parametrize("reason", EndReason)
def test_each_row_agrees_with_itself(reason: EndReason) -> None:
    """A completed bot exits 0 and blames nobody; a failed one blames somebody and does not."""
    facts = END_REASONS[reason]
    assert facts.title
    assert facts.sentence.endswith(".")
    if facts.ends_as == "completed":
        assert (facts.exit_code, facts.fault, facts.retryable) == (EXIT_COMPLETED, None, False)
    else:
        assert facts.fault is not None
        assert facts.exit_code != EXIT_COMPLETED


def test_exit_codes_are_the_contracts() -> None:
    """Meeting 1, infrastructure 3, ourselves 4, signals 128 plus their number."""
    assert END_REASONS[EndReason.BOT_NOT_ACCEPTED].exit_code == 1
    assert END_REASONS[EndReason.EXITING_MEETING_BEFORE_RECORD].exit_code == 1
    assert END_REASONS[EndReason.STREAMING_SETUP_FAILED].exit_code == 3
    assert END_REASONS[EndReason.INTERNAL_ERROR].exit_code == 4
    assert END_REASONS[EndReason.UNKNOWN_ERROR].exit_code == 4
    assert END_REASONS[EndReason.SIGTERM].exit_code == EXIT_SIGTERM == 143
    assert END_REASONS[EndReason.OOM_KILLED].exit_code == EXIT_KILLED == 137
    assert END_REASONS[EndReason.FORCE_KILLED].exit_code == 137
    assert set(EXIT_OF_FAULT) == set(Fault)

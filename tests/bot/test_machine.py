"""The state machine and the legality of commands."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import contract
from bot.contract import Command, Feature, Status
from bot.errors import (
    CommandNotSupportedError,
    IllegalTransition,
    NoJobYetError,
    WrongStatusError,
)
from bot.machine import (
    BEFORE_CALL_ENDED,
    COMMANDS,
    TERMINAL,
    TRANSITIONS,
    Machine,
    check_command,
)

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
GOOD_MEETING = (
    Status.JOINING_CALL,
    Status.IN_WAITING_ROOM,
    Status.IN_CALL_NOT_RECORDING,
    Status.IN_CALL_RECORDING,
    Status.RECORDING_PAUSED,
    Status.RECORDING_RESUMED,
    Status.CALL_ENDED,
    Status.TRANSCRIBING,
    Status.COMPLETED,
)


def at(second: int) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=second)


def test_a_whole_meeting_runs_through() -> None:
    """Every step of a meeting changes the status once and is remembered with its time."""
    machine = Machine(at(0))
    for second, status in enumerate(GOOD_MEETING, start=1):
        assert not machine.is_over
        assert machine.advance(status, at(second))
        assert (machine.status, machine.updated_at) == (status, at(second))
    assert machine.is_over
    assert [status for status, _ in machine.history] == [Status.QUEUED, *GOOD_MEETING]
    assert machine.began(Status.IN_CALL_RECORDING) == at(4)
    assert machine.began(Status.IN_WAITING_FOR_HOST) is None


def test_the_table_is_total_and_only_terminals_end() -> None:
    """Every status has its row; completed and failed, and only they, lead nowhere."""
    assert set(TRANSITIONS) == set(Status)
    assert {status for status, after in TRANSITIONS.items() if not after} == TERMINAL


def test_failing_is_possible_from_everywhere_completing_only_after_the_call() -> None:
    """A bot can always fail; it completes only when the call has ended."""
    for status in set(Status) - TERMINAL:
        assert Status.FAILED in TRANSITIONS[status]
    before = {status for status, after in TRANSITIONS.items() if Status.COMPLETED in after}
    assert before == {Status.CALL_ENDED, Status.TRANSCRIBING}


def test_statuses_go_forward_but_for_waits_and_pauses() -> None:
    """Apart from the two waits and from pausing, nothing leads back."""
    order = list(Status)
    back = {
        (status, after)
        for status, afters in TRANSITIONS.items()
        for after in afters
        if order.index(after) < order.index(status)
    }
    assert back == {
        (Status.IN_WAITING_FOR_HOST, Status.IN_WAITING_ROOM),
        (Status.RECORDING_RESUMED, Status.RECORDING_PAUSED),
    }


@pytest.mark.parametrize(
    ("path", "illegal"),
    [
        ((), Status.IN_CALL_RECORDING),
        ((), Status.COMPLETED),
        ((Status.JOINING_CALL,), Status.QUEUED),
        ((Status.JOINING_CALL,), Status.IN_CALL_RECORDING),
        ((Status.JOINING_CALL, Status.CALL_ENDED), Status.IN_CALL_RECORDING),
    ],
)
def test_an_illegal_transition_raises(path: tuple[Status, ...], illegal: Status) -> None:
    """What cannot follow raises, names both statuses and changes nothing."""
    machine = Machine(at(0))
    for status in path:
        machine.advance(status, at(1))
    before = machine.history
    with pytest.raises(IllegalTransition) as caught:
        machine.advance(illegal, at(2))
    assert (caught.value.present, caught.value.asked) == (before[-1][0], illegal)
    assert machine.history == before


def test_the_present_status_again_changes_nothing() -> None:
    """Asking for the present status is no transition and nothing to tell."""
    machine = Machine(at(0))
    assert machine.advance(Status.JOINING_CALL, at(1))
    assert not machine.advance(Status.JOINING_CALL, at(2))
    assert machine.updated_at == at(1)


@pytest.mark.parametrize("later", Status)
def test_a_terminal_status_absorbs_everything(later: Status) -> None:
    """After failed, any status is ignored."""
    machine = Machine(at(0))
    assert machine.advance(Status.FAILED, at(1))
    assert not machine.advance(later, at(2))
    assert (machine.status, machine.updated_at) == (Status.FAILED, at(1))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(Status), max_size=20))
def test_no_order_of_requests_breaks_the_table(asked: list[Status]) -> None:
    """Whatever is asked, the history is a walk along the table."""
    machine = Machine(at(0))
    for second, status in enumerate(asked, start=1):
        try:
            changed = machine.advance(status, at(second))
        except IllegalTransition:
            continue
        assert changed == (machine.updated_at == at(second))
    walk = [status for status, _ in machine.history]
    assert all(after in TRANSITIONS[status] for status, after in pairwise(walk))


@pytest.mark.parametrize("status", Status)
def test_leave_is_legal_until_the_call_has_ended(status: Status) -> None:
    """`leave` works in every status before call_ended, also while queued, and in none after."""
    order = list(Status)
    legal = order.index(status) < order.index(Status.CALL_ENDED)
    assert (status in BEFORE_CALL_ENDED) == legal
    if legal:
        check_command(Command.LEAVE, status, "b")
    else:
        with pytest.raises(WrongStatusError):
            check_command(Command.LEAVE, status, "b")


def test_every_command_has_its_row() -> None:
    """The table of commands is total."""
    assert set(COMMANDS) == set(Command)
    assert COMMANDS[Command.RESUME] == {Status.RECORDING_PAUSED}


def test_a_wrong_status_is_said_in_the_products_words() -> None:
    """The refusal is the sentence of the product's documentation."""
    with pytest.raises(WrongStatusError) as caught:
        check_command(Command.SEND_CHAT_MESSAGE, Status.QUEUED, "BOT-ID")
    assert str(caught.value) == (
        "Status of bot 'BOT-ID' is: queued. Operation not permitted in this state."
    )


@pytest.mark.parametrize("status", [None, Status.IN_CALL_RECORDING])
def test_commands_of_a_later_version_are_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, status: Status | None
) -> None:
    """What does not exist yet is refused as such, in any status."""
    command = Command.SCREENSHOT
    monkeypatch.setattr(contract, "UNSUPPORTED", frozenset({Feature.SCREENSHOT}))
    with pytest.raises(CommandNotSupportedError, match=command.value):
        check_command(command, status, "b")


def test_without_a_job_there_is_only_shutdown() -> None:
    """A worker without a job can be shut down and nothing else."""
    check_command(Command.SHUTDOWN, None, "")
    for command in (Command.LEAVE, Command.GET_STATUS, Command.UPDATE_CONFIG):
        with pytest.raises(NoJobYetError, match="no job"):
            check_command(command, None, "")

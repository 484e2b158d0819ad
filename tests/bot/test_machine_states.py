"""The transitions as a state machine: requests and commands in any order."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.contract import Command, Status, command_supported
from bot.errors import CommandNotSupportedError, CommandRefused, IllegalTransition, WrongStatusError
from bot.machine import BEFORE_CALL_ENDED, COMMANDS, TERMINAL, TRANSITIONS, Machine, check_command
from bot.outcome import outcome_of_leave

ALWAYS = {Command.GET_STATUS, Command.SHUTDOWN}
START = datetime(2026, 1, 1, tzinfo=UTC)


class Bot(RuleBasedStateMachine):
    """A machine beside the walk it should have taken."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine(START)
        self.walk = [Status.QUEUED]
        self.now = START

    @rule(status=st.sampled_from(Status), seconds=st.integers(0, 600))
    def ask_for(self, status: Status, seconds: int) -> None:
        """Any status at any time is a step of the table, nothing, or an error without effect."""
        self.now += timedelta(seconds=seconds)
        here = self.walk[-1]
        if here in TERMINAL or status is here:
            assert not self.machine.advance(status, self.now)
        elif status in TRANSITIONS[here]:
            assert self.machine.advance(status, self.now)
            assert self.machine.updated_at == self.now
            self.walk.append(status)
        else:
            with pytest.raises(IllegalTransition):
                self.machine.advance(status, self.now)

    @rule(command=st.sampled_from(Command))
    def command(self, command: Command) -> None:
        """Legal, or refused in the product's words; asking and shutting down always are legal."""
        status = self.machine.status
        refusal: type[CommandRefused] | None = None
        if not command_supported(command):
            refusal, words = CommandNotSupportedError, "not supported by this version"
        elif command not in ALWAYS and status not in COMMANDS[command]:
            refusal = WrongStatusError
            words = f"Status of bot 'B' is: {status}. Operation not permitted in this state."
        if refusal is None:
            check_command(command, status, "B")
            return
        with pytest.raises(refusal, match=words):
            check_command(command, status, "B")

    @invariant()
    def leaving_ends_every_bot_that_has_not_left(self) -> None:
        """`leave` has an outcome exactly where it is legal."""
        legal = self.machine.status in BEFORE_CALL_ENDED
        assert (outcome_of_leave(self.machine.status) is not None) == legal

    @invariant()
    def history_is_the_walk(self) -> None:
        """Each status with its time, in order; at most one is terminal, and it is the last."""
        history = self.machine.history
        assert [status for status, _ in history] == self.walk
        assert [at for _, at in history] == sorted(at for _, at in history)
        assert self.machine.is_over == (self.walk[-1] in TERMINAL)
        assert not TERMINAL & set(self.walk[:-1])


Bot.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, derandomize=True
)
test_the_machine_walks_the_table = Bot.TestCase

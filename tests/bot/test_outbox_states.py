"""The outbox as a state machine: in whatever order things happen, nothing is lost or invented."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot import outbox as outbox_module
from bot.errors import OutboxClosedError, OutboxFullError
from bot.outbox import ESSENTIAL_EVENTS, NO_LAST_WORD, TERMINAL_EVENTS, Envelope, Outbox
from bot.outbox_file import dead_runs

MAX_BYTES = 2_000
RESERVE_BYTES = 1_000
SENT_AT = "2026-01-01T00:00:00.000Z"
EVENTS = ("bot.status_change", "bot.chat_message", "bot.participants")


def size_bytes(envelope: Envelope) -> int:
    """What an event takes of the bound."""
    return len(json.dumps(envelope.body(), ensure_ascii=False).encode())


class OutboxStates(RuleBasedStateMachine):
    """One run's outbox beside a list in memory that behaves as the outbox should."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(outbox_module, "RESERVE_BYTES", RESERVE_BYTES)
        self.outbox = self.opened()
        self.begin_anew()

    def teardown(self) -> None:
        """Leave nothing behind."""
        self.outbox.__exit__(None, None, None)
        self.patch.undo()
        self.folder.cleanup()

    def opened(self) -> Outbox:
        """The run's outbox, as a process opens it."""
        return Outbox(Path(self.folder.name), "bot", "run", max_bytes=MAX_BYTES).__enter__()

    def begin_anew(self) -> None:
        """Nothing was said."""
        self.said: list[Envelope] = []
        self.acked = 0
        self.terminal: str | None = None

    @property
    def unacked(self) -> list[Envelope]:
        """What the outbox owes the orchestrator."""
        return self.said[self.acked :]

    @property
    def held_bytes(self) -> int:
        """What that takes."""
        return sum(size_bytes(envelope) for envelope in self.unacked)

    @rule(event=st.sampled_from(EVENTS), length=st.integers(0, 700))
    def speak(self, event: str, length: int) -> None:
        """An event is numbered next and kept, or refused by name and leaves no hole."""
        limit = MAX_BYTES + (RESERVE_BYTES if event in ESSENTIAL_EVENTS else 0)
        data = {"text": "ü" * length}
        if self.terminal is not None:
            with pytest.raises(OutboxClosedError):
                self.outbox.append(event, data)
            return
        next_one = Envelope(event, "bot", "run", len(self.said) + 1, SENT_AT, data, None)
        if self.held_bytes + size_bytes(next_one) > limit:
            with pytest.raises(OutboxFullError) as caught:
                self.outbox.append(event, data)
            assert (caught.value.held_bytes, caught.value.limit_bytes) == (self.held_bytes, limit)
            return
        envelope = self.outbox.append(event, data)
        assert replace(envelope, sent_at=SENT_AT) == next_one
        self.said.append(envelope)

    @precondition(lambda self: self.terminal is None)
    @rule(event=st.sampled_from(sorted(TERMINAL_EVENTS)), length=st.integers(0, 5_000))
    def end(self, event: str, length: int) -> None:
        """The last word is taken however full it is."""
        self.said.append(self.outbox.append(event, {"text": "x" * length}))
        self.terminal = event

    @precondition(lambda self: self.terminal is None)
    @rule()
    def end_unspoken(self) -> None:
        """Another run has spoken: nothing more is said."""
        self.outbox.end_unspoken()
        self.terminal = NO_LAST_WORD

    @rule(seq=st.integers(-2, 40))
    def acknowledge(self, seq: int) -> None:
        """Cumulative; older, repeated and invented numbers change nothing."""
        if self.acked < seq <= len(self.said):
            self.acked = seq
        assert self.outbox.ack(seq) == self.acked

    @rule(after=st.integers(0, 40), limit=st.integers(1, 5))
    def send(self, after: int, limit: int) -> None:
        """What is to be sent is what is unacknowledged, in order, from where it is asked."""
        owed = [envelope for envelope in self.unacked if envelope.seq > after]
        assert list(self.outbox.pending(after, limit)) == owed[:limit]

    @rule()
    def close(self) -> None:
        """Closed and opened again it goes on; once all is said and acknowledged it is gone."""
        self.outbox.__exit__(None, None, None)
        self.judge_what_is_left()
        self.outbox = self.opened()

    @rule()
    def die(self) -> None:
        """A killed process lets go of file and lock, and does nothing else."""
        self.outbox._stack.close()
        self.judge_what_is_left()
        self.outbox = self.opened()

    def judge_what_is_left(self) -> None:
        """A run is dead, and found, until all is said and acknowledged; then it leaves no file."""
        owes = bool(self.unacked) or (bool(self.said) and self.terminal is None)
        assert list(dead_runs(Path(self.folder.name))) == ([("bot", "run")] if owes else [])
        if not owes:
            assert list(Path(self.folder.name).iterdir()) == []
            self.begin_anew()

    @invariant()
    def numbers_are_the_models(self) -> None:
        """At every moment."""
        assert self.outbox.last_seq == len(self.said)
        assert self.outbox.acked_seq == self.acked
        assert self.outbox.terminal == self.terminal


OutboxStates.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, derandomize=True
)
test_the_outbox_is_what_the_list_is = OutboxStates.TestCase

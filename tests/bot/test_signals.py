"""What Ctrl-C and SIGTERM are handed on as; the ends at once are in tests/e2e/test_signals.py."""

import os
import signal
import subprocess
import sys

import pytest

from bot.contract import EndReason, Status
from bot.outcome import outcome, outcome_of_leave
from bot.signals import Signals, signals

STUCK = """
import asyncio, threading
from bot.signals import signals
async def main():
    async with signals(0.5) as received:
        print("ready", flush=True)
        await received.came.wait()
        threading.Event().wait(60)
asyncio.run(main())
"""


class Heard:
    """Notes what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def leave(self) -> None:
        self.told.append("leave")

    def terminate(self) -> None:
        self.told.append("terminate")


async def test_interrupt_leaves() -> None:
    """A real SIGINT reaches whoever is attached, and the process lives."""
    heard = Heard()
    async with signals(60.0) as received:
        received.attach(heard)
        assert heard.told == []
        os.kill(os.getpid(), signal.SIGINT)
        await received.came.wait()
    assert heard.told == ["leave"]
    assert received.interrupted


async def test_what_came_before_is_handed_on() -> None:
    """A signal before there was a bot ends the bot as soon as it is there."""
    received = Signals(60.0)
    received.on_interrupt()
    heard = Heard()
    received.attach(heard)
    assert heard.told == ["leave"]
    assert received.exit_code_without_bot == 0


async def test_terminate_is_idempotent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shutdown command twice is not a second SIGTERM; the last moment is armed once."""
    armed: list[float] = []

    class Timer:
        daemon = False

        def __init__(self, seconds: float, *_: object) -> None:
            armed.append(seconds)

        def start(self) -> None:
            assert self.daemon

    monkeypatch.setattr("bot.signals.threading.Timer", Timer)
    heard = Heard()
    received = Signals(60.0)
    received.attach(heard)
    received.terminate()
    received.terminate()
    received.on_terminate()
    assert heard.told == ["terminate"]
    assert armed == [60.0]
    assert received.exit_code_without_bot == 143


def test_the_grace_period_ends_a_stuck_process() -> None:
    """After SIGTERM a process whose event loop is blocked is gone with 143 all the same."""
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            process.terminate()
            assert process.wait(timeout=60) == 143
        finally:
            process.kill()


def test_exit_code_of_an_interrupted_run() -> None:
    """Whoever pressed Ctrl-C gets 0 for the leaving they asked for, and only for that."""
    left = outcome_of_leave(Status.IN_WAITING_ROOM)
    assert left is not None
    plain, pressed = Signals(1.0), Signals(1.0)
    pressed.on_interrupt()
    assert (plain.exit_code(left), pressed.exit_code(left)) == (1, 0)
    broken = outcome(EndReason.INTERNAL_ERROR, "browser/gone")
    assert pressed.exit_code(broken) == 4

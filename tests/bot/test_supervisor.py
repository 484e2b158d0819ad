"""A small parent: how its child died, which signals reach it, and what is left behind."""

import signal
import subprocess
import sys

import pytest

from bot.contract import EndReason
from bot.supervisor import Death

pytestmark = pytest.mark.timeout(60)

SUPERVISE = """
import signal, sys
from bot.supervisor import Supervisor, WAITED_FOR, adopt_orphans, children
signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
adopt_orphans()
death = Supervisor((sys.executable, "-c")).run([sys.argv[1]])
print(death.returncode, death.told_to_stop, len(children()), flush=True)
"""
COUNTS_SIGTERMS = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("up", flush=True)
for _ in range(2):
    signal.sigwait({signal.SIGTERM})
    print("got", flush=True)
"""
LEAVES_ORPHANS = """
import subprocess, sys
for seconds in ("0", "600"):
    subprocess.Popen(["sh", "-c", f"sleep {seconds} & sleep 600 & exit 0"])
sys.exit(7)
"""


def supervised(script: str) -> "subprocess.Popen[str]":
    """A supervisor whose child runs `script`."""
    command = [sys.executable, "-c", SUPERVISE, script]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("death", "reason", "exit_code"),
    [
        (Death(-9), EndReason.FORCE_KILLED, 137),
        (Death(-9, oom_kills=1), EndReason.OOM_KILLED, 137),
        (Death(137, oom_kills=1), EndReason.OOM_KILLED, 137),
        (Death(-9, told_to_stop=True), EndReason.SIGTERM, 143),
        (Death(-9, oom_kills=1, told_to_stop=True), EndReason.OOM_KILLED, 137),
        (Death(-15), EndReason.SIGTERM, 143),
        (Death(143, told_to_stop=True), EndReason.SIGTERM, 143),
        (Death(-2), EndReason.FORCE_KILLED, 137),
        (Death(130), EndReason.FORCE_KILLED, 130),
        (Death(-11), EndReason.GENERAL_ERROR, 4),
        (Death(-11, oom_kills=1), EndReason.GENERAL_ERROR, 4),
        (Death(1), EndReason.GENERAL_ERROR, 1),
        (Death(4), EndReason.GENERAL_ERROR, 4),
    ],
)
def test_how_it_died(death: Death, reason: EndReason, exit_code: int) -> None:
    """Only a kill while the kernel was short of memory is OOM_KILLED; ordered codes are kept."""
    assert (death.reason, death.exit_code) == (reason, exit_code)
    assert death.may_leave_a_run


@pytest.mark.parametrize("code", [0, 2])
def test_what_leaves_no_run(code: int) -> None:
    """After an end in good order, or a job that was refused, nothing is to be finished."""
    assert not Death(code).may_leave_a_run


def test_signals_reach_the_child_each_time() -> None:
    """SIGTERM is handed on, and so is the second one: twice means now."""
    with supervised(COUNTS_SIGTERMS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
            assert process.stdout.readline() == "got\n"
        assert process.stdout.read() == "0 True 0\n"


def test_orphans_are_reaped_and_what_lives_on_is_killed() -> None:
    """Nothing of a dead child survives, grandchildren neither; its exit code is its own."""
    with supervised(LEAVES_ORPHANS) as process:
        assert process.stdout is not None
        assert process.stdout.read() == "7 False 0\n"


def test_a_killed_child_is_told_from_one_that_exits() -> None:
    """The signal is what the supervisor learns."""
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with supervised(script) as process:
        assert process.stdout is not None
        assert process.stdout.read() == "-9 False 0\n"


def test_it_is_small() -> None:
    """PID 1 loads none of what a worker needs."""
    script = "import sys, bot.supervisor; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"asyncio", "pydantic", "typer", "zmq", "av", "playwright", "media"} & {*loaded}


def test_other_commands_are_only_started() -> None:
    """As PID 1 of an image: any command works, with its own output and exit code."""
    supervised = [sys.executable, "-P", "-m", "bot.supervisor"]
    version = subprocess.run([*supervised, "--version"], capture_output=True, check=True)
    assert version.stdout.startswith(b"meetbot ")
    refused = subprocess.run([*supervised, "schema", "x"], capture_output=True, check=False)
    assert refused.returncode == 2

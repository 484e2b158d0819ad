"""PID 1 of a container, and a parent anywhere else: outlives the worker and says how it died.

`python -P -m bot.supervisor worker ...` (the image's entry point, and what `meetbot supervise`
becomes) starts the worker, hands signals on, reaps orphans, and after a death has a fresh process
end the dead run in the spool (`bot.finisher`). Commands without a bot it only starts and reaps.
It imports nothing heavy: under a memory limit it must not be what counts.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from bot.cgroups import Cgroups, read
from bot.end_reasons import (
    END_REASONS,
    EXIT_CALLER,
    EXIT_COMPLETED,
    EXIT_INTERNAL,
    EXIT_KILLED,
    EXIT_SECOND_INTERRUPT,
    EXIT_SIGTERM,
    EndReason,
)

MEETBOT: Final = (sys.executable, "-P", "-m", "bot")
"""-P: a `bot` in the working folder is none of ours."""
WITH_A_BOT: Final = frozenset({"worker", "run"})
"""Commands whose death may leave a run to be ended."""
FINISH_AS: Final = "--finish-as"
"""The hidden option of both: end the dead runs in the spool, as having died so, and exit."""
FORWARDED: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
WAITED_FOR: Final = frozenset({*FORWARDED, signal.SIGCHLD})
SWEEP_DEADLINE_S: Final = 5.0
PR_SET_CHILD_SUBREAPER: Final = 36


@dataclass(frozen=True, slots=True)
class Death:
    """How a child ended: its exit code, or minus the signal that killed it.

    `oom_kills` happened in the cgroup while it lived; `told_to_stop`: SIGTERM was handed on to it.
    """

    returncode: int
    oom_kills: int = 0
    told_to_stop: bool = False

    @property
    def reason(self) -> EndReason:
        """The reason of a run that this death left without a last word."""
        killed = self.returncode in {-signal.SIGKILL, EXIT_KILLED}
        if killed and self.oom_kills:
            return EndReason.OOM_KILLED
        if self.told_to_stop or self.returncode in {-signal.SIGTERM, EXIT_SIGTERM}:
            return EndReason.SIGTERM
        if killed or self.returncode in {-signal.SIGINT, EXIT_SECOND_INTERRUPT}:
            return EndReason.FORCE_KILLED
        return EndReason.GENERAL_ERROR

    @property
    def exit_code(self) -> int:
        """The exit code that says the same."""
        return self.returncode if self.returncode >= 0 else END_REASONS[self.reason].exit_code

    @property
    def may_leave_a_run(self) -> bool:
        """Whether a run may have been left without its last word. Looking costs a second."""
        return self.returncode not in {EXIT_COMPLETED, EXIT_CALLER}


class Supervisor:
    """The parent of one program at a time. Its signals must be blocked (`main` does)."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._told_to_stop = False

    def run(self, words: Sequence[str]) -> Death:
        """Run `command` with these words to its end, and end everything it left behind."""
        cgroups = Cgroups()
        before = cgroups.oom_kills() or 0
        child = start([*self._command, *words])
        returncode = self._wait_for(child)
        sweep()
        return Death(returncode, (cgroups.oom_kills() or 0) - before, self._told_to_stop)

    def _wait_for(self, child: int) -> int:
        while True:
            received = signal.sigwaitinfo(WAITED_FOR)
            if received.si_signo == signal.SIGCHLD:
                returncode = reap().get(child)
                if returncode is not None:
                    return returncode
                continue
            self._told_to_stop |= received.si_signo == signal.SIGTERM
            os.kill(child, received.si_signo)


def start(command: Sequence[str]) -> int:
    """Start a program in a process group of its own, with no signal blocked; its process id.

    A terminal's Ctrl-C would else reach it twice: from the terminal, and handed on.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        become(command)
    return child


def become(command: Sequence[str]) -> NoReturn:
    """Replace this process by a program, or end it."""
    try:
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.execv(command[0], list(command))  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.stderr.write(f"meetbot: {command[0]}: {error.strerror}\n")
        sys.stderr.flush()
    finally:
        os._exit(EXIT_INTERNAL)


def reap() -> Mapping[int, int]:
    """The children that have ended, orphans handed to us included, each with how (`Death`)."""
    ended: dict[int, int] = {}
    while True:
        try:
            child, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if child == 0:
            return ended
        ended[child] = os.waitstatus_to_exitcode(status)


def sweep() -> None:
    """Kill and reap whatever the worker left behind: a browser would stay in the meeting."""
    until_s = time.monotonic() + SWEEP_DEADLINE_S
    while (left_s := until_s - time.monotonic()) > 0:
        reap()
        left = children()
        if not left:
            return
        for child in left:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        signal.sigtimedwait({signal.SIGCHLD}, left_s)


def children() -> Sequence[int]:
    """Process ids of our children; those of a dead worker have become ours.

    None where the kernel does not list them: all the same they end with PID 1.
    """
    return [int(name) for name in read(Path(f"/proc/self/task/{os.getpid()}/children")).split()]


def adopt_orphans() -> None:
    """Become the parent of every orphan below, as PID 1 is by itself."""
    if os.getpid() != 1:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def main(words: Sequence[str]) -> int:
    """Supervise `meetbot <words>`; the exit code is its own, or says how it was killed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, WAITED_FOR)
    adopt_orphans()
    supervisor = Supervisor(MEETBOT)
    death = supervisor.run(words)
    if WITH_A_BOT.intersection(words[:1]) and death.may_leave_a_run:
        supervisor.run([*words, FINISH_AS, death.reason.value])
    return death.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A container of the image under test, driven from outside through the engine's command line."""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).parents[2]
PROFILE = REPOSITORY / "bot/seccomp/chromium.json"

ROOMY = ("--shm-size", "256m")
"""An engine's 64 MB are too few for the ring, the profile and the browser's own."""
RESTRICTED = (
    *ROOMY,
    *("--read-only", "--tmpfs", "/tmp:rw,mode=1777", "--pids-limit", "400"),
    *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
)
"""What a restricted cluster asks of a container."""
HARDENED = (*RESTRICTED, "--security-opt", f"seccomp={PROFILE}")
"""The same, with the profile that keeps the browser's sandbox."""

Completed = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Engine:
    """docker or podman, and the image."""

    program: str
    image: str

    def __call__(self, *words: str, stdin: str = "", timeout_s: float = 120) -> Completed:
        """One command of the engine, whatever its exit code."""
        return subprocess.run(
            [self.program, *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def run(self, *command: str, options: Sequence[str] = (), stdin: str = "") -> Completed:
        """One program of the image in place of meetbot, in a container of its own."""
        program, *arguments = command
        words = ["run", "--rm", "--interactive", "--no-healthcheck", *options]
        return self(*words, "--entrypoint", program, self.image, *arguments, stdin=stdin)


@dataclass(frozen=True, slots=True)
class Container:
    """A container by its name."""

    engine: Engine
    name: str

    def start(self, options: Sequence[str], *command: str, env: dict[str, str]) -> float:
        """Start in the background; returns the monotonic second in which it was asked for.

        Values of `env` go through the engine's own environment, not its command line.
        """
        names = [word for name in env for word in ("--env", name)]
        words = [self.engine.program, "run", "--detach", "--name", self.name, *names, *options]
        asked_s = time.monotonic()
        done = subprocess.run(
            [*words, self.engine.image, *command],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return asked_s

    def run_to_end(self, *command: str, timeout_s: float = 240) -> int:
        """Run in the foreground with the engine's defaults; the exit code."""
        words = ("run", "--name", self.name, "--no-healthcheck", *ROOMY, self.engine.image)
        return self.engine(*words, *command, timeout_s=timeout_s).returncode

    def start_again(self) -> None:
        """Start a container that has ended, as an engine's restart policy does."""
        done = self.engine("start", self.name)
        assert done.returncode == 0, done.stderr

    def execute(self, *command: str) -> Completed:
        """One more program inside."""
        return self.engine("exec", self.name, *command)

    def stop(self, grace_s: int) -> float:
        """Ask it to end (SIGTERM), kill it after `grace_s`; seconds it took."""
        asked_s = time.monotonic()
        self.engine("stop", "--time", str(grace_s), self.name, timeout_s=grace_s + 60)
        return time.monotonic() - asked_s

    def wait(self, timeout_s: float = 120) -> int:
        """Its exit code, once it has ended."""
        return int(self.engine("wait", self.name, timeout_s=timeout_s).stdout)

    def log(self) -> str:
        """What it wrote to standard output and error."""
        done = self.engine("logs", self.name)
        return done.stdout + done.stderr

    def logged(self, event: str) -> list[dict[str, object]]:
        """The log lines of this event."""
        lines = [line for line in self.log().splitlines() if line.startswith("{")]
        return [entry for entry in map(json.loads, lines) if entry.get("event") == event]

    def processes(self) -> list[psutil.Process]:
        """Everything that runs inside, PID 1 first, seen from this machine."""
        first = psutil.Process(int(self._inspect("{{.State.Pid}}")))
        return [first, *first.children(recursive=True)]

    def memory_bytes(self) -> int:
        """What its control group is charged with, less the file cache that can be dropped."""
        script = (
            "cd /sys/fs/cgroup; [ ! -d memory ] || cd memory;"
            "cat memory.current memory.usage_in_bytes 2>/dev/null;"
            "awk '/^(total_)?inactive_file / {print $2}' memory.stat | tail -n 1"
        )
        used, droppable = map(int, self.execute("sh", "-c", script).stdout.split())
        return used - droppable

    def _inspect(self, template: str) -> str:
        return self.engine("inspect", "--format", template, self.name).stdout.strip()

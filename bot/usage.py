"""What this bot costs: cores and memory of its whole process tree."""

import threading
import time
from dataclasses import dataclass
from typing import Final

import psutil

GROUPS: Final = (
    # (name, what its command line carries); the first that fits names the process
    ("renderer", "--type=renderer"),
    ("gpu", "--type=gpu-process"),
    ("network", "network.mojom"),
    ("audio", "audio.mojom"),
    ("utility", "--type=utility"),
    ("zygote", "--type=zygote"),
    ("browser", "--user-data-dir="),
    ("driver", "run-driver"),
    ("screen", "Xvfb "),
    ("sound", "pulseaudio "),
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Cores since the last sample, memory now, both also by kind of process.

    `cpu_seconds` were spent in the `elapsed_s` since the meter began; `memory_peak_bytes` is the
    greatest sample.
    """

    cores: float
    cpu_seconds: float
    elapsed_s: float
    memory_bytes: int
    memory_peak_bytes: int
    cores_by_process: dict[str, float]
    memory_by_process: dict[str, int]


class UsageMeter:
    """Samples this process and everything it started. Thread-safe; blocking (reads /proc).

    CPU time of a process that ended between two samples is counted up to the last of them.
    """

    def __init__(self) -> None:
        """The first sample counts from here."""
        self._root = psutil.Process()
        self._spent: dict[tuple[int, float], tuple[str, float]] = {}
        self._began_s = self._at_s = time.monotonic()
        self._peak_bytes = 0
        self._sampling = threading.Lock()
        self._spend()
        self._spent_before_s = sum(self._totals().values())

    def sample(self) -> Usage:
        """Usage since the last sample."""
        with self._sampling:
            return self._sample()

    def _sample(self) -> Usage:
        before = self._totals()
        elapsed_s = max(1e-3, time.monotonic() - self._at_s)
        self._at_s = time.monotonic()
        memory = self._spend()
        self._peak_bytes = max(self._peak_bytes, sum(memory.values()))
        after = self._totals()
        cores = {
            name: round((spent - before.get(name, 0.0)) / elapsed_s, 3)
            for name, spent in after.items()
        }
        return Usage(
            cores=round(sum(cores.values()), 3),
            cpu_seconds=round(sum(after.values()) - self._spent_before_s, 2),
            elapsed_s=max(1e-3, self._at_s - self._began_s),
            memory_bytes=sum(memory.values()),
            memory_peak_bytes=self._peak_bytes,
            cores_by_process=cores,
            memory_by_process=memory,
        )

    def _totals(self) -> dict[str, float]:
        totals: dict[str, float] = {}
        for name, spent_s in self._spent.values():
            totals[name] = totals.get(name, 0.0) + spent_s
        return totals

    def _spend(self) -> dict[str, int]:
        memory: dict[str, int] = {}
        try:
            tree = [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            tree = [self._root]
        for process in tree:
            try:
                with process.oneshot():
                    key = (process.pid, process.create_time())
                    name = "python" if process.pid == self._root.pid else group(process.cmdline())
                    times = process.cpu_times()
                    self._spent[key] = (name, times.user + times.system)
                    memory[name] = memory.get(name, 0) + memory_bytes(process)
            except psutil.Error:  # it ended while we looked
                continue
        return memory


def memory_bytes(process: psutil.Process) -> int:
    """Proportional set size, or the resident size where the kernel does not tell it."""
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        return int(process.memory_info().rss)


def group(command_line: list[str]) -> str:
    """The kind of process a command line belongs to."""
    joined = " ".join(command_line)
    return next((name for name, mark in GROUPS if mark in joined), "other")

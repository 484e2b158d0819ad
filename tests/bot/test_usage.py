"""What the process tree costs."""

import subprocess
import sys
import time

import psutil

from bot.usage import UsageMeter, group, memory_bytes

BURN = "import sys, time; print(flush=True)\nwhile True: time.process_time()"


def test_kinds_of_processes() -> None:
    """A command line is known by its flags; what fits nothing is other."""
    assert group(["chrome", "--type=renderer", "--user-data-dir=/x"]) == "renderer"
    assert group(["chrome", "--user-data-dir=/x"]) == "browser"
    assert group(["node", "run-driver"]) == "driver"
    assert group(["sh"]) == "other"


def test_children_count_also_after_their_end() -> None:
    """CPU time of a child is counted by kind, and stays counted when it has ended."""
    meter = UsageMeter()
    child = subprocess.Popen([sys.executable, "-c", BURN], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        child.stdout.readline()
        process = psutil.Process(child.pid)
        until_s = time.monotonic() + 30
        while process.cpu_times().user < 0.3 and time.monotonic() < until_s:
            time.sleep(0.05)
        first = meter.sample()
    finally:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
    second = meter.sample()
    assert first.cores_by_process["other"] > 0
    assert first.memory_by_process["other"] > 0
    assert second.cpu_seconds >= first.cpu_seconds >= 0.3
    assert second.memory_peak_bytes >= first.memory_bytes
    assert second.elapsed_s > first.elapsed_s > 0
    assert second.cores_by_process["other"] == 0


def test_memory_of_a_process() -> None:
    """This very process takes some megabytes."""
    assert memory_bytes(psutil.Process()) > 5_000_000

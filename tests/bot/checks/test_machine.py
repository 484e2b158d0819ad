"""What the machine gives. Without network, without a passwd entry: in tests/e2e, for real."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cgroups import Cgroups
from bot.checks import machine
from bot.checks.machine import clock, memory, network, processors, user
from bot.checks.types import Level
from bot.settings import Settings

SETTINGS = Settings()


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of control groups as the kernel shows it, with this process in /pods/bot."""
    own = tmp_path / "own"
    own.write_text("4:memory:/old/bot\n1:cpu,cpuacct:/\n0::/pods/bot\n")
    monkeypatch.setattr(machine, "CGROUPS", Cgroups(own, tmp_path / "cgroup"))
    (tmp_path / "cgroup" / "pods" / "bot").mkdir(parents=True)
    (tmp_path / "cgroup" / "memory" / "old" / "bot").mkdir(parents=True)
    (tmp_path / "cgroup" / "cpu").mkdir()
    return tmp_path / "cgroup"


def test_user() -> None:
    """Name and number of whoever runs this."""
    finding = user(SETTINGS)
    assert finding.level is Level.OK
    assert finding.found == f"{pwd.getpwuid(os.geteuid()).pw_name} (uid {os.geteuid()})"


def test_network() -> None:
    """The address that media flows over, on the machine that runs the tests with WebRTC."""
    assert network(SETTINGS).level is not Level.FAILED


def test_a_network_that_leads_nowhere(tmp_path: Path) -> None:
    """A veth pair is enough for the simulator's meeting and no other: a warning."""
    root = ("unshare",) if os.geteuid() == 0 else ("unshare", "--map-root-user")
    script = (
        "ip link add veth0 type veth peer name veth1 && ip addr add 10.99.0.1/24 dev veth0 && "
        'ip link set veth0 up && ip link set veth1 up && echo made && exec "$@"'
    )
    program = (
        "from bot.checks.machine import network; from bot.settings import Settings;"
        "print(network(Settings()).words)"
    )
    done = subprocess.run(
        [*root, "--net", "sh", "-c", script, "sh", sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    made, _, words = done.stdout.partition("\n")
    if made != "made":
        pytest.skip(f"no network can be made here: {done.stderr.strip()[:200]}")
    assert words.startswith("10.99.0.1; no route away from here; add a default route")


def test_clock() -> None:
    """The time is told; nobody steps the clock during a test."""
    finding = clock(SETTINGS)
    assert finding.level is Level.OK
    assert "UTC" in finding.found


def test_no_limits(groups: Path) -> None:
    """Without a limit the machine's own memory and processors count."""
    (groups / "pods" / "memory.max").write_text("max\n")
    (groups / "pods" / "cpu.max").write_text("max 100000\n")
    (groups / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (groups / "cpu" / "cpu.cfs_quota_us").write_text("-1\n")
    (groups / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert "no limit" in memory(SETTINGS).found
    assert processors(SETTINGS).found == f"{len(os.sched_getaffinity(0))} usable"


@pytest.mark.parametrize(
    ("file", "level"),
    [("pods/memory.max", Level.WARNING), ("memory/old/bot/memory.limit_in_bytes", Level.WARNING)],
)
def test_a_memory_limit_that_is_tight(groups: Path, file: str, level: Level) -> None:
    """The limit of this group or one above counts, in either version of control groups."""
    (groups / file).write_text(f"{700 * 1024**2}\n")
    finding = memory(SETTINGS)
    assert finding.level is level
    assert "limited to 700 MB" in finding.found
    assert "1024 MB" in finding.mend


def test_a_memory_limit_no_browser_lives_under(groups: Path) -> None:
    """The least of several limits counts."""
    (groups / "pods" / "memory.max").write_text(f"{2 * 1024**3}\n")
    (groups / "pods" / "bot" / "memory.max").write_text(f"{256 * 1024**2}\n")
    finding = memory(SETTINGS)
    assert finding.level is Level.FAILED
    assert "limited to 256 MB" in finding.found


@pytest.mark.parametrize(
    "files",
    [
        {"pods/bot/cpu.max": "50000 100000"},
        {"cpu/cpu.cfs_quota_us": "50000", "cpu/cpu.cfs_period_us": "100000"},
    ],
)
def test_half_a_core(groups: Path, files: dict[str, str]) -> None:
    """A quota below one core is a warning, in either version of control groups."""
    for file, text in files.items():
        (groups / file).write_text(f"{text}\n")
    finding = processors(SETTINGS)
    assert finding.level is Level.WARNING
    assert "limited to 0.5" in finding.found

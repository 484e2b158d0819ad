"""What control groups tell: files as the kernel writes them, in both versions."""

from pathlib import Path

import pytest

from bot.cgroups import Cgroups

V1 = {
    "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
    "memory.usage_in_bytes": "900\n",
    "memory.limit_in_bytes": "1000\n",
    "memory.stat": "inactive_file 7\ntotal_inactive_file 100\n",
}
V2 = {
    "memory.events": "low 0\nhigh 0\nmax 8\noom 5\noom_kill 3\noom_group_kill 0\n",
    "memory.current": "900\n",
    "memory.max": "1000\n",
    "memory.stat": "anon 8\ninactive_file 100\n",
}


@pytest.mark.parametrize(
    ("line", "folder", "files"),
    [
        ("0::/pods/one", "pods/one", V2),
        ("0::/not/seen/from/here", "", V2),
        ("9:cpu,memory:/one", "memory/one", V1),
        ("9:memory:/not/seen/from/here", "memory", V1),
    ],
)
def test_memory_of_the_own_group(
    tmp_path: Path, line: str, folder: str, files: dict[str, str]
) -> None:
    """Named as the host does or as the container does; dropped cache is no use."""
    place = tmp_path / "cgroup" / folder
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text)
    own = tmp_path / "own"
    own.write_text(f"3:cpu:/one\n{line}\n")
    cgroups = Cgroups(own, tmp_path / "cgroup")
    assert cgroups.oom_kills() == 3
    assert (cgroups.memory_used_bytes(), cgroups.memory_limit_bytes()) == (800, 1000)


def test_counters_that_are_not_there_count_nothing(tmp_path: Path) -> None:
    """Without a memory controller, or without /proc, nothing is claimed."""
    own = tmp_path / "own"
    cgroups = Cgroups(own, tmp_path)
    for text in ("", "0::/\n3:cpu:/\n"):
        own.write_text(text)
        assert cgroups.oom_kills() is None
        assert cgroups.memory_used_bytes() is None
        assert cgroups.memory_limit_bytes() is None


def test_no_limit_is_none(tmp_path: Path) -> None:
    """Neither version's word for "no limit" is taken for one."""
    own = tmp_path / "own"
    own.write_text("0::/\n9:memory:/\n")
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    assert Cgroups(own, tmp_path).memory_limit_bytes() is None


def test_of_this_machine() -> None:
    """The kernel's own files are read, or it is said that they are not there."""
    used, kills = Cgroups().memory_used_bytes(), Cgroups().oom_kills()
    assert used is None or used > 0
    assert kills is None or kills >= 0

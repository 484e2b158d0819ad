"""The judge of the health file, which a container runs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.health import STALE_AFTER_S, problem


@pytest.mark.parametrize(
    ("text", "now_s", "words"),
    [
        ("100.0\n", 100.0, None),
        ("100.0\n", 100.0 + STALE_AFTER_S, None),
        ("100.0\n", 101.0 + STALE_AFTER_S, "no pulse for 31 s"),
        ("100.0\n", 99.0, "no pulse for -1 s"),
        ("", 1.0, "could not convert"),
        (None, 1.0, "no pulse: nothing runs"),
    ],
)
def test_problem(tmp_path: Path, text: str | None, now_s: float, words: str | None) -> None:
    """Young is well; old, of another boot, empty or absent is not, and why is said."""
    path = tmp_path / "health"
    if text is not None:
        path.write_text(text)
    found = problem(path, now_s)
    assert (found is None) == (words is None)
    assert (words or "") in (found or "")


def test_the_judge_is_a_light_program(tmp_path: Path) -> None:
    """`python -m bot.health` exits 0, 1 or 2, and loads nothing that is not Python's own."""
    path = tmp_path / "health"
    path.write_text(f"{time.monotonic()}\n")

    def judge(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-X", "importtime", "-m", "bot.health", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    well = judge(str(path))
    assert (well.returncode, well.stdout) == (0, "alive\n")
    assert not {"structlog", "pydantic", "typer", "playwright"} & set(well.stderr.split())
    gone = judge(str(tmp_path / "other"))
    assert (gone.returncode, gone.stdout[:8]) == (1, "no pulse")
    assert judge().returncode == 2

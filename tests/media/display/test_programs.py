"""Programs that are started and ended."""

import asyncio
from pathlib import Path

import psutil
import pytest

from media.display import programs
from media.display.programs import last_complaint, missing, running
from media.errors import DisplayUnavailable

SHELL = ("sh", "-c")


async def test_a_program_ends_with_its_context(tmp_path: Path) -> None:
    """It is told to, and gone when the context is left."""
    async with running(["sleep", "1000"], folder=tmp_path) as process:
        started = psutil.Process(process.pid)
        assert started.is_running()
    assert process.returncode == -15
    assert not started.is_running()


async def test_one_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while."""
    monkeypatch.setattr(programs, "END_DEADLINE_S", 0.5)
    script = "trap '' TERM; sleep 1000 & echo deaf >&2; wait"
    async with running([*SHELL, script], folder=tmp_path) as process:
        while last_complaint("sh", tmp_path) != "deaf":
            assert process.returncode is None
            await asyncio.sleep(0.01)
        (child,) = psutil.Process(process.pid).children()
    child.kill()
    assert process.returncode == -9


async def test_a_program_gets_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its home is the folder; no secret of ours is in what it sees."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    async with running([*SHELL, 'echo "$HOME $AWS_SECRET_ACCESS_KEY" >&2'], folder=tmp_path) as it:
        await it.wait()
    assert last_complaint("sh", tmp_path) == f"{tmp_path}"


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With what would bring it."""
    assert missing(["sh"]) == ()
    with pytest.raises(DisplayUnavailable, match="no-such-program not found"):
        async with running(["no-such-program"], folder=tmp_path):
            pass


def test_a_silent_program_has_said_nothing(tmp_path: Path) -> None:
    """There is a text to show all the same."""
    programs.complaints_of("quiet", tmp_path).touch()
    assert last_complaint("quiet", tmp_path) == "it said nothing"

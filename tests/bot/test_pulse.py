"""The health file, renewed while the event loop turns."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.pulse import pulse
from bot.pulse import renewed as note_renewed


def renewed(path: Path) -> float:
    """Wait until the file is there and says something else than now; what it says then."""
    before = path.read_text() if path.exists() else ""
    wait_until(lambda: path.exists() and path.read_text() != before)
    return float(path.read_text())


def wait_until(holds: Callable[[], object]) -> None:
    """Look until it holds, for at most half a minute."""
    deadline_s = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


async def test_renewed_inside_and_gone_afterwards(tmp_path: Path) -> None:
    """The file grows younger again and again, and a process that has ended leaves none."""
    path = tmp_path / "health"
    async with pulse(path, every_s=0.02):
        first = await asyncio.to_thread(renewed, path)
        assert await asyncio.to_thread(renewed, path) > first
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_without_a_file_nothing_happens() -> None:
    """The setting's default starts no task."""
    before = len(asyncio.all_tasks())
    async with pulse(None):
        assert len(asyncio.all_tasks()) == before


async def test_a_text_that_costs_much_is_written_less_often(tmp_path: Path) -> None:
    """What the renewing takes of a processor is bounded, however long the text has grown."""
    texts = 0

    def costly() -> str:
        nonlocal texts
        texts += 1
        until_s = time.thread_time() + 0.2
        while time.thread_time() < until_s:
            pass
        return "long"

    async with note_renewed(tmp_path / "note", costly, every_s=0.001):
        await asyncio.to_thread(wait_until, (tmp_path / "note").exists)
        await asyncio.sleep(0.2)  # it would be written two hundred times
    assert texts == 1


async def test_a_file_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    """It is logged once, and written as soon as it can be."""
    folder = tmp_path / "later"
    with capture_logs() as logs:
        async with pulse(folder / "health", every_s=0.01):
            await asyncio.to_thread(wait_until, lambda: logs)
            await asyncio.to_thread(folder.mkdir)
            await asyncio.to_thread(renewed, folder / "health")
    assert [entry["event"] for entry in logs] == ["file_not_renewed"]


async def test_a_disk_that_hangs_keeps_nothing_from_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The renewal that never returns is left behind, with its file, and that is said."""
    monkeypatch.setattr("bot.pulse.LAST_S", 0.2)
    hangs, goes_on = threading.Event(), threading.Event()

    def text() -> str:
        hangs.set()
        goes_on.wait(60)
        return "late"

    with capture_logs() as logs:
        async with asyncio.timeout(60), note_renewed(tmp_path / "note", text, every_s=0.01):
            await asyncio.to_thread(hangs.wait, 60)
    assert [entry["event"] for entry in logs] == ["file_not_removed"]
    goes_on.set()
    await asyncio.to_thread(wait_until, (tmp_path / "note").exists)

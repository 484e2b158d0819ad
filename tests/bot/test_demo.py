"""What the demo shows; the demo itself is in tests/e2e/test_demo.py."""

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console, Group

from bot.contract import END_REASONS, EndReason, Status
from bot.demo import (
    how_it_ended,
    meanings,
    show_results,
    show_status,
    simulator_process,
    size,
    status_line,
)
from bot.desk import Snapshot
from bot.errors import PreflightFailed
from bot.patience import running
from bot.settings import Settings
from media.pressure import Level
from media.summary import RecorderStats
from media.uploader import UploadStats

UPLOAD = UploadStats(3_000_000, 2_500_000, 0, 0, 0.0, 3, 0, None)
BOT_ID = "6f0c31a4-0000-4000-8000-000000000000"


def console(width: int = 80, *, terminal: bool = False) -> tuple[Console, io.StringIO]:
    """A console of that many columns, and what it was made to show."""
    shown = io.StringIO()
    return Console(file=shown, width=width, force_terminal=terminal, legacy_windows=False), shown


def test_status_line() -> None:
    """State, recorded time, people, frame rate, upload and speakers, in that order."""
    snapshot = Snapshot(
        Status.IN_CALL_RECORDING,
        RecorderStats(recorded_s=125.4, fps=29.96),
        UPLOAD,
        people=4,
        speaking=("Ada", "Ben"),
    )
    words = status_line(snapshot).plain
    expected = "in_call_recording 02:05 4 people 30.0 fps 2.5 MB stored Ada, Ben speaking"
    assert " ".join(words.split()) == expected
    assert "stored" not in status_line(Snapshot(Status.QUEUED)).plain
    slow = RecorderStats(level=Level.HALF_RATE)
    assert "too slow: half_rate" in status_line(Snapshot(Status.QUEUED, slow)).plain


def test_status_line_is_cut_not_wrapped() -> None:
    """On a narrow terminal it stays one line."""
    narrow, shown = console(40)
    narrow.print(Group(status_line(Snapshot(Status.IN_CALL_RECORDING, upload=UPLOAD, people=4))))
    (line,) = shown.getvalue().splitlines()
    assert line.endswith("…")


@pytest.mark.parametrize("reason", EndReason)
def test_every_end_is_a_sentence(reason: EndReason) -> None:
    """The reason's sentence, then its code and the evidence."""
    told = how_it_ended({"end_reason": reason.value, "end_row": "row/x"})
    assert told.startswith(END_REASONS[reason].sentence)
    assert reason.value in told
    assert "row/x" in told


async def stored(root: Path) -> Settings:
    """A storage with a report and a video of one bot in it."""
    folder = root / BOT_ID
    folder.mkdir(parents=True)
    report = {
        "end_reason": "API_REQUEST",
        "end_row": "command/leave",
        "duration_seconds": 20.4,
        "participants": ["Ada"],
    }
    (folder / "report.json").write_text(json.dumps(report))
    (folder / "video.mp4").write_bytes(b"x" * 2_000)
    return Settings(storage=str(root))


async def test_results_show_whole_paths(tmp_path: Path) -> None:
    """On eighty columns the folder is readable whole, and only what exists is in the table."""
    settings = await stored(tmp_path / ("long" * 30))
    plain, shown = console()
    await show_results(settings, BOT_ID, plain)
    text = shown.getvalue()
    assert f"{settings.storage}/{BOT_ID}/" in text
    assert "video.mp4" in text
    assert "2 kB" in text
    assert "20 s, H.264" in text
    assert "audio.mp3" not in text
    assert "…" not in text


async def test_results_of_nothing(tmp_path: Path) -> None:
    """A bot that stored nothing is said to have stored nothing."""
    plain, shown = console()
    await show_results(Settings(storage=str(tmp_path)), BOT_ID, plain)
    assert "before it could store anything" in shown.getvalue()


def test_sizes_are_for_people() -> None:
    """Small files have bytes, others kilobytes."""
    assert [size(0), size(999), size(1_000), size(12_345_678)] == [
        "0 B",
        "999 B",
        "1 kB",
        "12,346 kB",
    ]


def test_meanings_without_a_recording() -> None:
    """A bot that never recorded has no length and met nobody."""
    words = meanings({"duration_seconds": None, "participants": []})
    assert words["video.mp4"].startswith("0 s")
    assert "nobody else" in words["report.json"]


async def test_status_on_a_terminal_is_one_live_line(tmp_path: Path) -> None:
    """On a terminal the line is redrawn in place and gone at the end."""
    terminal, shown = console(terminal=True)
    async with running(show_status([], terminal)):
        await asyncio.sleep(0)  # the line has begun
    assert shown.getvalue().index("\x1b[?25l") < shown.getvalue().index("\x1b[?25h")


async def test_a_simulator_that_cannot_start_says_why() -> None:
    """Its own last line is the problem, and its process is gone."""
    with pytest.raises(PreflightFailed, match="no-such-scenario"):
        async with simulator_process("no-such-scenario"):
            pytest.fail("it cannot have started")

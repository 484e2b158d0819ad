"""Every path of a run ends in one terminal event; those through a meeting are in tests/e2e."""

import asyncio
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.contract import EndReason, Status
from bot.errors import OutboxError
from bot.outbox import Envelope
from bot.session import NOT_GONE
from platforms.driver import drivers
from tests.e2e.harness import Bot, Ended, bot_at
from tests.e2e.lending import Lender
from tests.processes import all_gone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

OPEN = {
    "open": True,
    "cta_delay_s": 0.0,
    "admission_gap_s": 0.0,
    "participants": [{"name": "Ada", "picture": "still"}],
}
SOUND: dict[str, Any] = {"recording_mode": "audio_only"}
"""A job that records no pictures, where none are looked at."""
TERMINAL = {"bot.completed", "bot.failed"}


def later() -> str:
    """A time to join that this test does not live to see."""
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def assert_one_end(ended: Ended, reason: EndReason, row: str) -> None:
    """One terminal event, the last, for this reason; the outcome agrees."""
    kinds = [event["event"] for event in ended.events]
    assert kinds[-1] in TERMINAL
    assert sum(kind in TERMINAL for kind in kinds) == 1
    assert (ended.outcome.reason, ended.outcome.row) == (reason, row)
    assert ended.last.get("error_code", ended.last.get("end_reason")) == reason.value


async def test_sigterm_while_queued(tmp_path: Path) -> None:
    """A scheduled bot that is terminated never starts a browser, and says SIGTERM."""
    async with bot_at(tmp_path, {}, join_at=later()) as (_, bot):
        await bot.reaches(Status.QUEUED)
        bot.session.terminate()
        ended = await bot.ends()
    assert_one_end(ended, EndReason.SIGTERM, "signal/SIGTERM")
    assert ended.statuses == ["queued", "failed"]
    assert ended.outcome.exit_code == 143
    assert bot.session.browser is None


@pytest.mark.parametrize("end", ["leave", "terminate"])
async def test_told_to_go_while_the_browser_starts(tmp_path: Path, end: str) -> None:
    """The start is given up at once; no call was joined, so none is said to have ended."""
    async with bot_at(tmp_path, {}) as (meeting, bot):
        await bot.reaches(Status.JOINING_CALL)
        getattr(bot.session, end)()
        ended = await bot.ends(20)
        assert meeting.state().phase == "idle"
    row = {"leave": "command/leave", "terminate": "signal/SIGTERM"}[end]
    assert_one_end(ended, ended.outcome.reason, row)
    assert ended.statuses == ["queued", "joining_call", "failed"]


async def test_browser_that_cannot_start(tmp_path: Path) -> None:
    """The reason is our destination's, exit 3, with the events as its bundle."""
    settings = {"browser": Path("/bin/false")}
    async with bot_at(tmp_path, {}, settings) as (_, bot):
        ended = await bot.ends()
    assert_one_end(ended, EndReason.INTERNAL_ERROR, "error/BrowserUnavailable")
    assert ended.outcome.exit_code == 3
    assert ended.last["evidence"]["bundle"].endswith("/failure")
    assert (ended.folder / "failure" / "events.jsonl").is_file()


async def test_cancelled(tmp_path: Path) -> None:
    """A cancelled run tells its end all the same, then raises."""
    async with bot_at(tmp_path, {}, join_at=later()) as (_, bot):
        await bot.until(lambda: '"queued"' in bot.stream.getvalue())
        assert bot.task is not None
        bot.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bot.task
        lines = bot.stream.getvalue()
    assert lines.count('"event": "bot.failed"') == 1
    assert "error/CancelledError" in lines


async def recording(bot: Bot) -> None:
    """The bot records and a first chunk is stored."""
    await bot.reaches(Status.IN_CALL_RECORDING)
    await bot.until((bot.folder / "chunks" / "000001.m4s").is_file)


async def test_storage_lost_in_mid_call(tmp_path: Path, lent: Lender) -> None:
    """SIGTERM with a storage that is gone is not waited for: told all the same, nothing linked."""
    async with bot_at(tmp_path, OPEN, {"grace_s": 12}, lent, **SOUND) as (_, bot):
        await recording(bot)
        bot.folder.rename(tmp_path / "moved")
        bot.folder.write_bytes(b"a file where the folder was")
        bot.session.terminate()
        ended = await bot.ends()
    assert_one_end(ended, EndReason.SIGTERM, "signal/SIGTERM")
    assert ended.last["audio"] is None
    assert "the recording is unfinished" in ended.last["error_message"]
    assert ended.last["duration_seconds"] > 0
    chunks = list((tmp_path / "moved" / "chunks").glob("*.m4s"))
    assert chunks


async def test_browser_that_never_answers_again(tmp_path: Path) -> None:
    """SIGTERM: farewell and browser are given up by name, the end is told, and nothing is left.

    Its driver is stopped: so it is with every call to the browser, the one that ends it included.
    """
    before, tasks = drivers(), asyncio.all_tasks()
    async with bot_at(tmp_path, OPEN, {"grace_s": 12}) as (_, bot):
        await recording(bot)
        assert bot.session.browser is not None
        processes = bot.session.browser.processes()
        (own,) = [each for each in drivers() if each not in before]
        own.send_signal(signal.SIGSTOP)
        bot.session.terminate()
        ended = await bot.ends()
    assert_one_end(ended, EndReason.SIGTERM, "signal/SIGTERM")
    assert {"the farewell was cut short: out of time", NOT_GONE} <= {
        *bot.session._context.facts.warnings
    }
    assert await all_gone([own, *processes], tasks)


async def test_page_dies_while_leaving(tmp_path: Path) -> None:
    """The browser killed during the farewell changes neither the reason nor the file."""
    async with bot_at(tmp_path, OPEN) as (_, bot):
        await recording(bot)
        bot.session.leave()
        assert bot.session.browser is not None
        for process in bot.session.browser.processes():
            process.kill()
        ended = await bot.ends()
    assert_one_end(ended, EndReason.API_REQUEST, "command/leave")
    assert (ended.folder / "video.mp4").stat().st_size > 0
    assert ended.statuses[-2:] == ["call_ended", "completed"]


async def test_outbox_lost_in_mid_call(tmp_path: Path, lent: Lender) -> None:
    """Events that cannot be kept end the bot as its destination's fault; the file is stored."""
    async with bot_at(tmp_path, OPEN, lent=lent, **SOUND) as (_, bot):
        await recording(bot)
        bot.session._context.reporter._emit = refusing
        bot.session.leave()
        assert bot.task is not None
        async with asyncio.timeout(45):
            outcome = await bot.task
    assert outcome.row == "error/OutboxError"
    assert outcome.exit_code == 3
    assert (bot.folder / "audio.mp3").stat().st_size > 0
    assert (bot.folder / "terminal.json").is_file()


async def refusing(event: str, data: object) -> Envelope:
    """An outbox on a full disk."""
    raise OutboxError(f"{event}: disk full")

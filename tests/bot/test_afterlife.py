"""Runs that died are found and ended once, also by way of a storage that was down."""

import asyncio
import io
import json
from pathlib import Path

import pytest

from bot.afterlife import end_local_runs, exit_code_after
from bot.contract import EndReason
from tests.bot.dead import Dead, end, settings_of
from tests.media.outage import OutageStorage

pytestmark = pytest.mark.timeout(60)


async def test_storage_that_is_down_leaves_all_for_the_next_start(tmp_path: Path) -> None:
    """Nothing is said before the recording stands; the next start does it."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    dead.record(5)
    storage = OutageStorage(dead.storage)
    storage.down = True
    chunk = dead.runs / dead.run_id / "upload-x" / "000009.m4s"
    chunk.parent.mkdir(exist_ok=True)
    chunk.write_bytes(b"\0\0\0\x08free")
    assert await end(dead, storage=storage, retry_for_s=0) == []
    assert chunk.exists()
    storage.down = False
    assert [event["event"] for event in await end(dead, storage=storage)] == [
        "bot.status_change",
        "bot.failed",
    ]


async def test_storage_that_comes_back_is_waited_for(tmp_path: Path) -> None:
    """The same start ends the run, as soon as the storage takes its files again."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    storage = OutageStorage(dead.storage)
    storage.down = True
    ending = asyncio.create_task(end(dead, storage=storage))
    assert await asyncio.to_thread(storage.failed.wait, 30)
    storage.down = False
    assert [event["event"] for event in await ending] == ["bot.status_change", "bot.failed"]


async def test_storage_that_refuses_for_good_is_not_waited_for(tmp_path: Path) -> None:
    """What no later try mends is left at once; all of it is still there."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    storage = OutageStorage(dead.storage)
    storage.down, storage.retryable = True, False
    assert await end(dead, storage=storage) == []
    assert len([*dead.outboxes.glob("*.sqlite3")]) == 1


async def test_living_run_is_left_alone(tmp_path: Path) -> None:
    """A run whose outbox is open somewhere is not dead."""
    dead = Dead(tmp_path)
    dead.tell()
    with dead.outbox() as outbox:
        assert await end(dead) == []
        assert outbox.terminal is None
    assert not (dead.folder / "terminal.json").exists()


async def test_what_only_waits_to_be_sent_is_not_told_again(tmp_path: Path) -> None:
    """A run that spoke its last word and died is only sent."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    with dead.outbox() as outbox:
        outbox.append("bot.failed", {"n": 1})
    (only,) = await end(dead)
    assert (only["event"], only["data"]) == ("bot.failed", {"n": 1})
    assert not dead.folder.exists()


async def test_local_run_tells_its_bot_and_exit_code(tmp_path: Path) -> None:
    """Whoever starts the same job again learns from it that the bot has ended, and how."""
    dead = Dead(tmp_path, local=True)
    dead.tell(acked=6)
    heard = io.StringIO()
    assert await end_local_runs(settings_of(dead), heard, None) == {dead.bot_id: 4}
    assert await end_local_runs(settings_of(dead), heard, None) == {}
    events = [json.loads(line)["event"] for line in heard.getvalue().splitlines()]
    assert events == ["bot.status_change", "bot.failed"]


@pytest.mark.parametrize(
    ("data", "exit_code"),
    [
        ({"end_reason": "API_REQUEST"}, 0),
        ({"error_code": "BOT_NOT_ACCEPTED"}, 1),
        ({"error_code": EndReason.OOM_KILLED}, 4),
        ({"error_code": EndReason.SIGTERM}, 4),
    ],
)
def test_who_tells_of_a_death_was_not_killed(data: dict[str, str], exit_code: int) -> None:
    """The exit code is the reason's, but none that a signal leaves: that would restart a pod."""
    assert exit_code_after(data) == exit_code

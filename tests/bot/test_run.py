"""One job without an orchestrator: where its events go."""

import asyncio
import json
import os
from pathlib import Path

import pytest
import structlog

from bot.errors import JobRejected, OutboxError, PreflightFailed
from bot.job import parse_job
from bot.outbox import Outbox, opened
from bot.run import LocalEmit, run_job
from bot.settings import Settings
from bot.signals import Signals
from media.storage_folder import FolderStorage
from tests.bot.rig import URL, rig


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return [path.name for path in folder.iterdir()]


async def test_each_event_is_a_line_and_counts_as_received(tmp_path: Path) -> None:
    """A JSON line an event; a terminal one with links; nothing is left in the outbox."""
    with rig(tmp_path) as parts:
        emit = parts.context.reporter._emit
        await emit("accepted", {})
        await emit("bot.failed", {"video": "b/video.mp4"})
        assert parts.outbox.acked_seq == 2
    first, last = parts.events
    assert (first["seq"], last["seq"]) == (1, 2)
    assert last["data"]["video"].startswith("file://")


async def test_a_reader_that_went_away_ends_the_writing_alone(tmp_path: Path) -> None:
    """A closed pipe is logged once; events still become durable, and no error is raised."""
    job = parse_job({"meeting_url": URL, "bot_name": "Notes"}, local_run=True)
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "w") as stream,
        Outbox(tmp_path, str(job.bot_id), "r") as outbox,
        structlog.testing.capture_logs() as captured,
    ):
        emit = LocalEmit(outbox, job, FolderStorage(tmp_path), 60, stream)
        await emit("accepted", {})
        await emit("bot.failed", {})
        assert outbox.last_seq == 2
    assert [line["event"] for line in captured] == ["event_stream_closed"]


async def test_outbox_is_opened_and_closed(tmp_path: Path) -> None:
    """The context gives an open outbox; afterwards it is closed, and gone once acknowledged."""
    async with opened(Outbox(tmp_path, "b", "r")) as outbox:
        await asyncio.to_thread(outbox.append, "bot.failed", {})
        assert await asyncio.to_thread(outbox.ack, 1) == 1
    assert names_in(tmp_path) == []
    with pytest.raises(OutboxError):
        outbox.append("accepted", {})


async def test_a_bot_that_has_ended_is_refused(tmp_path: Path) -> None:
    """With terminal.json in storage nothing is said and no browser is started."""
    job = parse_job({"meeting_url": URL, "bot_name": "Notes"}, local_run=True)
    folder = tmp_path / "recordings" / str(job.bot_id)
    folder.mkdir(parents=True)
    (folder / "terminal.json").write_text(json.dumps({"event": "bot.completed"}))
    settings = Settings(storage=str(tmp_path / "recordings"), spool_dir=tmp_path / "spool")
    with pytest.raises(JobRejected, match="ALREADY_ENDED"):
        await run_job(job, settings, None, Signals(1.0))
    assert not (tmp_path / "spool" / "outbox").exists()


async def test_nothing_is_said_before_preflight(tmp_path: Path) -> None:
    """A browser that is not there is named before the outbox exists."""
    job = parse_job({"meeting_url": URL, "bot_name": "Notes"}, local_run=True)
    settings = Settings(browser=Path("/no/such"), spool_dir=tmp_path / "spool")
    with pytest.raises(PreflightFailed, match="browser: /no/such"):
        await run_job(job, settings, None, Signals(1.0))
    assert names_in(tmp_path) == []

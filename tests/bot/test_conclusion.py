"""How a bot ends: what is stored, what is told, in which order, whatever is broken."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.conclusion import Conclusion
from bot.contract import EndReason, Status
from bot.outcome import Phase, outcome, outcome_of_error
from bot.unmarked import pay_marks
from media.errors import SpoolFull, StorageError, VerificationFailed
from media.recovery import Salvage
from media.storage_folder import FolderStorage
from media.summary import RecorderStats
from platforms.types import ChatLine, FailureBundle, Person
from tests.bot.rig import Rig, rig

DENIED = outcome(EndReason.BOT_NOT_ACCEPTED, "google_meet/host-refused")
REMOVED = outcome(EndReason.BOT_REMOVED, "google_meet/removed-screen")


async def joining(parts: Rig) -> None:
    """Bring the bot to where it was asking."""
    await parts.context.reporter.accepted()
    await parts.context.reporter.advance(Status.JOINING_CALL)
    await parts.context.reporter.advance(Status.IN_WAITING_ROOM)


async def recorded(parts: Rig, seconds: float) -> None:
    """Bring the bot to where it has recorded."""
    await joining(parts)
    reporter = parts.context.reporter
    await reporter.advance(Status.IN_CALL_NOT_RECORDING)
    await reporter.advance(Status.IN_CALL_RECORDING, start_time=datetime.now(UTC))
    await reporter.advance(Status.CALL_ENDED)
    facts = parts.context.facts
    facts.start_time = facts.joined_at = facts.exited_at = datetime.now(UTC)
    facts.recorder = RecorderStats(recorded_s=seconds)
    parts.context.roster.look([Person("a", "Ada", speaking=True)], 1.0)
    said = parts.context.chat.read([ChatLine("1", "Ada", "Hello")], reporter.now(), 1.0)
    await reporter.chat(said[0])


async def test_failed_before_recording(tmp_path: Path) -> None:
    """One terminal event after one last status, with evidence, bundle, report, mark and logs."""
    with rig(tmp_path) as parts:
        await joining(parts)
        parts.context.gate.settle(DENIED)
        parts.context.facts.bundle = FailureBundle(b"jpeg", "<p></p>")
        told = await Conclusion(parts.context).tell(parts.log_path)
    assert told == DENIED
    *_, status, last = parts.events
    assert status["data"]["status"]["code"] == "failed"
    assert last["event"] == "bot.failed"
    assert last["data"]["error_code"] == "BOT_NOT_ACCEPTED"
    bot_id = str(parts.context.job.bot_id)
    assert last["data"]["evidence"] == {
        "row": "google_meet/host-refused",
        "platform": "google_meet",
        "bundle": f"{bot_id}/failure",
    }
    assert (last["data"]["video"], last["data"]["duration_seconds"]) == (None, None)
    report = json.loads((parts.folder / "report.json").read_bytes())
    states = {row["name"]: row["state"] for row in report["artifacts"]}
    assert states["video.mp4"] == states["audio.mp3"] == "absent"
    assert states["logs.jsonl"] == states["failure/page.html"] == "stored"
    mark = json.loads((parts.folder / "terminal.json").read_bytes())
    assert mark["run_id"] == parts.context.run_id
    stored = [json.loads(line) for line in (parts.folder / "events.jsonl").read_text().splitlines()]
    assert [event["seq"] for event in stored] == list(range(1, len(stored) + 1))
    assert stored[-1]["data"]["report"] == f"{bot_id}/report.json"


async def test_what_fails_its_verification_is_named_and_linked(tmp_path: Path) -> None:
    """Never completed; the file that is there is linked, the chunks are a row, the reasons told."""
    with rig(tmp_path) as parts:
        await recorded(parts, 60.0)
        parts.context.gate.settle(REMOVED)
        problem = VerificationFailed("duration_s", "60", "2")
        parts.context.facts.unfinished = outcome_of_error(problem, Phase.OVER)
        storage = parts.context.shelf.storage
        storage.put(parts.context.shelf.key("video.mp4"), b"half", "video/mp4")
        storage.put(parts.context.shelf.key("chunks/init.mp4"), b"init", "video/mp4")
        storage.put(parts.context.shelf.key("chunks/000001.m4s"), b"one", "video/mp4")
        told = await Conclusion(parts.context).tell(parts.log_path)
    assert told.reason is EndReason.INTERNAL_ERROR
    last = parts.events[-1]
    assert last["event"] == "bot.failed"
    assert last["data"]["video"].endswith("/video.mp4")
    assert last["data"]["audio"] is None
    assert last["data"]["duration_seconds"] == 60
    assert last["data"]["billing"]["recording_seconds"] == 60
    assert "duration_s is 2" in last["data"]["error_message"]
    assert "BOT_REMOVED" in last["data"]["error_message"]
    report = json.loads((parts.folder / "report.json").read_bytes())
    rows = {row["name"]: row for row in report["artifacts"]}
    assert rows["video.mp4"]["state"] == rows["audio.mp3"]["state"] == "failed"
    assert "duration_s" in rows["video.mp4"]["note"]
    assert rows["video.mp4"]["size_bytes"] == 4
    assert rows["audio.mp3"]["key"] is None
    assert rows["chunks/"]["size_bytes"] == 7
    assert (parts.folder / "diarization.jsonl").read_text().startswith('{"speaker": "Ada"')
    assert last["data"]["chat_messages"].endswith("/chat_messages.json")
    assert json.loads((parts.folder / "chat_messages.json").read_bytes())[0]["text"] == "Hello"
    assert "Hello" in (parts.folder / "events.jsonl").read_text()
    assert "Hello" not in (parts.folder / "failure/events.jsonl").read_text()


async def test_what_was_made_of_the_chunks_is_stored_and_linked(tmp_path: Path) -> None:
    """A failure, with a recording of the length that was saved; sound is MP3 whatever was asked."""
    with rig(tmp_path, audio_format="flac") as parts:
        await recorded(parts, 60.0)
        parts.context.gate.settle(REMOVED)
        facts, shelf = parts.context.facts, parts.context.shelf
        facts.unfinished = outcome_of_error(SpoolFull(11, 10), Phase.OVER)
        video, audio = shelf.key("video.mp4"), shelf.key("audio.mp3")
        for key in (video, audio):
            shelf.storage.put(key, b"whole", "video/mp4")
        facts.salvage = Salvage(video, audio, 5, 5, duration_s=58.0, chunks=29)
        await Conclusion(parts.context).tell(parts.log_path)
    last = parts.events[-1]
    assert (last["event"], last["data"]["error_code"]) == ("bot.failed", "INTERNAL_ERROR")
    assert last["data"]["video"].endswith(f"/{video}")
    assert last["data"]["audio"].endswith(f"/{audio}")
    assert last["data"]["duration_seconds"] == 58
    report = json.loads((parts.folder / "report.json").read_bytes())
    rows = {row["name"]: row for row in report["artifacts"]}
    assert rows["video.mp4"]["state"] == rows["audio.mp3"]["state"] == "stored"
    assert rows["audio.flac"]["state"] == "failed"
    assert "limit is 10" in rows["video.mp4"]["note"]


async def test_storage_down_at_the_end(tmp_path: Path) -> None:
    """The last word is told all the same, the reason named; its mark is made once that can be."""
    (tmp_path / "taken").write_bytes(b"a file where the storage's folder should be")
    with rig(tmp_path, storage=FolderStorage(tmp_path / "taken")) as parts:
        await recorded(parts, 60.0)
        parts.context.gate.settle(REMOVED)
        problem = StorageError("put", "file:///gone", "no such device", retryable=True)
        parts.context.facts.unfinished = outcome_of_error(problem, Phase.OVER)
        told = await Conclusion(parts.context).tell(parts.log_path)
        (tmp_path / "taken").unlink()
        await pay_marks(parts.context.settings.spool_dir, parts.context.shelf.storage)
    assert told.exit_code == 3
    last = parts.events[-1]
    assert last["event"] == "bot.failed"
    mark = json.loads((tmp_path / "taken" / last["bot_id"] / "terminal.json").read_bytes())
    assert (mark["event"], mark["run_id"]) == ("bot.failed", last["run_id"])
    assert "no such device" in last["data"]["error_message"]
    assert [last["data"][name] for name in ("video", "audio", "report")] == [None, None, None]
    assert last["data"]["retryable"] is True


async def test_another_run_has_spoken(tmp_path: Path) -> None:
    """A mark of another run in storage: this one says no last word."""
    with rig(tmp_path) as parts:
        await joining(parts)
        parts.context.gate.settle(DENIED)
        key = parts.context.shelf.key("terminal.json")
        parts.context.shelf.storage.put(key, b'{"run_id": "other"}', "application/json")
        await Conclusion(parts.context).tell(parts.log_path)
    assert parts.events[-1]["data"]["status"]["code"] == "in_waiting_room"


async def test_last_word_that_cannot_be_kept(tmp_path: Path) -> None:
    """An outbox that is gone is our destination's fault: exit 3, and what is stored stays."""
    with rig(tmp_path) as parts:
        await joining(parts)
        parts.context.gate.settle(DENIED)
        parts.outbox.__exit__(None, None, None)
        told = await Conclusion(parts.context).tell(parts.log_path)
    assert told.row.startswith("error/Outbox")
    assert (parts.folder / "report.json").is_file()


@asynccontextmanager
async def receiver(answer: bytes | None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """An HTTP server on loopback that answers with `answer`, or never: (url, requests)."""
    heard: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        heard.append(head + await reader.readexactly(length))
        if answer is None:
            await done.wait()
        else:
            writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook", heard
    finally:
        done.set()
        server.close()
        await server.wait_closed()


async def call_back(tmp_path: Path, url: str, *, hurried: bool = False) -> Rig:
    """Conclude a run that has a callback."""
    config = {"url": url, "secret": "PLANTED-SECRET"}
    settings = {"callback_allow_private": True}
    with rig(tmp_path, settings=settings, callback_enabled=True, callback_config=config) as parts:
        await joining(parts)
        parts.context.gate.settle(DENIED)
        if hurried:
            parts.context.patience.hurry(4.0)
        await Conclusion(parts.context).tell(parts.log_path)
    return parts


async def test_callback_is_told_in_the_report(tmp_path: Path) -> None:
    """The body is event, data and extra; how it went stands in the report afterwards."""
    answer = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
    async with receiver(answer) as (url, heard):
        parts = await call_back(tmp_path, url)
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert b"x-mb-secret: PLANTED-SECRET" in head
    sent = json.loads(body)
    assert set(sent) == {"event", "data", "extra"}
    assert sent["data"]["report"].startswith("file://")
    report = json.loads((parts.folder / "report.json").read_bytes())
    assert report["callback"] == {"delivered": True, "status": 204, "tries": 1, "problem": None}


@pytest.mark.timeout(300)
async def test_hanging_callback_does_not_outlive_the_grace_period(tmp_path: Path) -> None:
    """A receiver that never answers holds a terminated bot no longer than its grace period."""
    async with receiver(None) as (url, heard):
        async with asyncio.timeout(20):
            parts = await call_back(tmp_path, url, hurried=True)
    assert heard
    assert parts.events[-1]["event"] == "bot.failed"


async def test_waiting_is_billed(tmp_path: Path) -> None:
    """Seconds from the waiting room to admission, or to leaving."""
    with rig(tmp_path) as parts:
        await joining(parts)
        parts.context.gate.settle(DENIED)
        waiting = parts.context.reporter.machine.began(Status.IN_WAITING_ROOM)
        assert waiting is not None
        parts.context.facts.exited_at = waiting.replace(year=waiting.year + 1)
        await Conclusion(parts.context).tell(parts.log_path)
    assert parts.events[-1]["data"]["billing"]["waiting_room_seconds"] > 300 * 86_400
    assert parts.events[-1]["data"]["exited_at"] is None

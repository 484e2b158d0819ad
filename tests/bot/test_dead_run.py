"""One run that died: what is finished, marked and said of it, also when its ending died."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bot.contract import EndReason
from bot.deaths import UNSEEN
from tests.bot.dead import Dead, end, mark_of, status

pytestmark = pytest.mark.timeout(60)


async def test_dead_run_is_finished_and_speaks_its_last_word(tmp_path: Path) -> None:
    """Its recording stands, is reported and marked, and linked by the last event, next in order."""
    dead = Dead(tmp_path)
    dead.tell(acked=4)
    dead.record(5)
    events = await end(dead, reason=EndReason.OOM_KILLED)
    assert [event["seq"] for event in events] == [5, 6, 7, 8]
    changed, last = events[-2:]
    assert changed["data"]["status"]["code"] == "failed"
    assert changed["data"]["status"]["error_message"] == last["data"]["error_message"]
    data = last["data"]
    assert (last["event"], last["extra"]) == ("bot.failed", {"ticket": 7})
    assert (data["error_code"], data["retryable"]) == ("OOM_KILLED", True)
    assert data["evidence"]["row"] == "supervisor/OOM_KILLED"
    assert data["video"] == f"{dead.bot_id}/video.mp4"
    assert data["audio"] == f"{dead.bot_id}/audio.mp3"
    assert data["duration_seconds"] == data["billing"]["recording_seconds"] == 4
    assert data["joined_at"] == "2026-11-24T10:00:52.400Z"
    assert mark_of(dead)["data"] == data
    report = json.loads((dead.folder / "report.json").read_bytes())
    assert (report["end_reason"], report["platform"]) == ("OOM_KILLED", "google_meet")
    assert [gap["start_seconds"] for gap in report["quality"]["gaps"]] == [1.0]
    assert (report["quality"]["known_until_seconds"], len(report["pauses"])) == (600.0, 1)
    states = {row["name"]: row["state"] for row in report["artifacts"]}
    assert states == dict.fromkeys(
        (
            *("video.mp4", "audio.mp3", "chunks/", "events.jsonl", "logs.jsonl"),
            *("diarization.jsonl", "preview.jpg"),
        ),
        "stored",
    )
    lines = (dead.folder / "diarization.jsonl").read_text().splitlines()
    turns = [json.loads(line) for line in lines]
    with Image.open(dead.folder / "preview.jpg") as sheet:
        assert sheet.width >= 2 * 320
    assert [(turn["speaker"], turn["start_time"]) for turn in turns] == [
        ("Ada Łovelace", 1.0),
        ("", 2.0),
    ]
    assert turns[0]["end_time"] == pytest.approx(report["duration_seconds"], abs=0.01)
    assert data["speakers"] == report["speakers"] == ["Ada Łovelace"]
    told = [json.loads(line) for line in (dead.folder / "events.jsonl").read_text().splitlines()]
    assert [event["seq"] for event in told] == list(range(1, 9))
    assert not (dead.runs / dead.run_id).exists()


async def test_dead_run_that_recorded_nothing(tmp_path: Path) -> None:
    """Before the recording there is nothing to finish; the end is told all the same."""
    dead = Dead(tmp_path)
    dead.tell(statuses=3)
    last = (await end(dead))[-1]["data"]
    assert (last["error_code"], last["evidence"]["row"]) == ("FORCE_KILLED", UNSEEN)
    assert (last["video"], last["duration_seconds"], last["joined_at"]) == (None, None, None)
    report = json.loads((dead.folder / "report.json").read_bytes())
    assert [row["state"] for row in report["artifacts"][:2]] == ["absent", "absent"]


async def test_recording_that_is_lost_is_named(tmp_path: Path) -> None:
    """A run that said it recorded and left no chunk has failed artifacts, not absent ones."""
    dead = Dead(tmp_path)
    dead.tell()
    await end(dead)
    report = json.loads((dead.folder / "report.json").read_bytes())
    assert [row["state"] for row in report["artifacts"][:2]] == ["failed", "failed"]
    assert report["artifacts"][0]["note"] == "no chunk of it was found"


async def test_broken_chunks_do_not_keep_it_from_speaking(tmp_path: Path) -> None:
    """What cannot be finished is said with its reason, and its chunks are kept."""
    dead = Dead(tmp_path)
    dead.tell()
    for name in ("init.mp4", "000001.m4s"):
        dead.storage.put(f"{dead.bot_id}/chunks/{name}", b"nonsense" * 99, "video/mp4")
    last = (await end(dead))[-1]["data"]
    assert last["video"] is None
    assert "the recording is unfinished" in last["error_message"]
    assert dead.storage.head(f"{dead.bot_id}/chunks/000001.m4s") is not None


@pytest.mark.parametrize("status_said", [False, True])
async def test_ending_that_died_after_the_mark_is_taken_up(
    tmp_path: Path, *, status_said: bool
) -> None:
    """With its own mark in storage the run says what the mark says, each event once."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    body = {"event": "bot.completed", "bot_id": dead.bot_id, "run_id": dead.run_id}
    data = {"bot_id": dead.bot_id, "end_reason": "API_REQUEST"}
    mark = json.dumps({**body, "data": data, "extra": {"ticket": 7}}).encode()
    dead.storage.put(f"{dead.bot_id}/terminal.json", mark, "application/json")
    if status_said:
        with dead.outbox() as outbox:
            outbox.append("bot.status_change", status("completed"))
    events = await end(dead)
    assert [event["event"] for event in events] == ["bot.status_change", "bot.completed"]
    assert events[0]["data"]["status"]["code"] == "completed"
    assert events[1]["data"] == data
    assert await end(dead) == events


async def test_bot_of_which_another_run_has_spoken_is_silent(tmp_path: Path) -> None:
    """One bot, one last word: the dead run ends without, and its outbox goes."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    dead.storage.put(f"{dead.bot_id}/terminal.json", b'{"run_id": "x"}', "application/json")
    assert await end(dead) == []
    assert list(dead.outboxes.iterdir()) == []
    assert mark_of(dead) == {"run_id": "x"}


async def test_what_the_run_had_stored_itself_is_linked(tmp_path: Path) -> None:
    """A run that died while it concluded keeps what it had made; what nobody noted is not made."""
    dead = Dead(tmp_path)
    dead.tell()
    kept = b'{"speaker": "Ada"}\n'
    with dead.outbox() as outbox:
        told = {"sender": "Ada", "text": "Grüße", "at_seconds": 1.5}
        outbox.append("bot.chat_message", told)
    for name in ("diarization.jsonl", "preview.jpg", "screenshots/000001_3.jpg"):
        dead.storage.put(f"{dead.bot_id}/{name}", kept, "application/x-ndjson")
    last = (await end(dead))[-1]["data"]
    assert last["diarization"] == f"{dead.bot_id}/diarization.jsonl"
    assert (dead.folder / "diarization.jsonl").read_bytes() == kept
    report = json.loads((dead.folder / "report.json").read_bytes())
    names = {row["name"] for row in report["artifacts"]}
    assert {"preview.jpg", "diarization.jsonl", "screenshots/"} <= names
    assert last["screenshots"] == [f"{dead.bot_id}/screenshots/000001_3.jpg"]
    assert last["chat_messages"] == f"{dead.bot_id}/chat_messages.json"
    (message,) = json.loads((dead.folder / "chat_messages.json").read_bytes())
    assert message == {"sender": "Ada", "text": "Grüße", "is_bot": False, "time": 1.5}

"""Dead bots are ended from elsewhere, once; living ones are let alone."""

import io
import json
import os
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.contract import EndReason
from bot.notes import NotesBeside
from bot.outbox import Outbox
from bot.people import Roster
from bot.recover import FORCED_ROW, LAPSED_ROW, Recovery, Verdict, read_events, recovery_id
from bot.settings import Settings
from bot.terminal import claim_terminal
from media.fence import FencedStorage, Lease
from media.lease import TAKEN_OVER_AFTER_S, LeaseRecord
from media.storage_folder import FolderStorage
from media.verify import Expectation, verify_audio, verify_recording
from platforms.types import Person
from tests.bot.dead import Dead, end
from tests.bot.test_standing import standing
from tests.media.outage import OutageStorage
from tests.media.synthetic import HEIGHT, WIDTH

pytestmark = pytest.mark.timeout(120)


class Lost(Dead):
    """A run whose machine is gone: only the storage is left of it."""

    def leave(self, *, seconds: float = 5, statuses: int = 5) -> Lease:
        """Say, record and keep the lease as a living run does, then be gone."""
        lease = Lease(self.storage, f"{self.bot_id}/", self.run_id)
        lease.renew()
        self.tell(statuses=statuses)
        if seconds:
            self.record(seconds)
        with self.outbox() as outbox:
            lines = "".join(f"{json.dumps(body)}\n" for body in outbox.history())
        self.storage.put(f"{self.bot_id}/events.jsonl", lines.encode(), "application/x-ndjson")
        return lease

    def note(self) -> None:
        """Have stored beside the chunks what a living run does."""
        roster = Roster()
        for at_s in (0.5, 1.0):
            roster.look([Person("1", "Ada Łovelace", speaking=True)], at_s)
        key = f"{self.bot_id}/chunks/notes.json"
        put = partial(self.storage.put, key, content_type="application/json")
        NotesBeside(roster, lambda: standing(3.0)).store(put)

    def lapse(self) -> None:
        """Let 20 minutes pass without a renewal."""
        path = self.folder / "lease.json"
        written_s = path.stat().st_mtime - TAKEN_OVER_AFTER_S
        os.utime(path, (written_s, written_s))

    def lease(self) -> LeaseRecord:
        """What stands."""
        return LeaseRecord.decode((self.folder / "lease.json").read_bytes())


class Elsewhere:
    """Another machine: a spool of its own."""

    def __init__(self, root: Path, dead: Dead, **wanted: Any) -> None:  # noqa: ANN401 - of Recovery
        settings = Settings(storage=str(dead.root / "recordings"), spool_dir=root / "elsewhere")
        self.stream = io.StringIO()
        self.recovery = Recovery(
            settings, wanted.pop("storage", dead.storage), self.stream, **wanted
        )

    @property
    def told(self) -> list[dict[str, Any]]:
        """The events it wrote."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


async def test_a_lost_machine_s_recording_is_finished_and_ended(tmp_path: Path) -> None:
    """Video and audio play, the report and the mark stand, the last word links them, once."""
    dead = Lost(tmp_path)
    dead.leave()
    dead.lapse()
    there = Elsewhere(tmp_path, dead)
    assert await there.recovery.bots() == [dead.bot_id]
    done = await there.recovery.recover(dead.bot_id)
    assert (done.verdict, "video.mp4" in done.detail) == (Verdict.FINISHED, True)
    expect = Expectation(4.0, WIDTH, HEIGHT, must_have_sound=True)
    verify_recording(dead.storage, f"{dead.bot_id}/video.mp4", expect)
    verify_audio(dead.storage, f"{dead.bot_id}/audio.mp3", expect)
    changed, last = there.told
    assert [changed["seq"], last["seq"]] == [1, 2]
    assert changed["data"]["status"]["code"] == "failed"
    assert (last["event"], last["run_id"]) == ("bot.failed", recovery_id(dead.bot_id))
    assert last["extra"] == {"ticket": 7}
    data = last["data"]
    assert data["error_code"] == EndReason.FORCE_KILLED.value
    assert data["evidence"] == {"row": LAPSED_ROW, "platform": "google_meet", "bundle": None}
    assert data["video"].endswith(f"{dead.bot_id}/video.mp4")
    assert data["joined_at"] == "2026-11-24T10:00:52.400Z"
    assert json.loads((dead.folder / "terminal.json").read_bytes())["event"] == "bot.failed"
    report = json.loads((dead.folder / "report.json").read_bytes())
    assert (report["end_reason"], report["platform"]) == ("FORCE_KILLED", "google_meet")
    stored = [json.loads(line) for line in (dead.folder / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in stored][-2:] == ["bot.status_change", "bot.failed"]
    assert len(stored) == 8
    assert not [*(dead.root / "recordings" / ".uploads").glob("*")]


async def test_a_lost_machine_s_losses_and_speakers_are_known(tmp_path: Path) -> None:
    """What the run had stored beside its chunks is in the report; who spoke, in the last word."""
    dead = Lost(tmp_path)
    dead.leave()
    dead.note()
    dead.lapse()
    there = Elsewhere(tmp_path, dead)
    await there.recovery.recover(dead.bot_id)
    report = json.loads((dead.folder / "report.json").read_bytes())
    quality = report["quality"]
    assert (quality["frames_thinned"], quality["frames_dropped"]) == (13, {"behind": 5})
    assert [gap["start_seconds"] for gap in quality["gaps"]] == [1.0]
    assert quality["known_until_seconds"] == 3.0
    assert not any("noted nowhere" in warning for warning in report["warnings"])
    assert there.told[-1]["data"]["speakers"] == ["Ada Łovelace"]
    (turn,) = (dead.folder / "diarization.jsonl").read_text().splitlines()
    assert json.loads(turn)["start_time"] == 0.5


async def test_the_returning_bot_stores_nothing_more(tmp_path: Path) -> None:
    """Its number is the lower one: the recovered recording stays as it was made."""
    dead = Lost(tmp_path)
    returning = FencedStorage(dead.storage, dead.leave())
    there = Elsewhere(tmp_path, dead, force=True)
    assert (await there.recovery.recover(dead.bot_id)).verdict is Verdict.FINISHED
    assert dead.lease().fence == 2
    before = {path: path.read_bytes() for path in dead.folder.rglob("*") if path.is_file()}
    with pytest.raises(Exception, match="taken over with number 2"):
        returning.put_if_absent(f"{dead.bot_id}/other", b"", "text/plain")
    with pytest.raises(Exception, match="taken over with number 2"):
        returning.put(f"{dead.bot_id}/video.mp4", b"late", "video/mp4")
    assert {path: path.read_bytes() for path in dead.folder.rglob("*") if path.is_file()} == before


async def test_done_again_nothing_is_said_or_made_again(tmp_path: Path) -> None:
    """However often, with and without force, here and on a third machine."""
    dead = Lost(tmp_path)
    dead.leave()
    await Elsewhere(tmp_path, dead, force=True).recovery.recover(dead.bot_id)
    written_ns = (dead.folder / "video.mp4").stat().st_mtime_ns
    for number in range(2):
        there = Elsewhere(tmp_path / f"{number}", dead, force=number == 0)
        assert (await there.recovery.recover(dead.bot_id)).verdict is Verdict.OVER
        assert there.told == []
    assert (dead.folder / "video.mp4").stat().st_mtime_ns == written_ns


async def test_a_living_bot_is_let_alone(tmp_path: Path) -> None:
    """With a fresh lease nothing is written, and the bot goes on."""
    dead = Lost(tmp_path)
    lease = dead.leave()
    before = sorted(path.name for path in dead.folder.rglob("*"))
    there = Elsewhere(tmp_path, dead)
    done = await there.recovery.recover(dead.bot_id)
    assert (done.verdict, there.told) == (Verdict.HELD, [])
    assert "--force" in done.detail
    assert sorted(path.name for path in dead.folder.rglob("*")) == before
    lease.renew()
    assert lease.fence == 1


async def test_a_bot_that_died_waiting_is_ended_too(tmp_path: Path) -> None:
    """Without a recording there is a last word all the same."""
    dead = Lost(tmp_path)
    dead.leave(seconds=0, statuses=3)
    there = Elsewhere(tmp_path, dead, force=True)
    done = await there.recovery.recover(dead.bot_id)
    assert done.detail == "it had recorded nothing"
    data = there.told[-1]["data"]
    assert (data["error_code"], data["evidence"]["row"]) == ("FORCE_KILLED", FORCED_ROW)
    assert (data["video"], data["duration_seconds"]) == (None, None)


async def test_without_a_lease_only_force_ends_it(tmp_path: Path) -> None:
    """Nothing tells whether an older version's bot lives; what it had said is not needed."""
    dead = Lost(tmp_path)
    dead.record(5)
    there = Elsewhere(tmp_path, dead)
    assert (await there.recovery.recover(dead.bot_id)).verdict is Verdict.HELD
    forced = Elsewhere(tmp_path, dead, force=True)
    assert (await forced.recovery.recover(dead.bot_id)).verdict is Verdict.FINISHED
    assert forced.told[-1]["data"]["duration_seconds"] == 4


async def test_what_has_ended_or_is_no_bot_s_is_not_found(tmp_path: Path) -> None:
    """A marked bot, other folders, and a folder without anything to finish."""
    dead = Lost(tmp_path)
    body = {"event": "bot.completed", "run_id": dead.run_id}
    await claim_terminal(dead.storage, dead.bot_id, body)
    dead.storage.put("not-a-bot/chunks/000001.m4s", b"x", "video/mp4")
    empty = str(uuid4())
    dead.storage.put(f"{empty}/report.json", b"{}", "application/json")
    there = Elsewhere(tmp_path, dead)
    assert await there.recovery.bots() == [empty]
    assert (await there.recovery.recover(empty)).verdict is Verdict.OVER
    done = await there.recovery.recover(dead.bot_id)
    assert (done.verdict, done.detail) == (Verdict.OVER, "has ended: bot.completed")


async def test_a_recovery_that_died_before_it_spoke_is_taken_up(tmp_path: Path) -> None:
    """The mark it left says what; the next one says it, as the same event."""
    dead = Lost(tmp_path)
    dead.leave()
    there = Elsewhere(tmp_path, dead, force=True)
    await there.recovery.recover(dead.bot_id)
    said = there.told
    unspoken = LeaseRecord("recovery that died", 2)
    dead.storage.put(f"{dead.bot_id}/lease.json", unspoken.encode(), "application/json")
    again = Elsewhere(tmp_path / "third", dead, force=True)
    assert await again.recovery.bots() == [dead.bot_id]
    assert (await again.recovery.recover(dead.bot_id)).verdict is Verdict.FINISHED
    identity = [(event["run_id"], event["seq"], event["event"]) for event in said]
    assert [(event["run_id"], event["seq"], event["event"]) for event in again.told] == identity
    assert again.told[-1]["data"]["sent_at"] == said[-1]["data"]["sent_at"]


async def test_a_storage_that_is_down_is_said_and_done_later(tmp_path: Path) -> None:
    """A verdict, no traceback; nothing was said; the next try does it."""
    dead = Lost(tmp_path)
    dead.leave()
    down = OutageStorage(dead.storage)
    down.down = True
    there = Elsewhere(tmp_path, dead, storage=down, force=True)
    done = await there.recovery.recover(dead.bot_id)
    assert (done.verdict, there.told) == (Verdict.FAILED, [])
    assert "outage" in done.detail
    down.down = False
    assert (await there.recovery.recover(dead.bot_id)).verdict is Verdict.FINISHED


async def test_the_dead_run_s_own_machine_finds_that_another_has_spoken(tmp_path: Path) -> None:
    """Its outbox has nothing left to say, whatever its next start tries."""
    dead = Lost(tmp_path)
    dead.leave()
    await Elsewhere(tmp_path, dead, force=True).recovery.recover(dead.bot_id)
    before = (dead.folder / "report.json").read_bytes()
    events = await end(dead)
    assert not [event for event in events if event["event"] in {"bot.failed", "bot.completed"}]
    with Outbox(dead.outboxes, dead.bot_id, dead.run_id) as outbox:
        assert outbox.terminal is not None
    assert (dead.folder / "report.json").read_bytes() == before
    assert dead.lease().fence == 2


def test_events_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    """Half a line, rubbish, or none at all: what is left is told."""
    storage = FolderStorage(tmp_path)
    assert read_events(storage, "events.jsonl") == []
    good: dict[str, Any] = {"event": "accepted", "data": {}, "extra": None}
    lines = [json.dumps(good), "[]", '{"event": 1}', "\\xff", '{"event": "acc']
    storage.put("events.jsonl", "\n".join(lines).encode(), "text/plain")
    assert read_events(storage, "events.jsonl") == [good]


def test_every_recovery_of_a_bot_speaks_under_one_id() -> None:
    """The same for the same bot, however it is written; another for another."""
    bot_id = str(uuid4())
    assert recovery_id(bot_id) == recovery_id(bot_id.upper()) != recovery_id(str(uuid4()))

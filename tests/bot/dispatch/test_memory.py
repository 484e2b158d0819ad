"""What an orchestrator keeps over a restart."""

import json
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.dispatch import memory as memory_module
from bot.dispatch.identities import Identities
from bot.dispatch.jobs import Phase
from bot.dispatch.journal import Journal
from bot.dispatch.memory import Memory
from bot.dispatch.receipts import Verdict
from bot.dispatch.said import Event, event_of
from bot.errors import JournalError, SettingError

JOB = {"meeting_url": "https://meet.google.com/abc-defg-hij", "bot_name": "Notes"}


def event(bot_id: str, seq: int, kind: str = "accepted", **data: Any) -> Event:  # noqa: ANN401 - fields
    """A durable event."""
    body = {"event": kind, "bot_id": bot_id, "run_id": "r", "seq": seq, "data": data}
    found = event_of("w1", body)
    assert isinstance(found, Event)
    return found


async def remembered(journal: Journal) -> Memory:
    """A memory that has read its journal."""
    memory = Memory(journal)
    await memory.recall(0)
    return memory


def job_file(folder: Path, **fields: object) -> Path:
    """A job in a file."""
    path = folder / "job.json"
    path.write_text(json.dumps({**JOB, **fields}))
    return path


async def test_a_restart_goes_on_with_the_same_bot(tmp_path: Path) -> None:
    """A file without an id means the same bot until that has ended, then a new one."""
    path = job_file(tmp_path)
    with Journal(tmp_path / "j") as journal:
        memory = await remembered(journal)
        first = await memory.add_job(path)
        assert await memory.take(event(first.bot_id, 1), 0)
    with Journal(tmp_path / "j") as journal:
        memory = await remembered(journal)
        again = await memory.add_job(path)
        assert (again.bot_id, again.phase) == (first.bot_id, Phase.RUNNING)
        assert memory.receipts.judge(event(first.bot_id, 1)) is Verdict.REPEATED
        assert await memory.take(event(first.bot_id, 2, "bot.failed", error_code="SIGTERM"), 0)
        assert memory.jobs.are_over
        assert memory.jobs.exit_code == 143
    with Journal(tmp_path / "j") as journal:
        new = await (await remembered(journal)).add_job(path)
        assert new.bot_id != first.bot_id
        assert new.phase is Phase.WAITING


@pytest.mark.parametrize("ending", ["bot.completed", "rejected"])
async def test_a_bot_that_has_ended_is_not_sent_again(tmp_path: Path, ending: str) -> None:
    """A job that names its bot is done once, and says so the second time."""
    path = job_file(tmp_path, bot_id="B-1")
    with Journal(tmp_path / "j") as journal:
        memory = await remembered(journal)
        job = await memory.add_job(path)
        if ending == "rejected":
            await memory.reject(job, {"errors": []})
        else:
            await memory.take(event("b-1", 1, ending), 0)
        code = memory.jobs.exit_code
    with Journal(tmp_path / "j") as journal, structlog.testing.capture_logs() as captured:
        memory = await remembered(journal)
        assert (await memory.add_job(path)).phase is Phase.OVER
        assert memory.jobs.exit_code == code == (2 if ending == "rejected" else 0)
    assert [line["event"] for line in captured] == ["job_was_over"]


async def test_what_cannot_be_stored_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is logged, and the event is new when it comes again."""

    def full(_: object) -> None:
        raise JournalError("j", "no space")

    with Journal(tmp_path / "j") as journal, structlog.testing.capture_logs() as captured:
        memory = await remembered(journal)
        monkeypatch.setattr(journal, "append", full)
        assert not await memory.take(event("b", 1), 0)
        monkeypatch.undo()
        assert memory.receipts.judge(event("b", 1)) is Verdict.NEW
        assert await memory.take(event("b", 1), 0)
    assert [line["event"] for line in captured] == ["journal_not_written"]


@pytest.mark.parametrize("content", [None, b"{", b"[]", b'{"bot_id": 7}'])
async def test_a_file_without_a_job_is_named(tmp_path: Path, content: bytes | None) -> None:
    """What is missing or holds no job is the caller's to mend."""
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_bytes(content)
    with Journal(tmp_path / "j") as journal:
        with pytest.raises(SettingError, match=r"bad\.json"):
            await Memory(journal).add_job(path)
        assert list(journal.records()) == []


async def test_a_journal_that_began_anew_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is known of running, rejected and ended bots outlasts it; the oldest ended ones do not.

    The journal stays within its bound however much is stored.
    """
    monkeypatch.setattr(memory_module, "MAX_ENDED", 2)
    path = job_file(tmp_path)
    with Journal(tmp_path / "j", max_bytes=2_000) as journal:
        memory = await remembered(journal)
        running = await memory.add_job(path)
        assert await memory.take(event(running.bot_id, 1), 0)
        for number in range(40):
            assert await memory.take(event(f"b{number}", 1), 0)
            assert await memory.take(event(f"b{number}", 2, "bot.failed", error_code="SIGTERM"), 0)
            assert (tmp_path / "j").stat().st_size < 4_000
        assert (tmp_path / "j.1").exists()
    with Journal(tmp_path / "j", max_bytes=2_000) as journal:
        memory = await remembered(journal)
        assert memory.receipts.judge(event(running.bot_id, 1)) is Verdict.REPEATED
        assert memory.receipts.judge(event(running.bot_id, 2)) is Verdict.NEW
        assert memory.receipts.judge(event("b39", 2)) is Verdict.REPEATED
        assert memory.receipts.judge(event("b0", 1)) is Verdict.NEW
        phases = {job.bot_id: job.phase for job in memory.jobs}
        assert (phases[running.bot_id], phases["b39"]) == (Phase.RUNNING, Phase.OVER)
        again = await memory.add_job(path)
        assert again.bot_id == running.bot_id
        await memory.take(event(running.bot_id, 2, "bot.completed"), 0)
        assert {job.exit_code for job in memory.jobs if job.bot_id == "b39"} == {143}


async def test_a_full_disk_when_the_journal_begins_anew_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event was stored all the same, and is acknowledged."""

    def full(_: object) -> None:
        raise JournalError("j", "no space")

    with Journal(tmp_path / "j", max_bytes=10) as journal:
        memory = await remembered(journal)
        monkeypatch.setattr(journal, "begin_anew", full)
        with structlog.testing.capture_logs() as captured:
            assert await memory.take(event("b", 1), 0)
        assert memory.receipts.judge(event("b", 1)) is Verdict.REPEATED
    assert [line["event"] for line in captured] == ["journal_not_written"]


async def test_whose_an_id_is_outlives_a_restart(tmp_path: Path) -> None:
    """Also where the journal began anew in between, and whatever a worker calls itself."""
    odd = b"w\xff\n\x00"
    for max_bytes in (1 << 20, 1):
        with Journal(tmp_path / f"j{max_bytes}", max_bytes=max_bytes) as journal:
            known = Identities()
            memory = Memory(journal, known)
            for worker_id in (b"w1", odd):
                assert known.admit(worker_id, "mine")
                await memory.keep_identities()
        with Journal(tmp_path / f"j{max_bytes}") as journal:
            again = Identities()
            await Memory(journal, again).recall(0)
            assert list(again) == [(b"w1", "mine"), (odd, "mine")]
            assert not again.admit(odd, "theirs")
            assert again.take_new() == []

"""What a living run keeps in the storage, and what it does when another has replaced it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import lease_keeper
from bot.artifacts import Shelf
from bot.conclusion import Conclusion
from bot.contract import EndReason, Status
from bot.lease_keeper import NOT_KEPT, LeaseKeeper, fenced, taken_over
from bot.outcome import outcome
from bot.patience import running
from media.errors import LeaseLost, Unsupported
from media.fence import FencedStorage, Lease
from media.lease import LeaseRecord
from media.storage_folder import FolderStorage
from tests.bot.rig import Rig, rig
from tests.media.outage import OutageStorage

WAIT_S = 30.0


async def until(holds: Callable[[], bool]) -> None:
    """Wait for another task or thread, with a deadline."""
    async with asyncio.timeout(WAIT_S):
        while not holds():  # noqa: ASYNC110 - the other side is a file
            await asyncio.sleep(0.01)


def leased(parts: Rig) -> LeaseKeeper:
    """A keeper of the run's lease, through which the run's shelf writes."""
    context = parts.context
    bot_id = str(context.job.bot_id)
    storage = fenced(context.shelf.storage, bot_id, context.run_id)
    context.shelf = Shelf(storage, bot_id, context.patience)
    return LeaseKeeper(context, storage.lease)


def lease_of(parts: Rig) -> LeaseRecord | None:
    """What stands in the folder."""
    path = parts.folder / "lease.json"
    return LeaseRecord.decode(path.read_bytes()) if path.exists() else None


def stored_events(parts: Rig) -> list[str]:
    """What elsewhere can be known of the run."""
    path = parts.folder / "events.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line)["event"] for line in lines]


async def test_held_and_told_from_the_start_and_gone_at_the_end(tmp_path: Path) -> None:
    """While it lives there is a lease and the events said so far; afterwards no lease."""
    with rig(tmp_path) as parts:
        keeper = leased(parts)
        await parts.context.reporter.accepted()
        async with running(keeper.keep()):
            await until(lambda: len(stored_events(parts)) == 2)
            assert lease_of(parts) == LeaseRecord(parts.context.run_id, 1)
            await parts.context.reporter.advance(Status.JOINING_CALL)
            await until(lambda: len(stored_events(parts)) == 3)
        await keeper.remove()
        assert lease_of(parts) is None


async def test_renewed_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether anything is said or not."""
    monkeypatch.setattr(lease_keeper, "RENEW_EVERY_S", 0.01)
    with rig(tmp_path) as parts:
        async with running(leased(parts).keep()):
            await until(lambda: (found := lease_of(parts)) is not None and found.renewals >= 3)


async def test_a_newer_run_of_the_same_bot_replaces_an_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older ends as FORCE_KILLED, stores nothing more, and leaves the last word to the other.

    That is so at whatever point it was replaced: the outcome it had found does not count.
    """
    monkeypatch.setattr(lease_keeper, "RENEW_EVERY_S", 0.01)
    with rig(tmp_path) as parts:
        await parts.context.reporter.accepted()
        keeper = leased(parts)
        async with running(keeper.keep()):
            await until(lambda: lease_of(parts) is not None)
            kept = FolderStorage(tmp_path / "recordings")
            newer = fenced(kept, str(parts.context.job.bot_id), "newer")
            newer.lease.renew()
            await asyncio.wait_for(parts.context.ended.wait(), WAIT_S)
        ended = parts.context.outcome
        assert (ended.reason, ended.row) == (EndReason.FORCE_KILLED, "lease/taken-over")
        before = {path: path.read_bytes() for path in parts.folder.rglob("*.json*")}
        told = await Conclusion(parts.context).tell(parts.log_path)
        await keeper.remove()
        assert (told.reason, told.exit_code) == (EndReason.FORCE_KILLED, 137)
        assert {event["event"] for event in parts.events} == {"accepted", "bot.status_change"}
        assert {path: path.read_bytes() for path in parts.folder.rglob("*.json*")} == before
        assert newer.lease.fence == 2


async def test_replaced_after_it_had_ended_it_says_no_last_word(tmp_path: Path) -> None:
    """A bot that comes back to store its end finds the other's number: no second terminal event."""
    with rig(tmp_path) as parts:
        leased(parts)
        await parts.context.reporter.accepted()
        await asyncio.to_thread(parts.context.shelf.storage.put, "x", b"", "text/plain")
        other = Lease(
            FolderStorage(tmp_path / "recordings"), parts.context.shelf.prefix, "o", force=True
        )
        other.renew()
        parts.context.gate.settle(outcome(EndReason.NO_ATTENDEES, "rule/everyone-left"))
        told = await Conclusion(parts.context).tell(parts.log_path)
        assert (told.reason, told.row) == (EndReason.FORCE_KILLED, "lease/taken-over")
        assert not (parts.folder / "terminal.json").exists()
        assert not [event for event in parts.events if event["event"] == "bot.completed"]


async def test_an_outage_is_waited_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nobody can tell who holds the lease the run goes on; afterwards it is renewed."""
    monkeypatch.setattr(lease_keeper, "RENEW_EVERY_S", 0.01)
    down = OutageStorage(FolderStorage(tmp_path / "recordings"))
    down.down = True
    with rig(tmp_path, storage=down) as parts:
        await parts.context.reporter.accepted()
        async with running(leased(parts).keep()):
            await until(down.failed.is_set)
            assert parts.context.gate.outcome is None
            down.down = False
            await until(lambda: len(stored_events(parts)) == 2)
        assert lease_of(parts) is not None


class Refusing(FolderStorage):
    """Replaces nothing on condition."""

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        raise Unsupported("replacing", f"{key} {len(data)} {content_type} {tag}")


async def test_a_storage_without_leases_is_told_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One warning, and the run goes on."""
    monkeypatch.setattr(lease_keeper, "RENEW_EVERY_S", 0.01)
    with rig(tmp_path, storage=Refusing(tmp_path / "recordings")) as parts:
        async with running(leased(parts).keep()):
            await until(lambda: bool(parts.context.facts.warnings))
        assert parts.context.facts.warnings == [NOT_KEPT]
        assert parts.context.gate.outcome is None


def test_the_outcome_of_a_run_that_was_replaced() -> None:
    """It may be tried again, and says by which number it was replaced."""
    found = taken_over(LeaseLost("bot/lease.json", 1, 2))
    assert found.reason is EndReason.FORCE_KILLED
    assert "number 2" in found.detail


def test_a_run_takes_the_lease_of_an_older_run(tmp_path: Path) -> None:
    """Whoever dispatched the bot again wants the new one, and only one may write."""
    storage: FencedStorage = fenced(FolderStorage(tmp_path), "bot", "run 1")
    storage.put("bot/a", b"", "text/plain")
    newer = fenced(FolderStorage(tmp_path), "bot", "run 2")
    newer.put("bot/a", b"", "text/plain")
    with pytest.raises(LeaseLost):
        storage.lease.renew()

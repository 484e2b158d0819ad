"""Leases and the storage behind them, in a folder and on a real S3 server."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from media.errors import LeaseHeld, LeaseLost, StorageError, Unsupported
from media.fence import FencedStorage, Lease, suspended_too
from media.lease import GOOD_FOR_S, TAKEN_OVER_AFTER_S, LeaseRecord
from media.storage_folder import FolderStorage
from media.types import Storage
from tests.media.outage import OutageStorage

KEY = "bot/lease.json"


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(
    params=["folder", pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.timeout(180)])]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage of each kind."""
    if request.param == "folder":
        with FolderStorage(tmp_path / "out") as folder:
            yield folder
    else:
        yield request.getfixturevalue("s3_storage")


@pytest.fixture
def folder(tmp_path: Path) -> FolderStorage:
    """An empty folder."""
    return FolderStorage(tmp_path / "out")


def record_at(storage: Storage) -> LeaseRecord:
    """What stands."""
    return LeaseRecord.decode(storage.get(KEY))


def let_lapse(folder: FolderStorage) -> None:
    """Make the lease as old as one that nobody renews."""
    path = folder.root / KEY
    written_s = path.stat().st_mtime - TAKEN_OVER_AFTER_S
    os.utime(path, (written_s, written_s))


def test_one_holds_it_and_the_other_is_told(storage: Storage) -> None:
    """The first gets number 1; the second learns who has it; the first goes on."""
    first, second = Lease(storage, "bot/", "run 1"), Lease(storage, "bot/", "run 2")
    first.renew()
    with pytest.raises(LeaseHeld, match="held by run 1"):
        second.renew()
    first.renew()
    assert (first.fence, second.fence) == (1, 0)
    assert record_at(storage) == LeaseRecord("run 1", 1, renewals=1)


def test_one_of_many_gets_it(storage: Storage) -> None:
    """However many ask at once."""

    def ask(number: int) -> bool:
        try:
            Lease(storage, "bot/", f"run {number}").renew()
        except LeaseHeld:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(6))).count(True) == 1


def test_a_forced_takeover_ends_the_first_holder_s_writing(storage: Storage) -> None:
    """Fenced by the higher number at his next renewal; nothing he sends then is stored."""
    clock = Clock()
    first = FencedStorage(storage, Lease(storage, "bot/", "run 1", clock=clock))
    first.put("bot/a", b"1", "text/plain")
    second = Lease(storage, "bot/", "run 2", force=True)
    second.renew()
    assert second.fence == 2
    clock.now_s += GOOD_FOR_S + 1
    for _ in range(2):
        with pytest.raises(LeaseLost, match="taken over with number 2"):
            first.put("bot/b", b"2", "text/plain")
    assert [info.key for info in storage.list("bot/")] == ["bot/a", KEY]
    assert record_at(storage) == LeaseRecord("run 2", 2)


def test_a_lapsed_one_is_taken_over_without_force(folder: FolderStorage) -> None:
    """After 20 minutes without a renewal, by the storage's clock; one of two gets it."""
    Lease(folder, "bot/", "run 1").renew()
    let_lapse(folder)
    second, third = Lease(folder, "bot/", "run 2"), Lease(folder, "bot/", "run 3")
    second.renew()
    with pytest.raises(LeaseHeld):
        third.renew()
    assert second.fence == 2


def test_a_returning_holder_of_a_lapsed_one_goes_on_where_nobody_came(
    folder: FolderStorage,
) -> None:
    """An outage of the storage for an hour is no reason to end: it is renewed, and held."""
    lease = Lease(folder, "bot/", "run 1")
    lease.renew()
    let_lapse(folder)
    lease.renew()
    with pytest.raises(LeaseHeld):
        Lease(folder, "bot/", "run 2").renew()


def test_the_dead_run_s_own_machine_need_not_wait(storage: Storage) -> None:
    """Who knows the run dead takes over from it at once, and from nobody else."""
    Lease(storage, "bot/", "run 1").renew()
    with pytest.raises(LeaseHeld):
        Lease(storage, "bot/", "run 2", heir_of="run 0").renew()
    heir = Lease(storage, "bot/", "run 2", heir_of="run 1")
    heir.renew()
    assert heir.fence == 2


def test_an_ended_one_stays_ended_unless_forced(storage: Storage) -> None:
    """Where all was done nobody follows by accident."""
    first = Lease(storage, "bot/", "run 1")
    first.renew()
    first.end()
    with pytest.raises(LeaseHeld):
        Lease(storage, "bot/", "run 2", heir_of="run 1").renew()
    with pytest.raises(LeaseHeld):
        Lease(storage, "bot/", "run 1").renew()
    heir = Lease(storage, "bot/", "run 2", force=True)
    heir.renew()
    assert heir.fence == 2


def test_the_same_run_takes_up_its_own(storage: Storage) -> None:
    """A recovery that died is begun again under its own name: no new number."""
    Lease(storage, "bot/", "run 1").renew()
    again = Lease(storage, "bot/", "run 1")
    again.renew()
    assert again.fence == 1


def test_removed_it_leaves_no_trace_and_no_right(storage: Storage) -> None:
    """After the last word the object is gone, and the holder writes no more."""
    fenced = FencedStorage(storage, Lease(storage, "bot/", "run 1"))
    fenced.put("bot/a", b"1", "text/plain")
    fenced.lease.remove()
    fenced.lease.remove()
    assert [info.key for info in storage.list("")] == ["bot/a"]
    with pytest.raises(LeaseLost, match="removed"):
        fenced.put("bot/b", b"2", "text/plain")


def test_what_somebody_removed_is_lost(storage: Storage) -> None:
    """A bot whose data was deleted stops writing."""
    lease = Lease(storage, "bot/", "run 1")
    lease.renew()
    storage.delete([KEY])
    with pytest.raises(LeaseLost, match="removed"):
        lease.renew()


def test_it_is_asked_for_only_as_often_as_needed(folder: FolderStorage) -> None:
    """Within its time writes cost no request more; what cannot be undone always asks."""
    counting, clock = OutageStorage(folder), Clock()
    fenced = FencedStorage(counting, Lease(counting, "bot/", "run 1", clock=clock))
    fenced.put("bot/a", b"1", "text/plain")
    clock.now_s += GOOD_FOR_S
    fenced.put("bot/b", b"2", "text/plain")
    upload = fenced.open_multipart("bot/v", "video/mp4")
    part = upload.put_part(1, b"3")
    assert counting.writes.count(f"put {KEY}") == 1
    upload.complete([part])
    assert fenced.put_if_absent("bot/t", b"4", "text/plain")
    fenced.delete(["bot/a"])
    assert fenced.put_if_unchanged("bot/t", b"5", "text/plain", "other") is None
    assert fenced.abort_uploads("bot/") == 0
    assert counting.writes.count(f"put {KEY}") == 6
    fenced.open_multipart("bot/w", "video/mp4").abort()
    assert (fenced.describe(), fenced.url("bot/b", 1)) == (
        folder.describe(),
        folder.url("bot/b", 1),
    )
    assert fenced.get("bot/b") == b"2"
    assert [info.key for info in fenced.list("bot/")] == ["bot/b", KEY, "bot/t", "bot/v"]
    assert fenced.head("bot/v") == folder.head("bot/v")
    assert fenced.read_version("bot/v") is not None
    fenced.check()


def test_nothing_is_written_while_nobody_can_tell_who_holds_it(folder: FolderStorage) -> None:
    """During an outage writes fail as an outage does, to be tried again; nothing is lost."""
    down, clock = OutageStorage(folder), Clock()
    fenced = FencedStorage(down, Lease(down, "bot/", "run 1", clock=clock))
    down.down = True
    with pytest.raises(StorageError, match="outage"):
        fenced.put("bot/a", b"1", "text/plain")
    down.down = False
    fenced.put("bot/a", b"1", "text/plain")
    assert fenced.lease.fence == 1


class LosingAnswers(OutageStorage):
    """Replaces on condition, and loses the next answer."""

    lose = False

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        done = super().put_if_unchanged(key, data, content_type, tag)
        if self.lose:
            self.lose = False
            raise StorageError("replacing", key, "the answer was lost", retryable=True)
        return done


def test_a_renewal_whose_answer_was_lost_is_ours(folder: FolderStorage) -> None:
    """What stands under our name and number is no takeover."""
    losing = LosingAnswers(folder)
    lease = Lease(losing, "bot/", "run 1")
    lease.renew()
    losing.lose = True
    with pytest.raises(StorageError, match="lost"):
        lease.renew()
    lease.end()
    assert record_at(folder) == LeaseRecord("run 1", 1, renewals=2, ended=True)


class Refusing(FolderStorage):
    """Replaces nothing on condition: says so, or seems to find another version each time."""

    says_so = True

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        if self.says_so:
            raise Unsupported("replacing", f"{key} {len(data)} {content_type} {tag}")
        return None


@pytest.mark.parametrize("says_so", [True, False])
def test_without_conditional_replacement_the_holder_goes_on_alone(
    tmp_path: Path, says_so: bool
) -> None:
    """The recording matters more than its lease; it is logged once; nobody can take over."""
    refusing, clock = Refusing(tmp_path), Clock()
    refusing.says_so = says_so
    fenced = FencedStorage(refusing, Lease(refusing, "bot/", "run 1", clock=clock))
    fenced.put("bot/a", b"1", "text/plain")
    with capture_logs() as logs:
        for _ in range(3):
            clock.now_s += GOOD_FOR_S + 1
            fenced.put("bot/a", b"2", "text/plain")
    assert [line["event"] for line in logs] == ["lease_not_kept"]
    assert not fenced.lease.is_kept
    with pytest.raises((Unsupported, LeaseHeld)):
        Lease(refusing, "bot/", "run 2", force=True).renew()


def test_threads_share_one_renewal(folder: FolderStorage) -> None:
    """Writes of several threads after a pause ask once, not once each."""
    counting, clock = OutageStorage(folder), Clock()
    fenced = FencedStorage(counting, Lease(counting, "bot/", "run 1", clock=clock))
    fenced.put("bot/0", b"", "text/plain")
    clock.now_s += GOOD_FOR_S + 1
    start = threading.Barrier(4)

    def write(number: int) -> None:
        start.wait(30)
        fenced.put(f"bot/{number}", b"", "text/plain")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert counting.writes.count(f"put {KEY}") == 2


def test_the_clock_runs_on_in_suspension() -> None:
    """The clock a holder trusts counts the time a machine was suspended: it never goes back."""
    earlier = suspended_too()
    assert suspended_too() >= earlier > 0

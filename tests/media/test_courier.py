import threading
import time
from functools import partial
from pathlib import Path

import pytest

from media.courier import Courier
from media.errors import ObjectMissing, StorageError, UploadUnfinished
from media.storage_folder import FolderStorage
from tests.media.outage import OutageStorage

WAIT_S = 40.0


@pytest.fixture
def storage(tmp_path: Path) -> OutageStorage:
    """A folder with outages."""
    return OutageStorage(FolderStorage(tmp_path))


def soon() -> float:
    """A deadline no passing test comes near."""
    return time.monotonic() + WAIT_S


def test_what_fails_is_tried_until_it_is_stored(storage: OutageStorage) -> None:
    """During an outage the problem is named; after it the bytes are stored and it is gone."""
    storage.down = True
    with Courier("here") as courier:
        future = courier.send(lambda: storage.put("a", b"x", "text/plain"), 7)
        assert storage.failed.wait(WAIT_S)
        assert (courier.waiting_bytes, courier.stored_bytes) == (7, 0)
        assert courier.lag_s > 0
        with pytest.raises(UploadUnfinished, match="7 bytes still wait"):
            courier.wait([future], time.monotonic() + 0.01)
        storage.down = False
        courier.wait([future], soon())
        assert (courier.waiting_bytes, courier.stored_bytes, courier.lag_s) == (0, 7, 0.0)
        assert courier.problem is None
        assert courier.retries >= 1
    assert storage.get("a") == b"x"


def test_the_ordered_lane_keeps_its_order(storage: OutageStorage) -> None:
    """However often the first fails, the second does not overtake it."""
    storage.down = True
    with Courier("here") as courier:
        futures = [
            courier.send(partial(storage.put, f"{n}", b"", "text/plain"), 0, in_order=True)
            for n in range(5)
        ]
        assert storage.failed.wait(WAIT_S)
        storage.down = False
        courier.wait(futures, soon())
    assert storage.writes == [f"put {n}" for n in range(5)]


def test_what_no_retry_mends_is_given_up_only_in_a_hurry(storage: OutageStorage) -> None:
    """Access may come back while a meeting runs; at its end it is an error at once."""
    storage.down, storage.retryable = True, False
    with Courier("here") as courier:
        future = courier.send(lambda: storage.put("a", b"x", "text/plain"), 1)
        assert storage.failed.wait(WAIT_S)
        assert not future.done()
        courier.hurry()
        with pytest.raises(StorageError, match="outage"):
            courier.wait([future], soon())
        assert isinstance(courier.problem, StorageError)


def test_an_upload_that_is_gone_is_given_up_at_once() -> None:
    """No retry brings back an upload that somebody aborted."""
    tries = []

    def work() -> None:
        tries.append(1)
        raise ObjectMissing("writing a part", "here")

    with Courier("here") as courier:
        with pytest.raises(ObjectMissing):
            courier.wait([courier.send(work, 1)], soon())
        assert isinstance(courier.problem, ObjectMissing)
    assert tries == [1]


def test_a_slow_storage_is_named_when_time_is_up() -> None:
    """Unfinished without an error says that the storage is slow."""
    release = threading.Event()
    with Courier("here") as courier:
        future = courier.send(lambda: release.wait(WAIT_S), 3)
        with pytest.raises(UploadUnfinished, match="the storage is slow"):
            courier.wait([future], time.monotonic())
        release.set()


def test_leaving_ends_the_tries(storage: OutageStorage) -> None:
    """Closing during an outage does not wait for the outage to end."""
    storage.down = True
    with Courier("here") as courier:
        first = courier.send(lambda: storage.put("a", b"", "text/plain"), 1, in_order=True)
        second = courier.send(lambda: storage.put("b", b"", "text/plain"), 1, in_order=True)
        assert storage.failed.wait(WAIT_S)
    assert isinstance(first.exception(), StorageError)
    assert second.cancelled()

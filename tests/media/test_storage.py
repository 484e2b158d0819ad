"""What holds for every storage, proved on a folder and on a real S3 server."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from media.errors import ObjectMissing, StorageError
from media.locations import PART_BYTES
from media.storage import open_storage
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage

AnyStorage = FolderStorage | S3Storage


@pytest.fixture(
    params=[
        "folder",
        pytest.param("s3", marks=[pytest.mark.s3, pytest.mark.timeout(300)]),
    ]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStorage]:
    """An empty storage of each kind."""
    if request.param == "folder":
        with FolderStorage(tmp_path / "out") as folder:
            yield folder
    else:
        s3: S3Storage = request.getfixturevalue("s3_storage")
        yield s3


def test_check_passes_and_leaves_nothing(storage: AnyStorage) -> None:
    """A storage that works is proved by a probe that is gone afterwards."""
    storage.check()
    assert storage.list("") == []


def test_objects_are_read_whole_and_by_range(storage: AnyStorage) -> None:
    """What was put is what is got; a range past the end is cut, one beyond it is empty."""
    storage.put("bot/a.bin", b"0123456789", "application/octet-stream")
    assert storage.get("bot/a.bin") == b"0123456789"
    assert storage.get("bot/a.bin", 3, 4) == b"3456"
    assert storage.get("bot/a.bin", 8, 100) == b"89"
    assert storage.get("bot/a.bin", 4) == b"456789"
    assert storage.get("bot/a.bin", 3, 0) == b""
    assert storage.get("bot/a.bin", 10, 5) == b""
    storage.put("bot/a.bin", b"new", "text/plain")
    assert storage.get("bot/a.bin") == b"new"


def test_what_is_missing_is_named(storage: AnyStorage) -> None:
    """Reading what is not there raises ObjectMissing; looking it up says None."""
    with pytest.raises(ObjectMissing, match="bot/none"):
        storage.get("bot/none")
    assert storage.head("bot/none") is None


def test_head_list_and_delete(storage: AnyStorage) -> None:
    """Sizes are told, lists are by key below a prefix, deleting twice is no error."""
    for key, data in {"bot/b": b"22", "bot/a": b"1", "bot/sub/c": b"333", "bottle": b""}.items():
        storage.put(key, data, "text/plain")
    head = storage.head("bot/b")
    assert head is not None
    assert (head.key, head.size_bytes) == ("bot/b", 2)
    assert [info.key for info in storage.list("bot/")] == ["bot/a", "bot/b", "bot/sub/c"]
    assert [info.key for info in storage.list("bot")][-1] == "bottle"
    storage.delete(["bot/a", "bot/b", "bot/sub/c", "bot/never"])
    storage.delete(["bot/a"])
    assert [(info.key, info.size_bytes) for info in storage.list("")] == [("bottle", 0)]


def test_only_one_of_many_creates(storage: AnyStorage) -> None:
    """However many try at once, put_if_absent says True to one, and its bytes stay."""

    def create(number: int) -> bool:
        return storage.put_if_absent("bot/terminal.json", b"%d" % number, "application/json")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))
    assert answers.count(True) == 1
    assert storage.get("bot/terminal.json") == b"%d" % answers.index(True)
    assert create(9) is False


def test_only_one_of_many_replaces(storage: AnyStorage) -> None:
    """Of those who replace the same version one succeeds, and its bytes and tag stand."""
    storage.put("bot/lease.json", b"first", "application/json")
    first = storage.read_version("bot/lease.json")
    assert first is not None

    def replace(number: int) -> str | None:
        data = b"%d" % number
        return storage.put_if_unchanged("bot/lease.json", data, "application/json", first.tag)

    with ThreadPoolExecutor(8) as pool:
        tags = list(pool.map(replace, range(8)))
    (number,) = [number for number, tag in enumerate(tags) if tag is not None]
    stands = storage.read_version("bot/lease.json")
    assert stands is not None
    assert (stands.data, stands.tag) == (b"%d" % number, tags[number])
    again = storage.put_if_unchanged("bot/lease.json", b"next", "application/json", stands.tag)
    assert again not in {None, stands.tag}
    assert storage.get("bot/lease.json") == b"next"
    assert [info.key for info in storage.list("")] == ["bot/lease.json"]


def test_what_is_gone_is_not_replaced(storage: AnyStorage) -> None:
    """An object that was deleted has no version, and replacing it makes none."""
    storage.put("bot/lease.json", b"first", "application/json")
    version = storage.read_version("bot/lease.json")
    assert version is not None
    storage.delete(["bot/lease.json"])
    assert storage.read_version("bot/lease.json") is None
    assert storage.put_if_unchanged("bot/lease.json", b"x", "text/plain", version.tag) is None
    assert storage.list("") == []


def test_an_age_is_told_by_the_storage_s_clock(
    storage: AnyStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version's age does not depend on what this machine takes for the time."""
    storage.put("bot/lease.json", b"first", "application/json")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    version = storage.read_version("bot/lease.json")
    assert version is not None
    assert 0 <= version.age_s < 600


def test_parts_in_any_order_with_part_one_sent_again(storage: AnyStorage) -> None:
    """Parts may come in any order; the same number again replaces it; nothing shows before."""
    upload = storage.open_multipart("bot/video.mp4", "video/mp4")
    last = upload.put_part(2, b"tail")
    upload.put_part(1, b"a" * PART_BYTES)
    first = upload.put_part(1, b"b" * PART_BYTES)
    assert storage.head("bot/video.mp4") is None
    upload.complete([first, last])
    stored = storage.get("bot/video.mp4")
    assert (len(stored), stored[:2], stored[-5:]) == (PART_BYTES + 4, b"bb", b"btail")
    assert [info.key for info in storage.list("")] == ["bot/video.mp4"]


def test_aborted_uploads_leave_nothing(storage: AnyStorage) -> None:
    """An upload can be aborted twice; dangling ones are found and aborted by prefix."""
    upload = storage.open_multipart("bot/a.mp4", "video/mp4")
    upload.put_part(1, b"x")
    upload.abort()
    upload.abort()
    for key in ("bot/b.mp4", "bot/c.mp3", "other/d.mp4"):
        storage.open_multipart(key, "video/mp4").put_part(1, b"x")
    assert storage.abort_uploads("bot/") == 2
    assert storage.abort_uploads("bot/") == 0
    assert storage.abort_uploads("") == 1
    assert storage.list("") == []


def test_an_upload_aborted_elsewhere_is_missing(storage: AnyStorage) -> None:
    """Parts for an upload that is gone raise ObjectMissing: retrying would not help."""
    upload = storage.open_multipart("bot/a.mp4", "video/mp4")
    storage.abort_uploads("")
    with pytest.raises(ObjectMissing):
        upload.put_part(1, b"x")


def test_keys_cannot_leave_the_storage(storage: AnyStorage) -> None:
    """A key with '..' is refused before anything is touched."""
    with pytest.raises((ValueError, StorageError), match="no key"):
        storage.put("../a", b"", "text/plain")


def test_the_url_says_which_storage_is_opened(tmp_path: Path) -> None:
    """open_storage gives a folder for paths and file URLs, a bucket for s3 URLs."""
    with open_storage(str(tmp_path)) as folder:
        assert folder.describe() == tmp_path.as_uri()
    with open_storage(tmp_path.as_uri()) as folder:
        assert folder.describe() == tmp_path.as_uri()
    with open_storage("s3://bucket/p", endpoint_url="http://127.0.0.1:9") as bucket:
        assert bucket.describe() == "s3://bucket/p"
    with pytest.raises(ValueError, match="not ftp"):
        open_storage("ftp://x/y")

from pathlib import Path

import pytest

from media.errors import StorageError
from media.locations import PART_BYTES
from media.storage_folder import FolderStorage


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Check says which folder, what was tried and what to mend."""
    (tmp_path / "file").write_bytes(b"")
    storage = FolderStorage(tmp_path / "file" / "out")
    with pytest.raises(StorageError, match="must be writable") as caught:
        storage.check()
    assert str(tmp_path) in caught.value.target
    assert caught.value.retryable is False


def test_drafts_are_never_listed_and_never_left(tmp_path: Path) -> None:
    """Half-written objects are hidden, and a lost creation race leaves no file behind."""
    storage = FolderStorage(tmp_path)
    storage.put_if_absent("bot/t.json", b"1", "application/json")
    storage.put_if_absent("bot/t.json", b"2", "application/json")
    storage.put("bot/t.json", b"3", "application/json")
    (tmp_path / "bot" / ".t.json.draft").write_bytes(b"half")
    assert [info.key for info in storage.list("bot/")] == ["bot/t.json"]
    assert len(list((tmp_path / "bot").iterdir())) == 2


def test_parts_that_do_not_make_an_object_are_refused(tmp_path: Path) -> None:
    """A missing part, a short one in the middle or one too large is our mistake, and said."""
    upload = FolderStorage(tmp_path).open_multipart("a", "video/mp4")
    first, second = upload.put_part(1, b"short"), upload.put_part(2, b"x")
    with pytest.raises(ValueError, match="do not make"):
        upload.complete([first, second])
    with pytest.raises(ValueError, match="do not make"):
        upload.complete([second])
    with pytest.raises(ValueError, match="does not fit"):
        upload.put_part(1, bytes(PART_BYTES + 1))
    with pytest.raises(ValueError, match="does not fit"):
        upload.put_part(0, b"x")


def test_the_last_part_may_shrink(tmp_path: Path) -> None:
    """A last part sent again with fewer bytes leaves none of the old ones."""
    storage = FolderStorage(tmp_path)
    upload = storage.open_multipart("a", "video/mp4")
    upload.put_part(1, b"longer")
    upload.complete([upload.put_part(1, b"short")])
    assert storage.get("a") == b"short"


def test_the_url_of_an_object_is_its_file(tmp_path: Path) -> None:
    """A folder's objects are linked as files."""
    assert FolderStorage(tmp_path).url("bot/a b", 10) == (tmp_path / "bot/a b").as_uri()


def test_deleting_takes_empty_folders_along(tmp_path: Path) -> None:
    """The last object of a folder takes the folder with it, and the root stays."""
    storage = FolderStorage(tmp_path)
    storage.put("bot/chunks/1", b"", "video/mp4")
    storage.put("bot/video", b"", "video/mp4")
    storage.delete(["bot/chunks/1"])
    assert [path.name for path in (tmp_path / "bot").iterdir()] == ["video"]
    storage.delete(["bot/video"])
    assert list(tmp_path.iterdir()) == []

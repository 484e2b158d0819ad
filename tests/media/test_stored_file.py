import io
import random
from pathlib import Path

import pytest

from media.errors import ObjectMissing
from media.storage_folder import FolderStorage
from media.stored_file import BLOCK_BYTES, CACHED_BLOCKS, StoredFile


def test_it_reads_as_a_file_does(tmp_path: Path) -> None:
    """Any sequence of seeks and reads gives what the same calls on a file give."""
    chance = random.Random(1)  # noqa: S311 - repeatable on purpose
    data = chance.randbytes(3 * BLOCK_BYTES + 17)
    storage = FolderStorage(tmp_path)
    storage.put("a", data, "video/mp4")
    stored, file = StoredFile(storage, "a"), io.BytesIO(data)
    assert (stored.readable(), stored.seekable(), stored.size_bytes) == (True, True, len(data))
    for _ in range(200):
        offset = chance.randint(0, len(data) + 10)
        assert stored.seek(offset) == file.seek(offset)
        length = chance.choice([0, 1, 100, BLOCK_BYTES, 2 * BLOCK_BYTES])
        assert stored.read(length) == file.read(length)
        assert stored.tell() == min(file.tell(), max(offset, len(data)))
    assert stored.seek(-5, io.SEEK_END) == len(data) - 5
    assert stored.seek(2, io.SEEK_CUR) == len(data) - 3
    assert stored.read() == data[-3:]
    with pytest.raises(ValueError, match="seek to -1"):
        stored.seek(-1)


def test_blocks_are_fetched_once_and_few_are_kept(tmp_path: Path) -> None:
    """Reading a place again costs nothing; memory is bounded, so a place long ago costs again."""
    storage = FolderStorage(tmp_path)
    storage.put("a", bytes((CACHED_BLOCKS + 2) * BLOCK_BYTES), "video/mp4")
    stored = StoredFile(storage, "a")
    stored.read(10)
    stored.read(10)
    assert stored.fetched_bytes == BLOCK_BYTES
    stored.read()
    assert stored.fetched_bytes == stored.size_bytes
    stored.seek(0)
    stored.read(1)
    assert stored.fetched_bytes == stored.size_bytes + BLOCK_BYTES


def test_an_object_that_shrank_ends_early(tmp_path: Path) -> None:
    """Fewer bytes than announced end the read; it does not wait for what will not come."""
    storage = FolderStorage(tmp_path)
    storage.put("a", b"0123456789", "video/mp4")
    stored = StoredFile(storage, "a")
    storage.put("a", b"0123", "video/mp4")
    assert stored.read() == b"0123"


def test_a_missing_object_is_named(tmp_path: Path) -> None:
    """Opening what is not there raises at once."""
    with pytest.raises(ObjectMissing, match="bot/none"):
        StoredFile(FolderStorage(tmp_path), "bot/none")

"""Screenshots out of the encoder's pictures."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.artifacts import Shelf
from bot.patience import Patience
from bot.screenshots import PENDING, Screenshots, jpeg_of
from media.errors import StorageError
from media.storage_folder import FolderStorage
from media.types import VideoFrame


def frame(luma: int, blue: int = 128, red: int = 128) -> VideoFrame:
    """A plain picture of 64x36."""
    planes = (np.full(64 * 36, luma), np.full(32 * 18, blue), np.full(32 * 18, red))
    return VideoFrame(0, 0, 64, 36, np.concatenate(planes).astype(np.uint8))


def names(root: Path) -> list[str]:
    """What is stored of the bot, by name."""
    return sorted(path.name for path in root.glob("bot/screenshots/*"))


@pytest.mark.parametrize(
    ("planes", "rgb"),
    [((16,), (0, 0, 0)), ((235,), (255, 255, 255)), ((81, 90, 240), (255, 0, 0))],
)
def test_a_picture_keeps_its_colours(planes: Sequence[int], rgb: Sequence[int]) -> None:
    """Video black, white and red are the same in the JPEG, whose size is the picture's."""
    with Image.open(io.BytesIO(jpeg_of(frame(*planes)))) as image:
        assert (image.format, image.size) == ("JPEG", (64, 36))
        shown = image.convert("RGB").getpixel((30, 20))
    assert shown == pytest.approx(rgb, abs=3)


async def test_one_every_ten_seconds(tmp_path: Path) -> None:
    """The first at once, then the first picture of each ten seconds; on demand one more."""
    shelf = Shelf(FolderStorage(tmp_path), "bot", Patience())
    async with Screenshots(shelf) as shots:
        assert await shots.now() is None
        for at_s in (0.0, 1.0, 9.9, 10.2, 19.0, 41.5, 49.0):
            shots.take(frame(90), at_s)
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while len(shots.keys) < 3:  # noqa: ASYNC110 - a folder has no event
                await asyncio.sleep(0.01)
        assert await shots.now() == "bot/screenshots/000004_49.jpg"
    expected = ["000001_0.jpg", "000002_10.jpg", "000003_41.jpg", "000004_49.jpg"]
    assert names(tmp_path) == expected
    assert shots.keys == tuple(f"bot/screenshots/{name}" for name in expected)
    row = shots.row()
    assert (row.key, row.state, row.note) == ("bot/screenshots/", "stored", "4 objects")
    stored = (tmp_path / "bot" / "screenshots").iterdir()
    assert row.size_bytes == sum(path.stat().st_size for path in stored)


async def test_what_is_due_at_the_end_is_stored(tmp_path: Path) -> None:
    """Leaving waits for pictures that were taken, by whatever thread."""
    async with Screenshots(Shelf(FolderStorage(tmp_path), "bot", Patience())) as shots:
        await asyncio.to_thread(shots.take, frame(90), 3.0)
    assert names(tmp_path) == ["000001_3.jpg"]


class Refusing(FolderStorage):
    """A storage that takes nothing."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        raise StorageError("put", key, "full", retryable=False)


async def test_a_storage_that_is_too_slow_or_refuses(tmp_path: Path) -> None:
    """At most `PENDING` pictures wait, more are counted as skipped; what was refused is absent."""
    async with Screenshots(Shelf(Refusing(tmp_path), "bot", Patience())) as shots:
        for number in range(PENDING + 2):
            shots.take(frame(90), 10.0 * number)
        await asyncio.sleep(0)
        assert shots.skipped == 2
        assert await shots.now() is None
    row = shots.row()
    assert (row.key, row.size_bytes, row.state) == (None, None, "absent")
    assert row.note == "0 objects, 2 skipped: the storage was slow"
    assert shots.keys == ()


async def test_nobody_waits_for_screenshots_when_time_is_up(tmp_path: Path) -> None:
    """With the grace period over, leaving drops what waits."""
    patience = Patience()
    async with Screenshots(Shelf(FolderStorage(tmp_path), "bot", patience)) as shots:
        patience.hurry(0.0)
        shots.take(frame(90), 0.0)
    assert shots.keys == ()

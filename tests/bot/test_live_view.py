"""A running bot's stream can be followed by ffmpeg's reader, from any storage."""

import asyncio
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
import av
import pytest

from bot.errors import PreflightFailed
from bot.live_view import live_view
from media.courier import Courier
from media.live import LiveStream
from media.spool import Spool
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from media.types import Storage
from tests.media.synthetic import Recording

pytestmark = pytest.mark.timeout(120)

BOT = "b-1"
FPS = 15


class Running:
    """A recording that goes on as it is told, and its stream."""

    def __init__(self, storage: Storage, folder: Path, courier: Courier) -> None:
        self._live = LiveStream(storage, f"{BOT}/chunks/", Spool(folder, 10_000_000), courier)
        self._file = io.BytesIO()
        self._recording = Recording(self._file, fps=FPS)
        self._sent = 0

    def record(self, seconds: float) -> None:
        """So much more, and everything that is whole of it is stored."""
        self._recording.record(seconds)
        self._send()

    def end(self) -> None:
        """No more."""
        self._send()
        self._live.end()
        self._live.wait(time.monotonic() + 60)
        self._recording.close()

    def _send(self) -> None:
        data = self._file.getvalue()
        self._live.append(data[self._sent :])
        self._sent = len(data)
        self._live.wait(time.monotonic() + 60)


@contextmanager
def running(storage: Storage, folder: Path) -> Iterator[Running]:
    """A recording whose chunks go to `storage`."""
    with Courier("here") as courier:
        yield Running(storage, folder / "spool", courier)


def follow(url: str, pictures: list[float], first: threading.Event) -> None:
    """Read a stream as players built on ffmpeg do, to its end."""
    with av.open(url, "r", options={"live_start_index": "0"}, timeout=60) as player:
        for frame in player.decode(video=0):
            pictures.append(float(frame.time or 0.0))
            first.set()


async def test_a_player_follows_the_meeting_to_its_end(tmp_path: Path) -> None:
    """What is stored after the player began is played too, without a hole; then it ends."""
    storage, pictures, first = FolderStorage(tmp_path / "out"), list[float](), threading.Event()
    with running(storage, tmp_path) as meeting:
        await asyncio.to_thread(meeting.record, 5)
        async with live_view(storage, BOT) as url:
            playing = asyncio.create_task(asyncio.to_thread(follow, url, pictures, first))
            assert await asyncio.to_thread(first.wait, 60)
            await asyncio.to_thread(meeting.record, 4)
            await asyncio.to_thread(meeting.end)
            async with asyncio.timeout(60):
                await playing
    steps_s = [after - before for before, after in pairwise(pictures)]
    assert len(pictures) >= 8 * FPS
    assert max(steps_s) == pytest.approx(1 / FPS, abs=0.001)


async def test_a_private_bucket_can_be_looked_into(s3_storage: S3Storage, tmp_path: Path) -> None:
    """Without credentials the bucket refuses a player; through the view it plays."""
    with running(s3_storage, tmp_path) as meeting:
        await asyncio.to_thread(meeting.record, 5)
        await asyncio.to_thread(meeting.end)
    unsigned = s3_storage.url(f"{BOT}/chunks/index.m3u8", 60).partition("?")[0]
    with pytest.raises(HTTPError) as refused:
        await asyncio.to_thread(urlopen, unsigned)
    refused.value.close()
    assert refused.value.code == 403
    pictures = list[float]()
    async with live_view(s3_storage, BOT) as url:
        await asyncio.to_thread(follow, url, pictures, threading.Event())
    assert len(pictures) >= 4 * FPS


async def test_nothing_else_is_served(tmp_path: Path) -> None:
    """Neither another name, nor the same one without the secret path, nor what is beside it."""
    storage = FolderStorage(tmp_path / "out")
    for name in ("chunks/index.m3u8", "chunks/000001.m4s", "chunks/notes.txt", "video.mp4"):
        storage.put(f"{BOT}/{name}", name.encode(), "text/plain")
    async with live_view(storage, BOT) as url, aiohttp.ClientSession() as client:
        base = url.removesuffix("index.m3u8")
        root = base.rstrip("/").rpartition("/")[0]

        async def status(address: str) -> int:
            async with client.get(address) as response:
                return response.status

        assert await status(url) == await status(f"{base}000001.m4s") == 200
        for name in ("notes.txt", "000002.m4s", "%2e%2e%2fvideo.mp4", "..%2fvideo.mp4", ""):
            assert await status(f"{base}{name}") == 404, name
        assert await status(f"{root}/index.m3u8") == await status(f"{root}/x/index.m3u8") == 404
        async with client.get(url) as response:
            assert response.content_type == "application/vnd.apple.mpegurl"
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_storage_that_is_down_is_said(tmp_path: Path) -> None:
    """While serving, the player is told 502 and may come again; before, nothing is served."""
    storage, folder = FolderStorage(tmp_path), tmp_path / BOT
    storage.put(f"{BOT}/chunks/index.m3u8", b"#EXTM3U\n", "text/plain")
    async with live_view(storage, BOT) as url, aiohttp.ClientSession() as client:
        folder.rename(tmp_path / "away")
        folder.write_bytes(b"")  # what is below it can be neither read nor missed
        async with client.get(url) as response:
            assert response.status == 502
        folder.unlink()
        (tmp_path / "away").rename(folder)
        async with client.get(url) as response:
            assert response.status == 200
    folder.rename(tmp_path / "away")
    folder.write_bytes(b"")
    with pytest.raises(PreflightFailed):
        async with live_view(storage, BOT):
            pass


async def test_a_stream_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Of a bot that does not record there is nothing to serve."""
    with pytest.raises(PreflightFailed, match=f"no live stream of {BOT}"):
        async with live_view(FolderStorage(tmp_path), BOT):
            pass


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """It says which."""
    storage = FolderStorage(tmp_path)
    storage.put(f"{BOT}/chunks/index.m3u8", b"#EXTM3U\n", "text/plain")
    async with live_view(storage, BOT) as url:
        port = int(url.split(":")[2].partition("/")[0])
        with pytest.raises(PreflightFailed, match=str(port)):
            async with live_view(storage, BOT, port):
                pass

"""What a bot has stored is shown; a live view ends with Ctrl-C."""

import asyncio
import os
import signal
from pathlib import Path

import aiohttp
import pytest

from bot.errors import PreflightFailed
from bot.settings import Settings
from bot.show import listing, show_live, show_stored
from media.storage_folder import FolderStorage

BOT = "b-1"


async def test_a_live_view_is_served_until_ctrl_c(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address is printed, answers, and the exit code is 0."""
    FolderStorage(tmp_path).put(f"{BOT}/chunks/index.m3u8", b"#EXTM3U\n", "text/plain")
    showing = asyncio.create_task(show_live(Settings(storage=str(tmp_path)), BOT, 0))
    url = ""
    async with asyncio.timeout(60):
        while not url:
            await asyncio.sleep(0.05)
            url = capsys.readouterr().out.strip()
        async with aiohttp.ClientSession() as client, client.get(url) as response:
            assert await response.read() == b"#EXTM3U\n"
        os.kill(os.getpid(), signal.SIGINT)
        assert await showing == 0


async def test_stored_artifacts_have_a_line_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its size and where it can be read; other bots' are not shown."""
    storage = FolderStorage(tmp_path)
    storage.put(f"{BOT}/video.mp4", b"12345", "video/mp4")
    storage.put("b-10/video.mp4", b"1", "video/mp4")
    assert await show_stored(Settings(storage=str(tmp_path)), BOT) == 0
    (line,) = capsys.readouterr().out.splitlines()
    size, url = line.split()
    assert (size, Path(url.removeprefix("file://"))) == ("5", tmp_path / BOT / "video.mp4")


def test_nothing_to_show_is_an_error(tmp_path: Path) -> None:
    """It names the bot and where it was looked for."""
    storage = FolderStorage(tmp_path / "out")
    with pytest.raises(PreflightFailed, match="nothing is stored of b-1"):
        listing(storage, BOT, 60)

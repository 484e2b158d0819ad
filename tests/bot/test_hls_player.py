"""A running bot's stream is followed by hls.js in a real browser, as a page would."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from bot.live_view import live_view
from media import live
from media.courier import Courier
from media.storage_folder import FolderStorage
from media.tab.capture import ORIGIN, CaptureSettings, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from tests.bot.test_live_view import BOT, Running

PLAYER = next(iter(sorted(Path(".cache").glob("hls.js-*/hls.min.js"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.alone,  # a player that is starved while it starts may stall
    pytest.mark.timeout(180),
    pytest.mark.skipif(PLAYER is None, reason="no hls.js here: run `make test-player`"),
]

DEADLINE_S = 60.0
LOOK_EVERY_S = 0.2
PAGE = "<!doctype html><title>player</title><video muted></video>"
FOLLOW = """async (url) => {
  const video = document.querySelector("video");
  const hls = new Hls({ liveSyncDuration: 2, startPosition: 0 });
  globalThis.problems = [];
  globalThis.ended = false;
  hls.on(Hls.Events.ERROR, (_, { fatal, details }) => fatal && globalThis.problems.push(details));
  video.addEventListener("ended", () => { globalThis.ended = true; });
  hls.loadSource(url);
  hls.attachMedia(video);
  video.playbackRate = 4;
  video.defaultPlaybackRate = 4;
  await new Promise((resolve) => video.addEventListener("canplay", resolve, { once: true }));
  await video.play();
}"""
STANDS = """() => {
  const video = document.querySelector("video");
  return {
    at_s: video.currentTime, paused: video.paused, ready: video.readyState,
    buffered_s: video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0,
    ended: globalThis.ended, problems: globalThis.problems,
    duration_s: video.duration, width: video.videoWidth,
    pictures: video.getVideoPlaybackQuality().totalVideoFrames,
    sound_bytes: video.webkitAudioDecodedByteCount,
  };
}"""


@asynccontextmanager
async def playing(url: str) -> AsyncIterator[Page]:
    """A page with hls.js that has begun to play `url`."""
    assert PLAYER is not None
    async with MeetingBrowser(
        BrowserSettings(), recorder_origin=ORIGIN, recorder_files=recorder_files(CaptureSettings())
    ) as browser:
        await browser.page.set_content(PAGE)
        await browser.page.add_script_tag(path=PLAYER)
        await browser.page.evaluate(FOLLOW, url)
        yield browser.page


async def until(page: Page, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """How the player stands, once a condition on it holds or something has gone wrong."""
    deadline_s = time.monotonic() + DEADLINE_S
    while True:
        stands: dict[str, Any] = await page.evaluate(STANDS)
        if holds(stands) or stands["problems"]:
            return stands
        assert time.monotonic() < deadline_s, stands
        await asyncio.sleep(LOOK_EVERY_S)


async def test_hls_js_follows_the_growing_playlist_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It plays what is there, goes on with what comes, and ends where the recording ends."""
    # made faster than it plays, its chunks would be listed later than they are stored
    monkeypatch.setattr(live, "PLAYLIST_BYTES_PER_S", 1e9)
    storage = FolderStorage(tmp_path / "out")
    with Courier("here") as courier:
        running = Running(storage, tmp_path / "spool", courier)
        await asyncio.to_thread(running.record, 7.0)
        async with live_view(storage, BOT) as url, playing(url) as page:
            first = await until(page, lambda player: player["at_s"] > 3)
            await asyncio.to_thread(running.record, 6.0)
            later = await until(page, lambda player: player["at_s"] > 6.5)
            await asyncio.to_thread(running.end)
            last = await until(page, lambda player: player["ended"])
    assert first["problems"] == later["problems"] == last["problems"] == []
    assert 3 < first["at_s"] <= 6.1 < later["at_s"]
    assert last["ended"]
    assert last["width"] == 320
    assert 11 < last["at_s"] <= 13.1
    assert last["sound_bytes"] > 10_000
    assert last["pictures"] > 20

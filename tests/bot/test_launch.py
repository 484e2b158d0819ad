"""The browser of the settings, and what counts as its death."""

import asyncio
from pathlib import Path

import pytest

from bot.launch import death_of, new_browser, new_recording
from platforms.errors import BrowserUnavailable
from tests.bot.rig import rig

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_a_browser_that_delivers_and_dies(tmp_path: Path) -> None:
    """The started browser has given a picture and a sound; each death has its own name."""
    with rig(tmp_path) as parts:
        async with new_browser(parts.context, ()) as browser:
            assert browser.version
            assert browser.page.url == "about:blank"
            browser.recorder_crashed.set()  # bot.vigil mends that
            assert death_of(browser) is None
            assert await browser.answers()
            browser.give_up_page()
            assert death_of(browser) == "page-frozen"
            assert parts.context.wake.is_set()
            browser.crashed.set()
            assert death_of(browser) == "page-crashed"
            browser.gone.set()
            assert death_of(browser) == "gone"


async def test_the_setting_is_tried_alone(tmp_path: Path) -> None:
    """A browser that was asked for and does not work is not replaced by another."""
    with (
        rig(tmp_path, settings={"browser": Path("/bin/false")}) as parts,
        pytest.raises(BrowserUnavailable, match="/bin/false"),
    ):
        async with new_browser(parts.context, ()):
            pytest.fail("it cannot have started")


async def test_recording_goes_to_the_bots_place(tmp_path: Path) -> None:
    """What is recorded lies below the bot's own prefix, and nothing stays in the spool."""
    with rig(tmp_path) as parts:
        async with (
            new_browser(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            await browser.page.set_content("<h1>a page that is there</h1>")
            async with asyncio.timeout(30):
                while not recording.stats()[0].pictures_in:  # noqa: ASYNC110 - the ring has no event
                    await asyncio.sleep(0.05)
            recording.begin()
            await recording.finish(deadline_s=30)
            await recording.delete_chunks()
        assert sorted(path.name for path in parts.folder.iterdir() if path.is_file()) == [
            "audio.mp3",
            "video.mp4",
        ]
    assert not [path for path in (tmp_path / "spool").rglob("*") if path.is_file()]

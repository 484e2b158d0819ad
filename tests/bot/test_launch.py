"""The browser of the settings, and what counts as its death."""

from pathlib import Path

import pytest

from bot.launch import death_of, new_browser
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

"""A page of which no more is drawn than is recorded."""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.backends import TabBackend
from bot.launch import new_recording
from bot.shape import Shape
from bot.thrift import Thrift
from media.tab.capture import CaptureSettings
from platforms.browser import MeetingBrowser
from platforms.errors import PageLost
from tests.bot.rig import rig
from tests.bot.test_recording import MOVING, until
from tests.e2e.lending import Lender


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.asyncio(loop_scope="session")
async def test_a_page_goes_behind_once_for_each_capture(
    tmp_path: Path, lent: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the waiting room already, after a new capture again, and not once more to be recorded."""
    did: list[str] = []
    behind = MeetingBrowser.behind

    def noted(browser: MeetingBrowser) -> AbstractAsyncContextManager[None]:
        did.append("behind")
        return behind(browser)

    monkeypatch.setattr(MeetingBrowser, "behind", noted)
    with rig(tmp_path) as parts:
        async with (
            lent(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            await browser.page.set_content(MOVING)
            async with recording._recapturing:
                await recording.rest()
            assert did == [], "a look would wait for the new capture"
            await recording.rest()
            await recording.rest()
            assert len(did) == 1
            await recording.recapture()
            await recording.rest()
            assert len(did) == 2
            recording.begin()
            await recording.slim()
            assert len(did) == 2
            await until(lambda: recording.recorder_stats().pictures_encoded > 5)


async def test_a_page_that_cannot_be_resized_is_recorded_as_it_is() -> None:
    """Said in the log; sound alone is taken of it, so it stays in front."""

    class Lost:
        async def resize(self, width: int, height: int) -> None:
            raise PageLost(f"resizing the page to {width}x{height}")

    shape = Shape(CaptureSettings(320, 180, video=False), (1280, 720), None, "audio.mp3")
    thrift = Thrift(Lost(), TabBackend(), shape)  # type: ignore[arg-type]  # one that is gone
    async with AsyncExitStack() as contexts:
        with capture_logs() as logs:
            await thrift.slim(None, contexts)  # type: ignore[arg-type]  # none is looked at
    assert [line["event"] for line in logs] == ["page_not_resized"]

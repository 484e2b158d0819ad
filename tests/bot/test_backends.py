"""What records a page: its tab, or the display it is shown on."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.backends import DisplayBackend, TabBackend, backend_of
from bot.launch import new_browser, new_recording
from bot.settings import Settings
from bot.shape import ANY_SHAPE
from media.display import programs
from media.display.server import missing_programs
from media.errors import CaptureFailed, DisplayUnavailable
from media.timeline import GapKind
from tests.bot.rig import rig
from tests.media.flash import MOVING_PAGE

needs_display = pytest.mark.skipif(
    bool(missing_programs()), reason="no Xvfb or PulseAudio: make display-programs"
)


async def until(holds: Callable[[], bool]) -> None:
    """Wait for a condition of a thread, looked at ten times a second, for a minute and a half."""
    async with asyncio.timeout(90):
        while not holds():  # noqa: ASYNC110 - a thread's counters have no event
            await asyncio.sleep(0.1)


async def test_a_headless_browser_needs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs also where there is no Xvfb; a display is refused there by name."""
    monkeypatch.setattr(programs, "search", lambda: str(tmp_path))
    async with backend_of(Settings(), ANY_SHAPE) as backend:
        assert (backend.name, backend.transport, backend.bare) == ("tab", "ring", False)
        assert backend.by_page
        assert backend.environment == {}
    for settings in (Settings(browser_mode="headful"), Settings(capture="display")):
        with pytest.raises(DisplayUnavailable, match="Xvfb"):
            async with backend_of(settings, ANY_SHAPE):
                pass


@needs_display
async def test_each_backend_starts_what_it_needs() -> None:
    """A window needs a screen; a display that is recorded a sound card as well."""
    async with backend_of(Settings(browser_mode="headful"), ANY_SHAPE) as backend:
        assert isinstance(backend, TabBackend)
        assert set(backend.environment) == {"DISPLAY", "XAUTHORITY"}
    async with backend_of(Settings(capture="display"), ANY_SHAPE) as backend:
        assert isinstance(backend, DisplayBackend)
        assert (backend.name, backend.transport, backend.bare) == ("display", "framebuffer", True)
        assert set(backend.environment) == {"DISPLAY", "XAUTHORITY", "PULSE_SERVER"}


async def test_a_recorder_page_that_cannot_be_renewed_is_a_failed_capture() -> None:
    """In the words of captures, whatever the browser's are."""

    class Gone:
        async def renew_recorder(self) -> None:
            raise TimeoutError

    with pytest.raises(CaptureFailed, match="could not be renewed"):
        await TabBackend().renew(Gone())  # type: ignore[arg-type]  # a browser that is gone


@pytest.mark.browser
@pytest.mark.timeout(300)
@needs_display
@pytest.mark.parametrize("capture", ["display", "tab"])
async def test_a_page_in_a_window_is_recorded_and_captured_anew(
    tmp_path: Path, capture: str
) -> None:
    """On a display of its own: pictures and sound before and after, one declared gap, one file."""
    settings = {"capture": capture, "browser_mode": "headful"}
    with rig(tmp_path, settings=settings) as parts:
        async with (
            new_browser(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            assert parts.context.backend.name == capture
            assert len(browser.context.pages) == (2 if parts.context.backend.by_page else 1)
            await browser.page.set_content(MOVING_PAGE)
            recording.begin()
            await recording.slim()
            await until(lambda: recording.stats()[0].pictures_encoded > 3)
            await recording.recapture()
            packets = recording.stats()[0].packets_in
            pictures = recording.stats()[0].pictures_encoded
            await until(lambda: recording.stats()[0].packets_in > packets + 50)
            await until(lambda: recording.stats()[0].pictures_encoded > pictures + 3)
            await until(lambda: (recording.heard_ago_s or 99) < 5)
            assert await recording.capture_state() == "capturing"
            verified = await recording.finish(deadline_s=90)
            assert await browser.page.evaluate("[innerWidth, innerHeight]") == [1280, 720]
    assert verified.has_sound
    assert recording.summary is not None
    kinds = [gap.kind for gap in recording.summary.gaps]
    assert GapKind.RECAPTURE in kinds

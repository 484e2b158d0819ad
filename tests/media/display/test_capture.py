"""Display capture of a real Chromium on a real display; and what it does without one."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.clock import now_us
from media.display.capture import PICTURES, DisplayCapture
from media.display.server import Display, missing_programs
from media.errors import CaptureFailed
from media.tab.capture import CaptureSettings
from media.types import AudioPacket, VideoFrame
from tests.media.display.test_screen import HEIGHT, WIDTH, Drawing
from tests.media.flash import STILL_PAGE, captured_display

BRIGHT = 150
SMALL = CaptureSettings(WIDTH, HEIGHT)
needs_display = pytest.mark.skipif(
    bool(missing_programs()), reason="no Xvfb or PulseAudio: make display-programs"
)


async def collect(
    capture: DisplayCapture, *, pictures: int = 1, packets: int = 1
) -> tuple[list[VideoFrame], list[AudioPacket]]:
    """Read until so many of each have come, within a minute."""
    frames: list[VideoFrame] = []
    sound: list[AudioPacket] = []
    async with asyncio.timeout(60):
        while len(frames) < pictures or len(sound) < packets:
            frames += capture.video()
            sound += capture.audio()
            await asyncio.sleep(0.01)
    return frames, sound


@pytest.mark.browser
@needs_display
def spots_of(frame: VideoFrame) -> list[int]:
    """The luma of the four corners, and of a spot in the middle."""
    luma = frame.i420[: 1280 * 720].reshape(720, 1280)
    return [int(luma[spot]) for spot in ((0, 0), (0, -1), (-1, 0), (-1, -1), (400, 600))]


async def test_a_still_page_fills_the_picture_and_is_taken_once() -> None:
    """The page's own colour up to each corner; then no more pictures, while silence flows."""
    began_us = now_us()
    async with captured_display(STILL_PAGE) as capture:
        async with asyncio.timeout(60):
            while max(spots_of(last := (await collect(capture))[0][-1])) > BRIGHT:
                pass  # the page is white before it is drawn, and at times in part
        await collect(capture, pictures=0, packets=100)
        frames, sound = await collect(capture, pictures=0, packets=100)
        assert await capture.state() == "capturing"
        assert (capture.pictures_dropped, capture.packets_dropped) == (0, 0)
    assert began_us < last.timestamp_us == last.arrival_us < sound[-1].arrival_us < now_us()
    assert len(set(spots_of(last))) == 1
    assert frames == []
    assert {packet.samples.shape[0] for packet in sound} == {2}
    assert not any(packet.samples.any() for packet in sound)
    assert await capture.state() == "stopped"
    assert list(capture.audio()) == []
    assert list(capture.video()) == []


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[Path]:
    """A pipe that somebody would write sound into."""
    path = tmp_path / "sound"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    yield path
    os.close(writer)


@pytest.fixture
def drawing(tmp_path: Path) -> Drawing:
    """A black screen's file."""
    return Drawing(tmp_path)


async def test_pictures_nobody_reads_are_counted(drawing: Drawing, fifo: Path) -> None:
    """The newest are kept; a reader that comes late gets no more than fit."""
    async with DisplayCapture(Display(":7", drawing.path, fifo), SMALL) as capture:
        async with asyncio.timeout(60):
            for n in range(10_000):
                drawing.pixels[:] = n % 200
                await asyncio.sleep(0.005)
                if capture.pictures_dropped > 2:
                    break
        assert capture.pictures_dropped > 2
        assert 0 < len(list(capture.video())) <= PICTURES + 1


async def test_sound_alone_needs_no_screen(fifo: Path) -> None:
    """Nothing looks at it: it need not even be there."""
    display = Display(":7", fifo.with_name("none"), fifo)
    async with DisplayCapture(display, CaptureSettings(video=False)) as capture:
        assert await capture.state() == "capturing"
        assert list(capture.video()) == []


async def test_a_screen_that_breaks_is_told(
    drawing: Drawing, fifo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`state` says why no more pictures come."""

    def broken(_: object) -> bool:
        raise MemoryError("no room")

    monkeypatch.setattr("media.display.capture.Screen.changed", broken)
    async with DisplayCapture(Display(":7", drawing.path, fifo), SMALL) as capture:
        async with asyncio.timeout(60):
            while await capture.state() == "capturing":  # noqa: ASYNC110 - another thread's word
                await asyncio.sleep(0.01)
        assert await capture.state() == "failed: no room"


async def test_a_sound_server_that_has_ended_is_told(tmp_path: Path) -> None:
    """Nobody writes into the pipe: the next look says so."""
    fifo = tmp_path / "sound"
    os.mkfifo(fifo)
    display = Display(":7", tmp_path / "none", fifo)
    async with DisplayCapture(display, CaptureSettings(video=False)) as capture:
        assert list(capture.audio()) == []
        assert await capture.state() == "audio-ended"


async def test_without_sound_or_unopened_there_is_no_capture(drawing: Drawing) -> None:
    """Both are errors with a name."""
    silent = DisplayCapture(Display(":7", drawing.path), SMALL)
    with pytest.raises(CaptureFailed, match="no sound"):
        async with silent:
            pass
    with pytest.raises(CaptureFailed, match="not open"):
        list(silent.audio())
    assert await silent.state() == "not open"

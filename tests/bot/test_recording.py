"""One recording from a real tab to a verified file."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.launch import new_browser, new_recording
from bot.patience import Patience, Step
from bot.recording import Recording
from media.errors import MediaError
from media.tab.capture import TabCapture
from platforms.browser import MeetingBrowser
from tests.bot.rig import Rig, rig
from tests.e2e.lending import Lender

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

MOVING = """<body><script>
let n = 0;
setInterval(() => { document.body.style.background = `hsl(${n++ % 360} 90% 50%)`; }, 50);
</script>"""
TONE = """() => {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 440 });
  tone.connect(context.destination);
  tone.start();
}"""


async def until(holds: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Wait for a condition of a thread, looked at ten times a second."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - a thread's counters have no event
            await asyncio.sleep(0.1)


async def test_a_tab_becomes_a_verified_file(tmp_path: Path, lent: Lender) -> None:
    """Nothing before `begin`; dead sound is no silence; then facts of what was stored."""
    with rig(tmp_path) as parts:
        async with lent(parts.context, ()) as browser:
            await browser.page.set_content(MOVING)
            await browser.page.evaluate(TONE)
            async with new_recording(parts.context, browser) as recording:
                assert (recording.start_time, recording.heard_ago_s) == (None, None)
                recording.begin()
                await until(lambda: recording.recorded_s > 3 and bool(recording.sound_alive))
                await until(lambda: (recording.heard_ago_s or math.inf) < 3)
                assert recording.problem is None
                recording.note_dead_sound(dead=True)
                assert (recording.sound_alive, recording.heard_ago_s) == (False, 0.0)
                recording.note_dead_sound(dead=False)
                await until(lambda: recording.stats()[1].chunks > 0)
                assert await recording.look() is None
                assert recording.first_look == "it plays"
                verified = await recording.finish(deadline_s=30)
        assert recording.summary is not None
        assert recording.stored is not None
        assert verified.has_sound
        assert verified.duration_s == pytest.approx(recording.summary.duration_s, abs=1.0)
        assert recording.thumbnails.kept()
        assert (parts.folder / "video.mp4").stat().st_size == recording.stored.video_bytes


async def test_full_hd(tmp_path: Path) -> None:
    """A job that asks for 1080p gets pictures of 1920x1080 as they change, verified as such."""
    with rig(tmp_path, resolution="1080p") as parts:
        async with (
            new_browser(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            await browser.page.set_content(MOVING)
            recording.begin()
            await until(lambda: recording.recorder_stats().pictures_encoded > 5, 60.0)
            verified = await recording.finish(deadline_s=60)
    assert (verified.width, verified.height) == (1920, 1080)


async def lost_storage(parts: Rig, recording: Recording) -> None:
    """The bot's folder is gone, a file stands in its place: every write is refused."""

    def swap() -> None:
        parts.folder.rename(parts.root / "moved")
        parts.folder.write_bytes(b"")

    await until(lambda: recording.recorded_s > 3 and parts.folder.is_dir())
    await asyncio.to_thread(swap)


async def test_a_lost_storage_is_named(tmp_path: Path, lent: Lender) -> None:
    """Storing fails by its deadline; the closed files' facts are there, the chunks stay."""
    with rig(tmp_path) as parts:
        async with (
            lent(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            recording.begin()
            await lost_storage(parts, recording)
            with pytest.raises(MediaError):
                await recording.finish(deadline_s=2)
            assert "bytes still wait" in str(recording.out_of_time(2.0))
    assert recording.summary is not None
    assert recording.stored is None
    assert list((tmp_path / "moved" / "chunks").glob("*.m4s"))


async def test_what_is_recorded_goes_to_the_bots_place(tmp_path: Path, lent: Lender) -> None:
    """It lies below the bot's own prefix, and nothing stays in the spool."""
    with rig(tmp_path) as parts:
        async with (
            lent(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            await browser.page.set_content("<h1>a page that is there</h1>")
            await until(lambda: recording.stats()[0].pictures_in > 0)
            recording.begin()
            await recording.finish(deadline_s=30)
            await recording.delete_chunks()
        assert sorted(path.name for path in parts.folder.iterdir() if path.is_file()) == [
            "audio.mp3",
            "video.mp4",
        ]
    assert not [path for path in (tmp_path / "spool").rglob("*") if path.is_file()]


async def test_leaving_has_its_time(tmp_path: Path, lent: Lender) -> None:
    """With the grace period over, leaving the context waits for nothing."""
    patience = Patience()
    with rig(tmp_path) as parts:
        parts.context.patience = patience
        async with (
            lent(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            recording.begin()
            patience.hurry(0.0)
            assert patience.left_s(Step.RECORDING, 1.0) == 0.0


async def test_the_page_lies_behind_while_it_is_recorded(
    tmp_path: Path, lent: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From admission on, through a new capture as well, and in front before one is given up.

    Once the recording has ended nothing is captured.
    """
    seen: list[str] = []
    behind, end = MeetingBrowser.behind, TabCapture.__aexit__

    @asynccontextmanager
    async def noted(browser: MeetingBrowser) -> AsyncIterator[None]:
        async with behind(browser):
            seen.append("behind")
            yield
        seen.append("in front")

    async def ended(capture: TabCapture, *_: object) -> None:
        await end(capture, None, None, None)
        seen.append("capture ended")

    with rig(tmp_path) as parts:
        async with lent(parts.context, ()) as browser:
            await browser.page.set_content(MOVING)
            monkeypatch.setattr(MeetingBrowser, "behind", noted)
            monkeypatch.setattr(TabCapture, "__aexit__", ended)
            async with new_recording(parts.context, browser) as recording:
                await recording.recapture()
                assert seen == ["capture ended"]
                recording.begin()
                await recording.slim()
                await recording.recapture()
                encoded = recording.recorder_stats().pictures_encoded
                await until(lambda: recording.recorder_stats().pictures_encoded > encoded + 5)
                assert seen == ["capture ended", "behind", "in front", "capture ended", "behind"]
                await recording.finish(deadline_s=60)
                assert seen[5:] == ["in front", "capture ended"]
    assert len(seen) == 7

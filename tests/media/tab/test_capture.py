"""Tab capture in a real Chromium, of pages that try to be in its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from aiohttp import web

from media.errors import CaptureFailed, RingUnavailable
from media.tab.capture import CaptureSettings, TabCapture, prove_capture
from media.types import AudioPacket, VideoFrame
from platforms.browser import MeetingBrowser
from tests.media.flash import MOVING_PAGE, STILL_PAGE
from tests.media.tab.conftest import SETTINGS, new_capture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

STRICT_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'nonce-n'; style-src 'nonce-n'; "
    "worker-src 'none'; require-trusted-types-for 'script'; frame-ancestors 'none'",
    "Permissions-Policy": "display-capture=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


async def collect(
    capture: TabCapture, *, pictures: int = 1, packets: int = 1
) -> tuple[list[VideoFrame], list[AudioPacket]]:
    """Read until so many of each have come, within 30 s."""
    frames: list[VideoFrame] = []
    sound: list[AudioPacket] = []
    async with asyncio.timeout(30):
        while len(frames) < pictures or len(sound) < packets:
            frames += capture.video()
            sound += capture.audio()
            await asyncio.sleep(0.01)
    return frames, sound


async def see_movement(capture: TabCapture) -> None:
    """Wait for pictures that differ; what was on its way before is passed over."""
    await collect(capture, pictures=0, packets=0)
    frames, _ = await collect(capture, pictures=8, packets=5)
    assert (frames[-1].i420 != frames[-2].i420).any()


@asynccontextmanager
async def served(page: str) -> AsyncIterator[str]:
    """The page under strict headers on 127.0.0.1; yields its address."""
    strict = page.replace("<script>", '<script nonce="n">')

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=strict, content_type="text/html", headers=STRICT_HEADERS)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def test_a_moving_page_delivers_pictures_and_sound(unharmed: MeetingBrowser) -> None:
    """720p pictures that differ, on a rising clock, and stereo sound that is not silent."""
    await unharmed.page.set_content(MOVING_PAGE)
    async with new_capture(unharmed) as capture:
        frames, sound = await collect(capture, pictures=10, packets=25)
        assert await capture.state() == "capturing"
        assert capture.pictures_dropped >= 0
        assert capture.packets_dropped == 0
    assert {(frame.width, frame.height) for frame in frames} == {(1280, 720)}
    assert {len(frame.i420) for frame in frames} == {1280 * 720 * 3 // 2}
    times = [frame.timestamp_us for frame in frames]
    assert times == sorted(set(times))
    assert any((frame.i420 != frames[0].i420).any() for frame in frames[1:])
    assert {packet.samples.shape[0] for packet in sound} == {2}
    assert max(np.abs(packet.samples).max() for packet in sound) > 0.1
    assert await capture.state() == "stopped"
    assert list(capture.video()) == []


async def test_arrival_is_on_our_clock(unharmed: MeetingBrowser) -> None:
    """A packet arrives between two looks at `time.monotonic`, give or take the round trip."""
    loop = asyncio.get_running_loop()
    async with new_capture(unharmed) as capture:
        await collect(capture)
        before_s = loop.time()
        _, sound = await collect(capture, pictures=0, packets=20)
        after_s = loop.time()
    assert before_s - 0.5 < sound[0].arrival_us / 1e6
    assert sound[-1].arrival_us / 1e6 < after_s + 0.5


async def test_a_still_and_silent_page_delivers_a_picture_and_silence(
    unharmed: MeetingBrowser,
) -> None:
    """Its picture comes once without being asked for; sound flows and is all zero."""
    await unharmed.page.set_content(STILL_PAGE)
    async with new_capture(unharmed) as capture:
        frames, sound = await collect(capture, packets=25)
    assert frames[0].i420[:921_600].std() > 0
    assert all(not packet.samples.any() for packet in sound)


async def test_a_picture_lost_at_the_start_is_asked_for_again(unharmed: MeetingBrowser) -> None:
    """Of a page that never changes the picture comes again when it is asked for."""
    await unharmed.page.set_content(STILL_PAGE)
    async with new_capture(unharmed) as capture:
        first, _ = await collect(capture)
        await unharmed.recorder.evaluate("askForPicture(recorder.stream.getVideoTracks()[0])")
        again, _ = await collect(capture)
    assert (first[-1].i420 == again[-1].i420).all()


async def test_a_strict_page_is_captured_and_keeps_its_title(unharmed: MeetingBrowser) -> None:
    """Content policy, Trusted Types, no workers, display-capture=(): none of it is in the way."""
    async with served(MOVING_PAGE) as url:
        await unharmed.page.goto(url)
        async with new_capture(unharmed) as capture:
            await collect(capture, pictures=5, packets=20)
            assert await unharmed.page.title() == "moving"


async def test_a_capture_survives_navigation_and_reload(unharmed: MeetingBrowser) -> None:
    """The same capture shows the next page, another origin's, and the page loaded again."""
    await unharmed.page.set_content(STILL_PAGE)
    async with new_capture(unharmed) as capture, served(MOVING_PAGE) as url:
        await collect(capture)
        await unharmed.page.goto(url)
        await see_movement(capture)
        await unharmed.page.reload()
        await see_movement(capture)
        assert await capture.state() == "capturing"


async def test_a_page_smaller_than_asked_for_is_cut_to_even_sides(
    browser: MeetingBrowser,
) -> None:
    """Pictures of an odd window have even sides and exactly the bytes these need."""
    await browser.page.set_viewport_size({"width": 801, "height": 601})
    await browser.page.set_content(MOVING_PAGE)
    async with new_capture(browser) as capture:
        frames, _ = await collect(capture, pictures=5)
    for frame in frames:
        assert frame.width % 2 == frame.height % 2 == 0
        assert len(frame.i420) == frame.width * frame.height * 3 // 2


async def test_sound_alone_can_be_captured(unharmed: MeetingBrowser) -> None:
    """Without video no picture comes, and sound flows, four packets of 10 ms at a time.

    What follows each other is one sound: nothing is missing, nothing comes twice.
    """
    await unharmed.page.set_content(MOVING_PAGE)
    async with new_capture(unharmed, CaptureSettings(video=False)) as capture:
        frames, sound = await collect(capture, pictures=0, packets=25)
    assert frames == []
    lengths_s = [packet.samples.shape[1] / packet.rate_hz for packet in sound]
    assert np.median(lengths_s) == pytest.approx(0.04)
    ends_us = [each.timestamp_us + 1e6 * s for each, s in zip(sound, lengths_s, strict=True)]
    steps_us = [after.timestamp_us - end for after, end in zip(sound[1:], ends_us, strict=False)]
    assert np.median(np.abs(steps_us)) < 1_000
    assert max(np.abs(packet.samples).max() for packet in sound) > 0.1


async def test_a_second_capture_takes_over_and_the_first_cannot_end_it(
    unharmed: MeetingBrowser,
) -> None:
    """The first one yields nothing more and says so; leaving it does not touch the second."""
    await unharmed.page.set_content(MOVING_PAGE)
    async with new_capture(unharmed) as second_outer:
        await collect(second_outer)
        async with new_capture(unharmed) as second:
            assert await second_outer.state() == "stopped"
            await second_outer.__aexit__(None, None, None)
            await collect(second, pictures=5, packets=20)
            assert await second.state() == "capturing"


async def test_a_worker_that_fails_in_mid_capture_is_told(unharmed: MeetingBrowser) -> None:
    """The page's word is `failed` with the reason."""
    await unharmed.page.set_content(STILL_PAGE)
    async with new_capture(unharmed) as capture:
        await unharmed.recorder.evaluate(
            "recorder.worker.onmessage("
            "{data: {report: 'failed', reason: 'Error: the disk is full'}})"
        )
        assert await capture.state() == "failed: Error: the disk is full"


async def test_a_recorder_page_that_is_gone_does_not_answer(browser: MeetingBrowser) -> None:
    """`state` is a word also then, and leaving the capture is no error."""
    async with new_capture(browser) as capture:
        await browser.recorder.close()
        assert await capture.state() == "unanswered"


async def test_after_a_crash_a_new_page_can_be_captured(browser: MeetingBrowser) -> None:
    """The tracks of a crashed page say nothing; a new page and a new capture go on."""
    await browser.page.set_content(MOVING_PAGE)
    async with new_capture(browser) as capture:
        await collect(capture)
        task = asyncio.ensure_future(browser.page.goto("chrome://crash"))
        async with asyncio.timeout(30):
            await browser.crashed.wait()
        await asyncio.gather(task, return_exceptions=True)
        page = await browser.renew_page()
    await page.set_content(MOVING_PAGE)
    async with new_capture(browser) as capture:
        await collect(capture, pictures=5, packets=20)


async def test_no_room_for_the_ring_is_told_in_bytes(unharmed: MeetingBrowser) -> None:
    """Before anything is started the error names what is needed and what there is."""
    huge = CaptureSettings(width=200_000, height=200_000)
    with pytest.raises(RingUnavailable) as refused:
        async with new_capture(unharmed, huge):
            pass
    assert refused.value.needed_bytes > 8 * 200_000 * 200_000
    assert str(refused.value.needed_bytes) in str(refused.value)
    assert str(refused.value.free_bytes) in str(refused.value)


async def test_a_ring_the_page_cannot_fill_is_told_in_bytes(browser: MeetingBrowser) -> None:
    """Where the page runs out of room while it makes the ring, the error is the same."""
    await browser.recorder.evaluate(
        """() => { Worker = class {
            postMessage() {
                const reason = "Error: no room: 5 of 9 bytes";
                this.onmessage({data: {report: "failed", reason}});
            }
            terminate() {}
        }; }"""
    )
    with pytest.raises(RingUnavailable, match="needs"):
        async with new_capture(browser):
            pass


async def test_a_page_that_cannot_be_found_by_its_title_is_a_failed_capture(
    unharmed: MeetingBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When no tab carries the token the capture fails by name; a later one works."""
    monkeypatch.setattr("media.tab.capture.TRY_DEADLINE_S", 1.0)

    @asynccontextmanager
    async def untitled() -> AsyncIterator[None]:
        yield

    capture = TabCapture(
        recorder=unharmed.recorder,
        titled=untitled,
        profile_dir=unharmed.profile_dir,
        settings=SETTINGS,
    )
    with pytest.raises(CaptureFailed):
        async with capture:
            pass
    assert await capture.state() == "stopped"
    monkeypatch.undo()
    async with new_capture(unharmed) as working:
        await collect(working)


async def test_the_probe_passes_here_and_leaves_the_page_alone(unharmed: MeetingBrowser) -> None:
    """A picture and a packet come on a blank page; afterwards a capture works as before."""
    async with new_capture(unharmed) as capture:
        await prove_capture(capture, pictures=True)
    assert unharmed.page.url == "about:blank"
    async with new_capture(unharmed) as capture:
        await collect(capture)


async def test_nothing_is_captured_before_it_is_opened(unharmed: MeetingBrowser) -> None:
    """Reading an unopened capture is an error with a name."""
    with pytest.raises(CaptureFailed, match="not open"):
        new_capture(unharmed).audio()


async def test_a_page_behind_goes_on_as_in_front(unharmed: MeetingBrowser) -> None:
    """Captured it stays visible, in focus and at work, moves, and takes clicks and typing."""
    page = unharmed.page
    await page.set_content(
        f"{MOVING_PAGE}<div style='position:fixed; top:0'><input>"
        "<button onclick='this.textContent = \"Left\"'>Leave</button></div>"
    )
    async with new_capture(unharmed) as capture:
        async with unharmed.behind():
            await see_movement(capture)
            await page.click("button", timeout=60_000)
            await page.locator("input").press_sequentially("Ada", timeout=60_000)
            assert await page.inner_text("button") == "Left"
            assert await page.input_value("input") == "Ada"
            assert await page.evaluate("[document.visibilityState, document.hasFocus()]") == [
                "visible",
                True,
            ]
            assert await page.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))")
            assert await unharmed.recorder.evaluate("document.visibilityState") == "visible"
            assert len(await page.screenshot(timeout=60_000)) > 0
            await see_movement(capture)
        await see_movement(capture)


async def test_a_page_behind_comes_to_the_front_again(browser: MeetingBrowser) -> None:
    """After the block it is drawn uncaptured, and one that is closed keeps nobody waiting."""
    async with browser.behind():
        pass
    assert await browser.page.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))")
    async with browser.behind():
        await browser.page.close()

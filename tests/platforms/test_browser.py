"""Real Chromium: started whole, told truly, ended without a trace."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from platforms.errors import BrowserUnavailable

pytestmark = pytest.mark.browser

SECRET = "MEETBOT_TEST_SECRET"
ORIGIN = "https://recorder.invalid"
FILES = {
    "/": (
        "text/html",
        b"<script>const capabilities = () => ({h264: true, processor: true, opfs: true})</script>",
    )
}


def new_browser(
    settings: BrowserSettings | None = None,
    *,
    required: tuple[str, ...] = ("h264",),
    probe: Callable[[MeetingBrowser], Awaitable[None]] | None = None,
    on_death: Callable[[], None] = lambda: None,
) -> MeetingBrowser:
    """A browser with a small recorder page."""
    return MeetingBrowser(
        settings or BrowserSettings(),
        recorder_origin=ORIGIN,
        recorder_files=FILES,
        required=required,
        probe=probe,
        on_death=on_death,
    )


async def fills_screen(browser: MeetingBrowser) -> bool:
    """Whether nothing is drawn round the meeting page."""
    session = await browser.context.new_cdp_session(browser.page)
    window = await session.send("Browser.getWindowForTarget")
    await session.detach()
    state: str = window["bounds"]["windowState"]
    return state == "fullscreen"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[MeetingBrowser]:
    """One browser for the tests whose harm to its pages can be mended, which they prove.

    It has a name card, and was started without a variable that was there.
    """

    @contextmanager
    def without_secret() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(SECRET)
            yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "hunter2")
        settings = BrowserSettings(name_card="Ada Lovelace", environment=without_secret)
        async with new_browser(settings) as browser:
            yield browser


def mentions(folder: Path) -> list[psutil.Process]:
    """Living processes that have the folder in their command line."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
    ]


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """A deadline, far beyond what the thing takes."""
    async with asyncio.timeout(seconds):
        yield


async def test_it_looks_like_any_chromium_and_leaves_nothing_behind() -> None:
    """No word Headless in user agent and client hints; after it no process and no folder."""
    async with new_browser() as browser:
        told = await browser.recorder.evaluate(
            """async () => JSON.stringify([
                navigator.userAgent,
                navigator.appVersion,
                await navigator.userAgentData.getHighEntropyValues(
                    ["fullVersionList", "platform", "uaFullVersion"]),
            ])"""
        )
        assert "headless" not in told.lower()
        version = browser.version.split(".")[0]
        assert f"Chrome/{version}.0.0.0" in json.loads(told)[0]
        assert browser.executable.exists()
        assert browser.sandbox is False or psutil.Process().uids().real != 0
        assert len(browser.processes()) > 3
        assert browser.page.viewport_size == {"width": 1280, "height": 720}
        sizes = "[innerWidth, innerHeight, outerWidth, outerHeight]"
        assert (await browser.page.evaluate(sizes)) == [1280, 720, 1280, 720]
        assert await fills_screen(browser)
        await browser.resize(320, 180)
        assert (await browser.page.evaluate(sizes))[:2] == [320, 180]
        assert await fills_screen(browser)
        folder = browser.profile_dir.parent
        assert mentions(folder)
    assert mentions(folder) == []
    assert not folder.exists()
    assert browser.processes() == []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_crash_of_the_meeting_page_is_told_and_can_be_mended(
    browser: MeetingBrowser,
) -> None:
    """`crashed` is set, the recorder page lives on, and a new page takes the old one's place."""
    task = asyncio.ensure_future(browser.page.goto("chrome://crash"))
    async with within(30):
        await browser.crashed.wait()
    await asyncio.gather(task, return_exceptions=True)
    assert not browser.gone.is_set()
    assert not browser.recorder_crashed.is_set()
    async with within(30):
        page = await browser.renew_page()
    assert not browser.crashed.is_set()
    assert await fills_screen(browser)
    await page.set_content("<p>again</p>")
    assert await page.inner_text("p") == "again"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_crash_of_the_recorder_page_is_told_and_can_be_mended(
    browser: MeetingBrowser,
) -> None:
    """`recorder_crashed` is set; the page that replaces it serves its files again."""
    task = asyncio.ensure_future(browser.recorder.goto("chrome://crash"))
    async with within(30):
        await browser.recorder_crashed.wait()
    await asyncio.gather(task, return_exceptions=True)
    assert not browser.crashed.is_set()
    async with within(30):
        recorder = await browser.renew_recorder()
    assert not browser.recorder_crashed.is_set()
    assert await fills_screen(browser)
    assert await recorder.evaluate("capabilities().opfs") is True


async def test_a_killed_browser_is_told_and_can_be_started_anew() -> None:
    """`gone` is set and its death told; the new one has both pages, and the old one's files go."""
    told = asyncio.Event()
    async with new_browser(on_death=told.set) as browser:
        folder, old = browser.profile_dir.parent, browser.profile_dir
        browser.processes()[0].kill()
        async with within(30):
            await told.wait()
            assert browser.gone.is_set()
            page = await browser.restart()
        assert not browser.gone.is_set()
        assert not old.exists()
        await page.set_content("<p>again</p>")
        assert await page.inner_text("p") == "again"
        assert await browser.recorder.evaluate("capabilities().opfs") is True
        assert browser.processes()
    assert mentions(folder) == []
    assert not folder.exists()


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.6, 0.9, 1.2])
async def test_cancelling_the_launch_leaves_nothing_behind(after_s: float) -> None:
    """Whenever the task is cancelled, no process and no folder stays."""
    browser = new_browser()
    task = asyncio.create_task(browser.__aenter__())
    await asyncio.sleep(after_s)
    task.cancel()
    result = (await asyncio.gather(task, return_exceptions=True))[0]
    if not isinstance(result, asyncio.CancelledError):
        await browser.__aexit__(None, None, None)  # it was quicker
    folder = browser._folder
    assert mentions(folder) == [] or folder == Path()
    assert not folder.exists() or folder == Path()


async def test_a_browser_that_cannot_do_it_is_refused_with_its_reason() -> None:
    """A missing capability and a failed probe are told by executable, with the cure."""
    with pytest.raises(BrowserUnavailable, match="lacks teleport") as refused:
        async with new_browser(required=("teleport",)):
            pass
    assert "apt-get install chromium" in str(refused.value)
    seen = []

    async def probe(browser: MeetingBrowser) -> None:
        seen.append(browser.profile_dir)
        raise RuntimeError("no picture came\nand a trace")

    with pytest.raises(BrowserUnavailable, match="no picture came") as refused:
        async with new_browser(probe=probe):
            pass
    assert seen
    assert not any(folder.exists() for folder in seen)
    assert all("\n" not in problem for problem in refused.value.problems.values())


@pytest.mark.skipif(os.geteuid() != 0, reason="only for root the sandbox surely cannot work")
async def test_a_sandbox_that_cannot_work_is_given_up_and_said_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A launch that fails for the sandbox is made again without it, and `sandbox` tells."""
    monkeypatch.setattr("platforms.browser.os.geteuid", lambda: 1000)
    with capture_logs() as logs:
        async with new_browser() as browser:
            assert browser.sandbox is False
            assert len(browser.processes()) > 3
    events = {line["event"]: line for line in logs}
    assert "browser_sandbox_refused" in events
    assert events["browser_started"]["sandbox"] == "off"


async def test_a_program_that_is_no_browser_is_refused(tmp_path: Path) -> None:
    """A setting that names something else fails at once and by name."""
    for executable in (tmp_path / "missing", Path("/bin/true")):
        with pytest.raises(BrowserUnavailable, match=str(executable)):
            async with new_browser(BrowserSettings(executable=executable)):
                pass


@pytest.mark.asyncio(loop_scope="module")
async def test_the_camera_shows_the_name_card_and_the_microphone_is_silent(
    browser: MeetingBrowser,
) -> None:
    """A page that asks for both gets the card's disc, and samples that are all zero."""
    seen = await browser.recorder.evaluate(LOOK_AND_LISTEN)
    assert seen["size"] == [640, 360]
    red, green, blue = seen["disc"]
    assert blue > 180
    assert red < 80
    assert blue > green > red
    assert seen["peak"] == 0
    assert seen["samples"] > 1000


LOOK_AND_LISTEN = """async () => {
    const stream = await navigator.mediaDevices.getUserMedia({
        video: {width: 640, height: 360},
        audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false},
    });
    const read = async (track) => {
        const reader = new MediaStreamTrackProcessor({track}).readable.getReader();
        return (await reader.read()).value;
    };
    const frame = await read(stream.getVideoTracks()[0]);
    const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
    const context = canvas.getContext("2d");
    context.drawImage(frame, 0, 0);
    const [red, green, blue] = context.getImageData(320, 60, 1, 1).data;
    const size = [frame.displayWidth, frame.displayHeight];
    frame.close();
    const [track] = stream.getAudioTracks();
    const audio = new MediaStreamTrackProcessor({track}).readable.getReader();
    let peak = 0, samples = 0;
    while (samples < 48000) {
        const {value: data} = await audio.read();
        const plane = new Float32Array(data.numberOfFrames);
        data.copyTo(plane, {planeIndex: 0, format: "f32-planar"});
        peak = Math.max(peak, ...plane.map(Math.abs));
        samples += plane.length;
        data.close();
    }
    stream.getTracks().forEach((track) => track.stop());
    return {size, disc: [red, green, blue], peak, samples};
}"""


@pytest.mark.asyncio(loop_scope="module")
async def test_no_program_it_starts_inherits_what_is_kept_from_it(browser: MeetingBrowser) -> None:
    """Neither the browser's processes nor its driver have a variable that was taken away."""
    assert os.environ[SECRET]
    assert len(browser.processes()) > 2
    driver = browser.processes()[0].parent()
    assert driver is not None
    environments = []
    for process in (driver, *driver.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a helper of the browser's comes and goes
            environments.append(process.environ())
    assert len(environments) > 3
    assert "PW_LANG_NAME" in environments[0]
    assert not any(SECRET in environment for environment in environments)

"""A fourth platform: a real SFU and a page nobody here wrote, through the example adapter.

Two Chromium participants with fake devices talk in the room, each with a tone of its own; the bot
finds the platform by its entry point, joins, and records both.
"""

import sys
import tomllib
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Page, Playwright, async_playwright

from bot.contract import EndReason, Status
from platforms.errors import InvalidMeetingUrl
from platforms.registry import parse_meeting_url, plugins
from tests.browsers import CHROMIUM
from tests.e2e.harness import bot_in
from tests.e2e.listening import RATE_HZ, sound_of
from tests.servers.janus import INSTALL, JanusRoom, missing_parts

EXAMPLE = Path(__file__).parents[2] / "examples" / "janus_room"
TONES_HZ = {"Ada": 620.0, "Grace": 1410.0}
RECORDED_S = 8.0
LIMIT_MS = 60_000

NOBODY_HZ = 990.0
needs_janus = pytest.mark.skipif(
    bool(missing_parts()),
    reason=f"not installed: {', '.join(missing_parts())} ({INSTALL} installs them)",
)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example package, installed as long as the test runs: its own entry point, on the path."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    about = tmp_path / "site" / "meetbot_janus_room-0.1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    (group, points), *others = project["entry-points"].items()
    assert not others
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (about / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.syspath_prepend(str(about.parent))
    plugins.cache_clear()
    yield
    plugins.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "janus_room"]:
        del sys.modules[name]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    """Everything a test opens, closed in reverse."""
    async with AsyncExitStack() as stack:
        yield stack


def write_tone(path: Path, hz: float) -> Path:
    """Beeps of one pitch, 0.4 s on and 0.2 s off: steady tones are taken for noise."""
    times_s = np.arange(RATE_HZ * 6) / RATE_HZ
    samples = 0.4 * np.sin(2 * np.pi * hz * times_s) * (times_s % 0.6 < 0.4)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


async def participant(
    stack: AsyncExitStack, playwright: Playwright, room: JanusRoom, name: str, tone: Path
) -> Page:
    """Somebody in the room, in a browser of their own: its microphone is a file."""
    browser = await playwright.chromium.launch(
        executable_path=CHROMIUM,
        headless=False,
        args=[
            *("--headless=new", "--no-sandbox"),
            "--use-fake-device-for-media-stream=fps=5,device-count=1",
            f"--use-file-for-fake-audio-capture={tone}",
            *room.browser_args,
        ],
    )
    stack.push_async_callback(browser.close)
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await page.goto(room.meeting_url)
    await page.click("#start")
    await page.fill("#username", name)
    await page.click("#register")
    await page.wait_for_selector("#videolocal video")
    return page


def heard_share(sound: NDArray[np.float32], hz: float) -> float:
    """Of the recording's half seconds, the share in which a tone is among the loudest."""
    size = RATE_HZ // 2
    blocks = sound[: len(sound) // size * size].reshape(-1, size)
    spectra = np.abs(np.fft.rfft(blocks * np.hanning(size), axis=1))
    near = spectra[:, int(hz / 2) - 2 : int(hz / 2) + 3]
    return float(np.mean(near.max(axis=1) > 0.1 * spectra.max(axis=1) + 1e-3))


def test_the_example_s_addresses(installed: None) -> None:
    """The demo page's address is a meeting; any other page, or a room that is no number, is not."""
    meeting = parse_meeting_url("https://janus.example/videoroomtest.html")
    assert (meeting.platform, meeting.meeting_id) == ("janus_room", "1234")
    assert parse_meeting_url(meeting.url.replace("1234", "7")).meeting_id == "7"
    for bad in ("/", "/echotest.html", "/videoroomtest.html?room=x", "/videoroomtest.html?room=1x"):
        with pytest.raises(InvalidMeetingUrl, match="has no room of the demo page"):
            parse_meeting_url(f"https://janus.example{bad}")


def test_the_example_is_short() -> None:
    """A platform takes less than 120 lines."""
    lines = [path.read_text().count("\n") for path in (EXAMPLE / "janus_room").glob("*.py")]
    assert 0 < sum(lines) < 120


@pytest.mark.browser
@pytest.mark.timeout(300)
@needs_janus
async def test_a_janus_room_is_recorded(
    stack: AsyncExitStack, installed: None, tmp_path: Path
) -> None:
    """The bot enters by the page's own form, sees who is there, and hears both in one file."""
    room = stack.enter_context(JanusRoom())
    playwright = await stack.enter_async_context(async_playwright())
    for name, hz in TONES_HZ.items():
        tone = write_tone(tmp_path / f"{name}.wav", hz)
        await participant(stack, playwright, room, name, tone)
    assert parse_meeting_url(room.meeting_url).platform == "janus_room"

    async with bot_in(room, tmp_path, bot_name="Notes (2)") as bot:
        await bot.reaches(Status.IN_CALL_RECORDING, 90)
        await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > RECORDED_S, 90)
        bot.session.leave()
        ended = await bot.ends(90)

    assert ended.outcome.reason is EndReason.API_REQUEST
    assert ended.events[0]["data"]["platform"] == "janus_room"
    assert ended.events[0]["data"]["bot_name_shown"] == "Notes2"
    told = [event["data"] for event in ended.events if event["event"] == "bot.participants"]
    names = {person["name"] for data in told for person in data["participants"]}
    assert set(TONES_HZ) <= names
    sound = sound_of(ended.folder / "video.mp4")
    heard = {name: heard_share(sound, hz) for name, hz in TONES_HZ.items()}
    assert min(heard.values()) > 0.5, heard
    assert heard_share(sound, NOBODY_HZ) < 0.1

"""A fourth platform: a real SFU and a page nobody here wrote, through the example adapter.

Two participants talk in the room, pages of one Chromium, each with a tone of its own and a small
picture for devices; the bot finds the platform by its entry point, joins, and records both.
"""

import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Browser

from bot.contract import EndReason, Status
from platforms.errors import InvalidMeetingUrl
from platforms.registry import parse_meeting_url, plugins
from tests.browsers import started
from tests.e2e.harness import bot_in
from tests.e2e.listening import RATE_HZ, sound_of
from tests.servers.janus import INSTALL, JanusRoom, missing_parts

EXAMPLE = Path(__file__).parents[2] / "examples" / "janus_room"
TONES_HZ = {"Ada": 620.0, "Grace": 1410.0}
DEVICES = """hz => {
  navigator.mediaDevices.getUserMedia = async () => {
    const audio = new AudioContext();
    const [tone, gate, out] = [
      new OscillatorNode(audio, {frequency: hz}),
      new GainNode(audio, {gain: 0}),
      new MediaStreamAudioDestinationNode(audio),
    ];
    tone.connect(gate).connect(out);
    tone.start();
    for (let at = audio.currentTime; at < audio.currentTime + 600; at += 0.6) {
      gate.gain.setValueAtTime(0.4, at);
      gate.gain.setValueAtTime(0, at + 0.4);
    }
    const canvas = Object.assign(document.createElement("canvas"), {width: 64, height: 48});
    const context = canvas.getContext("2d");
    let shown = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${(shown += 40)} 90% 50%)`;
      context.fillRect(0, 0, 64, 48);
    }, 500);
    return new MediaStream([...out.stream.getTracks(), ...canvas.captureStream().getTracks()]);
  };
}"""
"""Beeps of one pitch, 0.4 s on and 0.2 s off: steady tones are taken for noise."""
RECORDED_S = 6.0
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


async def participant(browser: Browser, room: JanusRoom, name: str, hz: float) -> None:
    """Somebody in the room, in a window of their own: only their devices are ours."""
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    page.set_default_timeout(LIMIT_MS)
    await page.add_init_script(f"({DEVICES})({hz})")
    await page.goto(room.meeting_url)
    await page.click("#start")
    await page.fill("#username", name)
    await page.click("#register")
    await page.wait_for_selector("#videolocal video")


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
    theirs = started("--autoplay-policy=no-user-gesture-required", *room.browser_args)
    browser = await stack.enter_async_context(theirs)
    for name, hz in TONES_HZ.items():
        await participant(browser, room, name, hz)
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

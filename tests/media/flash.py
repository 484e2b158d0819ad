"""A page that flashes and beeps at known instants, and what a recording shows of it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media.display.capture import DISPLAY_CALIBRATION_US, DisplayCapture
from media.display.server import display, missing_programs
from media.recorder import TAB_CALIBRATION_US
from media.tab.capture import ORIGIN, CaptureSettings, TabCapture, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from platforms.chromium import browser_folder

BEEP_HZ = 1000

FLASH_PAGE = """<!doctype html><title>flash</title>
<body style="margin:0;background:#000"><div id="flash" style="position:fixed;inset:0"></div>
<div id="box" style="position:fixed;width:40px;height:40px;background:#777"></div>
<script>
const audio = new AudioContext();
const tone = new OscillatorNode(audio, {frequency: 1000});
const gate = new GainNode(audio, {gain: 0});
tone.connect(gate).connect(audio.destination);
tone.start();
const first = audio.currentTime + 0.3;
for (let i = 0; i < 2400; i += 1) {
  gate.gain.setValueAtTime(0.5, first + i);
  gate.gain.setValueAtTime(0, first + i + 0.4);
}
const flash = document.getElementById("flash");
(function tick() {
  const since = audio.currentTime - first;
  document.getElementById("box").style.left = `${since * 100 % 900}px`;
  flash.style.background = since > 0 && since % 1 < 0.4 ? "#fff" : "#000";
  requestAnimationFrame(tick);
})();
</script>"""

MOVING_PAGE = """<!doctype html><title>moving</title><body><div id="box"></div>
<script>
// styles are set from here: a strict page refuses them in its markup
const box = document.getElementById("box");
Object.assign(document.body.style, {margin: 0, background: "#234"});
Object.assign(box.style, {
  position: "fixed", top: "200px", width: "300px", height: "300px", background: "#e62",
});
const audio = new AudioContext();
const tone = new OscillatorNode(audio, {frequency: 1000});
tone.connect(new GainNode(audio, {gain: 0.5})).connect(audio.destination);
tone.start();
(function tick() {
  box.style.left = `${performance.now() / 5 % 900}px`;
  requestAnimationFrame(tick);
})();
</script>"""

STILL_PAGE = """<!doctype html><title>still</title>
<body style="margin:0;background:#276"><h1>Nothing moves here</h1>"""


BACKENDS = (
    pytest.param("tab"),
    pytest.param(
        "display",
        marks=pytest.mark.skipif(
            bool(missing_programs()), reason="no Xvfb or PulseAudio: make display-programs"
        ),
    ),
)
"""Every capture backend, those that cannot run here skipped."""
CALIBRATION_US = {"tab": TAB_CALIBRATION_US, "display": DISPLAY_CALIBRATION_US}


@asynccontextmanager
async def captured(page: str, backend: str = "tab") -> AsyncIterator[TabCapture | DisplayCapture]:
    """The capture of a page in a real Chromium, by one of `BACKENDS`."""
    opened = captured_tab(page) if backend == "tab" else captured_display(page)
    async with opened as capture:
        yield capture


@asynccontextmanager
async def captured_display(page: str) -> AsyncIterator[DisplayCapture]:
    """The capture of a page on a display of its own."""
    settings = CaptureSettings()
    with browser_folder() as folder:
        async with (
            display(folder, settings.width, settings.height) as shown,
            MeetingBrowser(
                BrowserSettings(
                    headless=False, bare=True, environment=partial(added, shown.environment)
                ),
                recorder_origin=ORIGIN,
                recorder_files=None,
            ) as browser,
        ):
            await browser.page.set_content(page)
            async with DisplayCapture(shown, settings) as capture:
                yield capture


@contextmanager
def added(variables: Mapping[str, str]) -> Iterator[None]:
    """These variables in the environment, for the moment of starting a program."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield


@asynccontextmanager
async def captured_tab(page: str) -> AsyncIterator[TabCapture]:
    """The capture of a page's tab in a headless browser."""
    settings = CaptureSettings()
    async with MeetingBrowser(
        BrowserSettings(), recorder_origin=ORIGIN, recorder_files=recorder_files(settings)
    ) as browser:
        await browser.page.set_content(page)
        async with TabCapture(
            recorder=browser.recorder,
            titled=browser.titled,
            profile_dir=browser.profile_dir,
            settings=settings,
        ) as capture:
            yield capture


@dataclass(frozen=True)
class Decoded:
    """A recording read back: brightness (0-255) of each picture, and one channel of sound."""

    picture_s: NDArray[np.float64]
    luma: NDArray[np.float64]
    sound: NDArray[np.float32]
    sound_start_s: float
    rate_hz: int
    keyframe_s: tuple[float, ...]
    video_s: float
    audio_s: float
    size: tuple[int, int]


def decode(data: bytes | Path) -> Decoded:
    """Read a recording back, every picture and every sample."""
    if isinstance(data, Path):
        data = data.read_bytes()
    times: list[float] = []
    luma: list[float] = []
    keys: list[float] = []
    blocks: list[NDArray[np.float32]] = []
    size, video_end, audio_start, rate_hz = (0, 0), 0.0, 0.0, 0
    with av.open(BytesIO(data), "r") as container:
        video = container.streams.video[0] if container.streams.video else None
        for frame in container.decode(*container.streams):
            if isinstance(frame, av.VideoFrame):
                times.append(float(frame.time or 0.0))
                luma.append(float(np.asarray(frame.to_ndarray(format="gray"))[::8, ::8].mean()))
                size = (frame.width, frame.height)
                if frame.key_frame:
                    keys.append(times[-1])
            elif isinstance(frame, av.AudioFrame):
                if not blocks:
                    audio_start = float(frame.time or 0.0)
                rate_hz = frame.sample_rate
                blocks.append(np.asarray(frame.to_ndarray(), np.float32)[0])
        if video is not None and video.duration is not None and video.time_base is not None:
            video_end = float(video.duration * video.time_base)
    sound = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return Decoded(
        np.array(times),
        np.array(luma),
        sound,
        audio_start,
        rate_hz,
        tuple(keys),
        video_end,
        audio_start + len(sound) / rate_hz if rate_hz else 0.0,
        size,
    )


def flashes_s(recording: Decoded) -> NDArray[np.float64]:
    """When the picture turned from dark to bright."""
    bright = recording.luma > 128
    return recording.picture_s[1:][bright[1:] & ~bright[:-1]]


def beeps_s(recording: Decoded) -> NDArray[np.float64]:
    """When sound set in after at least 0.3 s of quiet."""
    loud = np.flatnonzero(np.abs(recording.sound) > 0.1)
    onsets = loud[np.diff(loud, prepend=-recording.rate_hz) > 0.3 * recording.rate_hz]
    return recording.sound_start_s + onsets / recording.rate_hz


def offsets_s(recording: Decoded) -> NDArray[np.float64]:
    """For each flash, how much later its beep is heard."""
    beeps = beeps_s(recording)
    nearest = [beeps[np.abs(beeps - flash).argmin()] - flash for flash in flashes_s(recording)]
    return np.array(nearest)


def loudest_hz(recording: Decoded, start_s: float, stop_s: float) -> float:
    """The strongest frequency between two times; 0.0 in silence."""
    rate_hz = recording.rate_hz
    first = round((start_s - recording.sound_start_s) * rate_hz)
    part = recording.sound[max(0, first) : max(0, first) + round((stop_s - start_s) * rate_hz)]
    if not np.abs(part).max(initial=0.0) > 0.01:
        return 0.0
    spectrum: Any = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return float(spectrum.argmax() * rate_hz / len(part))

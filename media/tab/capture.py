"""Tab capture from the outside: serve the recorder page, start it, map its ring."""

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import structlog

from media.clock import now_us
from media.errors import CaptureFailed, RingUnavailable
from media.tab import layout
from media.tab.ring import RingReader, find_ring
from media.types import AudioPacket, VideoFrame

ORIGIN = "https://recorder.invalid"
"""A secure context on a name that can never resolve: its files are served by a route."""

START_TRIES: Final = 3
TRY_DEADLINE_S: Final = 6.0
"""The tab is chosen by its title, which the meeting page may change under us. Chromium then waits
for somebody to choose, and refuses to ask again before the asking page is gone."""
START_DEADLINE_S: Final = 2 + START_TRIES * TRY_DEADLINE_S
ANSWER_DEADLINE_S: Final = 2.0
PROBE_DEADLINE_S: Final = 10.0
CLOCK_READINGS: Final = 3
NO_ROOM: Final = ("no room", "QuotaExceeded")

log = structlog.get_logger(__name__)


class ScriptedPage(Protocol):
    """What is needed of a browser page: Playwright's `Page` fits."""

    async def evaluate(self, expression: str, arg: Any = None) -> Any:  # noqa: ANN401 - JSON
        """Run a script in the page, as a user gesture, and return its JSON result."""

    async def reload(self) -> object:
        """Load the page anew."""


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """Size and rate asked of the browser; without `video` only sound is captured."""

    width: int = 1280
    height: int = 720
    frame_rate: int = 30
    video: bool = True


def recorder_files(settings: CaptureSettings) -> Mapping[str, tuple[str, bytes]]:
    """The recorder page's files by path, each with its content type."""
    folder = Path(__file__).parent
    script = "text/javascript; charset=utf-8"
    return {
        "/": ("text/html; charset=utf-8", (folder / "recorder.html").read_bytes()),
        "/recorder.js": (script, (folder / "recorder.js").read_bytes()),
        "/worker.js": (script, (folder / "worker.js").read_bytes()),
        "/layout.js": (
            script,
            layout.as_javascript(settings.width, settings.height).encode(),
        ),
    }


class TabCapture:
    """Captures one tab into a ring while the context is open.

    `recorder` is the page at `ORIGIN`; `titled` puts the launch flag's token into the meeting
    page's title while the browser picks the tab. Raises `CaptureFailed` or `RingUnavailable` on
    entering. Arrival times of what it yields are `time.monotonic` in microseconds. After leaving
    nothing more is yielded. A second capture on the same recorder page ends the first one.
    """

    def __init__(
        self,
        *,
        recorder: ScriptedPage,
        titled: Callable[[], AbstractAsyncContextManager[None]],
        profile_dir: Path,
        settings: CaptureSettings,
    ) -> None:
        self._recorder = recorder
        self._titled = titled
        self._profile_dir = profile_dir
        self._settings = settings
        self._ring: RingReader | None = None
        self._id = secrets.randbits(48)  # what a JavaScript number holds exactly

    async def __aenter__(self) -> Self:
        size_bytes = layout.ring_bytes(self._settings.width, self._settings.height)
        free_bytes = shutil.disk_usage(self._profile_dir).free
        if free_bytes < size_bytes:
            raise RingUnavailable(needed_bytes=size_bytes, free_bytes=free_bytes)
        try:
            async with asyncio.timeout(START_DEADLINE_S):
                await self._start_in_page(size_bytes, free_bytes)
                self._ring = await self._open_ring(size_bytes)
        except TimeoutError as error:
            await self._stop()
            raise CaptureFailed(f"not started within {START_DEADLINE_S:.0f} s") from error
        except BaseException:
            await self._stop()
            raise
        return self

    async def _open_ring(self, size_bytes: int) -> RingReader:
        clock_offset_us = await self._clock_offset_us()
        path = await asyncio.to_thread(find_ring, self._profile_dir, size_bytes, self._id)
        if path is None:
            raise CaptureFailed("the ring file is not under the browser's profile")
        width, height = self._settings.width, self._settings.height
        return RingReader(path, width, height, clock_offset_us=clock_offset_us)

    async def _start_in_page(self, needed_bytes: int, free_bytes: int) -> None:
        wanted = {
            "captureId": self._id,
            "width": self._settings.width,
            "height": self._settings.height,
            "frameRate": self._settings.frame_rate,
            "wantVideo": self._settings.video,
        }
        for attempt in range(1, START_TRIES + 1):
            try:
                async with asyncio.timeout(TRY_DEADLINE_S), self._titled():
                    shown = await self._recorder.evaluate("wanted => startCapture(wanted)", wanted)
            except Exception as error:  # Playwright's error types are not ours to import
                problem = first_line(error)
                log.warning("capture_refused", attempt=attempt, problem=problem)
                if any(word in problem for word in NO_ROOM):
                    raise RingUnavailable(needed_bytes, free_bytes) from error
                if isinstance(error, TimeoutError):
                    await self._recorder.reload()
                if attempt == START_TRIES:
                    raise CaptureFailed(problem) from error
            else:
                log.info("capture_started", attempt=attempt, **shown)
                return

    async def _clock_offset_us(self) -> int:
        best: tuple[int, int] | None = None
        for _ in range(CLOCK_READINGS):
            before_us = now_us()
            page_us = await self._recorder.evaluate(
                "() => Math.round((performance.timeOrigin + performance.now()) * 1000)"
            )
            after_us = now_us()
            reading = (after_us - before_us, (before_us + after_us) // 2 - int(page_us))
            best = min(best or reading, reading)
        return best[1] if best else 0

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ring is not None:
            self._ring.close()
        await self._stop()

    async def _stop(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_DEADLINE_S):
                await self._recorder.evaluate("id => stopCapture(id)", self._id)
        except Exception as error:  # noqa: BLE001 - the page may be gone; nothing is lost
            log.debug("capture_stop_unanswered", problem=first_line(error))

    async def state(self) -> str:
        """The recorder page's own word, within `ANSWER_DEADLINE_S`; never raises.

        `capturing`, `video-ended`, `audio-ended`, `stopped`, `failed: <why>`, or `unanswered`.
        It says nothing about a crash of the meeting page: the tracks stay live through one.
        """
        try:
            async with asyncio.timeout(ANSWER_DEADLINE_S):
                return str(await self._recorder.evaluate("id => captureState(id)", self._id))
        except Exception as error:  # noqa: BLE001 - whatever it was, the page did not answer
            log.debug("capture_state_unanswered", problem=first_line(error))
            return "unanswered"

    @property
    def ring(self) -> RingReader:
        """The ring. Raises `CaptureFailed` when nothing was ever captured."""
        if self._ring is None:
            raise CaptureFailed("the capture is not open")
        return self._ring

    @property
    def pictures_dropped(self) -> int:
        """Pictures the page threw away because the reader was behind."""
        return self.ring.pictures_dropped

    @property
    def packets_dropped(self) -> int:
        """Packets of sound the page threw away because the reader was behind."""
        return self.ring.packets_dropped

    def audio(self) -> Iterator[AudioPacket]:
        """Packets of sound since the last call."""
        return self.ring.audio()

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""
        return self.ring.video()


def first_line(error: Exception) -> str:
    """The gist of an error for a log line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


class Delivering(Protocol):
    """What is needed of an open capture: of a tab, or of a display."""

    def audio(self) -> Iterator[AudioPacket]:
        """Packets of sound since the last call."""

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""


async def prove_capture(capture: Delivering, *, pictures: bool) -> None:
    """Wait for a packet of sound, and a picture if wanted. Raises `CaptureFailed` without them."""
    deadline = time.monotonic() + PROBE_DEADLINE_S
    seen = packets = 0
    while not packets or (pictures and not seen):
        if time.monotonic() > deadline:
            raise CaptureFailed(f"{seen} pictures, {packets} packets of sound came")
        await asyncio.sleep(0.02)  # the ring is memory: there is no event to wait for
        seen += sum(1 for _ in capture.video())
        packets += sum(1 for _ in capture.audio())

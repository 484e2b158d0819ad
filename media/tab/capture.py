"""Tab capture from the outside: serve the recorder page, start it, map its ring."""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import structlog

from media.errors import CaptureFailed, RingUnavailable
from media.tab import layout
from media.tab.ring import RingReader, find_ring
from media.types import AudioPacket, VideoFrame

ORIGIN = "https://recorder.invalid"
"""A secure context on a name that can never resolve: its files are served by a route."""

START_DEADLINE_S = 15.0

log = structlog.get_logger(__name__)


class ScriptedPage(Protocol):
    """What is needed of a browser page: Playwright's `Page` fits."""

    async def evaluate(self, expression: str, arg: Any = None) -> Any:  # noqa: ANN401 - JSON
        """Run a script in the page, as a user gesture, and return its JSON result."""


@dataclass(frozen=True, slots=True)
class CaptureSettings:
    """Size and rate asked of the browser."""

    width: int = 1280
    height: int = 720
    frame_rate: int = 30


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
    entering. `clock_offset_us` added to a packet's `arrival_us` gives `time.monotonic` in us.
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
        self.clock_offset_us = 0

    async def __aenter__(self) -> Self:
        size_bytes = layout.ring_bytes(self._settings.width, self._settings.height)
        free_bytes = shutil.disk_usage(self._profile_dir).free
        if free_bytes < size_bytes:
            raise RingUnavailable(needed_bytes=size_bytes, free_bytes=free_bytes)
        try:
            async with asyncio.timeout(START_DEADLINE_S):
                started = await self._start()
        except TimeoutError as error:
            raise CaptureFailed(f"no answer within {START_DEADLINE_S:.0f} s") from error
        except (RingUnavailable, CaptureFailed):
            raise
        except Exception as error:  # Playwright's error types are not ours to import
            raise CaptureFailed(str(error).splitlines()[0]) from error
        path = await asyncio.to_thread(find_ring, self._profile_dir, size_bytes)
        if path is None:
            raise RingUnavailable(needed_bytes=size_bytes, free_bytes=free_bytes)
        self._ring = RingReader(path, self._settings.width, self._settings.height)
        log.info("capture_started", **started)
        return self

    async def _start(self) -> dict[str, Any]:
        async with self._titled():
            answer = await self._recorder.evaluate(
                "settings => startCapture(settings)",
                {
                    "width": self._settings.width,
                    "height": self._settings.height,
                    "frameRate": self._settings.frame_rate,
                    "wantVideo": True,
                },
            )
        before_us = time.monotonic_ns() // 1000
        page_us = await self._recorder.evaluate(
            "() => Math.round((performance.timeOrigin + performance.now()) * 1000)"
        )
        after_us = time.monotonic_ns() // 1000
        self.clock_offset_us = (before_us + after_us) // 2 - int(page_us)
        return {"width": answer["width"], "height": answer["height"]}

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ring is not None:
            self._ring.__exit__(kind, error, trace)
            self._ring = None
        try:
            async with asyncio.timeout(2):
                await self._recorder.evaluate("() => stopCapture()")
        except Exception as stop_error:  # noqa: BLE001 - the page may be gone; nothing is lost
            log.debug("capture_stop_unanswered", problem=str(stop_error).splitlines()[0])

    async def state(self) -> str:
        """The recorder page's own word: capturing, video-ended, audio-ended, stopped."""
        return str(await self._recorder.evaluate("() => recorder.error ?? recorder.state"))

    @property
    def ring(self) -> RingReader:
        """The open ring. Raises `CaptureFailed` when nothing is captured."""
        if self._ring is None:
            raise CaptureFailed("the capture is not open")
        return self._ring

    def audio(self) -> Iterator[AudioPacket]:
        """Packets of sound since the last call."""
        return self.ring.audio()

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""
        return self.ring.video()

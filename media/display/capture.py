"""Display capture: the screen's memory and the sound card's pipe, behind the recorder's seam."""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

import structlog

from media.clock import now_us
from media.display.screen import Screen
from media.display.server import Display
from media.display.sound import SoundPipe
from media.errors import CaptureFailed
from media.tab.capture import CaptureSettings
from media.types import AudioPacket, VideoFrame

PICTURES: Final = 8
"""As many wait for the reader as in tab capture's ring."""
END_DEADLINE_S: Final = 5.0
DISPLAY_CALIBRATION_US: Final = 8_000
"""As `media.recorder.TAB_CALIBRATION_US`, for a display. By flash and beep, Chromium 156: medians
of 14, 13 and -2 ms in recordings of 12, 12 and 14 s on an overloaded machine."""

log = structlog.get_logger(__name__)


class DisplayCapture:
    """Captures a display while the context is open.

    Pictures are looked for `frame_rate` times a second, and taken when something changed. Arrival
    times are `time.monotonic` in microseconds, as in tab capture. Raises `CaptureFailed` on
    entering. After leaving nothing more is yielded. `audio` and `video` are read from one thread.
    """

    def __init__(self, display: Display, settings: CaptureSettings) -> None:
        self._display = display
        self._settings = settings
        self._stack = ExitStack()
        self._sound: SoundPipe
        self._pictures: deque[VideoFrame] = deque(maxlen=PICTURES)
        self._dropped = 0
        self._reading = threading.Lock()
        self._end = threading.Event()
        self._state = "not open"

    async def __aenter__(self) -> Self:
        if self._display.sound is None:
            raise CaptureFailed("this display has no sound", retryable=False)
        with ExitStack() as stack:
            self._sound = stack.enter_context(SoundPipe(self._display.sound))
            if self._settings.video:
                stack.callback(self._join, self._start_watching(stack))
            self._stack = stack.pop_all()
        self._state = "capturing"
        log.info("display_capture_started", display=self._display.name)
        return self

    def _start_watching(self, stack: ExitStack) -> threading.Thread:
        width, height = self._settings.width, self._settings.height
        screen = stack.enter_context(Screen(self._display.framebuffer, width, height))
        thread = threading.Thread(
            target=self._watch, args=(screen,), name="display-screen", daemon=True
        )
        thread.start()
        return thread

    def _join(self, thread: threading.Thread) -> None:
        self._end.set()
        thread.join(END_DEADLINE_S)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        with self._reading:
            self._state = "stopped"
            self._stack.close()
            self._pictures.clear()

    async def state(self) -> str:
        """`capturing`, `audio-ended`, `stopped`, or `failed: <why>`; never raises."""
        if self._state == "capturing" and self._sound.ended:
            return "audio-ended"
        return self._state

    @property
    def pictures_dropped(self) -> int:
        """Pictures that nobody had read when the next ones came."""
        return self._dropped

    @property
    def packets_dropped(self) -> int:
        """Packets of sound lost because the reader was behind."""
        return self._sound.dropped

    def audio(self) -> Iterator[AudioPacket]:
        """Packets of sound since the last call. Raises `CaptureFailed` when nothing is open."""
        if self._state == "not open":
            raise CaptureFailed("the capture is not open")
        with self._reading:
            packets = tuple(self._sound.packets(now_us()))
        yield from packets

    def video(self) -> Iterator[VideoFrame]:
        """Pictures since the last call."""
        while self._pictures:
            yield self._pictures.popleft()

    def _watch(self, screen: Screen) -> None:
        try:
            self._take_pictures(screen)
        except Exception as error:
            log.exception("screen_lost")
            self._state = f"failed: {error}"

    def _take_pictures(self, screen: Screen) -> None:
        period_us = 1_000_000 // self._settings.frame_rate
        due_us = now_us()
        while not self._end.wait(max(0, due_us - now_us()) / 1e6):
            # a look that came late is not made up for: the next one keeps its distance
            due_us = max(due_us, now_us() - period_us) + period_us
            if screen.changed():
                self._keep(screen)

    def _keep(self, screen: Screen) -> None:
        at_us = now_us()
        i420 = screen.picture()
        frame = VideoFrame(at_us, at_us, self._settings.width, self._settings.height, i420)
        if len(self._pictures) == PICTURES:
            self._dropped += 1
        self._pictures.append(frame)

"""A worker to be killed: everything real but the browser, in whose place `tests.chaos.source` is.

`python -m tests.chaos.victim supervise worker ...` and `... worker ...` are those of `meetbot`.
The folder of the source's ring is in the environment.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import bot.launch
import bot.session
from bot import supervisor
from bot.backends import TabBackend
from bot.cli import main as meetbot
from bot.context import Context
from bot.contract import AudioFormat
from bot.job import Job
from bot.recording import Recording
from bot.shape import Shape, shape_of
from bot.vigil import Vigil
from media.clock import now_us
from media.tab import layout
from media.tab.capture import CaptureSettings
from media.tab.ring import RingReader
from media.types import AudioPacket, VideoFrame
from platforms.types import (
    ChatLine,
    FailureBundle,
    Finding,
    Observation,
    PageState,
    Person,
    Platform,
    View,
)
from tests.media.numbered import HEIGHT, WIDTH

FOLDER: Final = "CHAOS_SOURCE"
"""The environment variable that names the folder of rings."""
LATE: Final = "late"
"""In it: when the source itself was late, on a machine that has too much to do."""
BEGAN: Final = "began"
"""In it: when the first picture of all was due, in microseconds of the monotonic clock."""
RECORDING: Final = "recording"
"""And when the recording's time 0 was."""
STEP_S: Final = 0.25
"""A picture and a piece of sound, at least one of which is always under way."""
START_DEADLINE_S: Final = 60.0
WARM_UP_S: Final = 2.0
"""A capture's first half second counts for nothing; a real bot is let in later than that."""
PEOPLE: Final = (Person("1", "Notes", is_self=True), Person("2", "Ada", speaking=True))


class Source:
    """Captures the source: what `TabCapture` is of a page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process
        self._ring: RingReader

    async def __aenter__(self) -> Self:
        began = self._folder / BEGAN
        if not began.exists():
            began.write_text(str(now_us()))
        path = self._folder / f"ring-{time.monotonic_ns()}"
        path.write_bytes(bytes(layout.ring_bytes(WIDTH, HEIGHT)))
        late = str(self._folder / LATE)
        command = (sys.executable, "-m", "tests.chaos.source", str(path), began.read_text(), late)
        self._process = await asyncio.create_subprocess_exec(*command)
        self._ring = RingReader(path, WIDTH, HEIGHT)
        async with asyncio.timeout(START_DEADLINE_S):
            while sum(1 for _ in self._ring.audio()) == 0:  # noqa: ASYNC110 - memory has no events
                await asyncio.sleep(0.02)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ring.close()
        self._process.kill()
        await self._process.wait()

    async def state(self) -> str:
        """As of a page that answers."""
        return "capturing"

    @property
    def pictures_dropped(self) -> int:
        return self._ring.pictures_dropped

    @property
    def packets_dropped(self) -> int:
        return self._ring.packets_dropped

    def audio(self) -> Iterator[AudioPacket]:
        return self._ring.audio()

    def video(self) -> Iterator[VideoFrame]:
        return self._ring.video()


class SourceBackend(TabBackend):
    """The source in the tab's place."""

    def capture(self, browser: Any, settings: CaptureSettings) -> Any:  # noqa: ANN401 - a stand-in
        """Its ring, whatever is asked of it."""
        return Source(Path(os.environ[FOLDER]))

    async def renew(self, browser: Any) -> None:  # noqa: ANN401 - a stand-in
        """There is no page."""

    def drawn_once(self, browser: Any) -> AbstractAsyncContextManager[None]:  # noqa: ANN401 - same
        """There is no page."""
        return nullcontext()


class SourceRecording(Recording):
    """A recording of the source."""

    def begin(self) -> datetime:
        """As any recording, and note when."""
        (Path(os.environ[FOLDER]) / RECORDING).write_text(str(now_us()))
        return super().begin()


class NoBrowser:
    """What a session sees of a browser that is always well."""

    def __init__(self, context: Context, _: object) -> None:
        context.backend = SourceBackend()
        self.gone = asyncio.Event()
        self.crashed = asyncio.Event()
        self.frozen = asyncio.Event()
        self.recorder_crashed = asyncio.Event()
        self.version = "generated"
        self.sandbox = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


class InCall:
    """A client that is let in once the source has been captured for a while, and never alone."""

    platform = Platform.GOOGLE_MEET
    verdict = None

    def __init__(self) -> None:
        self._first_look_s: float | None = None

    async def open(self, timeout_s: float) -> None:
        """There is no page."""

    async def look(self, now_s: float) -> Observation:
        """In the call, with somebody who speaks."""
        self._first_look_s = self._first_look_s or now_s
        if now_s - self._first_look_s < WARM_UP_S:
            return Observation(Finding(PageState.PREJOIN, "google_meet/prejoin"))
        return Observation(Finding(PageState.IN_CALL, "google_meet/in-call"), PEOPLE)

    async def tidy(self) -> None:
        """There is nothing to tidy."""

    async def ask_to_join(self, name: str) -> bool:
        """Not needed."""
        return True

    async def watch(self) -> None:
        """`look` tells."""

    async def show(self, view: View) -> bool:
        """There is one view."""
        return True

    async def say(self, text: str) -> bool:
        """Nobody hears it."""
        return True

    async def chat(self) -> tuple[ChatLine, ...]:
        """Nobody writes."""
        return ()

    async def leave(self, timeout_s: float) -> None:
        """There is nothing to leave."""

    async def bundle(self) -> FailureBundle:
        """There is nothing to see."""
        return FailureBundle(None, None)


async def _new_client(*_: object) -> InCall:
    return InCall()


async def _watch_page(*_: object) -> None:
    """There is no page."""


def _small(job: Job) -> Shape:
    shape = shape_of(job)
    assert job.audio_format is AudioFormat.MP3
    return Shape(
        CaptureSettings(WIDTH, HEIGHT), (WIDTH, HEIGHT), shape.video_name, shape.audio_name
    )


def put_source_in_place() -> None:
    """From now on a session of this process records the source."""
    for where, name, what in (
        (bot.launch, "Recording", SourceRecording),
        (bot.launch, "shape_of", _small),
        (bot.session, "new_browser", NoBrowser),
        (bot.session, "new_client", _new_client),
        (bot.session, "watch_page", _watch_page),
        (
            bot.session,
            "new_vigil",
            lambda context, browser, recording: Vigil(
                recording, browser.recorder_crashed, context.wake
            ),
        ),
    ):
        getattr(where, name)  # a name that has gone would leave the real one in its place
        setattr(where, name, what)


def main() -> None:
    """As `meetbot`; its supervisor starts this program again."""
    if sys.argv[1] == "supervise":
        supervisor.MEETBOT = (sys.executable, "-m", "tests.chaos.victim")  # type: ignore[assignment,misc]  # another program
        sys.exit(supervisor.main(sys.argv[2:]))
    put_source_in_place()
    meetbot()


if __name__ == "__main__":
    main()

"""What is measured beside what. Each variant is a context manager round one round of one page."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Final

from bot.artifacts import AUDIO, VIDEO
from bot.backends import Backend
from bot.contract import EndReason, Resolution, Status
from bot.meeting import Meeting
from bot.outcome import outcome
from bot.recording import Recording
from bot.shape import SIZES, Shape
from media.encoder import Encoder, EncoderSettings
from media.recorder import Recorder
from media.storage_folder import FolderStorage
from media.tab.capture import CaptureSettings, TabCapture
from media.uploader import RecordingUpload
from platforms.browser import MeetingBrowser
from platforms.probe import evaluate
from platforms.registry import adapter_of, plugin_of
from platforms.types import MeetingUrl
from platforms.web_client import WebClient
from tests.benchmarks.arriving import JOIN_DEADLINE_S
from tests.benchmarks.measuring import Count, Counts
from tests.benchmarks.pipelines.page import NUMBERS
from tests.benchmarks.reading import drained, numbers_drained
from tests.benchmarks.sent import sent_capture
from tests.bot.rig import rig

FINISH_DEADLINE_S: Final = 60.0
KEY_PREFIX: Final = "bench/"
STORED: Final = "stored"
SPOOL_BYTES: Final = 256 * 1024 * 1024


class OpenedOnce(WebClient):
    """A client whose page is loaded once: whoever opens it again finds it as it is."""

    opened = False

    async def open(self, timeout_s: float) -> None:
        """Load the page, the first time."""
        if not self.opened:
            await super().open(timeout_s)
            self.opened = True


@dataclass(frozen=True, slots=True)
class Scene:
    """The meeting page every variant is measured on."""

    browser: MeetingBrowser
    url: MeetingUrl
    client: OpenedOnce
    capture: CaptureSettings


class NoTape:
    """A recording that records nothing and hears somebody all the time."""

    problem: BaseException | None = None
    sound_alive: bool | None = True
    heard_ago_s: float | None = 0.0

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self._began_s = monotonic()

    def begin(self) -> datetime:
        """Time 0."""
        self._began_s = monotonic()
        self.begun.set()
        return datetime.now(UTC)

    async def rest(self) -> None:
        """The page stays as it is."""

    async def slim(self) -> None:
        """The page stays as it is."""

    async def cut_off(self) -> None:
        """There is no capture."""

    async def recapture(self) -> None:
        """There is none to be had."""

    @property
    def recorded_s(self) -> float:
        """Seconds since then."""
        return monotonic() - self._began_s


Variant = Callable[[Scene], AbstractAsyncContextManager[Count]]


@asynccontextmanager
async def page_alone(scene: Scene) -> AsyncIterator[Count]:
    """The floor: the meeting page in front, decoded and composited, captured by nobody."""
    await put_to_rest(scene)
    yield Counts


@asynccontextmanager
async def page_looked_at(scene: Scene) -> AsyncIterator[Count]:
    """The same, watched by the bot's own loop: evidence, dialogs, people, who speaks."""
    with (
        tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder,
        rig(Path(folder), meeting_url=scene.url.url) as parts,
    ):
        context = parts.context
        context.traits = plugin_of(scene.url.platform).traits
        await context.reporter.advance(Status.JOINING_CALL)
        tape = NoTape()
        meeting = Meeting(context, scene.client, tape, lambda: None)
        async with asyncio.TaskGroup() as group:
            group.create_task(meeting.run(ask_from=lambda: True))
            async with asyncio.timeout(JOIN_DEADLINE_S):
                await tape.begun.wait()
            yield Counts
            if context.gate.outcome is not None:
                raise RuntimeError(f"no longer watched: {context.gate.outcome}")
            context.gate.settle(outcome(EndReason.API_REQUEST, "command/leave"))
    await put_to_rest(scene)


async def put_to_rest(scene: Scene) -> None:
    """Whatever follows speakers in the page ends: a look that does not ask for them says so."""
    script = adapter_of(scene.url.platform).people_script
    await evaluate(scene.browser.page, script, {"follow": False, "name": None})


@asynccontextmanager
async def ring_read(scene: Scene) -> AsyncIterator[Count]:
    """Captured into the ring and read out of it; nothing is encoded."""
    browser = scene.browser
    async with TabCapture(
        recorder=browser.recorder,
        titled=browser.titled,
        profile_dir=browser.profile_dir,
        settings=scene.capture,
    ) as capture:
        with drained(capture) as count:
            yield count


@asynccontextmanager
async def ring_numbered(scene: Scene) -> AsyncIterator[Count]:
    """Read out of the ring, the page behind as it is for a bot: which of its pictures arrive?

    The page carries a running number, one for every thirtieth of a second; each that comes is
    counted once. The number costs something: this variant is for its frames.
    """
    browser = scene.browser
    await browser.page.evaluate(NUMBERS)
    async with (
        TabCapture(
            recorder=browser.recorder,
            titled=browser.titled,
            profile_dir=browser.profile_dir,
            settings=scene.capture,
        ) as capture,
        browser.behind(),
    ):
        with numbers_drained(capture) as count:
            yield count
    await browser.page.evaluate("() => window.numbers.end()")


@asynccontextmanager
async def ring_recorded(scene: Scene) -> AsyncIterator[Count]:
    """The real thing: ring, H.264 + AAC in MP4, MP3, chunks and parts into a folder."""
    shape = Shape(scene.capture, SIZES[Resolution.HD], VIDEO, AUDIO)
    with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
        async with recorded(scene.browser, shape, Path(folder)) as count:
            yield count


@asynccontextmanager
async def recorded(
    browser: MeetingBrowser, shape: Shape, folder: Path, backend: Backend | None = None
) -> AsyncIterator[Count]:
    """A bot's recording of what the browser shows, stored below `folder`."""
    recording = Recording(
        browser,
        FolderStorage(folder / STORED),
        key_prefix=KEY_PREFIX,
        spool_dir=folder / "spool",
        spool_max_bytes=SPOOL_BYTES,
        shape=shape,
    )
    recording.backend = backend or recording.backend
    async with recording:
        recording.begin()
        await recording.slim()

        def count() -> Counts:
            stats, _ = recording.stats()
            dropped = sum(stats.dropped.values())
            return Counts(stats.pictures_in, stats.pictures_encoded + stats.repeats, dropped)

        yield count
        await recording.finish(deadline_s=FINISH_DEADLINE_S)


@asynccontextmanager
async def socket_read(scene: Scene) -> AsyncIterator[Count]:
    """Raw pictures and sound over a loopback WebSocket; nothing is encoded."""
    async with sent_capture(scene.browser, scene.capture) as capture:
        with drained(capture) as count:
            yield count


@asynccontextmanager
async def socket_recorded(scene: Scene) -> AsyncIterator[Count]:
    """The WebSocket in the ring's place, all else as in the real thing."""
    with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
        async with sent_recorded(scene.browser, scene.capture, Path(folder)) as count:
            yield count


@asynccontextmanager
async def sent_recorded(
    browser: MeetingBrowser, settings: CaptureSettings, folder: Path
) -> AsyncIterator[Count]:
    """The WebSocket, the recorder and the upload of a bot, stored below `folder`."""
    upload = RecordingUpload(
        FolderStorage(folder / STORED),
        key_prefix=KEY_PREFIX,
        spool_dir=folder / "spool",
        max_spool_bytes=SPOOL_BYTES,
        video_name=VIDEO if settings.video else None,
    )
    encoder = EncoderSettings(settings.width, settings.height, video=settings.video)
    async with sent_capture(browser, settings) as capture:
        with (
            upload,
            Recorder(
                capture,
                lambda: Encoder(upload.video_sink, upload.audio_sink, encoder),
                pictures=settings.video,
            ) as recorder,
        ):
            recorder.begin()

            def count() -> Counts:
                stats = recorder.stats()
                written = stats.pictures_encoded + stats.repeats
                return Counts(capture.pictures_got, written, sum(stats.dropped.values()))

            yield count
            await recorder.finish()
            await asyncio.to_thread(upload.finish, FINISH_DEADLINE_S)


VARIANTS: Final[Mapping[str, Variant]] = {
    "page": page_alone,
    "page-looks": page_looked_at,
    "ring": ring_read,
    "ring-numbered": ring_numbered,
    "ring-recorded": ring_recorded,
    "socket": socket_read,
    "socket-recorded": socket_recorded,
}
"""By name, in the order of each round."""

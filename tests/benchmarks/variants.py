"""What is measured beside what. Each variant is a context manager round one round of one page."""

import asyncio
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from bot.meeting import LOOK_EVERY_S, TIDY_EVERY_S
from bot.recording import Recording
from media.encoder import Encoder, EncoderSettings
from media.recorder import POLL_S, Capture, Recorder
from media.storage_folder import FolderStorage
from media.tab.capture import CaptureSettings, TabCapture
from media.uploader import RecordingUpload
from platforms.browser import MeetingBrowser
from platforms.types import MeetingClient
from tests.benchmarks.sent import sent_capture

FINISH_DEADLINE_S: Final = 60.0
KEY_PREFIX: Final = "bench/"
SPOOL_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scene:
    """The meeting page every variant is measured on."""

    browser: MeetingBrowser
    client: MeetingClient
    capture: CaptureSettings


@dataclass(frozen=True, slots=True)
class Counts:
    """Pictures so far: delivered by the capture, written into the file, lost on the way."""

    got: int = 0
    encoded: int = 0
    dropped: int = 0


Count = Callable[[], Counts]
Variant = Callable[[Scene], AbstractAsyncContextManager[Count]]


@asynccontextmanager
async def page_alone(scene: Scene) -> AsyncIterator[Count]:
    """The floor: the meeting page in front, decoded and composited, captured by nobody."""
    yield Counts


@asynccontextmanager
async def page_looked_at(scene: Scene) -> AsyncIterator[Count]:
    """The same, looked at as often as the bot does."""

    async def look() -> None:
        tidied_s = 0.0
        while True:
            await scene.client.look(monotonic())
            if monotonic() - tidied_s > TIDY_EVERY_S:
                tidied_s = monotonic()
                await scene.client.tidy()
            await asyncio.sleep(LOOK_EVERY_S)

    looking = asyncio.create_task(look())
    try:
        yield Counts
    finally:
        looking.cancel()
        await asyncio.wait({looking})


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
async def ring_recorded(scene: Scene) -> AsyncIterator[Count]:
    """The real thing: ring, H.264 + AAC in MP4, MP3, chunks and parts into a folder."""
    with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
        recording = Recording(
            scene.browser,
            FolderStorage(Path(folder) / "stored"),
            key_prefix=KEY_PREFIX,
            spool_dir=Path(folder) / "spool",
            spool_max_bytes=SPOOL_BYTES,
            capture=scene.capture,
        )
        async with recording:
            recording.begin()

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
        upload = RecordingUpload(
            FolderStorage(Path(folder) / "stored"),
            key_prefix=KEY_PREFIX,
            spool_dir=Path(folder) / "spool",
            max_spool_bytes=SPOOL_BYTES,
        )
        settings = EncoderSettings(scene.capture.width, scene.capture.height)
        async with sent_capture(scene.browser, scene.capture) as capture:
            with (
                upload,
                Recorder(
                    capture, lambda: Encoder(upload.video_sink, upload.audio_sink, settings)
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


@contextmanager
def drained(capture: Capture) -> Iterator[Count]:
    """Read `capture` in a thread as the recorder does, and throw everything away."""
    end = threading.Event()
    got = 0

    def read() -> None:
        nonlocal got
        while not end.wait(POLL_S):
            for _ in capture.audio():
                pass
            got += sum(1 for _ in capture.video())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield lambda: Counts(got, 0, capture.pictures_dropped)
    finally:
        end.set()
        thread.join()


VARIANTS: Final[Mapping[str, Variant]] = {
    "page": page_alone,
    "page-looks": page_looked_at,
    "ring": ring_read,
    "ring-recorded": ring_recorded,
    "socket": socket_read,
    "socket-recorded": socket_recorded,
}
"""By name, in the order of each round."""

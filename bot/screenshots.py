"""Pictures of the recording, one every ten seconds and on demand, stored as they are taken."""

import asyncio
import io
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

import structlog
from PIL import Image

from bot.artifacts import SCREENSHOTS, Shelf
from bot.patience import Step
from bot.report import ArtifactRow
from media.types import VideoFrame

EVERY_S: Final = 10.0
PENDING: Final = 3
"""4 MB of 1280x720."""
CLOSE_LIMIT_S: Final = 30.0
QUALITY: Final = 80
FULL_LUMA: Final = [min(255, max(0, round((level - 16) * 255 / 219))) for level in range(256)]
FULL_CHROMA: Final = [
    min(255, max(0, round((level - 128) * 255 / 224 + 128))) for level in range(256)
]
"""Video keeps clear of both ends of the range, JPEG does not."""

log = structlog.get_logger(__name__)

Shot = tuple[VideoFrame, float]


class Screenshots:
    """Stores `screenshots/000001_<seconds>.jpg` and so on while the context is open.

    `take` is called from the encoder thread with every picture there may be one of; at most
    `PENDING` wait to be stored, what comes then is skipped and counted. Times are whole seconds of
    the recording.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._loop: asyncio.AbstractEventLoop
        self._task: asyncio.Task[None]
        self._pending: asyncio.Queue[Shot | None] = asyncio.Queue(PENDING + 1)
        self._newest: Shot | None = None
        self._due_s = 0.0
        self._number = self._unstored = 0
        self._stored: dict[str, int] = {}
        self.skipped = 0

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._store_all())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            async with self._shelf.patience.step(Step.BROWSER, CLOSE_LIMIT_S):
                await self._pending.put(None)
                await self._task
        except TimeoutError:
            self.skipped += self._unstored
            log.warning("screenshots_not_stored_in_time", skipped=self.skipped)
        finally:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take(self, frame: VideoFrame, at_s: float) -> None:
        """Note a picture; one that is due is stored. Does not block."""
        self._newest = (frame, at_s)
        if at_s >= self._due_s:
            self._due_s = (at_s // EVERY_S + 1) * EVERY_S
            with suppress(RuntimeError):  # the loop may have closed under a thread that hung
                self._loop.call_soon_threadsafe(self._put, (frame, at_s))

    def _put(self, shot: Shot) -> None:
        if self._pending.qsize() >= PENDING:
            self.skipped += 1
            log.warning("screenshot_skipped", at_s=round(shot[1]), skipped=self.skipped)
        else:
            self._pending.put_nowait(shot)
            self._unstored += 1

    async def now(self) -> str | None:
        """Store the newest picture; its key, or None where there is none or it was not stored."""
        return None if self._newest is None else await self._store(*self._newest)

    async def _store_all(self) -> None:
        while (shot := await self._pending.get()) is not None:
            await self._store(*shot)
            self._unstored -= 1

    async def _store(self, frame: VideoFrame, at_s: float) -> str | None:
        self._number += 1
        name = f"{SCREENSHOTS}{self._number:06d}_{int(at_s)}.jpg"
        row = await self._shelf.put(name, await asyncio.to_thread(jpeg_of, frame))
        if row.key is not None:
            self._stored[row.key] = row.size_bytes or 0
        return row.key

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of what is stored, in the order it was taken."""
        return tuple(sorted(self._stored))

    def row(self) -> ArtifactRow:
        """All of them as one row of the report."""
        some = bool(self._stored)
        skipped = f", {self.skipped} skipped: the storage was slow" if self.skipped else ""
        return ArtifactRow(
            name=SCREENSHOTS,
            key=self._shelf.key(SCREENSHOTS) if some else None,
            size_bytes=sum(self._stored.values()) if some else None,
            state="stored" if some else "absent",
            note=f"{len(self._stored)} objects{skipped}",
        )


def jpeg_of(frame: VideoFrame) -> bytes:
    """An I420 picture as JPEG, of its own size. Takes some 10 ms: not for the event loop."""
    size, half = (frame.width, frame.height), (frame.width // 2, frame.height // 2)
    packed, luma = frame.i420.tobytes(), frame.width * frame.height
    blue = Image.frombytes("L", half, packed[luma : luma * 5 // 4])
    red = Image.frombytes("L", half, packed[luma * 5 // 4 :])
    planes = (
        Image.frombytes("L", size, packed[:luma]).point(FULL_LUMA),
        blue.point(FULL_CHROMA).resize(size),
        red.point(FULL_CHROMA).resize(size),
    )
    file = io.BytesIO()
    Image.merge("YCbCr", planes).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

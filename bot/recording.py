"""One recording from the browser's tab to a verified file: capture, recorder, upload."""

import asyncio
import functools
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from bot.artifacts import FLAC_AUDIO
from bot.backends import Backend, PageCapture, TabBackend
from bot.patience import Patience, Step, running
from bot.preview import Thumbnails
from bot.screenshots import Screenshots
from bot.shape import Shape
from bot.stored_recording import look_at_chunks, verify_stored
from bot.thrift import Thrift
from bot.vigil import DEAD_SOUND_S
from media.encoder import Encoder, EncoderSettings
from media.errors import CaptureError, SpoolFull, UploadUnfinished
from media.live import Note, no_note
from media.recorder import Recorder
from media.summary import RecorderStats, RecordingSummary
from media.types import Storage, VideoFrame
from media.uploader import RecordingUpload, UploadResult, UploadStats
from media.verify import Verified
from platforms.browser import MeetingBrowser

log = structlog.get_logger(__name__)

CLOSE_LIMIT_S: Final = 60.0


class Recording:
    """Captures while the context is open, records from `begin` to `finish`.

    Set before entering: `backend` is what captures, `screenshots` are taken of what is recorded,
    `note` is as in `media.live.LiveStream`.

    Nothing is stored before `begin`. Raises `media.errors.CaptureError` on entering. `summary` is
    there once the files were closed, `stored` once they were stored, also when `finish` raised;
    `first_look` what the first look at the file so far has found.
    """

    def __init__(
        self,
        browser: MeetingBrowser,
        storage: Storage,
        *,
        key_prefix: str,
        spool_dir: Path,
        spool_max_bytes: int,
        shape: Shape,
        patience: Patience | None = None,
    ) -> None:
        self._browser = browser
        self._patience = patience or Patience()
        self._shape = shape
        self._upload = RecordingUpload(
            storage,
            key_prefix=key_prefix,
            spool_dir=spool_dir,
            max_spool_bytes=spool_max_bytes,
            video_name=shape.video_name,
            audio_name=shape.audio_name,
        )
        self._storage = storage
        self._key_prefix = key_prefix
        self._stack = AsyncExitStack()
        self._captures = AsyncExitStack()
        self._recapturing = asyncio.Lock()
        self._capture: PageCapture
        self._thrift: Thrift
        self._capture_problem: CaptureError | None = None
        self._sound_dead = False
        self._recorder: Recorder
        self.thumbnails = Thumbnails()
        self.backend: Backend = TabBackend()
        self.screenshots: Screenshots | None = None
        self.note: Note = no_note
        self.start_time: datetime | None = None
        self.summary: RecordingSummary | None = None
        self.first_look: str | None = None
        self.stored: UploadResult | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self.screenshots is not None:
                await stack.enter_async_context(self.screenshots)
            self._thrift = Thrift(self._browser, self.backend, self._shape)
            stack.push_async_callback(self._captures.aclose)
            capture = await self._captures.enter_async_context(self._new_capture())
            stack.push_async_callback(self._close, "upload", self._upload.__exit__)
            self._upload.ask_before_chunks(self.note)
            await asyncio.to_thread(self._upload.__enter__)
            self._recorder = Recorder(
                capture,
                self._make_encoder,
                on_picture=self._on_picture,
                pictures=self._shape.capture.video,
                calibration_us=self.backend.calibration_us,
            )
            stack.push_async_callback(self._close, "recorder", self._recorder.__exit__)
            self._recorder.__enter__()
            self._stack = stack.pop_all()
        return self

    def _on_picture(self, frame: VideoFrame, at_s: float) -> None:
        self.thumbnails.take(frame, at_s)
        if self.screenshots is not None:
            self.screenshots.take(frame, at_s)

    def _new_capture(self) -> PageCapture:
        self._capture = self.backend.capture(self._browser, self._shape.capture)
        return self._capture

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def begin(self) -> datetime:
        """Start recording; returns time 0 of every artifact."""
        self.start_time = self._recorder.begin()
        return self.start_time

    async def rest(self) -> None:
        """Until `begin`: have the page drawn once. Never raises.

        Said at each look: it costs nothing again, and waits for no new capture that is being made.
        """
        if self.begun or self._recapturing.locked():
            return  # of a lobby on the way back nothing is captured: it would be hidden
        async with self._recapturing:
            await self._thrift.rest(self._capture, self._captures)

    async def slim(self) -> None:
        """Have the page drawn once, and no larger than what is recorded of it. Never raises."""
        await self._thrift.slim(self._capture, self._captures)

    def pause(self) -> None:
        """Record nothing from now on, but go on listening. Raises ValueError within a pause."""
        self._recorder.pause()

    def resume(self) -> None:
        """Go on recording. Raises ValueError outside of a pause."""
        self._recorder.resume()

    async def screenshot(self) -> str | None:
        """Keep a picture of what was recorded last: its key, None where none can be had."""
        return None if self.screenshots is None else await self.screenshots.now()

    async def finish(self, *, deadline_s: float) -> Verified:
        """End recording and capture now, store what is left of it, and look at what is stored.

        Raises `media.errors.MediaError` for what cannot be stored or read back, and whatever ended
        a thread. Cancelled, it leaves the storing to be ended by leaving the context.
        """
        self.summary = await self._recorder.finish()
        async with running(self.cut_off()):  # it would take processors from what is still to do
            self.stored = await asyncio.to_thread(self._upload.finish, deadline_s)
            stored = (self._storage, self.summary, self.stored, self._shape)
            verified = await asyncio.to_thread(verify_stored, *stored)
            async with self._recapturing:  # the capture has ended
                return verified

    async def let_go(self) -> None:
        """Take nothing more, and leave it all to `media.recovery`; what `finish` could not end."""
        await asyncio.to_thread(self._upload.let_go)

    async def cut_off(self) -> None:
        """Take nothing more from the present capture: its tab has died. Never raises.

        Its tracks would go on with silence for ever. What is missing up to `recapture` is declared.
        """
        async with self._recapturing:
            await self._captures.aclose()

    async def recapture(self) -> None:
        """Replace a dead capture by a new one of the page there is, into the same recording.

        The old ring goes first: a small /dev/shm has no room for two. What was missed is declared
        as one gap. Raises `media.errors.CaptureError`.
        """
        async with self._recapturing:
            await self._captures.aclose()
            await self.backend.renew(self._browser)
            self._recorder.use(await self._captures.enter_async_context(self._new_capture()))
            if self.begun:
                await self.slim()

    async def look(self) -> str | None:
        """What is wrong with the chunks stored so far; None when they play."""

        def find() -> str | None:
            summary = self._recorder.summary()
            return look_at_chunks(self._storage, self._key_prefix, summary, self._shape)

        found = await asyncio.to_thread(find)
        self.first_look = self.first_look or found or "it plays"
        return found

    def so_far(self) -> RecordingSummary | None:
        """What is recorded, None before time 0. From any thread."""
        if self.summary is not None or not self.begun:
            return self.summary
        return self._recorder.summary()

    @property
    def begun(self) -> bool:
        """Whether time 0 has been."""
        return self.start_time is not None

    async def capture_state(self) -> str:
        """The recorder page's own word on the capture."""
        return await self._capture.state()

    def recorder_stats(self) -> RecorderStats:
        """How the recording stands."""
        return self._recorder.stats()

    def out_of_time(self, after_s: float) -> UploadUnfinished:
        """The error for a `finish` that was given up."""
        stats = self._upload.stats()
        reason = str(stats.problem or "the storage is slow")
        target = f"{self._storage.describe()}/{self._key_prefix}"
        return UploadUnfinished(target, stats.pending_bytes, round(after_s, 1), reason)

    async def delete_chunks(self) -> None:
        """Throw the write-ahead log away: the final file stands and was looked at."""
        await asyncio.to_thread(self._upload.delete_chunks)

    @property
    def recorded_s(self) -> float:
        """Seconds recorded so far."""
        return self._recorder.stats().recorded_s

    @property
    def problem(self) -> BaseException | None:
        """What ended the recording by itself, or a spool about to: its end must still fit."""
        upload = self._upload.stats().problem
        spool_full = upload if isinstance(upload, SpoolFull) else None
        return self._recorder.problem or self._capture_problem or spool_full

    def fail(self, problem: CaptureError) -> None:
        """Nothing is recorded any more, and no new capture can be had."""
        self._capture_problem = problem

    def note_dead_sound(self, *, dead: bool) -> None:
        """Whether the zeros that come are dead sound: a declared gap, and never silence."""
        self._sound_dead = dead
        if dead:
            self._recorder.declare_dead()

    @property
    def sound_alive(self) -> bool | None:
        """Whether packets of sound arrive, silence included; None before the first.

        Zeros that are known to be dead sound are none.
        """
        age_s = self._recorder.stats().sound_age_s
        return None if age_s is None else age_s < DEAD_SOUND_S and not self._sound_dead

    @property
    def heard_ago_s(self) -> float | None:
        """Seconds since something was heard, in a pause too; None when nothing was.

        0 while the sound is dead: that is known by what the page hears.
        """
        return 0.0 if self._sound_dead else self._recorder.stats().heard_age_s

    def stats(self) -> tuple[RecorderStats, UploadStats]:
        """How the recording and its upload stand."""
        return self._recorder.stats(), self._upload.stats()

    async def _close(self, what: str, leave: Callable[..., None]) -> None:
        """Leave a context manager whose leaving blocks, for so long as there is time.

        It is left in any case: a thread that has not begun would be cancelled.
        """
        work = functools.partial(leave, None, None, None)
        leaving = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            async with self._patience.step(Step.RECORDING, CLOSE_LIMIT_S):
                await asyncio.shield(leaving)
        except TimeoutError:
            log.warning("not_closed_in_time", what=what)

    def _make_encoder(self) -> Encoder:
        capture = self._shape.capture
        flac = self._shape.audio_name == FLAC_AUDIO
        settings = EncoderSettings(capture.width, capture.height, video=capture.video, flac=flac)
        return Encoder(self._upload.video_sink, self._upload.audio_sink, settings)

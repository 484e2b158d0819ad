"""Uploads one recording while it is made: video, audio and the live chunks."""

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from media.courier import Courier
from media.errors import MediaError, SpoolFull
from media.live import LiveStream
from media.parts import GrowingObject
from media.playlist import CHUNK_S
from media.sink import MuxerSink
from media.spool import Spool
from media.types import Storage

VIDEO_NAME: Final = "video.mp4"
AUDIO_NAME: Final = "audio.mp3"
CHUNKS: Final = "chunks/"
MAX_SPOOL_BYTES: Final = 1024 * 1024 * 1024
LAST_CHUNKS_S: Final = 5.0
"""How long leaving without `finish` waits for the chunks cut so far."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UploadStats:
    """How an upload stands. `lag_seconds` is the age of the oldest bytes that wait.

    `pending_bytes` wait to be stored, `spool_bytes` are on the local disk; `problem` is what
    keeps bytes from being stored now, or a `SpoolFull` once the spool is nearly full: then it is
    time to end the recording, while its end still fits.
    """

    written_bytes: int
    uploaded_bytes: int
    pending_bytes: int
    spool_bytes: int
    lag_seconds: float
    chunks: int
    retries: int
    problem: MediaError | OSError | None


@dataclass(frozen=True, slots=True)
class UploadResult:
    """What was stored. A key is None where nothing was written; `seconds` is finishing alone."""

    video_key: str | None
    audio_key: str | None
    video_bytes: int
    audio_bytes: int
    parts: int
    chunks: int
    bytes_after_leaving: int
    seconds: float


class RecordingUpload:
    """A context manager round one recording; threads upload while it is written.

    The muxers write into `video_sink` and `audio_sink`, from one thread; both raise `SpoolFull`
    once the spool cannot take more, and keep raising it. Before the video's muxer is closed call
    `video_sink.closing()`, after it `video_sink.sealed()`, then `finish`. The audio's sink may
    be rewritten too, if it gets the same two calls; else its bytes leave as they come.

    Leaving without `finish` gives the chunks cut so far a last moment, and leaves everything for
    recovery: chunks, unfinished uploads, and in the spool what was not stored. `video_name=None`
    stores the chunks of what `video_sink` gets, and no video.
    """

    def __init__(
        self,
        storage: Storage,
        *,
        key_prefix: str,
        spool_dir: Path,
        max_spool_bytes: int = MAX_SPOOL_BYTES,
        chunk_s: float = CHUNK_S,
        video_name: str | None = VIDEO_NAME,
        audio_name: str = AUDIO_NAME,
    ) -> None:
        """`key_prefix` ends in '/'. `spool_dir` is made when it is not there."""
        self._spool = Spool(spool_dir, max_spool_bytes)
        self._courier = Courier(f"{storage.describe()}/{key_prefix}")
        self._live = LiveStream(
            storage, f"{key_prefix}{CHUNKS}", self._spool, self._courier, chunk_s
        )
        self._video: GrowingObject | None = None
        if video_name is not None:
            self._video = self._object(storage, key_prefix + video_name, "video/mp4")
        audio_type = "audio/flac" if audio_name.endswith(".flac") else "audio/mpeg"
        self._audio = self._object(storage, key_prefix + audio_name, audio_type)
        self.video_sink = MuxerSink(self._take_video)
        self.audio_sink = MuxerSink(self._take_audio)
        self._refusal: MediaError | OSError | None = None
        self._is_finished = self._is_let_go = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.let_go()
        if self._is_finished or not self._spool.held_bytes:
            self._spool.remove()

    def let_go(self) -> None:
        """Take and store nothing more; a second call does nothing.

        Without `finish` before it, everything is left for recovery, as leaving does.
        """
        if self._is_let_go:
            return
        self._is_let_go = True
        if not self._is_finished:
            self._save_chunks()
        self._close()

    def finish(self, deadline_s: float) -> UploadResult:
        """Store what is left within `deadline_s`: chunks, video, audio.

        Raises what a write raised before, `SpoolFull` say (after storing the chunks up to there),
        `StorageError` or `UploadUnfinished` when the storage does not take the rest, and
        `PatchOutOfReach`. After any of these the chunks are the recording.
        """
        began_s = time.monotonic()
        until_s = began_s + deadline_s
        stored_before = self._courier.stored_bytes
        self._courier.hurry()
        unsealed = self.video_sink.size_bytes and not self.video_sink.is_sealed
        if self._refusal is None and (unsealed or self.audio_sink.is_closing):
            raise ValueError("finish() before the muxer was closed and its sink sealed")
        if self._refusal is None:
            self._live.append(self.video_sink.tail)
        self._live.end()
        if self._refusal is not None:
            self._live.wait(until_s)
            raise self._refusal
        has_video = self._video is not None and self._video.finish(
            self.video_sink.tail, self.video_sink.patches, until_s
        )
        has_audio = self._audio.finish(self.audio_sink.tail, self.audio_sink.patches, until_s)
        self._live.wait(until_s)
        self._is_finished = True
        result = UploadResult(
            video_key=self._video.key if self._video is not None and has_video else None,
            audio_key=self._audio.key if has_audio else None,
            video_bytes=self._video.size_bytes if self._video is not None else 0,
            audio_bytes=self._audio.size_bytes,
            parts=sum(each.part_count for each in self._objects),
            chunks=self._live.chunk_count,
            bytes_after_leaving=self._courier.stored_bytes - stored_before,
            seconds=round(time.monotonic() - began_s, 3),
        )
        log.info("recording_uploaded", **dataclasses.asdict(result))
        return result

    def stats(self) -> UploadStats:
        """How it stands; cheap, from any thread."""
        return UploadStats(
            written_bytes=self.video_sink.size_bytes + self.audio_sink.size_bytes,
            uploaded_bytes=self._courier.stored_bytes,
            pending_bytes=self._courier.waiting_bytes,
            spool_bytes=self._spool.held_bytes,
            lag_seconds=round(self._courier.lag_s, 3),
            chunks=self._live.chunk_count,
            retries=self._courier.retries,
            problem=self._problem(),
        )

    @property
    def stored_s(self) -> float:
        """Seconds of media that are stored in chunks: what a lost machine would leave."""
        return self._live.stored_s

    def delete_chunks(self) -> None:
        """Delete the live stream, once the final object was verified."""
        self._live.delete()

    def abort(self) -> None:
        """Forget the recording: unfinished uploads, chunks and spool go. Raises StorageError."""
        self._close()
        for each in self._objects:
            each.abort()
        self._live.delete()
        self._is_finished = True

    @property
    def _objects(self) -> tuple[GrowingObject, ...]:
        return (self._audio,) if self._video is None else (self._video, self._audio)

    def _object(self, storage: Storage, key: str, content_type: str) -> GrowingObject:
        return GrowingObject(storage, key, content_type, self._spool, self._courier)

    def _take_video(self, data: bytes) -> None:
        with self._latched():
            self._live.append(data)
            if self._video is not None:
                self._video.append(data)

    def _take_audio(self, data: bytes) -> None:
        with self._latched():
            self._audio.append(data)

    @contextlib.contextmanager
    def _latched(self) -> Iterator[None]:
        """After one refused write every later one is refused: a file has no holes."""
        if self._refusal is not None:
            raise self._refusal
        try:
            yield
        except (MediaError, OSError) as error:
            self._refusal = error
            log.warning("recording_refused", error=str(error))
            raise

    def _problem(self) -> MediaError | OSError | None:
        if self._refusal is not None:
            return self._refusal
        held_bytes = self._spool.held_bytes
        if held_bytes > self._spool.nearly_full_bytes:
            return SpoolFull(held_bytes, self._spool.max_bytes)
        lost = next((each.problem for each in self._objects if each.problem is not None), None)
        return lost or self._courier.problem

    def _save_chunks(self) -> None:
        try:
            self._live.flush()
            self._live.wait(time.monotonic() + LAST_CHUNKS_S)
        except MediaError as error:
            log.warning("chunks_left_in_spool", error=str(error), folder=str(self._spool.folder))

    def _close(self) -> None:
        self._courier.close()
        for each in self._objects:
            each.close()

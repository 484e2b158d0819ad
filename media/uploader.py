"""Uploads one recording while it is made: video, audio and the live chunks."""

import dataclasses
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from media.courier import Courier
from media.errors import MediaError, SpoolFull, UploadUnfinished
from media.live import LiveStream, Note
from media.parts import GrowingObject
from media.playlist import CHUNK_S
from media.sink import MuxerSink
from media.spool import Spool
from media.types import Storage
from media.write_behind import WriteBehind

VIDEO_NAME: Final = "video.mp4"
AUDIO_NAME: Final = "audio.mp3"
CHUNKS: Final = "chunks/"
MAX_SPOOL_BYTES: Final = 1024 * 1024 * 1024
LAST_CHUNKS_S: Final = 5.0
"""How long leaving without `finish` waits for the disk, and then for the chunks cut so far."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UploadStats:
    """How an upload stands. `lag_seconds` is the age of the oldest bytes that wait.

    `pending_bytes` wait to be stored, `spool_bytes` are on the local disk; `problem` is what
    keeps bytes from being stored now, or a `SpoolFull` once the spool is nearly full: then it is
    time to end the recording, while its end still fits. For `stalled_seconds` in all the muxers
    waited for the local disk.
    """

    written_bytes: int
    uploaded_bytes: int
    pending_bytes: int
    spool_bytes: int
    lag_seconds: float
    chunks: int
    retries: int
    problem: Exception | None
    stalled_seconds: float = 0.0


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

    The muxers write into `video_sink` and `audio_sink`, from one thread, which does not wait for
    the disk; both raise `SpoolFull` once the spool could not take more, and keep raising it, for
    a file has no holes. Before the video's muxer is closed call
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
        self._target = f"{storage.describe()}/{key_prefix}"
        self._courier = Courier(self._target)
        self._live = LiveStream(
            storage, f"{key_prefix}{CHUNKS}", self._spool, self._courier, chunk_s
        )
        self._video: GrowingObject | None = None
        if video_name is not None:
            self._video = self._object(storage, key_prefix + video_name, "video/mp4")
        audio_type = "audio/flac" if audio_name.endswith(".flac") else "audio/mpeg"
        self._audio = self._object(storage, key_prefix + audio_name, audio_type)
        self._writes = WriteBehind()
        self.video_sink = MuxerSink(lambda data: self._writes.put(self._write_video, data))
        self.audio_sink = MuxerSink(lambda data: self._writes.put(self._audio.append, data))
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

    def ask_before_chunks(self, note: Note) -> None:
        """Have `note` asked before each chunk is stored, as `LiveStream` does."""
        self._live.note = note

    def let_go(self) -> None:
        """Take and store nothing more; a second call does nothing.

        Without `finish` before it, everything is left for recovery, as leaving does.
        """
        if self._is_let_go:
            return
        self._is_let_go = True
        written = self._writes.close(time.monotonic() + LAST_CHUNKS_S)
        if written and not self._is_finished:
            self._save_chunks()
        self._close(written=written)

    def finish(self, deadline_s: float) -> UploadResult:
        """Store what is left within `deadline_s`: chunks, video, audio.

        Raises what a write raised before, `SpoolFull` say (after storing the chunks up to there),
        `StorageError` or `UploadUnfinished` when the disk or the storage does not take the rest,
        and `PatchOutOfReach`. After any of these the chunks are the recording.
        """
        began_s = time.monotonic()
        until_s = began_s + deadline_s
        stored_before = self._courier.stored_bytes
        self._courier.hurry()
        refusal = self._written(deadline_s)
        unsealed = self.video_sink.size_bytes and not self.video_sink.is_sealed
        if refusal is None and (unsealed or self.audio_sink.is_closing):
            raise ValueError("finish() before the muxer was closed and its sink sealed")
        if refusal is None:
            self._live.append(self.video_sink.tail)
        self._live.end()
        if refusal is not None:
            self._live.wait(until_s)
            raise refusal
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

    def _written(self, deadline_s: float) -> Exception | None:
        """Wait for the disk: what it refused, None where it took it all."""
        if not self._writes.drain(time.monotonic() + deadline_s):
            waiting_bytes = self._writes.waiting_bytes
            raise UploadUnfinished(self._target, waiting_bytes, deadline_s, "the disk is slow")
        return self._writes.problem

    def stats(self) -> UploadStats:
        """How it stands; cheap, from any thread."""
        unwritten_bytes = self._writes.waiting_bytes  # first: it is not to be missed on its way
        return UploadStats(
            written_bytes=self.video_sink.size_bytes + self.audio_sink.size_bytes,
            uploaded_bytes=self._courier.stored_bytes,
            pending_bytes=unwritten_bytes + self._courier.waiting_bytes,
            spool_bytes=self._spool.held_bytes,
            lag_seconds=round(self._courier.lag_s, 3),
            chunks=self._live.chunk_count,
            retries=self._courier.retries,
            problem=self._problem(unwritten_bytes),
            stalled_seconds=round(self._writes.stalled_s, 1),
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
        self._close(written=self._writes.close(time.monotonic() + LAST_CHUNKS_S))
        for each in self._objects:
            each.abort()
        self._live.delete()
        self._is_finished = True

    @property
    def _objects(self) -> tuple[GrowingObject, ...]:
        return (self._audio,) if self._video is None else (self._video, self._audio)

    def _object(self, storage: Storage, key: str, content_type: str) -> GrowingObject:
        return GrowingObject(storage, key, content_type, self._spool, self._courier)

    def _write_video(self, data: bytes) -> None:
        self._live.append(data)
        if self._video is not None:
            self._video.append(data)

    def _problem(self, unwritten_bytes: int) -> Exception | None:
        if self._writes.problem is not None:
            return self._writes.problem
        held_bytes = self._spool.held_bytes + unwritten_bytes
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

    def _close(self, *, written: bool) -> None:
        self._courier.close()
        for each in self._objects if written else ():  # else their files are in use
            each.close()

"""Makes the finished files of a recording from the chunks that a dead run left in the storage."""

import io
import shutil
import struct
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import structlog

from media.courier import Courier
from media.encoder import BIT_RATE
from media.errors import NothingToRecover, VerificationFailed
from media.live import stored_chunks
from media.parts import GrowingObject
from media.playlist import CHUNK_S, INIT_NAME
from media.sink import MuxerSink
from media.spool import UPLOADS, Spool
from media.types import AUDIO_RATE_HZ, Storage
from media.uploader import AUDIO_NAME, CHUNKS, MAX_SPOOL_BYTES, VIDEO_NAME, UploadResult
from media.verify import Expectation, verify_audio, verify_recording

MUXER_OPTIONS: Final = {"movflags": "+hybrid_fragmented+delay_moov+default_base_moof+frag_keyframe"}
MP3_FRAME_SAMPLES: Final = 1152
BOX_HEAD_BYTES: Final = 8
FLAC_NAME: Final = "audio.flac"
"""What a job may ask for. Of a dead run's chunks an MP3 is made in any case: they hold AAC."""

log = structlog.get_logger(__name__)


class StoredStream(io.RawIOBase):
    """The objects of `keys` one after another, as a file that cannot be rewound."""

    def __init__(self, storage: Storage, keys: Sequence[str]) -> None:
        super().__init__()
        self._storage = storage
        self._keys = deque(keys)
        self._current = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, all that is left when negative; none at the end."""
        while self._keys and (size < 0 or not self._current):
            self._current += self._storage.get(self._keys.popleft())
        cut = len(self._current) if size < 0 else size
        piece, self._current = self._current[:cut], self._current[cut:]
        return piece


@dataclass(frozen=True, slots=True)
class Salvage:
    """What stands of a dead run's recording. A key is None where nothing of its kind was left.

    `chunks` is how many the files were made from; 0 where the dead run had stored them itself.
    """

    video_key: str | None
    audio_key: str | None
    video_bytes: int
    audio_bytes: int
    duration_s: float
    chunks: int

    @property
    def names(self) -> tuple[str, ...]:
        """Of the files, without their folder."""
        keys = (self.video_key, self.audio_key)
        return tuple(key.rpartition("/")[2] for key in keys if key is not None)


def salvage(
    storage: Storage, *, key_prefix: str, run_folder: Path, deadline_s: float
) -> Salvage | None:
    """Finish the recording of a dead run below `key_prefix`, and look at it; None: it had none.

    `run_folder` is the dead run's place in the spool, there or not: its chunks are stored first.
    What the run had finished itself is only looked at. Uploads it left open are aborted. Safe to
    do again after dying at any point. Blocks. Raises StorageError, `VerificationFailed`, and what
    broken chunks raise.
    """
    _store_spooled(storage, key_prefix + CHUNKS, run_folder)
    found = _standing(storage, key_prefix)
    if found is None:
        try:
            made = recover_recording(
                storage, key_prefix=key_prefix, spool_dir=run_folder, deadline_s=deadline_s
            )
        except NothingToRecover:
            return None
        found = _checked(storage, made.video_key, made.audio_key, made.chunks)
    storage.abort_uploads(key_prefix)
    return found


def clear_spool(run_folder: Path) -> None:
    """Remove a dead run's folder, unless it holds chunks that are not stored."""
    if not _spooled(run_folder):
        shutil.rmtree(run_folder, ignore_errors=True)


def _store_spooled(storage: Storage, prefix: str, run_folder: Path) -> None:
    """Store the chunks a dead run had cut; one it was still writing is let go.

    Its parts go too: what the chunks are made into needs the room, and the disk may be full.
    """
    for path in _spooled(run_folder):
        data = path.read_bytes()
        if _is_whole(data):
            storage.put(prefix + path.name, data, "video/mp4")
        path.unlink()
    for folder in run_folder.glob(f"{UPLOADS}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _spooled(run_folder: Path) -> list[Path]:
    found = run_folder.glob(f"{UPLOADS}*/*")
    return sorted(path for path in found if path.name == INIT_NAME or path.suffix == ".m4s")


def _is_whole(data: bytes) -> bool:
    """Whether MP4 boxes fill the bytes to the end."""
    at = 0
    while at + BOX_HEAD_BYTES <= len(data):
        (size_bytes,) = struct.unpack_from(">I", data, at)
        if size_bytes < BOX_HEAD_BYTES:
            return False
        at += size_bytes
    return bool(data) and at == len(data)


def _standing(storage: Storage, key_prefix: str) -> Salvage | None:
    """The files the dead run finished itself, if they play; without a video: of sound alone.

    The audio file is the last to be finished (`media.uploader`), so that it tells of the other.
    """
    found = [storage.head(key_prefix + name) for name in (VIDEO_NAME, AUDIO_NAME, FLAC_NAME)]
    video_key, *audio_keys = [info.key if info is not None else None for info in found]
    audio_key = next(filter(None, audio_keys), None)
    if audio_key is None:
        return None
    try:
        return _checked(storage, video_key, audio_key, 0)
    except VerificationFailed as error:
        log.warning("finished_recording_broken", key_prefix=key_prefix, problem=str(error))
        return None


def _checked(
    storage: Storage, video_key: str | None, audio_key: str | None, chunks: int
) -> Salvage:
    video = audio = None
    if video_key is not None:
        video = verify_recording(storage, video_key, Expectation(None, width=None, height=None))
    if audio_key is not None:
        expect = Expectation(video.duration_s if video else None, tolerance_s=CHUNK_S)
        audio = verify_audio(storage, audio_key, expect)
    longest = video or audio
    return Salvage(
        video_key=video_key,
        audio_key=audio_key,
        video_bytes=video.size_bytes if video else 0,
        audio_bytes=audio.size_bytes if audio else 0,
        duration_s=longest.duration_s if longest else 0.0,
        chunks=chunks,
    )


def recover_recording(
    storage: Storage,
    *,
    key_prefix: str,
    spool_dir: Path,
    deadline_s: float,
    max_spool_bytes: int = MAX_SPOOL_BYTES,
) -> UploadResult:
    """Store `video.mp4` and `audio.mp3` below `key_prefix`, made from the chunks below it.

    A stream without pictures gives sound alone. Chunks stay, and so do uploads of the dead run:
    `storage.abort_uploads(key_prefix)` ends those once the result was verified. Blocks. Raises
    `NothingToRecover`, StorageError, `SpoolFull`, `UploadUnfinished`.
    """
    keys = stored_chunks(storage, key_prefix + CHUNKS)
    if not keys:
        raise NothingToRecover(key_prefix)
    began_s = time.monotonic()
    spool = Spool(spool_dir, max_spool_bytes)
    with Courier(f"{storage.describe()}/{key_prefix}") as courier:
        video = GrowingObject(storage, key_prefix + VIDEO_NAME, "video/mp4", spool, courier)
        audio = GrowingObject(storage, key_prefix + AUDIO_NAME, "audio/mpeg", spool, courier)
        try:
            sink = MuxerSink(video.append)
            has_pictures = _remux(StoredStream(storage, keys), sink, MuxerSink(audio.append))
            courier.hurry()
            until_s = began_s + deadline_s
            if has_pictures:
                video.finish(sink.tail, sink.patches, until_s)
            has_audio = audio.finish(b"", (), until_s)
        finally:
            video.close()
            audio.close()
    spool.remove()
    result = UploadResult(
        video_key=video.key if has_pictures else None,
        audio_key=audio.key if has_audio else None,
        video_bytes=video.size_bytes,
        audio_bytes=audio.size_bytes,
        parts=video.part_count + audio.part_count,
        chunks=len(keys) - 1,
        bytes_after_leaving=courier.stored_bytes,
        seconds=round(time.monotonic() - began_s, 3),
    )
    log.info("recording_recovered", key_prefix=key_prefix, chunks=result.chunks)
    return result


def _remux(source: StoredStream, video_sink: MuxerSink, audio_sink: MuxerSink) -> bool:
    """Copy pictures and sound into a new MP4, encode the sound as MP3; whether it has pictures."""
    with (
        av.open(source, "r", format="mp4") as chunks,
        av.open(audio_sink, "w", format="mp3", options={"write_xing": "0"}) as mp3,
    ):
        has_pictures = bool(chunks.streams.video)
        mp4: Any = (
            av.open(video_sink, "w", format="mp4", options=dict(MUXER_OPTIONS))
            if has_pictures
            else None
        )
        sound = SoundCopy(mp3) if chunks.streams.audio else None
        copies = {
            stream.index: mp4.add_stream_from_template(stream) for stream in chunks.streams if mp4
        }
        for packet in chunks.demux():
            if packet.dts is None:
                continue
            if sound is not None and packet.stream.type == "audio":
                sound.add_all(packet.decode())
            if mp4:
                packet.stream = copies[packet.stream.index]
                mp4.mux(packet)
        if sound is not None:
            sound.end()
        if mp4:
            video_sink.closing()
            mp4.close()
            video_sink.sealed()
        return has_pictures


class SoundCopy:
    """Encodes decoded sound as the MP3 of `container`."""

    def __init__(self, container: Any) -> None:  # noqa: ANN401 - PyAV
        self._container = container
        self._stream = container.add_stream("libmp3lame", rate=AUDIO_RATE_HZ, layout="stereo")
        self._stream.codec_context.bit_rate = BIT_RATE
        self._resampler = av.AudioResampler("fltp", "stereo", AUDIO_RATE_HZ, MP3_FRAME_SAMPLES)

    def add_all(self, frames: Iterable[Any]) -> None:
        """Encode frames of sound; None brings out what waits for a whole frame."""
        for frame in frames:
            for whole in self._resampler.resample(frame):
                self._container.mux(self._stream.encode(whole))

    def end(self) -> None:
        """Bring out everything."""
        self.add_all([None])
        self._container.mux(self._stream.encode(None))

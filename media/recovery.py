"""Makes the finished files of a recording from the chunks that a dead run left in the storage."""

import io
import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import av
import structlog

from media.courier import Courier
from media.errors import NothingToRecover
from media.live import stored_chunks
from media.parts import GrowingObject
from media.sink import MuxerSink
from media.spool import Spool
from media.types import AUDIO_RATE_HZ, Storage
from media.uploader import AUDIO_NAME, CHUNKS, MAX_SPOOL_BYTES, VIDEO_NAME, UploadResult

MUXER_OPTIONS: Final = {"movflags": "+hybrid_fragmented+delay_moov+default_base_moof+frag_keyframe"}
MP3_BIT_RATE: Final = 128_000
MP3_FRAME_SAMPLES: Final = 1152

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
        self._stream.codec_context.bit_rate = MP3_BIT_RATE
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

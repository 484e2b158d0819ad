"""Encodes placed pictures and sound into one fragmented MP4 and one MP3. Not for the event loop."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from media.timeline import VIDEO_TICKS_HZ
from media.types import AUDIO_RATE_HZ

X264_OPTIONS: Final = {
    "preset": "veryfast",
    "crf": "23",
    # no packet may wait for later pictures: on a still page the next one is a second away
    # (force-cfr keeps the timestamps given; without it x264 holds each picture for the next one)
    "x264-params": "bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:scenecut=0:force-cfr=1"
    ":keyint=infinite",
}
MAX_BIT_RATE: Final = 4_000_000
AAC_BIT_RATE: Final = 128_000
MP3_BIT_RATE: Final = 128_000
MUXER_OPTIONS: Final = {
    "movflags": "+hybrid_fragmented+delay_moov+default_base_moof+frag_keyframe",
    # sound and pictures are fed together: waiting longer for the other only delays the upload
    "max_interleave_delta": "1500000",
}
VIDEO_TIME_BASE: Final = Fraction(1, VIDEO_TICKS_HZ)
AUDIO_TIME_BASE: Final = Fraction(1, AUDIO_RATE_HZ)
NOMINAL_FRAME_TICKS: Final = VIDEO_TICKS_HZ // 30


class Sink(Protocol):
    """A write-only file the muxer may seek in."""

    def write(self, data: bytes) -> int:
        """Take bytes at the current position."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the position."""

    def tell(self) -> int:
        """The position."""


class AppendSink(Protocol):
    """A write-only file that only grows."""

    def write(self, data: bytes) -> int:
        """Take bytes at the end."""


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Picture size and x264 preset; a picture of another size is scaled to this one."""

    width: int = 1280
    height: int = 720
    preset: str = "veryfast"


class Encoder:
    """Writes H.264 + AAC into `video_sink` and MP3 into `audio_sink` as it goes.

    Pictures come as packed I420 with their place in 90 kHz ticks, sound as float32 of shape
    (2, n) end to end from 0. One thread only.
    """

    def __init__(self, video_sink: Sink, audio_sink: AppendSink, settings: EncoderSettings) -> None:
        """Open both containers; nothing is written before the first picture and sound."""
        self._settings = settings
        self._mp4 = av.open(video_sink, "w", format="mp4", options=dict(MUXER_OPTIONS))
        video: Any = self._mp4.add_stream(
            "libx264", rate=30, options={**X264_OPTIONS, "preset": settings.preset}
        )
        video.width, video.height, video.pix_fmt = settings.width, settings.height, "yuv420p"
        video.codec_context.time_base = VIDEO_TIME_BASE
        video.time_base = VIDEO_TIME_BASE
        video.codec_context.thread_count = 1
        self._video = video
        self._aac = self._audio_stream(self._mp4, "aac", AAC_BIT_RATE)
        # no Xing header: it would be patched at the start of a file that is already on its way
        self._mp3 = av.open(audio_sink, "w", format="mp3", options={"write_xing": "0"})
        self._lame = self._audio_stream(self._mp3, "libmp3lame", MP3_BIT_RATE)
        self._fifos = {
            id(stream): (stream, container, av.AudioFifo(), stream.codec_context)
            for stream, container in ((self._aac, self._mp4), (self._lame, self._mp3))
        }
        self._samples = 0
        self._scaler = av.video.reformatter.VideoReformatter()
        self.last_key_pts = -1

    @staticmethod
    def _audio_stream(container: Any, codec: str, bit_rate: int) -> Any:  # noqa: ANN401 - PyAV
        stream = container.add_stream(codec, rate=AUDIO_RATE_HZ, layout="stereo")
        stream.codec_context.bit_rate = bit_rate
        stream.time_base = AUDIO_TIME_BASE
        return stream

    def picture(
        self, i420: NDArray[np.uint8], width: int, height: int, pts: int, *, keyframe: bool
    ) -> None:
        """Encode one picture at `pts` (90 kHz)."""
        frame = av.VideoFrame.from_ndarray(i420.reshape(height * 3 // 2, width), format="yuv420p")
        if (width, height) != (self._settings.width, self._settings.height):
            frame = self._scaler.reformat(frame, self._settings.width, self._settings.height)
        frame.pts = pts
        frame.time_base = VIDEO_TIME_BASE
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        self._mux(self._mp4, self._video.encode(frame))

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Encode sound of shape (2, n), n > 0, right after what came before."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
        frame.sample_rate = AUDIO_RATE_HZ
        frame.time_base = AUDIO_TIME_BASE
        for stream, container, fifo, context in self._fifos.values():
            frame.pts = self._samples
            fifo.write(frame)
            for whole in fifo.read_many(context.frame_size or 1024):
                self._mux(container, stream.encode(whole))
        self._samples += samples.shape[1]

    def flush(self) -> None:
        """Bring out everything the encoders still hold; nothing can be fed afterwards."""
        for stream, container, fifo, _ in self._fifos.values():
            rest = fifo.read()
            if rest is not None:
                self._mux(container, stream.encode(rest))
            self._mux(container, stream.encode(None))
        self._mux(self._mp4, self._video.encode(None))

    def close(self) -> None:
        """End both files; the MP4's index is written here, backwards writes included."""
        self._mp3.close()
        self._mp4.close()

    @staticmethod
    def _mux(container: Any, packets: Iterable[Any]) -> None:  # noqa: ANN401 - PyAV
        for packet in packets:
            container.mux(packet)

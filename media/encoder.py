"""Encodes placed pictures and sound into one fragmented MP4 and one sound file.

Not for the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol, runtime_checkable

import av
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from media.timeline import KEYFRAME_EVERY_US, VIDEO_TICKS_HZ
from media.types import AUDIO_RATE_HZ

X264_OPTIONS: Final = {
    "preset": "veryfast",
    "crf": "23",
    # no packet may wait for later pictures: on a still page the next one is a second away
    # (force-cfr keeps the timestamps given; without it x264 holds each picture for the next one)
    "x264-params": "bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:scenecut=0:force-cfr=1"
    # a page of noise must not outrun the upload: 4 Mbit/s on a moving average of two seconds
    ":keyint=infinite:vbv-maxrate=4000:vbv-bufsize=8000",
}
AAC_BIT_RATE: Final = 128_000
MP3_BIT_RATE: Final = 128_000
CODEC_FRAME: Final = 1024
"""For a codec that takes any number of samples at once."""
VIDEO_TIME_BASE: Final = Fraction(1, VIDEO_TICKS_HZ)
AUDIO_TIME_BASE: Final = Fraction(1, AUDIO_RATE_HZ)
I420_BLACK: Final = (16, 128, 128)


class AppendSink(Protocol):
    """A write-only file that only grows."""

    def write(self, data: bytes) -> int:
        """Take bytes at the end."""


class Sink(AppendSink, Protocol):
    """A write-only file the muxer may seek in."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the position."""

    def tell(self) -> int:
        """The position."""


@runtime_checkable
class ClosingSink(Protocol):
    """A sink that wants to know when the muxer writes its end, backward writes included."""

    def closing(self) -> None:
        """From here on the muxer may rewrite what it wrote."""

    def sealed(self) -> None:
        """Nothing more will be written."""


class _Append:
    """What PyAV sees of a sink.

    `closed` is what PyAV looks for: a muxer that is thrown away unfinished writes its end then,
    unless its file says it is closed.
    """

    def __init__(self, sink: AppendSink) -> None:
        self._append = sink
        self.closed = False

    def write(self, data: bytes) -> int:
        return self._append.write(data)


class _Seekable(_Append):
    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._sink = sink

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._sink.seek(offset, whence)

    def tell(self) -> int:
        return self._sink.tell()


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """Picture size (even) and x264 preset; a picture of another size is fitted into this one.

    Without `video` the MP4 holds sound alone. The sound file is an MP3, or with `flac` a FLAC.
    """

    width: int = 1280
    height: int = 720
    preset: str = "veryfast"
    video: bool = True
    flac: bool = False


class Encoder:
    """Writes H.264 + AAC into `video_sink` and MP3 or FLAC into `audio_sink` as it goes.

    Pictures come as packed I420 with their place in 90 kHz ticks, sound as float32 of shape
    (2, n) end to end from 0. One thread only. What a sink raises comes out of the call that
    wrote to it.
    """

    def __init__(self, video_sink: Sink, audio_sink: Sink, settings: EncoderSettings) -> None:
        """Open both containers; nothing is written before the first picture and sound."""
        self._settings = settings
        self._sinks = (audio_sink, video_sink)
        # a FLAC says its length at its start, once it is known
        sound_file = _Seekable(audio_sink) if settings.flac else _Append(audio_sink)
        self._files = (sound_file, _Seekable(video_sink))
        self._sound_file = self._open_sound(sound_file)
        self._mp4 = av.open(self._files[1], "w", format="mp4", options=muxer_options(settings))
        self._video = self._video_stream() if settings.video else None
        self._tracks = (
            self._audio_track(self._mp4, "aac", AAC_BIT_RATE),
            self._audio_track(self._sound_file, "flac", None)
            if settings.flac
            else self._audio_track(self._sound_file, "libmp3lame", MP3_BIT_RATE),
        )
        self._samples = 0
        self._scaler = av.video.reformatter.VideoReformatter()

    def _video_stream(self) -> Any:  # noqa: ANN401 - PyAV has no usable types
        options = {**X264_OPTIONS, "preset": self._settings.preset}
        video: Any = self._mp4.add_stream("libx264", rate=30, options=options)
        video.width, video.height = self._settings.width, self._settings.height
        video.pix_fmt = "yuv420p"
        video.codec_context.time_base = VIDEO_TIME_BASE
        video.time_base = VIDEO_TIME_BASE
        video.codec_context.thread_count = 1
        return video

    def _open_sound(self, file: _Append) -> Any:  # noqa: ANN401 - PyAV has no usable types
        if self._settings.flac:
            return av.open(file, "w", format="flac")
        # no Xing header: it would be patched at the start of a file that is already on its way
        return av.open(file, "w", format="mp3", options={"write_xing": "0"})

    @staticmethod
    def _audio_track(container: Any, codec: str, bit_rate: int | None) -> "_AudioTrack":  # noqa: ANN401
        stream = container.add_stream(codec, rate=AUDIO_RATE_HZ, layout="stereo")
        if bit_rate is not None:
            stream.codec_context.bit_rate = bit_rate
        stream.time_base = AUDIO_TIME_BASE
        return _AudioTrack(container, stream, av.AudioFifo())

    def picture(
        self, i420: NDArray[np.uint8], width: int, height: int, pts: int, *, keyframe: bool
    ) -> None:
        """Encode one picture at `pts` (90 kHz)."""
        target = (self._settings.width, self._settings.height)
        if self._video is None:
            raise ValueError("this recording has no pictures")
        frame = av.VideoFrame.from_ndarray(i420.reshape(height * 3 // 2, width), format="yuv420p")
        if (width, height) != target:
            frame = self._fitted(frame)
        frame.pts = pts
        frame.time_base = VIDEO_TIME_BASE
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        for packet in self._video.encode(frame):
            self._mp4.mux(packet)

    def _fitted(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The picture scaled to fit, with black bars where its shape leaves room."""
        width, height = self._settings.width, self._settings.height
        scale = min(width / frame.width, height / frame.height)
        inner_width = min(width, round(frame.width * scale / 2) * 2)
        inner_height = min(height, round(frame.height * scale / 2) * 2)
        scaled = self._scaler.reformat(frame, inner_width, inner_height)
        if (inner_width, inner_height) == (width, height):
            return scaled
        packed = np.asarray(scaled.to_ndarray(), np.uint8).ravel()
        canvas = np.empty(width * height * 3 // 2, np.uint8)
        inner_planes = i420_planes(packed, inner_width, inner_height)
        for plane, inner, black in zip(
            i420_planes(canvas, width, height), inner_planes, I420_BLACK, strict=True
        ):
            plane[:] = black
            top = (plane.shape[0] - inner.shape[0]) // 2
            left = (plane.shape[1] - inner.shape[1]) // 2
            plane[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        return av.VideoFrame.from_ndarray(canvas.reshape(height * 3 // 2, width), format="yuv420p")

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Encode sound of shape (2, n), n > 0, right after what came before."""
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
        frame.sample_rate = AUDIO_RATE_HZ
        frame.time_base = AUDIO_TIME_BASE
        for track in self._tracks:
            frame.pts = self._samples
            track.feed(frame)
        self._samples += samples.shape[1]

    def flush(self) -> None:
        """Bring out everything the encoders still hold; nothing can be fed afterwards."""
        for track in self._tracks:
            track.flush()
        if self._video is not None:
            for packet in self._video.encode(None):
                self._mp4.mux(packet)

    def close(self) -> None:
        """End both files; the MP4's index is written here, backward writes included.

        A `ClosingSink` is told before its muxer writes the end and after it has.
        """
        for container, sink in zip((self._sound_file, self._mp4), self._sinks, strict=True):
            if isinstance(sink, ClosingSink):
                sink.closing()
            container.close()
            if isinstance(sink, ClosingSink):
                sink.sealed()

    def abandon(self) -> None:
        """Leave both files as they are: nothing more is written to the sinks."""
        for file in self._files:
            file.closed = True


@dataclass(frozen=True, slots=True)
class _AudioTrack:
    """One encoded sound track: whole codec frames are cut from what was fed."""

    container: Any
    stream: Any
    fifo: av.AudioFifo

    def feed(self, frame: av.AudioFrame) -> None:
        self.fifo.write(frame)
        for whole in self.fifo.read_many(self.stream.codec_context.frame_size or CODEC_FRAME):
            self._encode(whole)

    def flush(self) -> None:
        rest = self.fifo.read()
        if rest is not None:
            self._encode(rest)
        self._encode(None)

    def _encode(self, frame: av.AudioFrame | None) -> None:
        for packet in self.stream.encode(frame):
            self.container.mux(packet)


def muxer_options(settings: EncoderSettings) -> dict[str, str]:
    """The MP4 muxer's options: a fragment at every keyframe, or by time where there are none."""
    flags = "+hybrid_fragmented+delay_moov+default_base_moof"
    if not settings.video:
        return {"movflags": flags, "frag_duration": str(KEYFRAME_EVERY_US)}
    # sound and pictures are fed together: waiting longer for the other only delays the upload
    return {"movflags": f"{flags}+frag_keyframe", "max_interleave_delta": "1500000"}


def i420_planes(packed: NDArray[np.uint8], width: int, height: int) -> Sequence[NDArray[np.uint8]]:
    """Views of the Y, U and V planes of a packed picture of even size."""
    luma, chroma = width * height, width * height // 4
    shape = (height // 2, width // 2)
    return (
        packed[:luma].reshape(height, width),
        packed[luma : luma + chroma].reshape(shape),
        packed[luma + chroma :].reshape(shape),
    )

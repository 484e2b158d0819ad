"""Encodes placed pictures and sound into one fragmented MP4 and one sound file.

Not for the event loop.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Protocol, runtime_checkable

import av
import numpy as np
from numpy.typing import NDArray

from media.h264 import PRESET, PictureTrack
from media.timeline import KEYFRAME_EVERY_US
from media.types import AUDIO_RATE_HZ

BIT_RATE: Final = 128_000
AAC_OPTIONS: Final = {"aac_coder": "fast"}
"""0.016 of a core, `twoloop` 0.032; of voices and noise 31.9 dB come back right, else 32.8."""
MP3_OPTIONS: Final = {"compression_level": "7"}
"""0.032 of a core, by default 0.048; 25.9 dB and 25.7."""
CODEC_FRAME: Final = 1024
"""For a codec that takes any number of samples at once."""
AUDIO_TIME_BASE: Final = Fraction(1, AUDIO_RATE_HZ)


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
    preset: str = PRESET
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
        self._pictures = (
            PictureTrack(self._mp4, settings.width, settings.height, settings.preset)
            if settings.video
            else None
        )
        self._tracks = (
            self._audio_track(self._mp4, "aac", AAC_OPTIONS),
            self._audio_track(self._sound_file, "flac", None)
            if settings.flac
            else self._audio_track(self._sound_file, "libmp3lame", MP3_OPTIONS),
        )
        self._samples = 0

    def _open_sound(self, file: _Append) -> Any:  # noqa: ANN401 - PyAV has no usable types
        if self._settings.flac:
            return av.open(file, "w", format="flac")
        # no Xing header: it would be patched at the start of a file that is already on its way
        return av.open(file, "w", format="mp3", options={"write_xing": "0"})

    @staticmethod
    def _audio_track(container: Any, codec: str, options: dict[str, str] | None) -> "_AudioTrack":  # noqa: ANN401
        """Of `BIT_RATE`, or without options of whatever the codec takes."""
        stream = container.add_stream(codec, rate=AUDIO_RATE_HZ, layout="stereo", options=options)
        if options is not None:
            stream.codec_context.bit_rate = BIT_RATE
        stream.time_base = AUDIO_TIME_BASE
        return _AudioTrack(container, stream, av.AudioFifo())

    def picture(
        self, i420: NDArray[np.uint8], width: int, height: int, pts: int, *, keyframe: bool
    ) -> None:
        """Encode one picture at `pts` (90 kHz)."""
        if self._pictures is None:
            raise ValueError("this recording has no pictures")
        self._pictures.feed(i420, width, height, pts, keyframe=keyframe)

    def economise(self, *, cheap: bool) -> None:
        """Encode pictures from the next one on with less effort, or with as much as at first.

        That picture becomes a keyframe. Does nothing where it is so already.
        """
        if self._pictures is not None:
            self._pictures.economise(cheap=cheap)

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
        if self._pictures is not None:
            self._pictures.flush()

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

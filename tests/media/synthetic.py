"""Small recordings made by the real muxer and encoders, for tests of what follows them."""

import io
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, Final

import av
import numpy as np
from av.video.frame import PictureType

WIDTH, HEIGHT = 320, 180
RATE_HZ = 48_000
MP4_OPTIONS = {"movflags": "+hybrid_fragmented+delay_moov+default_base_moof+frag_keyframe"}
_ENCODER = {
    "preset": "ultrafast",
    "x264-params": "bframes=0:rc-lookahead=0:sync-lookahead=0:threads=1:keyint=infinite",
}
_SAMPLES = 1024
_TICKS_HZ: Final = 90_000
_KEYFRAME_EVERY_S: Final = 2
_NOISE_S: Final = 2 * _KEYFRAME_EVERY_S
"""Noise begins anew after so long: encoded it takes 2 MB a second."""


class Encoded:
    """A stream's packets, each encoded once in a process: every recording of its kind has them."""

    def __init__(self, stream: Any, draw: Callable[[int], Any]) -> None:  # noqa: ANN401 - of PyAV
        self._stream, self._draw = stream, draw
        self._packets: list[Any] = []
        self._fed = 0

    def packet(self, index: int, stream: Any, pts: int) -> Any:  # noqa: ANN401 - of PyAV
        """The packet of that number, to be muxed into another stream at this time."""
        while len(self._packets) <= index:
            self._packets += self._stream.encode(self._draw(self._fed))
            self._fed += 1
        encoded = self._packets[index]
        packet = av.Packet(bytes(encoded))
        packet.stream, packet.time_base = stream, encoded.time_base
        packet.pts = packet.dts = pts
        packet.duration, packet.is_keyframe = encoded.duration, encoded.is_keyframe
        return packet


@cache
def pictures(fps: int, *, moving: bool, noise: bool) -> Encoded:
    """Grey that changes, or does not, or noise; a keyframe each 2 s."""
    random = np.random.default_rng(1)

    def draw(number: int) -> av.VideoFrame:
        shape = (HEIGHT * 3 // 2, WIDTH)
        pixels = np.full(shape, 20 + (number * 7) % 200 if moving else 90, np.uint8)
        if noise:
            pixels = random.integers(0, 256, shape, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts, frame.time_base = number * _TICKS_HZ // fps, Fraction(1, _TICKS_HZ)
        if number % (_KEYFRAME_EVERY_S * fps) == 0:
            frame.pict_type = PictureType.I
        return frame

    return Encoded(video_stream(av.open(io.BytesIO(), "w", format="mp4"), noise=noise), draw)


@cache
def tone(*, loud: bool) -> Encoded:
    """440 Hz, or silence."""

    def draw(number: int) -> av.AudioFrame:
        times = (np.arange(_SAMPLES) + number * _SAMPLES) / RATE_HZ
        wave = (0.3 if loud else 0.0) * np.sin(2 * np.pi * 440 * times)
        planes = np.stack([wave, wave]).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE_HZ, number * _SAMPLES
        frame.time_base = Fraction(1, RATE_HZ)
        return frame

    return Encoded(av.open(io.BytesIO(), "w", format="mp4").add_stream("aac", rate=RATE_HZ), draw)


def video_stream(container: Any, *, noise: bool) -> Any:  # noqa: ANN401 - of PyAV
    """A new stream of pictures; noise is kept as it is."""
    stream = container.add_stream("libx264", rate=30)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.codec_context.time_base = Fraction(1, _TICKS_HZ)
    stream.codec_context.options = {**_ENCODER, "crf": "0" if noise else "23"}
    return stream


class Recording:
    """A muxer on `sink`, fed by time: a picture each 1/`fps` s, a keyframe each 2 s, a tone.

    `noise` makes pictures that hardly compress, to get large files soon. What is fed comes out one
    picture, and one piece of sound, later, as it does of an encoder.
    """

    def __init__(
        self,
        sink: Any,  # noqa: ANN401 - anything that av.open takes
        *,
        fps: int = 15,
        moving: bool = True,
        sound: bool = True,
        loud: bool = True,
        noise: bool = False,
        options: dict[str, str] | None = None,
    ) -> None:
        self._fps = fps
        self._encoded, self._tone = pictures(fps, moving=moving, noise=noise), tone(loud=loud)
        self._period = _NOISE_S * fps if noise else None
        self._container = av.open(sink, "w", format="mp4", options=options or MP4_OPTIONS)
        self._video = video_stream(self._container, noise=noise)
        self._audio = self._container.add_stream("aac", rate=RATE_HZ) if sound else None
        self._pictures = self._pieces = 0

    @property
    def time_s(self) -> float:
        """How much was recorded."""
        return self._pictures / self._fps

    def record(self, seconds: float, after_each: Callable[[], None] = lambda: None) -> None:
        """Record so much more; `after_each` is called after each picture and its sound."""
        for _ in range(round(seconds * self._fps)):
            self._pictures += 1
            self._mux_picture(self._pictures - 2)
            while self._audio is not None and self._pieces * _SAMPLES < self.time_s * RATE_HZ:
                self._pieces += 1
                self._mux_sound(self._pieces - 2)
            after_each()

    def close(self) -> None:
        """Flush the encoders and write the index."""
        self.flush()
        self._container.close()

    def flush(self) -> None:
        """Flush the encoders."""
        self._mux_picture(self._pictures - 1)
        if self._audio is not None:
            self._mux_sound(self._pieces - 1)
            self._mux_sound(self._pieces)  # what an encoder of sound holds back

    def close_container(self) -> None:
        """Write the index only."""
        self._container.close()

    def _mux_picture(self, number: int) -> None:
        if number >= 0:
            index = number % self._period if self._period else number
            pts = number * _TICKS_HZ // self._fps
            self._container.mux(self._encoded.packet(index, self._video, pts))

    def _mux_sound(self, number: int) -> None:
        if number >= 0:
            pts = (number - 1) * _SAMPLES  # the first is what an encoder begins with
            self._container.mux(self._tone.packet(number, self._audio, pts))

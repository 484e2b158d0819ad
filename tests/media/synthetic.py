"""Small recordings made by the real muxer and encoders, for tests of what follows them."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

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


class Recording:
    """A muxer on `sink`, fed by time: a picture each 1/`fps` s, a keyframe each 2 s, a tone.

    `noise` makes pictures that hardly compress, to get large files soon.
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
        self._fps, self._moving, self._loud, self._noise = fps, moving, loud, noise
        self._container = av.open(sink, "w", format="mp4", options=options or MP4_OPTIONS)
        self._video = self._container.add_stream("libx264", rate=30)
        self._video.width, self._video.height = WIDTH, HEIGHT
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = Fraction(1, 90_000)
        self._video.codec_context.options = {**_ENCODER, "crf": "0" if noise else "23"}
        self._audio = self._container.add_stream("aac", rate=RATE_HZ) if sound else None
        self._random = np.random.default_rng(1)
        self._pictures = self._samples = 0

    @property
    def time_s(self) -> float:
        """How much was recorded."""
        return self._pictures / self._fps

    def record(self, seconds: float, after_each: Callable[[], None] = lambda: None) -> None:
        """Record so much more; `after_each` is called after each picture and its sound."""
        for _ in range(round(seconds * self._fps)):
            self._mux_picture()
            self._mux_sound()
            after_each()

    def close(self) -> None:
        """Flush the encoders and write the index."""
        self.flush()
        self._container.close()

    def flush(self) -> None:
        """Flush the encoders."""
        self._container.mux(self._video.encode(None))
        if self._audio is not None:
            self._container.mux(self._audio.encode(None))

    def close_container(self) -> None:
        """Write the index only."""
        self._container.close()

    def _mux_picture(self) -> None:
        shape = (HEIGHT * 3 // 2, WIDTH)
        grey = 20 + (self._pictures * 7) % 200 if self._moving else 90
        pixels = np.full(shape, grey, np.uint8)
        if self._noise:
            pixels = self._random.integers(0, 256, shape, np.uint8)
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts, frame.time_base = self._pictures * 90_000 // self._fps, Fraction(1, 90_000)
        if self._pictures % (2 * self._fps) == 0:
            frame.pict_type = PictureType.I
        self._pictures += 1
        self._container.mux(self._video.encode(frame))

    def _mux_sound(self) -> None:
        while self._audio is not None and self._samples < self.time_s * RATE_HZ:
            times = (np.arange(_SAMPLES) + self._samples) / RATE_HZ
            tone = (0.3 if self._loud else 0.0) * np.sin(2 * np.pi * 440 * times)
            planes = np.stack([tone, tone]).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = RATE_HZ, self._samples
            frame.time_base = Fraction(1, RATE_HZ)
            self._samples += _SAMPLES
            self._container.mux(self._audio.encode(frame))

"""A source in which nothing can be lost unseen: each picture has a number, each 0.2 s of sound too.

Fed to the real encoder as fast as it takes it: a long meeting in little time.
"""

import io
from collections.abc import Callable, Sequence
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from media.encoder import Encoder, EncoderSettings, Sink
from media.timeline import VIDEO_TICKS_HZ
from media.types import AUDIO_RATE_HZ

WIDTH: Final = 160
HEIGHT: Final = 96
FPS: Final = 10
BITS: Final = 16
CODE_S: Final = 0.2
CODES: Final = 16
SAMPLES: Final = round(CODE_S * AUDIO_RATE_HZ)
KEYFRAME_EVERY: Final = 2 * FPS
SETTINGS: Final = EncoderSettings(WIDTH, HEIGHT, preset="ultrafast")


def picture(number: int) -> NDArray[np.uint8]:
    """A packed I420 picture whose stripes are the number's bits."""
    bits = [(number >> bit) & 1 for bit in range(BITS)]
    stripes = np.repeat(np.where(bits, 200, 40).astype(np.uint8), WIDTH // BITS)
    packed = np.full(WIDTH * HEIGHT * 3 // 2, 128, np.uint8)
    packed[: WIDTH * HEIGHT] = np.tile(stripes, HEIGHT)
    return packed


def number_of(luma: NDArray[np.uint8]) -> int:
    """The number a decoded picture has."""
    stripes = luma[:, :WIDTH].reshape(HEIGHT, BITS, -1).mean(axis=(0, 2)) > 120
    return int(sum(1 << bit for bit in range(BITS) if stripes[bit]))


def code_hz(index: int) -> float:
    """The pitch of the sound's piece `index`."""
    return 500.0 + 200.0 * (index % CODES)


def sound(index: int) -> NDArray[np.float32]:
    """The sound's piece `index`, shape (2, n)."""
    at = np.arange(SAMPLES) / AUDIO_RATE_HZ
    wave = (0.4 * np.sin(2 * np.pi * code_hz(index) * at)).astype(np.float32)
    return np.stack([wave, wave])


class Numbered:
    """The source, feeding an encoder that writes into the sinks."""

    def __init__(self, video_sink: Sink, audio_sink: Sink) -> None:
        self._encoder = Encoder(video_sink, audio_sink, SETTINGS)
        self.pictures = 0
        self.codes = 0

    @property
    def recorded_s(self) -> float:
        """How much was fed."""
        return self.pictures / FPS

    def record(self, seconds: float, after_each: Callable[[], None] = lambda: None) -> None:
        """Feed so much more; `after_each` is called after each picture and its sound."""
        for _ in range(round(seconds * FPS)):
            number = self.pictures
            pts = number * VIDEO_TICKS_HZ // FPS
            keyframe = number % KEYFRAME_EVERY == 0
            self._encoder.picture(picture(number), WIDTH, HEIGHT, pts, keyframe=keyframe)
            self.pictures += 1
            while self.codes * CODE_S < self.recorded_s:
                self._encoder.sound(sound(self.codes))
                self.codes += 1
            after_each()

    def end(self) -> None:
        """End both files."""
        self._encoder.flush()
        self._encoder.close()

    def abandon(self) -> None:
        """Leave both files as they are."""
        self._encoder.abandon()


def numbers_in(data: bytes) -> list[int]:
    """The numbers of the pictures a file plays, in order."""
    with av.open(io.BytesIO(data), "r") as container:
        return [number_of(np.asarray(f.to_ndarray()[:HEIGHT])) for f in container.decode(video=0)]


def codes_in(data: bytes) -> list[int]:
    """The codes of the whole pieces of sound a file plays, in order, each modulo `CODES`."""
    with av.open(io.BytesIO(data), "r") as container:
        blocks = [np.asarray(frame.to_ndarray())[0] for frame in container.decode(audio=0)]
    wave = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return [_code(wave[at : at + SAMPLES]) for at in range(0, len(wave) - SAMPLES + 1, SAMPLES)]


def _code(piece: NDArray[np.float32]) -> int:
    middle = piece[SAMPLES // 4 : -SAMPLES // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    hz = float(np.argmax(spectrum)) * AUDIO_RATE_HZ / len(middle)
    return round((hz - code_hz(0)) / 200.0)


def missing(found: Sequence[int], count: int, modulo: int = 1 << BITS) -> list[int]:
    """Which of the first `count` numbers are not at their place, in order: none is a hole."""
    return [
        number
        for number in range(count)
        if number >= len(found) or found[number] != number % modulo
    ]

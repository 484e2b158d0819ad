"""A page whose every picture and sound tells when it was made, and what a recording shows of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray

from tests.media.flash import Decoded

NOISE_HZ = 8000
NOISE_SAMPLES = 2**18
PERIOD_S = NOISE_SAMPLES / NOISE_HZ
"""The sound begins anew after so long: 32.768 s, half of what a picture's number of ms holds."""
RATE_HZ = 48_000
WINDOW_S = 0.02
"""Enough to be known by. Chromium stretches what it captures by up to 0.2 %, to stay in step with
itself: of half a second the end does not fit the original where the beginning does."""
BLOCK_S = 0.01
SHIFT_SAMPLES = 2400
"""A block is looked for so far around its place: on a busy machine what is captured wanders."""
ALIKE = 0.6
"""Of a block and its original; of two others, looked for that far around, once in 30,000."""

CODED_PAGE = f"""<!doctype html><title>coded</title>
<style>body {{ margin: 0; background: #000; }}
canvas {{ position: fixed; inset: 0; width: 100vw; height: 100vh; image-rendering: pixelated; }}
</style><canvas width="32" height="2"></canvas>
<script>
const audio = new AudioContext({{ sampleRate: {RATE_HZ} }});
const noise = new AudioBuffer({{ length: {NOISE_SAMPLES}, sampleRate: {NOISE_HZ} }});
let x = 1;
const samples = noise.getChannelData(0);
for (let i = 0; i < samples.length; i += 1) {{
  x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
  samples[i] = x / 2 ** 32 - 0.5;
}}
const source = new AudioBufferSourceNode(audio, {{ buffer: noise, loop: true }});
source.connect(audio.destination);
const first = audio.currentTime + 0.3;
source.start(first);
const canvas = document.querySelector("canvas").getContext("2d");
const shown = canvas.createImageData(32, 2);
(function tick() {{
  [audio.currentTime - first, performance.now() / 1000].forEach((seconds, word) => {{
    const code = Math.floor(seconds * 1000);
    for (let bit = 0; bit < 16; bit += 1) {{
      const level = (code >> bit) & 1 ? 255 : 0;
      // the lower half is the negative: a picture of two moments is known by it
      shown.data.set([level, level, level, 255], 4 * (16 * word + bit));
      shown.data.set([255 - level, 255 - level, 255 - level, 255], 4 * (32 + 16 * word + bit));
    }}
  }});
  canvas.putImageData(shown, 0, 0);
  requestAnimationFrame(tick);
}})();
</script>"""
"""Noise that comes again after `PERIOD_S`; stripes that tell the time, by sound and by wall."""


def modulo(seconds: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """A difference of times known modulo the period: the one nearest to 0."""
    return np.asarray((seconds + PERIOD_S / 2) % PERIOD_S - PERIOD_S / 2)


def median(seconds: NDArray[np.float64]) -> float:
    """Of differences known modulo the period."""
    return float(seconds[0] + np.median(modulo(seconds - seconds[0])))


@dataclass(frozen=True)
class Pictures:
    """Where each picture lies, and the page's times when it was made: by its sound, by the wall."""

    at_s: NDArray[np.float64]
    sounding_s: NDArray[np.float64]
    wall_s: NDArray[np.float64]

    def between(self, from_s: float, to_s: float) -> "Pictures":
        """Those within."""
        kept = (self.at_s >= from_s) & (self.at_s < to_s)
        return Pictures(self.at_s[kept], self.sounding_s[kept], self.wall_s[kept])

    def behind_s(self) -> float:
        """By how much they lie behind the sound of their time, in the median, modulo the period."""
        return median(self.at_s - self.sounding_s)

    def stood_s(self) -> float:
        """By how much the sound's time has fallen behind the wall's, but for a constant."""
        return median(self.wall_s - self.sounding_s)


def coded_picture(width: int, height: int, at_s: float) -> NDArray[np.uint8]:
    """The page's picture of an instant at which both its times are the same, as packed I420."""
    bits = [(int(at_s * 1000) >> bit) & 1 for bit in range(16)] * 2
    row = np.repeat(np.where(bits, 235, 16).astype(np.uint8), width // 32)
    packed = np.full(width * height * 3 // 2, 128, np.uint8)
    packed[: width * height] = np.concatenate(
        [np.tile(row, height // 2), np.tile(251 - row, height // 2)]
    )
    return packed


def pictures_of(data: bytes) -> Pictures:
    """The pictures of a recording, but for those that show two moments."""
    rows = np.array(list(_read(data)))
    return Pictures(rows[:, 0], rows[:, 1], rows[:, 2])


def _read(data: bytes) -> Iterator[tuple[float, float, float]]:
    values = 2 ** np.arange(16)
    with av.open(BytesIO(data), "r") as container:
        for frame in container.decode(video=0):
            luma = np.asarray(frame.to_ndarray(format="gray"))
            height, width = luma.shape
            cells = luma.reshape(2, height // 2, 32, width // 32).mean(axis=(1, 3))
            bright = cells > 127
            if (bright[0] != bright[1]).all():
                sounding_ms, wall_ms = bright[0].reshape(2, 16) @ values
                yield float(frame.time or 0.0), sounding_ms / 1000, wall_ms / 1000


@cache
def original() -> NDArray[np.float32]:
    """The page's sound, one period."""
    x, noise = 1, np.empty(NOISE_SAMPLES + 1, np.float32)
    for i in range(NOISE_SAMPLES):
        x = (x * 1664525 + 1013904223) % 2**32
        noise[i] = x / 2**32 - 0.5
    noise[-1] = noise[0]
    steps = RATE_HZ // NOISE_HZ
    at = np.arange(NOISE_SAMPLES * steps) / steps
    return np.interp(at, np.arange(NOISE_SAMPLES + 1), noise).astype(np.float32)


def piece(recording: Decoded, from_s: float, to_s: float) -> NDArray[np.float32]:
    """The sound between two times of a recording."""
    assert recording.rate_hz == RATE_HZ
    first = round((from_s - recording.sound_start_s) * RATE_HZ)
    return recording.sound[first : first + round((to_s - from_s) * RATE_HZ)]


def behind_s(recording: Decoded, from_s: float) -> float:
    """By how much the sound from there on lies behind its place in the page's.

    Modulo the period. Fails where it is no piece of it.
    """
    whole, part = original(), piece(recording, from_s, from_s + WINDOW_S)
    spectrum = np.fft.rfft(whole) * np.conj(np.fft.rfft(part, len(whole)))
    place = int(np.fft.irfft(spectrum, len(whole)).argmax())
    found = np.take(whole, np.arange(place, place + len(part)), mode="wrap")
    assert np.corrcoef(found, part)[0, 1] > ALIKE
    return float(modulo(from_s - place / RATE_HZ))


def alike(recording: Decoded, at_s: float, late_s: float) -> float:
    """How much the block there is like what the page sounded so much earlier, at most 1.0."""
    whole, block = original(), piece(recording, at_s, at_s + BLOCK_S)
    first = round((at_s - late_s) * RATE_HZ) - SHIFT_SAMPLES
    around = np.take(whole, np.arange(first, first + len(block) + 2 * SHIFT_SAMPLES), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(around, len(block))
    norms = np.linalg.norm(windows, axis=1) * (np.linalg.norm(block) or 1.0)
    return float((windows @ block / norms).max())

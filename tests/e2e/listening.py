"""Reads recordings back: whose voice is heard when, which tiles move."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from platforms.simulator.voice import voice_hz

RATE_HZ = 48_000
WINDOW_S = 0.5


def sound_of(path: Path) -> NDArray[np.float32]:
    """The file's sound as mono float32 at 48 kHz."""
    resampler = av.AudioResampler("flt", "mono", RATE_HZ)
    blocks = []
    with av.open(path) as container:
        for frame in container.decode(audio=0):
            blocks += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    return np.concatenate(blocks).astype(np.float32)


def loudest_voice(sound: NDArray[np.float32], at_s: float, voices: int) -> int | None:
    """Which of the scenario's voices is heard in the half second from `at_s`; None for silence.

    A voice is known by its pitch: the comb of its first eight partials holds the most energy.
    """
    start = int(at_s * RATE_HZ)
    block = sound[start : start + int(WINDOW_S * RATE_HZ)]
    if len(block) < int(WINDOW_S * RATE_HZ) or float(np.abs(block).max()) < 0.01:
        return None
    spectrum = np.abs(np.fft.rfft(block * np.hanning(len(block)))) ** 2
    step_hz = RATE_HZ / len(block)
    scores = []
    for index in range(voices):
        partials = [round(voice_hz(index) * n / step_hz) for n in range(1, 9)]
        scores.append(sum(float(spectrum[p - 2 : p + 3].sum()) for p in partials))
    return int(np.argmax(scores))


def voice_most_heard(sound: NDArray[np.float32], voices: int) -> int | None:
    """The voice that most half seconds hold; None where all are silent.

    For a voice that nobody interrupts but a machine that stands still: where it did, there is none.
    """
    starts_s = np.arange(0, len(sound) / RATE_HZ, WINDOW_S)
    heard = Counter(loudest_voice(sound, start_s, voices) for start_s in starts_s)
    heard.pop(None, None)
    return heard.most_common(1)[0][0] if heard else None


def heard_shift_s(
    sound: NDArray[np.float32],
    turns: Sequence[tuple[int, float, float]],
    shifts_s: NDArray[np.float64],
) -> float | None:
    """The shift between scenario and recording under which every turn holds its voice alone.

    `turns` are (voice, start_s, end_s) by the scenario; each is looked at half a second in, in its
    middle and half a second before its end, where that is recorded: a slow machine may begin late,
    but of every turn something is. None when no shift fits.
    """
    voices = 1 + max(voice for voice, _, _ in turns)

    def is_heard(voice: int, looks_at_s: Sequence[float]) -> bool:
        recorded = [at_s for at_s in looks_at_s if at_s >= 0]
        return bool(recorded) and all(
            loudest_voice(sound, at_s, voices) == voice for at_s in recorded
        )

    for shift_s in shifts_s:
        looks = {
            (voice, start_s): [
                at_s - shift_s
                for at_s in (start_s + 0.5, (start_s + end_s) / 2 - 0.25, end_s - 1.0)
            ]
            for voice, start_s, end_s in turns
        }
        if all(is_heard(voice, looks_at_s) for (voice, _), looks_at_s in looks.items()):
            return float(shift_s)
    return None


def moving_share(path: Path, from_s: float, to_s: float) -> NDArray[np.float64]:
    """How often each sixteenth of the picture changed between sampled frames, shape (4, 4)."""
    before: NDArray[np.int16] | None = None
    changes = []
    with av.open(path) as container:
        for frame in container.decode(video=0):
            if frame.time is None or frame.time < from_s:
                continue
            if frame.time > to_s:
                break
            luma = frame.to_ndarray(format="gray")[::4, ::4].astype(np.int16)
            if before is not None:
                moved = np.abs(luma - before) > 12
                rows, columns = moved.shape
                blocks = moved[: rows // 4 * 4, : columns // 4 * 4]
                blocks = blocks.reshape(4, rows // 4, 4, columns // 4)
                changes.append(blocks.mean(axis=(1, 3)) > 0.002)
            before = luma
    shares: NDArray[np.float64] = np.mean(np.array(changes, dtype=np.float64), axis=0)
    return shares

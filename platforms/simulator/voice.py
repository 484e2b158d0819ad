"""Synthetic voices: vowels sung on one pitch each, so that a recording tells who spoke.

| index | 0 | 1 | 2 | 3 | 4 | 5 |
| --- | --- | --- | --- | --- | --- | --- |
| Hz | 150.0 | 212.8 | 178.7 | 253.4 | 159.0 | 225.5 |
| index | 6 | 7 | 8 | 9 | 10 | 11 |
| Hz | 189.4 | 268.6 | 168.5 | 239.1 | 200.7 | 284.7 |

All pitches lie within one octave: no overtone of one voice falls on the pitch of another. The pitch
itself is the strongest partial of its voice. The beep of a `flash` participant is 1000 Hz.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000
LOOP_S = 4
BEEP_HZ = 1000.0
BEEP_S = 0.1

_LOWEST_HZ = 150.0
_STEP = 1.06
_ORDER = (0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11)
_VOWELS_HZ = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (270.0, 2290.0, 3010.0),
    (570.0, 840.0, 2410.0),
    (300.0, 870.0, 2240.0),
)
_SYLLABLE_S = 0.25
_PARTIALS = 20

Samples: TypeAlias = npt.NDArray[np.float32]
_Wave: TypeAlias = npt.NDArray[np.float64]


def voice_hz(index: int) -> float:
    """Pitch in Hz of the participant at `index` (order of the scenario, then of joining)."""
    return float(_LOWEST_HZ * _STEP ** _ORDER[index % len(_ORDER)])


def voice_loop(index: int) -> Samples:
    """`LOOP_S` seconds of a voice, mono float32 at 48 kHz within [-0.5, 0.5]."""
    pitch_hz = voice_hz(index)
    rng = np.random.default_rng(index)
    time_s = np.arange(int(_SYLLABLE_S * SAMPLE_RATE)) / SAMPLE_RATE
    partials_hz = pitch_hz * np.arange(1, _PARTIALS + 1, dtype=np.float64)
    phases: _Wave = rng.uniform(0, 2 * np.pi, _PARTIALS)
    syllables = []
    for number in range(int(LOOP_S / _SYLLABLE_S)):
        vowel = _VOWELS_HZ[int(rng.integers(len(_VOWELS_HZ)))]
        gains = _formant_gains(partials_hz, vowel)
        angles = 2 * np.pi * np.outer(partials_hz, time_s + number * _SYLLABLE_S)
        syllables.append((gains @ np.sin(angles + phases[:, None])) * _envelope(time_s))
    wave = np.concatenate(syllables)
    return np.asarray(wave * (0.5 / np.abs(wave).max()), dtype=np.float32)


def beep_loop() -> Samples:
    """One second: `BEEP_S` of a 1 kHz tone, then silence."""
    time_s = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    return (0.5 * np.sin(2 * np.pi * BEEP_HZ * time_s) * (time_s < BEEP_S)).astype(np.float32)


def silence_loop() -> Samples:
    """One second of digital silence."""
    return np.zeros(SAMPLE_RATE, dtype=np.float32)


def _formant_gains(partials_hz: _Wave, vowel_hz: tuple[float, ...]) -> _Wave:
    width_hz = 120.0
    peaks = sum(
        level * np.exp(-(((partials_hz - centre_hz) / width_hz) ** 2) / 2)
        for centre_hz, level in zip(vowel_hz, (0.5, 0.35, 0.15), strict=True)
    )
    gains = 0.6 * (peaks + 0.25 / np.arange(1, len(partials_hz) + 1))
    gains[0] = 1.0
    return np.asarray(gains, dtype=np.float64)


def _envelope(time_s: _Wave) -> _Wave:
    edge_s = 0.04
    ramp = np.minimum(time_s, _SYLLABLE_S - time_s) / edge_s
    return np.asarray(0.15 + 0.85 * np.sin(np.clip(ramp, 0, 1) * np.pi / 2), dtype=np.float64)

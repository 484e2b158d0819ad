import numpy as np

from platforms.simulator.voice import LOOP_S, SAMPLE_RATE, voice_hz, voice_loop

VOICES = 12


def test_no_two_voices_share_a_pitch() -> None:
    """Any two pitches are at least 8 Hz apart: half a second of sound tells them."""
    pitches = sorted(voice_hz(i) for i in range(VOICES))
    assert np.diff(pitches).min() > 8


def test_no_overtone_falls_on_another_voice() -> None:
    """All pitches lie within one octave."""
    pitches = [voice_hz(i) for i in range(VOICES)]
    assert max(pitches) < 2 * min(pitches)


def test_a_voice_fills_its_loop_within_bounds() -> None:
    """The loop has the promised length and level, and is never silent for long."""
    samples = voice_loop(3)
    assert samples.shape == (LOOP_S * SAMPLE_RATE,)
    assert np.abs(samples).max() <= 0.5 + 1e-6
    blocks = samples.reshape(-1, SAMPLE_RATE // 10)
    assert np.sqrt((blocks**2).mean(axis=1)).min() > 0.03

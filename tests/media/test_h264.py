"""The H.264 track: its effort changes within one file, under one header."""

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from structlog.testing import capture_logs

from media.encoder import Encoder, EncoderSettings
from media.h264 import CHEAP_OPTIONS, X264_OPTIONS
from media.timeline import VIDEO_TICKS_HZ
from tests.media.flash import decode
from tests.media.test_encoder import SMALL, Recording, shaded, tone

FPS = 10


def noise(seed: int) -> NDArray[np.uint8]:
    """A picture unlike any other in every pixel."""
    return np.random.default_rng(seed).integers(16, 235, 320 * 180 * 3 // 2, np.uint8)


def record(recording: Recording, seconds: int, cheap_at: dict[int, bool]) -> bytes:
    """Greys that differ from picture to picture; the effort changes before the pictures named."""
    for index in range(seconds * FPS):
        if index in cheap_at:
            recording.encoder.economise(cheap=cheap_at[index])
        pts = index * VIDEO_TICKS_HZ // FPS
        is_due = index % (2 * FPS) == 0
        recording.encoder.picture(shaded(grey(index)), 320, 180, pts, keyframe=is_due)
        recording.encoder.sound(tone(index / FPS, 1 / FPS))
    recording.end()
    return recording.mp4.getvalue()


def grey(index: int) -> int:
    """The brightness of a picture."""
    return 40 + index * 7 % 150


def test_pictures_go_on_through_changes_of_effort() -> None:
    """Every picture is there at its time with its brightness; each change is at a keyframe."""
    found = decode(record(Recording(), 6, {13: True, 37: False, 45: True}))
    np.testing.assert_allclose(found.picture_s, np.arange(6 * FPS) / FPS, atol=1e-4)
    shown = (found.luma - 16) * 219 / 255 + 16 if found.luma.max() > 235 else found.luma
    order = np.corrcoef(shown, [grey(index) for index in range(6 * FPS)])[0, 1]
    assert order > 0.999
    assert found.keyframe_s == pytest.approx((0.0, 1.3, 2.0, 3.7, 4.0, 4.5), abs=1e-4)


def test_the_effort_is_asked_for_twice_and_changed_once() -> None:
    """What is so already costs no keyframe."""
    found = decode(record(Recording(), 3, {5: False, 7: True, 9: True}))
    assert found.keyframe_s == pytest.approx((0.0, 0.7, 2.0), abs=1e-4)


def test_the_first_picture_waits_for_no_change() -> None:
    """Asked for before anything was encoded, it comes with the second picture."""
    found = decode(record(Recording(), 1, {0: True}))
    assert found.keyframe_s == pytest.approx((0.0, 0.1), abs=1e-4)


def test_an_effort_that_does_not_fit_the_header_is_not_taken() -> None:
    """A file that began with another preset goes on with it, and that is logged."""
    recording = Recording(EncoderSettings(320, 180, preset="ultrafast"))
    with capture_logs() as logs:
        found = decode(record(recording, 1, {5: True}))
    assert [entry["event"] for entry in logs] == ["effort_not_changed"]
    assert len(found.picture_s) == FPS
    assert found.keyframe_s == pytest.approx((0.0,))


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (320, 180)])
def test_both_efforts_have_one_header(size: tuple[int, int]) -> None:
    """Parameter sets are the same to the byte: one file can hold both."""
    headers = set()
    for options in (X264_OPTIONS, CHEAP_OPTIONS):
        codec: Any = av.CodecContext.create("libx264", "w")
        codec.width, codec.height = size
        codec.pix_fmt, codec.time_base, codec.framerate = "yuv420p", Fraction(1, 90_000), 30
        codec.thread_count, codec.options = 1, options
        codec.flags |= av.codec.context.Flags.global_header
        codec.open()
        headers.add(bytes(codec.extradata))
    assert len(headers) == 1


def test_a_cheaper_picture_is_still_that_picture() -> None:
    """Noise, which compresses worst, comes out recognisable with either effort."""
    mp4, mp3 = BytesIO(), BytesIO()
    encoder = Encoder(mp4, mp3, SMALL)
    for index in range(6):
        encoder.economise(cheap=index >= 3)
        encoder.picture(noise(index % 3), 320, 180, index * 9000, keyframe=index == 0)
    encoder.sound(tone(0, 0.6))
    encoder.flush()
    encoder.close()
    with av.open(BytesIO(mp4.getvalue()), "r") as container:
        planes = [
            np.asarray(frame.to_ndarray(), np.float64)[:180].ravel()
            for frame in container.decode(video=0)
            if isinstance(frame, av.VideoFrame)
        ]
    for index, plane in enumerate(planes):
        wanted = noise(index % 3)[: 320 * 180]
        assert np.corrcoef(plane, wanted.astype(np.float64))[0, 1] > 0.8

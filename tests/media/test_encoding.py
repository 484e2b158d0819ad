"""The encoder thread's part: files, counts, thumbnails, and what it is told to save."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest

from media.assembly import Picture, Sound
from media.encoder import Encoder, EncoderSettings
from media.encoding import Encoding
from media.pressure import ECONOMIES, Level
from media.timeline import VIDEO_TICKS_HZ, VideoStep
from media.types import VideoFrame
from media.work import Work
from tests.media.flash import decode

SIZE = (160, 90)
FPS = 20


def laid(seconds: int, *, fresh: Callable[[int], bool] = lambda _: True) -> list[Picture | Sound]:
    """Pictures and silence, in order of time."""
    items: list[Picture | Sound] = []
    for n in range(seconds * FPS):
        i420 = np.full(SIZE[0] * SIZE[1] * 3 // 2, 40 + n % 150, np.uint8)
        step = VideoStep(n * VIDEO_TICKS_HZ // FPS, keyframe=n % (2 * FPS) == 0)
        items.append(Picture(VideoFrame(0, 0, *SIZE, i420), step, fresh=fresh(n)))
        items.append(Sound(np.zeros((2, 48_000 // FPS), np.float32)))
    return items


class Files:
    """A recording in memory, its queue and its encoding."""

    def __init__(self, on_picture: Callable[[VideoFrame, float], None] | None = None) -> None:
        self.mp4, self.mp3 = BytesIO(), BytesIO()
        self.work = Work()
        self.encoding = Encoding(self.work, self.encoder, on_picture)

    def encoder(self) -> Encoder:
        """The encoder into these files."""
        return Encoder(self.mp4, self.mp3, EncoderSettings(*SIZE))


def test_what_was_laid_is_encoded_counted_and_measured() -> None:
    """New pictures and repeats are told apart; thumbnails come once a second."""
    shown = list[float]()
    files = Files(lambda _, at_s: shown.append(at_s))
    files.work.put_all(laid(1, fresh=lambda n: n % 4 == 0))
    files.work.close()
    files.encoding.run()
    assert (files.encoding.encoded, files.encoding.repeats) == (5, 15)
    assert list(files.encoding.picture_times_s) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    assert files.encoding.measures.report(1.0).digital_silence_seconds == 1.0
    assert shown == [0.0]
    assert len(decode(files.mp4.getvalue()).picture_s) == FPS


class Told(Encoding):
    """Is told to save at its fifth picture."""

    @property
    def encoded(self) -> int:
        """Counts as ever."""
        return self._count

    @encoded.setter
    def encoded(self, count: int) -> None:
        self._count = count
        if count == 5:
            self.economise(ECONOMIES[Level.HALF_RATE])


def test_an_economy_holds_from_the_next_picture_on() -> None:
    """The cheaper effort begins with a keyframe, and pictures too close are left out."""
    files = Files()
    items = laid(1)
    files.work.put_all(items)
    files.work.close()
    told = Told(files.work, files.encoder)
    told.run()
    found = decode(files.mp4.getvalue())
    assert found.picture_s * FPS == pytest.approx([0, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 19])
    assert files.work.thinned == 7
    assert found.keyframe_s == pytest.approx((0.0, 0.3))


def test_an_abandoned_encoding_leaves_its_files_unclosed() -> None:
    """Nothing is written after; what waits is thrown away."""
    files = Files()
    files.work.put_all(laid(1))
    files.encoding.abandon()
    files.encoding.run()
    assert files.mp4.getvalue() == b""

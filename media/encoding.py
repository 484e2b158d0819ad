"""The encoder thread of a recording: what was laid goes into the files, and is measured."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from media.assembly import Picture, Sound
from media.encoder import Encoder
from media.measures import Measures
from media.pressure import ECONOMIES, Economy, Level
from media.types import VideoFrame
from media.work import Work

THUMBNAIL_EVERY_S: Final = 1.0


class Encoding:
    """Encodes `work` to its end, in the thread that calls `run`.

    `on_picture(frame, at_s)` is called about once a second of recorded time and must not block.
    `encoded` counts new pictures, `repeats` those written again, `progress` all that was taken of
    the work; `picture_times_s` are of the last new ones.
    """

    def __init__(
        self,
        work: Work,
        make_encoder: Callable[[], Encoder],
        on_picture: Callable[[VideoFrame, float], None] | None = None,
    ) -> None:
        """Nothing is encoded yet; the encoder is made with the first thing to encode."""
        self._work = work
        self._make_encoder = make_encoder
        self._on_picture = on_picture
        self._economy = ECONOMIES[Level.FULL]
        self._abandoned = threading.Event()
        self._thumbnail_due_s = 0.0
        self.measures = Measures()
        self.encoded = self.repeats = self.progress = 0
        self.picture_times_s: deque[float] = deque(maxlen=90)

    def economise(self, economy: Economy) -> None:
        """Spend on pictures what `economy` says, from the next one on. From any thread."""
        self._economy = economy
        self._work.spacing_s = economy.spacing_s

    def abandon(self) -> None:
        """Throw away what waits and leave the files unclosed. From any thread."""
        self._abandoned.set()
        self._work.abandon()

    def run(self) -> None:
        """Encode until the work is closed, then close both files. Raises what a sink raises."""
        encoder: Encoder | None = None
        try:
            for item in self._work:
                self.progress += 1
                encoder = encoder or self._make_encoder()
                if isinstance(item, Sound):
                    self.measures.sound(item.samples)
                    encoder.sound(item.samples)
                else:
                    self._picture(encoder, item)
            if encoder is not None and not self._abandoned.is_set():
                encoder.flush()
                encoder.close()
        finally:
            if encoder is not None:
                encoder.abandon()

    def _picture(self, encoder: Encoder, item: Picture) -> None:
        frame, at_s = item.frame, item.at_s
        encoder.economise(cheap=self._economy.cheap)
        encoder.picture(
            frame.i420, frame.width, frame.height, item.step.pts, keyframe=item.step.keyframe
        )
        if item.fresh:
            self.encoded += 1
            self.picture_times_s.append(at_s)
            self.measures.picture(frame.i420, frame.width, frame.height, at_s)
        else:
            self.repeats += 1
        if self._on_picture and at_s >= self._thumbnail_due_s:
            self._thumbnail_due_s = at_s + THUMBNAIL_EVERY_S
            self._on_picture(frame, at_s)

"""Turns captured packets into an unbroken sequence of placed pictures and sound. Clock-free.

`now_us`, like every time here, is on the clock of the packets' arrival.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.timeline import (
    NOMINAL_FRAME_US,
    VIDEO_TICKS_HZ,
    AudioTrack,
    Gap,
    TrackClock,
    VideoStep,
    VideoTrack,
)
from media.types import AUDIO_RATE_HZ, AudioPacket, VideoFrame

MAX_SILENCE_BLOCK: Final = AUDIO_RATE_HZ
"""A long hole is laid a second at a time, so that no block is larger than that."""
SHORTEST_US: Final = 100_000
"""Less than a packet of sound and a picture makes no file that plays."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and its place; `fresh` when it is not the last one written again."""

    frame: VideoFrame
    step: VideoStep
    fresh: bool

    @property
    def at_s(self) -> float:
        """Seconds from the start of the recording."""
        return self.step.pts / VIDEO_TICKS_HZ


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples of shape (2, n), end to end with the block before."""

    samples: NDArray[np.float32]


Laid = Picture | Sound


class Assembly:
    """One recording's timeline: nothing is laid before `begin`, everything up to `end` after.

    `calibration_us` is how much later than the picture the sound of one instant arrives in this
    kind of capture; it is taken off the sound's times.
    """

    def __init__(
        self, resample: Callable[[AudioPacket], NDArray[np.float32]], *, calibration_us: int = 0
    ) -> None:
        self._resample = resample
        self._calibration_us = calibration_us
        self._start_us: int | None = None
        self._sound: AudioTrack | None = None
        self._pictures: VideoTrack | None = None
        self._last: VideoFrame | None = None
        self._audio_clock = TrackClock()
        self._video_clock = TrackClock()
        self._old_epochs = 0
        self.pictures_in = 0
        self.packets_in = 0

    def new_capture(self) -> None:
        """Another capture follows: its timestamps have nothing to do with the last one's.

        Silence from here to its first sound is declared as a re-capture.
        """
        self._old_epochs += self._audio_clock.epochs
        self._audio_clock = TrackClock()
        self._video_clock = TrackClock()
        if self._sound is not None:
            self._sound.new_capture()

    def begin(self, now_us: int) -> None:
        """The recording starts now; the picture on screen becomes its first."""
        self._start_us = now_us
        self._sound = AudioTrack(now_us)
        self._pictures = VideoTrack(now_us)

    def sound(self, packet: AudioPacket) -> Iterator[Laid]:
        """Lay one packet of sound."""
        self.packets_in += 1
        frames = packet.samples.shape[1]
        duration_us = frames * 1_000_000 // packet.rate_hz
        media_us = self._audio_clock.feed(packet.timestamp_us, packet.arrival_us, duration_us)
        if media_us is None or self._sound is None or self._start_us is None:
            return
        media_us -= self._calibration_us
        if media_us + duration_us <= self._start_us:
            return
        samples = self._resample(packet)
        step = self._sound.place(packet.timestamp_us, media_us, samples.shape[1], duration_us)
        yield from silence(step.silence)
        samples = samples[:, step.skip :]
        if step.stretch and samples.shape[1]:
            samples = stretched(samples, samples.shape[1] + step.stretch)
        if samples.shape[1]:
            yield Sound(samples)

    def picture(self, frame: VideoFrame) -> Iterator[Laid]:
        """Lay one picture."""
        self.pictures_in += 1
        media_us = self._video_clock.feed(frame.timestamp_us, frame.arrival_us, NOMINAL_FRAME_US)
        if media_us is None:
            media_us = frame.arrival_us
        previous, self._last = self._last, frame
        if self._pictures is None or self._start_us is None:
            return
        if not self._pictures.started and previous is not None and media_us > self._start_us:
            yield Picture(previous, self._pictures.place(self._start_us), fresh=True)
        if previous is not None:
            for step in self._pictures.fill(media_us):
                yield Picture(previous, step, fresh=False)
        yield Picture(frame, self._pictures.place(media_us), fresh=True)

    def tick(self, now_us: int) -> Iterator[Laid]:
        """Lay what time alone makes due: a repeat of the last picture, silence for lost sound."""
        if self._pictures is None or self._sound is None or self._start_us is None:
            return
        if self._last is not None:
            if not self._pictures.started:
                yield Picture(self._last, self._pictures.place(self._start_us), fresh=True)
            step = self._pictures.repeat(now_us)
            if step is not None:
                yield Picture(self._last, step, fresh=False)
        yield from silence(self._sound.starved(now_us))

    def end(self, now_us: int) -> Iterator[Laid]:
        """Bring both tracks to now; a recording ended in the moment it began still has a tenth."""
        if self._pictures is None or self._sound is None or self._start_us is None:
            return
        now_us = max(now_us, self._start_us + SHORTEST_US)
        yield from self.tick(now_us)
        yield from silence(self._sound.finish(now_us))
        if self._last is not None:
            for step in self._pictures.finish(now_us - NOMINAL_FRAME_US):
                yield Picture(self._last, step, fresh=False)

    @property
    def position(self) -> int:
        """Samples of sound laid so far: sound has no holes."""
        return self._sound.position if self._sound else 0

    @property
    def recorded_s(self) -> float:
        """Length of the sound laid so far."""
        return self.position / AUDIO_RATE_HZ

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every declared gap, in order."""
        return tuple(self._sound.gaps) if self._sound else ()

    @property
    def drift_ms(self) -> float:
        """By how much the sound was stretched in all to stay on the clock it arrives on."""
        return self._sound.stretched * 1000 / AUDIO_RATE_HZ if self._sound else 0.0

    @property
    def audio_epochs(self) -> int:
        """How often the sound's timestamps stepped back."""
        return self._old_epochs + self._audio_clock.epochs

    @property
    def pictures_late(self) -> int:
        """Pictures whose time was taken: they were put right behind the last one."""
        return self._pictures.late if self._pictures else 0


def silence(count: int) -> Iterator[Sound]:
    """Blocks of silence of `count` samples in all."""
    while count > 0:
        block = min(count, MAX_SILENCE_BLOCK)
        yield Sound(np.zeros((2, block), np.float32))
        count -= block


def stretched(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The same sound in `count` samples, by linear interpolation; for one sample's difference."""
    old = np.arange(samples.shape[1], dtype=np.float64)
    new = np.linspace(0, samples.shape[1] - 1, count)
    return np.stack([np.interp(new, old, channel) for channel in samples]).astype(np.float32)

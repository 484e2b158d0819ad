"""Turns captured packets into an unbroken sequence of placed pictures and sound. Clock-free.

`now_us`, like every time here, is on the clock of the packets' arrival.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.pauses import Pause, Pauses
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


@dataclass(slots=True)
class _Tracks:
    """What there is once the recording has begun; `written` is the picture written last."""

    start_us: int
    sound: AudioTrack
    pictures: VideoTrack
    pauses: Pauses
    written: VideoFrame | None = None

    def write(self, frame: VideoFrame | None, at_us: int) -> Iterator[Picture]:
        """Write a picture, if there is one."""
        if frame is not None:
            self.written = frame
            yield Picture(frame, self.pictures.place(at_us), fresh=True)

    def write_again(self, step: VideoStep) -> Iterator[Picture]:
        """Write the last one again."""
        if self.written is not None:
            yield Picture(self.written, step, fresh=False)


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
        self._tracks: _Tracks | None = None
        self._last: VideoFrame | None = None
        self._audio_clock = TrackClock()
        self._video_clock = TrackClock()
        self._old_epochs = 0
        self._heard_until_us = 0
        self.pictures_in = 0
        self.packets_in = 0

    def new_capture(self) -> None:
        """Another capture follows: its timestamps have nothing to do with the last one's.

        Silence from here to its first sound is declared as a re-capture.
        """
        self._old_epochs += self._audio_clock.epochs
        self._audio_clock = TrackClock()
        self._video_clock = TrackClock()
        if self._tracks is not None:
            self._tracks.sound.new_capture()

    def begin(self, now_us: int) -> None:
        """The recording starts now; the picture on screen becomes its first."""
        self._tracks = _Tracks(now_us, AudioTrack(now_us), VideoTrack(now_us), Pauses(now_us))

    def pause(self, now_us: int) -> None:
        """Record nothing that is made from now on. Raises ValueError where nothing is recorded."""
        self._begun.pauses.pause(max(now_us, self._heard_until_us))

    def resume(self, now_us: int) -> None:
        """Record again, beginning with the picture on screen. Raises ValueError if not paused."""
        self._begun.pauses.resume(max(now_us, self._heard_until_us))

    @property
    def _begun(self) -> "_Tracks":
        if self._tracks is None:
            raise ValueError("the recording has not begun")
        return self._tracks

    def sound(self, packet: AudioPacket) -> Iterator[Laid]:
        """Lay one packet of sound, or what of it is outside of pauses."""
        self.packets_in += 1
        frames = packet.samples.shape[1]
        duration_us = frames * 1_000_000 // packet.rate_hz
        media_us = self._audio_clock.feed(packet.timestamp_us, packet.arrival_us, duration_us)
        if media_us is None or self._tracks is None:
            return
        media_us -= self._calibration_us
        # a packet is laid or left out when it comes: no pause begins or ends within it later
        self._heard_until_us = media_us + duration_us
        if media_us + duration_us <= self._tracks.start_us:
            return
        samples = self._resample(packet)
        for first, stop in self._tracks.pauses.kept(media_us, samples.shape[1]):
            made_us = media_us + first * 1_000_000 // AUDIO_RATE_HZ
            at_us = self._tracks.pauses.recorded_us(made_us)
            # the track sees timestamps without pauses: a step in them is a hole
            timestamp_us = packet.timestamp_us + at_us - media_us
            yield from self._lay(samples[:, first:stop], timestamp_us, at_us, self._tracks.sound)

    @staticmethod
    def _lay(
        samples: NDArray[np.float32], timestamp_us: int, at_us: int, track: AudioTrack
    ) -> Iterator[Laid]:
        duration_us = samples.shape[1] * 1_000_000 // AUDIO_RATE_HZ
        step = track.place(timestamp_us, at_us, samples.shape[1], duration_us)
        yield from silence(step.silence)
        samples = samples[:, step.skip :]
        if step.stretch and samples.shape[1]:
            samples = stretched(samples, samples.shape[1] + step.stretch)
        if samples.shape[1]:
            yield Sound(samples)

    def picture(self, frame: VideoFrame) -> Iterator[Laid]:
        """Lay one picture; one made in a pause is laid after it, if it still shows then."""
        self.pictures_in += 1
        media_us = self._video_clock.feed(frame.timestamp_us, frame.arrival_us, NOMINAL_FRAME_US)
        if media_us is None:
            media_us = frame.arrival_us
        previous, self._last = self._last, frame
        tracks = self._tracks
        if tracks is None or tracks.pauses.leaves_out(media_us):
            return
        at_us = tracks.pauses.recorded_us(media_us)
        if previous is not tracks.written and at_us > tracks.pauses.went_on_us:
            yield from tracks.write(previous, tracks.pauses.went_on_us)
        for step in tracks.pictures.fill(at_us):
            yield from tracks.write_again(step)
        yield from tracks.write(frame, at_us)

    def tick(self, now_us: int) -> Iterator[Laid]:
        """Lay what time alone makes due: a repeat of the last picture, silence for lost sound."""
        tracks = self._tracks
        if tracks is None:
            return
        if self._last is not tracks.written and not tracks.pauses.paused:
            yield from tracks.write(self._last, tracks.pauses.went_on_us)
        at_us = tracks.pauses.recorded_us(now_us)
        step = tracks.pictures.repeat(at_us)
        if step is not None:
            yield from tracks.write_again(step)
        yield from silence(tracks.sound.starved(at_us))

    def end(self, now_us: int) -> Iterator[Laid]:
        """Bring both tracks to now, or to the pause that lasts.

        A recording ended in the moment it began still has a tenth of a second.
        """
        tracks = self._tracks
        if tracks is None:
            return
        yield from self.tick(now_us)
        end_us = max(tracks.pauses.recorded_us(now_us), tracks.start_us + SHORTEST_US)
        yield from silence(tracks.sound.finish(end_us))
        if tracks.written is None:
            yield from tracks.write(self._last, tracks.start_us)
        for step in tracks.pictures.finish(end_us - NOMINAL_FRAME_US):
            yield from tracks.write_again(step)

    def pauses(self, now_us: int) -> tuple[Pause, ...]:
        """Every pause so far, in order; one that is not over lasts until now."""
        return self._tracks.pauses.all(now_us) if self._tracks else ()

    @property
    def position(self) -> int:
        """Samples of sound laid so far: sound has no holes."""
        return self._tracks.sound.position if self._tracks else 0

    @property
    def recorded_s(self) -> float:
        """Length of the sound laid so far."""
        return self.position / AUDIO_RATE_HZ

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Every declared gap, in order."""
        return tuple(self._tracks.sound.gaps) if self._tracks else ()

    @property
    def drift_ms(self) -> float:
        """By how much the sound was stretched in all to stay on the clock it arrives on."""
        return self._tracks.sound.stretched * 1000 / AUDIO_RATE_HZ if self._tracks else 0.0

    @property
    def audio_epochs(self) -> int:
        """How often the sound's timestamps stepped back."""
        return self._old_epochs + self._audio_clock.epochs

    @property
    def pictures_late(self) -> int:
        """Pictures whose time was taken: they were put right behind the last one."""
        return self._tracks.pictures.late if self._tracks else 0


def silence(count: int) -> Iterator[Sound]:
    """Blocks of silence of `count` samples in all."""
    while count > 0:
        block = min(count, MAX_SILENCE_BLOCK)
        yield Sound(np.zeros((2, block), np.float32))
        count -= block


def stretched(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """The same sound in `count` samples, by linear interpolation; for a few samples' difference."""
    old = np.arange(samples.shape[1], dtype=np.float64)
    new = np.linspace(0, samples.shape[1] - 1, count)
    return np.stack([np.interp(new, old, channel) for channel in samples]).astype(np.float32)

"""Puts pictures and sound on one clock. Pure: times come in as numbers, decisions go out.

The facts behind the rules were seen in tab captures of Chromium 156: the two tracks' timestamps
are on different clocks; audio's run 630-660 ms ahead in the first packets of a capture, then jump
back; holes of 20-80 ms appear later. What both tracks share is the clock they arrive on.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from media.types import AUDIO_RATE_HZ

SETTLE_US: Final = 500_000
"""Nothing in the first half second of a capture counts."""
STEP_BACK_US: Final = 50_000
"""A step back of more than this against the packet's duration starts a new epoch."""
WINDOW_US: Final = 10_000_000
PERCENTILE: Final = 10
"""Low, since arrival only ever adds delay; not the minimum, which one odd packet would set."""
ESTIMATE_EVERY_US: Final = 200_000
WINDOW_PACKETS: Final = 8
"""At least so many packets are kept, however old: a still page sends one in a while."""
EARLY_US: Final = 5_000
"""Nothing arrives before it was made: no packet is put later than this after its arrival, so that
timestamps that jump ahead while no time passes move nothing."""

VIDEO_TICKS_HZ: Final = 90_000
REPEAT_AFTER_US: Final = 1_000_000
REPEAT_SLACK_US: Final = 250_000
"""A picture may still be on its way: a repeat is never put closer to now than this."""
KEYFRAME_EVERY_US: Final = 2_000_000
NOMINAL_FRAME_US: Final = 33_333
BEHIND_US: Final = 1_000
"""The least distance between two pictures."""

HOLE_US: Final = 8_000
SLEW_US: Final = 8_000
SLEW_EVERY: Final = AUDIO_RATE_HZ // 100
JUMP_US: Final = 100_000
STARVED_US: Final = 600_000


class TrackClock:
    """Maps one track's timestamps to arrival time by a low percentile of their difference."""

    def __init__(self) -> None:
        """Nothing is known before the first packet."""
        self._first_arrival_us: int | None = None
        self._expected_us: int | None = None
        self._estimated_at_us = 0
        self._offset_us: int | None = None
        self._window: deque[tuple[int, int]] = deque()
        self.epochs = 0

    def feed(self, timestamp_us: int, arrival_us: int, duration_us: int) -> int | None:
        """Where the packet lies on the arrival clock, or None while the capture settles."""
        if self._first_arrival_us is None:
            self._first_arrival_us = arrival_us
        if self._expected_us is not None and timestamp_us < self._expected_us - STEP_BACK_US:
            self._window.clear()
            self._offset_us = None
            self.epochs += 1
        self._expected_us = timestamp_us + duration_us
        if arrival_us - self._first_arrival_us < SETTLE_US:
            return None
        self._window.append((arrival_us, arrival_us - timestamp_us))
        old_us = arrival_us - WINDOW_US
        while len(self._window) > WINDOW_PACKETS and self._window[0][0] < old_us:
            self._window.popleft()
        if self._offset_us is None or arrival_us - self._estimated_at_us >= ESTIMATE_EVERY_US:
            self._estimated_at_us = arrival_us
            offsets = sorted(offset for _, offset in self._window)
            self._offset_us = offsets[len(offsets) * PERCENTILE // 100]
        return min(timestamp_us + self._offset_us, arrival_us + EARLY_US)


class GapKind(StrEnum):
    """Why sound is missing from the recording at a place (OVERLAP: why some was thrown away).

    DEAD: the capture delivered zeros while the page received sound.
    """

    HOLE = "hole"
    STARVED = "starved"
    JUMP = "jump"
    OVERLAP = "overlap"
    RECAPTURE = "recapture"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Gap:
    """A declared gap: `start` and `samples` count 48 kHz samples of the recording.

    An OVERLAP takes no room in it: `samples` were thrown away at `start`.
    """

    kind: GapKind
    start: int
    samples: int

    @property
    def start_s(self) -> float:
        """Seconds from the start of the recording."""
        return self.start / AUDIO_RATE_HZ

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.samples / AUDIO_RATE_HZ


@dataclass(frozen=True, slots=True)
class AudioStep:
    """What to do with one packet: silence first, samples to skip, then some to stretch it by."""

    silence: int = 0
    skip: int = 0
    stretch: int = 0


class AudioTrack:
    """Lays packets of 48 kHz sound end to end from `start_us` on, without a hole in the file.

    `position` is the number of samples laid so far, `stretched` how many drift has added to those
    that came (fewer than none: taken away). A hole becomes silence of its length and is
    declared; drift beyond 8 ms is worked off one sample in 10 ms (2 ms in a second, inaudible);
    beyond 100 ms at once, declared.
    """

    def __init__(self, start_us: int) -> None:
        """Begin the track at `start_us` on the arrival clock."""
        self._start_us = start_us
        self._expected_us: int | None = None
        self._recapturing = False
        self.position = self.stretched = 0
        self.gaps: list[Gap] = []

    def new_capture(self) -> None:
        """What is missing up to the next packet is missing because of a re-capture."""
        self._expected_us = None
        self._recapturing = True
        last = self.gaps[-1] if self.gaps else None
        if last and last.kind is GapKind.STARVED and last.start + last.samples == self.position:
            self.gaps[-1] = Gap(GapKind.RECAPTURE, last.start, last.samples)

    def place(self, timestamp_us: int, media_us: int, samples: int, duration_us: int) -> AudioStep:
        """Decide for one packet at `media_us` on the arrival clock; `position` moves on."""
        expected_us, self._expected_us = self._expected_us, timestamp_us + duration_us
        ahead = round((media_us - self._start_us) * AUDIO_RATE_HZ / 1e6) - self.position
        ahead_us = ahead * 1_000_000 // AUDIO_RATE_HZ
        stepped = expected_us is not None and timestamp_us - expected_us > HOLE_US
        if self.position == 0:
            step = AudioStep(silence=max(0, ahead), skip=min(samples, max(0, -ahead)))
        elif ahead_us > JUMP_US or ((stepped or self._recapturing) and ahead_us > HOLE_US):
            step = AudioStep(silence=ahead)
            self._declare(GapKind.HOLE if stepped else GapKind.JUMP, ahead)
        elif ahead_us < -JUMP_US:
            step = AudioStep(skip=min(samples, -ahead))
            self._declare(GapKind.OVERLAP, step.skip)
        elif abs(ahead_us) > SLEW_US:
            step = AudioStep(stretch=(1 if ahead > 0 else -1) * max(1, samples // SLEW_EVERY))
        else:
            step = AudioStep()
        self._recapturing = False
        self.position += step.silence + samples - step.skip
        if step.skip < samples:
            self.position += step.stretch
            self.stretched += step.stretch
        return step

    def starved(self, now_us: int) -> int:
        """Samples of silence to lay because no packet came for too long; mostly 0."""
        due = (now_us - self._start_us) * AUDIO_RATE_HZ // 1_000_000 - self.position
        if due * 1_000_000 // AUDIO_RATE_HZ < STARVED_US:
            return 0
        due -= (STARVED_US // 2) * AUDIO_RATE_HZ // 1_000_000
        self._declare(GapKind.STARVED, due)
        self.position += due
        return due

    def finish(self, end_us: int) -> int:
        """Samples of silence that bring the track to `end_us`."""
        missing = (end_us - self._start_us) * AUDIO_RATE_HZ // 1_000_000 - self.position
        missing = max(0, missing)
        self.position += missing
        return missing

    def _declare(self, kind: GapKind, samples: int) -> None:
        if self._recapturing and kind is not GapKind.OVERLAP:
            kind = GapKind.RECAPTURE
        last = self.gaps[-1] if self.gaps else None
        # what is thrown away takes no room: the next overlap begins where the last one did
        grown = last.samples if last and kind is not GapKind.OVERLAP else 0
        if last and last.kind is kind and last.start + grown == self.position:
            self.gaps[-1] = Gap(kind, last.start, last.samples + samples)
        else:
            self.gaps.append(Gap(kind, self.position, samples))


@dataclass(frozen=True, slots=True)
class VideoStep:
    """Where one picture goes, in 90 kHz ticks from the start, and whether it must be a keyframe."""

    pts: int
    keyframe: bool


class VideoTrack:
    """Gives pictures strictly rising times from `start_us` on.

    A picture that changes nothing is not sent by the browser: `repeat` says when the last one must
    be written again. Keyframes fall due by time, never by count of pictures.
    """

    def __init__(self, start_us: int) -> None:
        """Begin the track at `start_us` on the arrival clock."""
        self._start_us = start_us
        self._last_us: int | None = None
        self._keyframe_us: int | None = None
        self.late = 0

    @property
    def started(self) -> bool:
        """Whether a picture has been placed."""
        return self._last_us is not None

    def place(self, media_us: int) -> VideoStep:
        """Where a picture at `media_us` goes.

        One whose time is taken already goes right behind (counted as `late`): thrown away, a
        still page would show what was there before it.
        """
        at_us = max(0, media_us - self._start_us)
        if self._last_us is not None and at_us < self._last_us + BEHIND_US:
            self.late += 1
            at_us = self._last_us + BEHIND_US
        return self._write(at_us)

    def repeat(self, now_us: int) -> VideoStep | None:
        """Where the last picture must be written again, if it must."""
        at_us = now_us - self._start_us - REPEAT_SLACK_US
        if self._last_us is None or at_us - self._last_us < REPEAT_AFTER_US:
            return None
        return self._write(self._last_us + REPEAT_AFTER_US)

    def fill(self, media_us: int) -> Sequence[VideoStep]:
        """Where the last picture must be written again before one at `media_us`: mostly nowhere."""
        steps = []
        while self._last_us is not None and (
            media_us - self._start_us - self._last_us > REPEAT_AFTER_US
        ):
            steps.append(self._write(self._last_us + REPEAT_AFTER_US))
        return steps

    def finish(self, end_us: int) -> Sequence[VideoStep]:
        """The last repeats that bring the track to `end_us`, none longer than a second apart."""
        steps = []
        end_us -= self._start_us
        while self._last_us is not None and _ticks(self._last_us) < _ticks(end_us):
            steps.append(self._write(min(self._last_us + REPEAT_AFTER_US, end_us)))
        return steps

    def _write(self, at_us: int) -> VideoStep:
        self._last_us = at_us
        key = self._keyframe_us is None or at_us - self._keyframe_us >= KEYFRAME_EVERY_US
        if key:
            self._keyframe_us = at_us
        return VideoStep(_ticks(at_us), key)


def _ticks(at_us: int) -> int:
    return at_us * VIDEO_TICKS_HZ // 1_000_000

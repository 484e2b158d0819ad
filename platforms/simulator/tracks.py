"""aiortc tracks that hand out encoded packets on time: nothing is decoded or encoded per page."""

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import av
from aiortc import MediaStreamTrack

from platforms.simulator.clips import AUDIO_PACKETS_PER_S, Clip

EncodedPacket: TypeAlias = "av.Packet[Any]"


class PageClock:
    """Time on the media of one page, seconds from its creation; all its tracks share it."""

    def __init__(self) -> None:
        self._start_s = time.monotonic()

    def now_s(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self._start_s

    async def sleep_until(self, due_s: float) -> None:
        """Return at `due_s`; at once when that has passed."""
        await asyncio.sleep(max(0.0, due_s - self.now_s()))


@dataclass(frozen=True, slots=True)
class Feed:
    """What one audio channel plays. `aligned` clips start on whole seconds of the page's clock.

    `spurt` tells one stretch of speech from the next: a new one starts its clip from the beginning.
    """

    spurt: tuple[str, int]
    clip: Clip = field(compare=False, repr=False)
    aligned: bool = False


class VideoTrack(MediaStreamTrack):
    """A clip in a loop. Starts with the next keyframe, which is at most a second away."""

    kind = "video"

    def __init__(self, clip: Clip, clock: PageClock) -> None:
        super().__init__()
        self._clip = clip
        self._clock = clock
        self._next: int | None = None

    async def recv(self) -> EncodedPacket:
        """The next packet, when it is due."""
        rate = self._clip.rate
        if self._next is None:
            self._next = math.ceil(self._clock.now_s()) * rate
        number, self._next = self._next, self._next + 1
        await self._clock.sleep_until(number / rate)
        return _packet(self._clip, number, number)


class AudioTrack(MediaStreamTrack):
    """One of a page's audio channels: whoever is on it now, silence when nobody is."""

    kind = "audio"

    def __init__(self, feed: Callable[[], Feed | None], silence: Clip, clock: PageClock) -> None:
        super().__init__()
        self._feed = feed
        self._silence = silence
        self._clock = clock
        self._next: int | None = None
        self._playing: Feed | None = None
        self._started_at = 0

    async def recv(self) -> EncodedPacket:
        """The next 20 ms, when they are due."""
        if self._next is None:
            self._next = math.ceil(self._clock.now_s() * AUDIO_PACKETS_PER_S)
        number, self._next = self._next, self._next + 1
        await self._clock.sleep_until(number / AUDIO_PACKETS_PER_S)
        feed = self._feed()
        if feed != self._playing:
            self._playing = feed
            self._started_at = 0 if feed and feed.aligned else number
        clip = feed.clip if feed else self._silence
        return _packet(clip, number - self._started_at, number)


def _packet(clip: Clip, index: int, pts: int) -> EncodedPacket:
    packet = av.Packet(clip.packets[index % len(clip.packets)])
    packet.pts = pts
    packet.time_base = Fraction(1, clip.rate)
    return packet

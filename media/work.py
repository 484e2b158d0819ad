"""The queue between the ring thread and the encoder thread."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from media.assembly import Laid, Sound
from media.errors import CaptureFailed
from media.types import AUDIO_RATE_HZ

MAX_PENDING_PICTURES: Final = 30
"""41 MB at 1280x720."""
MAX_PENDING_SOUND_SAMPLES: Final = 120 * AUDIO_RATE_HZ


class Work:
    """Placed pictures and sound waiting to be encoded, bounded by pictures and by samples.

    `dropped` counts pictures thrown away because the encoder was behind; the next one makes good
    for a keyframe lost so. Too much pending sound is an error, never a silent loss.
    """

    def __init__(self) -> None:
        """Open and empty."""
        self._items: deque[Laid] = deque()
        self._changed = threading.Condition()
        self._pictures = self._samples = 0
        self._closed = False
        self._owed_keyframe = False
        self.dropped = 0

    def put_all(self, laid: Iterable[Laid]) -> None:
        """Queue what was laid. Raises `CaptureFailed` when minutes of sound are pending."""
        for item in laid:
            with self._changed:
                self._put(item)
                self._changed.notify()

    def _put(self, item: Laid) -> None:
        if self._closed:
            return
        if isinstance(item, Sound):
            self._samples += item.samples.shape[1]
            if self._samples > MAX_PENDING_SOUND_SAMPLES:
                raise CaptureFailed("the encoder stands still: two minutes of sound are waiting")
        elif self._pictures >= MAX_PENDING_PICTURES:
            self.dropped += 1
            self._owed_keyframe |= item.step.keyframe
            return
        else:
            if self._owed_keyframe:
                item = replace(item, step=replace(item.step, keyframe=True))
                self._owed_keyframe = False
            self._pictures += 1
        self._items.append(item)

    def close(self) -> None:
        """Nothing more will be queued."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def abandon(self) -> None:
        """Throw away what waits; nothing more will be queued."""
        with self._changed:
            self._items.clear()
            self._pictures = self._samples = 0
            self._closed = True
            self._changed.notify()

    def __iter__(self) -> Iterator[Laid]:
        """Items in order, waiting for more until closed and empty."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items or self._closed)
                if not self._items:
                    return
                item = self._items.popleft()
                if isinstance(item, Sound):
                    self._samples -= item.samples.shape[1]
                else:
                    self._pictures -= 1
            yield item

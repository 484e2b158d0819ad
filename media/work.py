"""The queue between the ring thread and the encoder thread."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from media.assembly import Laid, Picture, Sound
from media.errors import CaptureFailed
from media.timeline import REPEAT_AFTER_US
from media.types import AUDIO_RATE_HZ

MAX_PENDING_PICTURES: Final = 30
"""41 MB at 1280x720."""
MAX_PENDING_SOUND_SAMPLES: Final = 120 * AUDIO_RATE_HZ
MAX_BEHIND_S: Final = 1.0
"""A picture further behind what was laid is dropped, or an encoder that is too slow would hold back
the sound and, with it, what is stored: the bound on loss would be its backlog."""
REPEAT_AFTER_S: Final = REPEAT_AFTER_US / 1e6


class Work:
    """Placed pictures and sound waiting to be encoded, bounded by pictures and by samples.

    `dropped` counts pictures thrown away because the encoder was behind; a later one makes good
    for a keyframe lost so; about one a second, and the very last one, always get through. Too much
    pending sound is an error, never a silent loss. Pictures closer than `spacing_s` to the one
    before are left out on purpose and counted in `thinned`: keyframes and the very last one stay.
    """

    def __init__(self) -> None:
        """Open and empty."""
        self._items: deque[Laid] = deque()
        self._changed = threading.Condition()
        self._pictures = self._samples = 0
        self._laid_samples = 0
        self._given_s = float("-inf")
        self._closed = False
        self._owed_keyframe_pts: int | None = None
        self.dropped = self.thinned = 0
        self.spacing_s = 0.0

    @property
    def pending_s(self) -> float:
        """How far the encoder is behind what was laid: sound has no holes."""
        return self._samples / AUDIO_RATE_HZ

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
            self._laid_samples += item.samples.shape[1]
            if self._samples > MAX_PENDING_SOUND_SAMPLES:
                raise CaptureFailed("the encoder stands still: two minutes of sound are waiting")
        elif self._pictures < MAX_PENDING_PICTURES:
            self._pictures += 1
        else:
            item = self._make_room(item)
        self._items.append(item)

    def _make_room(self, item: Picture) -> Picture:
        """Drop the waiting picture that is missed least: what stays lies as evenly as it can.

        So an encoder that stands still for half a minute still gets a picture of each second of it.
        A lost keyframe makes one of the picture after it.
        """
        self.dropped += 1
        waiting = [(n, each) for n, each in enumerate(self._items) if isinstance(each, Picture)]
        at_s = [*(each.at_s for _, each in waiting), item.at_s]
        # of equal ones the latest: the first may be wanted at any moment
        least = max(range(1, len(waiting)), key=lambda n: (at_s[n - 1] - at_s[n + 1], n))
        index, lost = waiting[least]
        if lost.step.keyframe:
            if least + 1 == len(waiting):
                item = as_keyframe(item)
            else:
                after, successor = waiting[least + 1]
                self._items[after] = as_keyframe(successor)
        del self._items[index]
        return item

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
                item = self._take()
            if item is not None:
                yield item

    def _take(self) -> Laid | None:
        item = self._items.popleft()
        if isinstance(item, Sound):
            self._samples -= item.samples.shape[1]
            return item
        self._pictures -= 1
        behind_s = self._laid_samples / AUDIO_RATE_HZ - item.at_s
        since_s = item.at_s - self._given_s
        is_last = self._closed and not self._pictures
        if behind_s > MAX_BEHIND_S and since_s < REPEAT_AFTER_S and not is_last:
            self._drop(item)
            return None
        if since_s < self.spacing_s and not (is_last or item.step.keyframe):
            self.thinned += 1
            return None
        self._given_s = item.at_s
        if self._owed_keyframe_pts is not None and item.step.pts > self._owed_keyframe_pts:
            self._owed_keyframe_pts = None
            return as_keyframe(item)
        return item

    def _drop(self, picture: Picture) -> None:
        self.dropped += 1
        if picture.step.keyframe:
            self._owed_keyframe_pts = picture.step.pts


def as_keyframe(picture: Picture) -> Picture:
    """The same, to be encoded by itself."""
    return replace(picture, step=replace(picture.step, keyframe=True))

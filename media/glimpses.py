"""A few pictures of a stored recording, spread over its length, read by ranges. Blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.stream import Discard
from numpy.typing import NDArray

from media.stored_file import StoredFile
from media.types import Storage


@dataclass(frozen=True, slots=True)
class Glimpse:
    """An RGB picture of shape (height, width, 3) and its time in the recording."""

    at_s: float
    rgb: NDArray[np.uint8]


def glimpses(storage: Storage, key: str, *, at_most: int, stride: int) -> Iterator[Glimpse]:
    """At most so many keyframes, one a second at most, of each every `stride`th pixel.

    Raises StorageError, and what PyAV raises for what is no recording.
    """
    with av.open(StoredFile(storage, key), "r") as container:
        for each in container.streams:
            # what is discarded is not even fetched
            each.discard = Discard.default if each.type == "video" else Discard.all
        duration_s = (container.duration or 0) / av.time_base
        count = min(at_most, max(1, int(duration_s)))
        last_s = -1.0
        for number in range(count):
            found = _keyframe_at(container, duration_s * number / count)
            if found is not None and (at_s := float(found.time or 0)) > last_s:
                last_s = at_s
                picture = found.to_ndarray(format="rgb24")[::stride, ::stride]
                yield Glimpse(at_s, np.ascontiguousarray(picture))


def _keyframe_at(container: Any, at_s: float) -> Any:  # noqa: ANN401 - PyAV
    stream = container.streams.video[0]
    container.seek(int(at_s / stream.time_base), stream=stream)
    return next(container.decode(stream), None)

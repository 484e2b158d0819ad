"""The words `media` shares with its callers. A leaf: imports nothing of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

AUDIO_RATE_HZ = 48_000
"""Everything downstream of the timeline is 48 kHz stereo."""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One captured picture: tightly packed I420 (Y, U, V), `width * height * 3 // 2` bytes.

    `timestamp_us` is the capture's own clock, `arrival_us` is `time.monotonic`. Sides are even.
    """

    timestamp_us: int
    arrival_us: int
    width: int
    height: int
    i420: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """Captured samples: float32, shape (channels, n), at `rate_hz` (read from each packet).

    Times as in `VideoFrame`; the two capture clocks have nothing to do with each other.
    """

    timestamp_us: int
    arrival_us: int
    rate_hz: int
    samples: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PartInfo:
    """One uploaded part of a multipart upload: number from 1, and the store's tag for it."""

    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """A stored object: key relative to the storage root, and its size."""

    key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Version:
    """An object as it stood when it was read.

    `tag` names these bytes to `put_if_unchanged`. `age_s` is how long ago they were written, both
    ends of it on the storage's own clock (to the second on S3).
    """

    data: bytes
    tag: str
    age_s: float


class MultipartUpload(Protocol):
    """An open upload of one object in parts. All calls block: run them in threads."""

    key: str
    upload_id: str

    def put_part(self, number: int, data: bytes) -> PartInfo:
        """Store part `number`; the same number again replaces it."""

    def complete(self, parts: Sequence[PartInfo]) -> None:
        """Make the object from the parts, in the order of their numbers."""

    def abort(self) -> None:
        """Throw the parts away."""


class Storage(Protocol):
    """Where artifacts go. Keys are relative ('{bot_id}/video.mp4'). All calls block.

    Errors are `media.errors.StorageError`; each says whether a retry makes sense.
    """

    def describe(self) -> str:
        """A name without secrets for logs: 's3://bucket/prefix' or 'file:///dir'."""

    def check(self) -> None:
        """Prove that objects can be written, read and deleted here, or raise."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object whole."""

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Create the object; False, changing nothing, when it is there already."""

    def read_version(self, key: str) -> Version | None:
        """The object with its tag and age, None where there is none."""

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        """Replace the object of this tag: the new tag, or None, changing nothing, if it is another.

        `data` should differ from all that was ever stored there: tags may be sums of the bytes.
        """

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read an object or a range of it. Raises `ObjectMissing`."""

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size, or None where there is none."""

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects below a prefix, by key."""

    def folders(self) -> Sequence[str]:
        """The names before the first '/' of all keys, in order: one request for a thousand."""

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; a missing one is no error."""

    def open_multipart(self, key: str, content_type: str) -> MultipartUpload:
        """Begin an upload in parts."""

    def abort_uploads(self, prefix: str) -> int:
        """Throw away every unfinished upload of a key that begins with `prefix`: how many."""

    def url(self, key: str, lifetime_s: int) -> str:
        """A URL to read the object: presigned for `lifetime_s`, or file:// for a folder."""

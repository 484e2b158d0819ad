"""A storage with outages on demand, round a real one."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from media.errors import StorageError
from media.types import MultipartUpload, ObjectInfo, PartInfo, Storage, Version

T = TypeVar("T")


class OutageStorage:
    """Passes everything on to `inner`, noting each write, unless `down`.

    `retryable` is what its errors say. `lose_answer` makes the next complete() succeed and fail.
    """

    def __init__(self, inner: Storage) -> None:
        self.inner = inner
        self.down = False
        self.retryable = True
        self.lose_answer = False
        self.writes: list[str] = []
        self.failed = threading.Event()
        self.uploads: list[MultipartUpload] = []

    def note(self, what: str, work: Callable[[], T]) -> T:
        if self.down:
            self.failed.set()
            raise StorageError(what, self.describe(), "outage", retryable=self.retryable)
        result = work()
        self.writes.append(what)
        return result

    def describe(self) -> str:
        return self.inner.describe()

    def check(self) -> None:
        self.inner.check()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.note(f"put {key}", lambda: self.inner.put(key, data, content_type))

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        return self.note(f"put {key}", lambda: self.inner.put_if_absent(key, data, content_type))

    def read_version(self, key: str) -> Version | None:
        return self.inner.read_version(key)

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        work = partial(self.inner.put_if_unchanged, key, data, content_type, tag)
        return self.note(f"put {key}", work)

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        return self.inner.get(key, start, length)

    def head(self, key: str) -> ObjectInfo | None:
        return self.inner.head(key)

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        return self.inner.list(prefix)

    def folders(self) -> Sequence[str]:
        return self.inner.folders()

    def delete(self, keys: Sequence[str]) -> None:
        self.inner.delete(keys)

    def open_multipart(self, key: str, content_type: str) -> "OutageUpload":
        upload = self.note(f"open {key}", lambda: self.inner.open_multipart(key, content_type))
        self.uploads.append(upload)
        return OutageUpload(self, upload)

    def abort_uploads(self, prefix: str) -> int:
        return self.inner.abort_uploads(prefix)

    def url(self, key: str, lifetime_s: int) -> str:
        return self.inner.url(key, lifetime_s)


class OutageUpload:
    """The same for an upload in parts."""

    def __init__(self, storage: OutageStorage, inner: MultipartUpload) -> None:
        self._storage, self._inner = storage, inner
        self.key, self.upload_id = inner.key, inner.upload_id

    def put_part(self, number: int, data: bytes) -> PartInfo:
        return self._storage.note(f"part {number}", lambda: self._inner.put_part(number, data))

    def complete(self, parts: Sequence[PartInfo]) -> None:
        self._storage.note("complete", lambda: self._inner.complete(parts))
        if self._storage.lose_answer:
            self._storage.lose_answer = False
            raise StorageError("completing", "there", "the answer was lost", retryable=True)

    def abort(self) -> None:
        self._storage.note("abort", self._inner.abort)

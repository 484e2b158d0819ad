"""A lease on a bot's recording, and a storage that writes only while it is held."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from media.errors import LeaseHeld, LeaseLost, Unsupported
from media.lease import (
    GOOD_FOR_S,
    LeaseRecord,
    Standing,
    ended,
    renewed,
    standing,
    taken_over,
)
from media.types import MultipartUpload, ObjectInfo, PartInfo, Storage, Version

LEASE_NAME: Final = "lease.json"
CONTENT_TYPE: Final = "application/json"

log = structlog.get_logger(__name__)


def suspended_too() -> float:
    """Seconds of a clock that nobody sets and that runs on while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lease:
    """The right of `holder` to write below `key_prefix`. Thread-safe; all calls block.

    It is taken when it is first needed. `is_kept` is false on a storage that replaces nothing on
    condition: then the holder goes on alone, and nobody can take over. Raised by all: `LeaseHeld`
    while another's is fresh, `LeaseLost`, for good, once another has taken it over, StorageError
    where nobody can tell. It is taken where there is none, where it has lapsed, and where it is
    that of run `heir_of`; `force` takes it from whoever holds it, an ended one too. `clock` is in
    seconds.
    """

    def __init__(
        self,
        storage: Storage,
        key_prefix: str,
        holder: str,
        *,
        force: bool = False,
        heir_of: str | None = None,
        clock: Callable[[], float] = suspended_too,
    ) -> None:
        self.holder = holder
        self.is_kept = True
        self._storage = storage
        self._key = key_prefix + LEASE_NAME
        self._force = force
        self._heir_of = heir_of
        self._clock = clock
        self._lock = threading.Lock()
        self._record: LeaseRecord | None = None
        self._tag = ""
        self._asked_s = float("-inf")
        self._lost: LeaseLost | None = None

    @property
    def fence(self) -> int:
        """The fencing number it is held by, 0 before it is."""
        return self._record.fence if self._record is not None else 0

    def confirm(self, within_s: float = GOOD_FOR_S) -> None:
        """It is held: known since at most `within_s`, or asked for now."""
        with self._lock:
            self._raise_if_lost()
            if self._record is None:
                self._take()
            elif self.is_kept and self._clock() - self._asked_s > within_s:
                self._replace(self._record, renewed)

    def renew(self) -> None:
        """Take it, or ask now whether it is still held, which shows everybody that we live."""
        self.confirm(within_s=-1.0)

    def end(self) -> None:
        """Nothing is left to do for this bot: nobody need take it over."""
        with self._lock:
            self._raise_if_lost()
            if self._record is not None:
                self._replace(self._record, ended)

    def remove(self) -> None:
        """Let it go without a trace; one that is not held stays."""
        with self._lock:
            if self._record is None or self._lost is not None:
                return
            self._replace(self._record, ended)
            self._storage.delete([self._key])
            self._lost = LeaseLost(self._key, self.fence, 0)

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            raise self._lost

    def _take(self) -> None:
        asked_s = self._clock()
        wanted = LeaseRecord(self.holder, fence=1)
        tag: str | None = None
        if self._storage.put_if_absent(self._key, wanted.encode(), CONTENT_TYPE):
            found = self._storage.read_version(self._key)
            tag = found.tag if found is not None and found.data == wanted.encode() else None
        elif (found := self._storage.read_version(self._key)) is not None:
            wanted = self._successor(found)
            tag = self._put(wanted, found.tag)
        if tag is None:  # somebody was faster, or has just ended
            raise LeaseHeld(self._key, "", 0.0)
        self._record, self._tag, self._asked_s = wanted, tag, asked_s
        log.info("lease_held", key=self._key, fence=wanted.fence, holder=wanted.holder)

    def _successor(self, found: Version) -> LeaseRecord:
        record = LeaseRecord.decode(found.data)
        stands = standing(record, found.age_s, self.holder)
        if stands is Standing.OURS:
            return renewed(record)
        is_ours_now = stands is Standing.HELD and record.holder == self._heir_of
        if self._force or is_ours_now or stands is Standing.LAPSED:
            return taken_over(record, self.holder)
        raise LeaseHeld(self._key, record.holder, found.age_s)

    def _replace(self, record: LeaseRecord, step: Callable[[LeaseRecord], LeaseRecord]) -> None:
        try:
            self._swap(record, step)
        except Unsupported as error:  # then nobody can take it over either
            self.is_kept = False
            log.warning("lease_not_kept", problem=str(error))

    def _swap(self, record: LeaseRecord, step: Callable[[LeaseRecord], LeaseRecord]) -> None:
        asked_s = self._clock()
        for _ in range(2):
            wanted = step(record)
            tag = self._put(wanted, self._tag)
            if tag is not None:
                self._record, self._tag, self._asked_s = wanted, tag, asked_s
                return
            # Ours all the same, if what stands is an earlier writing whose answer was lost.
            found = self._storage.read_version(self._key)
            stands = LeaseRecord.decode(found.data) if found is not None else None
            if found is None or stands is None or not self._is_own(stands):
                self._lost = LeaseLost(self._key, record.fence, stands.fence if stands else 0)
                log.error("lease_lost", key=self._key, fence=record.fence)
                raise self._lost
            record, self._tag = stands, found.tag
        raise Unsupported("replacing on condition", self._key)

    def _is_own(self, record: LeaseRecord) -> bool:
        return (record.holder, record.fence) == (self.holder, self.fence)

    def _put(self, record: LeaseRecord, tag: str) -> str | None:
        return self._storage.put_if_unchanged(self._key, record.encode(), CONTENT_TYPE, tag)


class FencedStorage:
    """`media.types.Storage` over `inner` that writes while `lease` is held; reading is free.

    What cannot be undone (completing, creating, deleting) asks for the lease anew. Writes raise
    `LeaseHeld` and `LeaseLost` too.
    """

    def __init__(self, inner: Storage, lease: Lease) -> None:
        self.lease = lease
        self._inner = inner

    def describe(self) -> str:
        """The name of the storage inside."""
        return self._inner.describe()

    def check(self) -> None:
        """Prove that the storage inside works."""
        self._inner.check()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store an object whole."""
        self.lease.confirm()
        self._inner.put(key, data, content_type)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Create the object; False, changing nothing, when it is there already."""
        self.lease.renew()
        return self._inner.put_if_absent(key, data, content_type)

    def read_version(self, key: str) -> Version | None:
        """The object with its tag and age, None where there is none."""
        return self._inner.read_version(key)

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:
        """Replace the object of this tag: the new tag, or None, changing nothing."""
        self.lease.renew()
        return self._inner.put_if_unchanged(key, data, content_type, tag)

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read an object or a range of it. Raises `ObjectMissing`."""
        return self._inner.get(key, start, length)

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size, or None where there is none."""
        return self._inner.head(key)

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects below a prefix, by key."""
        return self._inner.list(prefix)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; a missing one is no error."""
        self.lease.renew()
        self._inner.delete(keys)

    def open_multipart(self, key: str, content_type: str) -> "FencedUpload":
        """Begin an upload in parts."""
        self.lease.confirm()
        return FencedUpload(self._inner.open_multipart(key, content_type), self.lease)

    def abort_uploads(self, prefix: str) -> int:
        """Throw away the unfinished uploads in parts below a prefix; how many there were."""
        self.lease.renew()
        return self._inner.abort_uploads(prefix)

    def folders(self) -> Sequence[str]:
        """The names before the first '/' of all keys."""
        return self._inner.folders()

    def url(self, key: str, lifetime_s: int) -> str:
        """A URL to read the object."""
        return self._inner.url(key, lifetime_s)


class FencedUpload:
    """`media.types.MultipartUpload`, as `FencedStorage` has it."""

    def __init__(self, inner: MultipartUpload, lease: Lease) -> None:
        self.key = inner.key
        self.upload_id = inner.upload_id
        self._inner = inner
        self._lease = lease

    def put_part(self, number: int, data: bytes) -> PartInfo:
        """Store part `number`; the same number again replaces it."""
        self._lease.confirm()
        return self._inner.put_part(number, data)

    def complete(self, parts: Sequence[PartInfo]) -> None:
        """Make the object from the parts."""
        self._lease.renew()
        self._inner.complete(parts)

    def abort(self) -> None:
        """Throw the parts away."""
        self._lease.renew()
        self._inner.abort()

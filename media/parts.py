"""One growing object, stored in parts while it grows."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial

from media.courier import Courier
from media.errors import MediaError, ObjectMissing, PatchOutOfReach
from media.locations import PART_BYTES
from media.sink import Patch
from media.spool import Spool, SpoolFile
from media.types import MultipartUpload, PartInfo, Storage


class GrowingObject:
    """An object whose bytes leave in parts of `PART_BYTES` as soon as they exist.

    Part 1 stays in the spool, because muxers patch the start of a file at its end. An object of
    less than one part is stored whole at the end; one that got no byte leaves no trace. `append`
    and `finish` belong to one thread.
    """

    def __init__(
        self, storage: Storage, key: str, content_type: str, spool: Spool, courier: Courier
    ) -> None:
        self.key = key
        self.size_bytes = 0
        self._storage = storage
        self._content_type = content_type
        self._spool = spool
        self._courier = courier
        self._opening = threading.Lock()
        self._upload: MultipartUpload | None = None
        self._growing: SpoolFile | None = None
        self._first: SpoolFile | None = None
        self._sent: list[Future[None]] = []
        self._stored: dict[int, PartInfo] = {}
        self.problem: MediaError | None = None

    @property
    def part_count(self) -> int:
        """Parts handed to the courier so far."""
        return len(self._sent)

    def append(self, data: bytes) -> None:
        """Add bytes. Raises `SpoolFull`. What follows a lost upload (`problem`) is dropped."""
        rest = memoryview(data)
        while rest and self.problem is None:
            if self._growing is None:
                name = self.key.replace("/", "_")
                self._growing = self._spool.open(f"{name}.{self.part_count + 1:06d}")
            piece = rest[: PART_BYTES - self._growing.size_bytes]
            self._growing.append(bytes(piece))
            self.size_bytes += len(piece)
            rest = rest[len(piece) :]
            if self._growing.size_bytes == PART_BYTES:
                self._send_part()

    def finish(self, tail: bytes, patches: Iterable[Patch], until_s: float) -> bool:
        """Store the rest: tail, then part 1 as patched, then complete. False: nothing was written.

        Raises StorageError, `UploadUnfinished` at `until_s` (monotonic), or `PatchOutOfReach`.
        """
        if self.problem is not None:
            raise self.problem
        late_patches = [piece for patch in patches for piece in self._apply(patch)]
        self.append(tail)
        if not self._sent:
            return self._finish_whole(until_s)
        if self._growing is not None:
            self._send_part()
        self._courier.wait(self._sent, until_s)
        if self._first is not None and late_patches:
            for patch in late_patches:
                self._first.patch(patch.offset, patch.data)
            again = self._courier.send(partial(self._store_part, 1, self._first), PART_BYTES)
            self._courier.wait([again], until_s)
        self._courier.wait([self._courier.send(self._complete, 0)], until_s)
        if self._first is not None:
            self._first.discard()
        return True

    def abort(self) -> None:
        """Throw the parts away."""
        for file in (self._growing, self._first):
            if file is not None:
                file.discard()
        with self._opening:
            if self._upload is not None:
                self._upload.abort()

    def close(self) -> None:
        """Let go of open files, which stay in the spool."""
        for file in (self._growing, self._first):
            if file is not None:
                file.close()

    def _apply(self, patch: Patch) -> Iterable[Patch]:
        """Patch what has not left; give back the pieces that fall into part 1, which has."""
        for piece in _at_part_borders(patch):
            number = piece.offset // PART_BYTES + 1
            if number > self.part_count and self._growing is not None:
                self._growing.patch(piece.offset % PART_BYTES, piece.data)
            elif number == 1:
                yield piece
            else:
                raise PatchOutOfReach(number, piece.offset)

    def _send_part(self) -> None:
        file, self._growing = self._growing, None
        if file is not None:
            file.close() if self._sent else self._keep(file)
            number = self.part_count + 1
            work = partial(self._store_part, number, file)
            self._sent.append(self._courier.send(work, file.size_bytes))

    def _keep(self, first: SpoolFile) -> None:
        self._first = first

    def _store_part(self, number: int, file: SpoolFile) -> None:
        try:
            self._stored[number] = self._open_upload().put_part(number, file.read())
        except ObjectMissing as error:
            self.problem = error
            file.discard()
            raise
        if number > 1:
            file.discard()

    def _open_upload(self) -> MultipartUpload:
        with self._opening:
            if self._upload is None:
                self._upload = self._storage.open_multipart(self.key, self._content_type)
            return self._upload

    def _complete(self) -> None:
        parts = [self._stored[number] for number in sorted(self._stored)]
        try:
            self._open_upload().complete(parts)
        except ObjectMissing:
            # Completed already, by a try whose answer was lost: then the object is there.
            stored = self._storage.head(self.key)
            if stored is None or stored.size_bytes != self.size_bytes:
                raise

    def _finish_whole(self, until_s: float) -> bool:
        file = self._growing
        if file is None:
            return False
        work = partial(self._store_whole, file)
        self._courier.wait([self._courier.send(work, file.size_bytes)], until_s)
        file.discard()
        return True

    def _store_whole(self, file: SpoolFile) -> None:
        self._storage.put(self.key, file.read(), self._content_type)


def _at_part_borders(patch: Patch) -> Iterable[Patch]:
    offset, data = patch.offset, patch.data
    while data:
        room = PART_BYTES - offset % PART_BYTES
        yield Patch(offset, data[:room])
        offset, data = offset + room, data[room:]

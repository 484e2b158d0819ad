"""Artifacts in a folder. What `put` and `complete` return from is whole and on the disk."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import uuid
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from media.errors import ObjectMissing, StorageError
from media.locations import PART_BYTES, FolderLocation, check_key
from media.types import ObjectInfo, PartInfo, Version

_UPLOADS = ".uploads"
_PROBE_KEY = "storage-check"


class FolderStorage:
    """`media.types.Storage` over a folder; safe to share between threads and processes.

    Objects appear under their name by a rename, so that no reader sees half of one. Uploads in
    parts grow in the hidden folder `.uploads` until they are complete.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open between calls."""

    def describe(self) -> str:
        """The folder as a file:// URL."""
        return str(FolderLocation(self.root))

    def check(self) -> None:
        """Write, read and delete a probe. Raises StorageError naming what to mend."""
        key = f"{_PROBE_KEY}-{uuid.uuid4()}"
        self.put(key, b"probe", "text/plain")
        try:
            if self.get(key) != b"probe":
                raise StorageError(
                    "check", self.describe(), "read back other bytes", retryable=False
                )
        finally:
            self.delete([key])

    def put(self, key: str, data: bytes, content_type: str) -> None:  # noqa: ARG002 - a folder keeps no types
        """Store an object whole, replacing what was there."""
        with self._named("writing", key):
            path = self._make_room(key)
            with self._draft(path, data) as draft:
                draft.replace(path)
            _sync_folder(path.parent)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:  # noqa: ARG002 - a folder keeps no types
        """Create the object; False, changing nothing, when it is there already."""
        with self._named("creating", key):
            path = self._make_room(key)
            try:
                with self._draft(path, data) as draft:
                    # A hard link fails where rename would replace, and never shows half a file.
                    path.hardlink_to(draft)
            except FileExistsError:
                return False
            _sync_folder(path.parent)
            return True

    def read_version(self, key: str) -> Version | None:
        """The object with its tag and age, None where there is none.

        Its age is told by a file made now, so that only the file system's clock counts.
        """
        with self._named("reading", key):
            path = self._path(key)
            try:
                with path.open("rb") as file:
                    data, written_s = file.read(), os.fstat(file.fileno()).st_mtime
            except FileNotFoundError:
                return None
            with self._draft(path, b"") as now:
                age_s = now.stat().st_mtime - written_s
            return Version(data, _tag(data), max(0.0, age_s))

    def put_if_unchanged(self, key: str, data: bytes, content_type: str, tag: str) -> str | None:  # noqa: ARG002 - a folder keeps no types
        """Replace the object of this tag: the new tag, or None, changing nothing, if it is another.

        Others who replace it so wait for the lock of the file that is replaced; then they find
        that the name leads to another file.
        """
        with self._named("replacing", key):
            path = self._path(key)
            try:
                with path.open("r+b") as old:
                    fcntl.flock(old, fcntl.LOCK_EX)
                    if not _is_at(old.fileno(), path) or _tag(old.read()) != tag:
                        return None
                    with self._draft(path, data) as draft:
                        draft.replace(path)
                    _sync_folder(path.parent)
            except FileNotFoundError:
                return None
            return _tag(data)

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Read an object or a range of it. Raises `ObjectMissing`."""
        with self._named("reading", key), self._path(key).open("rb") as file:
            file.seek(start)
            return file.read() if length is None else file.read(length)

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size, or None where there is none."""
        with self._named("looking up", key):
            path = self._path(key)
            return ObjectInfo(key, path.stat().st_size) if path.is_file() else None

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects whose key begins with `prefix`, by key."""
        with self._named("listing", prefix):
            return sorted(self._walk(prefix), key=lambda info: info.key)

    def folders(self) -> Sequence[str]:
        """The names of the folders below the root, in order."""
        with self._named("listing", ""):
            if not self.root.exists():
                return []
            return sorted(p.name for p in self.root.iterdir() if p.is_dir() and p.name[0] != ".")

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects and the folders that this leaves empty; a missing one is no error."""
        for key in keys:
            with self._named("deleting", key):
                path = self._path(key)
                path.unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # others still live in that folder
                    for folder in path.relative_to(self.root).parents[:-1]:
                        (self.root / folder).rmdir()

    def open_multipart(self, key: str, content_type: str) -> "FolderUpload":  # noqa: ARG002 - a folder keeps no types
        """Begin an upload in parts of `PART_BYTES`, the last of up to that."""
        with self._named("beginning an upload", key):
            upload_id = str(uuid.uuid4())
            folder = self.root / _UPLOADS / upload_id
            draft = folder / check_key(key)
            draft.parent.mkdir(parents=True)
            draft.touch()
            return FolderUpload(self, key, upload_id, folder)

    def abort_uploads(self, prefix: str) -> int:
        """Throw away every unfinished upload of a key that begins with `prefix`: how many."""
        count = 0
        with self._named("aborting uploads", prefix):
            for folder in (self.root / _UPLOADS).glob("*"):
                drafts = [path for path in folder.rglob("*") if path.is_file()]
                if any(d.relative_to(folder).as_posix().startswith(prefix) for d in drafts):
                    shutil.rmtree(folder)
                    count += 1
        return count

    def url(self, key: str, lifetime_s: int) -> str:  # noqa: ARG002 - a file's name does not expire
        """A file:// URL."""
        return self._path(key).as_uri()

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _make_room(self, key: str) -> Path:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def _draft(self, path: Path, data: bytes) -> Iterator[Path]:
        """A hidden file beside `path`, on the disk; gone after the block unless it was renamed."""
        draft = path.with_name(f".{path.name}.{uuid.uuid4()}")
        try:
            with draft.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _walk(self, prefix: str) -> Iterator[ObjectInfo]:
        for path in (self.root / prefix.rpartition("/")[0]).rglob("*"):
            key = path.relative_to(self.root).as_posix()
            if not key.startswith(prefix) or any(part[0] == "." for part in key.split("/")):
                continue
            with contextlib.suppress(FileNotFoundError):  # deleted while we looked
                if path.is_file():
                    yield ObjectInfo(key, path.stat().st_size)

    @contextlib.contextmanager
    def _named(self, operation: str, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise ObjectMissing(operation, f"{self.describe()}/{key}") from error
        except OSError as error:
            raise StorageError(
                operation,
                f"{self.describe()}/{key}",
                error.strerror or str(error),
                retryable=not isinstance(error, PermissionError | NotADirectoryError),
                cure="the folder must be writable and have room",
            ) from error


class FolderUpload:
    """`media.types.MultipartUpload` over one hidden file, each part written to its own place."""

    def __init__(self, storage: FolderStorage, key: str, upload_id: str, folder: Path) -> None:
        self.key = key
        self.upload_id = upload_id
        self._storage = storage
        self._folder = folder
        self._draft = folder / key
        self._sizes: dict[int, int] = {}

    def put_part(self, number: int, data: bytes) -> PartInfo:
        """Store part `number`, on the disk; the same number again replaces it."""
        if number < 1 or len(data) > PART_BYTES:
            raise ValueError(f"part {number} of {len(data)} bytes does not fit {PART_BYTES}")
        with self._storage._named("writing a part", self.key):  # noqa: SLF001 - two halves of one thing
            file = os.open(self._draft, os.O_WRONLY)
            try:
                offset = (number - 1) * PART_BYTES
                rest = memoryview(data)
                while rest:
                    written = os.pwrite(file, rest, offset)
                    offset, rest = offset + written, rest[written:]
                os.fdatasync(file)
            finally:
                os.close(file)
        self._sizes[number] = len(data)
        return PartInfo(number, f"{zlib.crc32(data):08x}")

    def complete(self, parts: Sequence[PartInfo]) -> None:
        """Make the object from the parts, which are all of them from 1 on, by number."""
        numbers = [part.number for part in parts]
        sizes = [self._sizes.get(number, 0) for number in numbers]
        if numbers != [*range(1, len(numbers) + 1)] or any(s != PART_BYTES for s in sizes[:-1]):
            raise ValueError(f"parts {numbers} of {sizes} bytes do not make {self.key}")
        with self._storage._named("completing", self.key):  # noqa: SLF001 - two halves of one thing
            os.truncate(self._draft, sum(sizes))
            path = self._storage._make_room(self.key)  # noqa: SLF001 - two halves of one thing
            self._draft.replace(path)
            _sync_folder(path.parent)
        self.abort()

    def abort(self) -> None:
        """Throw the parts away."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # other uploads still live there
            self._folder.parent.rmdir()


def _tag(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is what the name leads to; FileNotFoundError where it leads nowhere."""
    return os.path.samestat(os.fstat(descriptor), path.stat())


def _sync_folder(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)

"""A stored object as a file that PyAV can read, fetched in blocks by range."""

import io
from collections import OrderedDict
from typing import Final

from media.errors import ObjectMissing
from media.types import Storage

BLOCK_BYTES: Final = 256 * 1024
CACHED_BLOCKS: Final = 32


class StoredFile(io.RawIOBase):
    """Seekable and read-only; holds at most `CACHED_BLOCKS` blocks of `BLOCK_BYTES`.

    `fetched_bytes` counts what was read from the storage. Raises `ObjectMissing` when there is no
    such object; reading raises StorageError.
    """

    def __init__(self, storage: Storage, key: str) -> None:
        super().__init__()
        info = storage.head(key)
        if info is None:
            raise ObjectMissing("opening", f"{storage.describe()}/{key}")
        self.size_bytes = info.size_bytes
        self.fetched_bytes = 0
        self._storage = storage
        self._key = key
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError(f"seek to {base + offset}")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes from the position, all when negative; none at the end."""
        left = max(0, self.size_bytes - self._position)
        wanted = left if size < 0 else min(size, left)
        pieces = []
        while wanted:
            number, skip = divmod(self._position, BLOCK_BYTES)
            piece = self._block(number)[skip : skip + wanted]
            if not piece:  # the object shrank meanwhile
                break
            pieces.append(piece)
            self._position += len(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _block(self, number: int) -> bytes:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        block = self._storage.get(self._key, number * BLOCK_BYTES, BLOCK_BYTES)
        self.fetched_bytes += len(block)
        self._blocks[number] = block
        if len(self._blocks) > CACHED_BLOCKS:
            self._blocks.popitem(last=False)
        return block

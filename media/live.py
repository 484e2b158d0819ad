"""The live HLS stream: chunks and their playlist, also the write-ahead log of a recording."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

import structlog

from media.courier import Courier
from media.fragments import FragmentCutter, Init
from media.playlist import (
    CHUNK_S,
    INIT_NAME,
    PLAYLIST_NAME,
    Chunk,
    Chunker,
    HlsPlaylist,
    chunk_name,
)
from media.spool import Spool, SpoolFile
from media.types import Storage

NOTES_NAME = "notes.json"
JSON = "application/json"
PLAYLIST_BYTES_PER_S = 16 * 1024
"""What publishing the playlist may cost: after hours it is large, and is published less often."""

Put = Callable[[bytes], object]
Note = Callable[[Put], None]
"""Called in a thread with what stores its bytes as `NOTES_NAME`, which it may use, or not."""

log = structlog.get_logger(__name__)


def no_note(put: Put) -> None:
    """There is nothing to be said of a chunk."""
    del put


class LiveStream:
    """Cuts a recording's bytes into chunks and stores them in order below `prefix`.

    The playlist never names a chunk that is not stored. `append` and `finish` belong to one
    thread; storing happens in the courier's ordered lane, one at a time. `note` is asked before
    each chunk is stored: of what is stored, its last word is stored too.
    """

    def __init__(
        self,
        storage: Storage,
        prefix: str,
        spool: Spool,
        courier: Courier,
        chunk_s: float = CHUNK_S,
    ) -> None:
        self._storage = storage
        self._prefix = prefix
        self._spool = spool
        self._courier = courier
        self._cutter = FragmentCutter()
        self._chunker = Chunker(chunk_s)
        self._playlist = HlsPlaylist(chunk_s)
        self._published_at_s = 0.0
        self._sent: list[Future[None]] = []
        self.note: Note = no_note
        self.chunk_count = 0

    @property
    def stored_s(self) -> float:
        """Seconds of media that are stored."""
        return sum(self._playlist.durations_s)

    def append(self, data: bytes) -> None:
        """Take the file's next bytes. Raises `SpoolFull`, `BrokenContainer`."""
        for piece in self._cutter.feed(data):
            if isinstance(piece, Init):
                file = self._spooled(INIT_NAME, piece.data)
                self._send(partial(self._store, INIT_NAME, file), file.size_bytes)
            elif (chunk := self._chunker.add(piece)) is not None:
                self._send_chunk(chunk)

    def flush(self) -> None:
        """Send what waits for a chunk to fill."""
        if (chunk := self._chunker.flush()) is not None:
            self._send_chunk(chunk)

    def end(self) -> None:
        """Send the rest and mark the playlist ended."""
        self.flush()
        if self.chunk_count:
            self._send(self._end_playlist, 0)

    def wait(self, until_s: float) -> None:
        """Wait until all that was sent is stored. Raises what the courier raises."""
        self._courier.wait(self._sent, until_s)

    def delete(self) -> None:
        """Delete every object of the stream."""
        self._storage.delete([info.key for info in self._storage.list(self._prefix)])

    def _send_chunk(self, chunk: Chunk) -> None:
        self.chunk_count += 1
        file = self._spooled(chunk.name, chunk.data)
        work = partial(self._store_chunk, chunk.number, chunk.duration_s, chunk.name, file)
        self._send(work, file.size_bytes)
        self._send(self._publish, 0)

    def _spooled(self, name: str, data: bytes) -> SpoolFile:
        file = self._spool.open(name)
        try:
            file.append(data)
        finally:
            file.close()
        return file

    def _send(self, work: Callable[[], None], size_bytes: int) -> None:
        self._sent.append(self._courier.send(work, size_bytes, in_order=True))

    def _store(self, name: str, file: SpoolFile) -> None:
        self._storage.put(self._prefix + name, file.read(), "video/mp4")
        file.discard()

    def _store_chunk(self, number: int, duration_s: float, name: str, file: SpoolFile) -> None:
        size_bytes = file.size_bytes
        self.note(lambda data: self._storage.put(self._prefix + NOTES_NAME, data, JSON))
        self._store(name, file)
        self._playlist.add(number, duration_s)
        log.debug("chunk_stored", number=number, size_bytes=size_bytes, duration_s=duration_s)

    def _publish(self) -> None:
        text = self._playlist.render()
        pause_s = len(text) / PLAYLIST_BYTES_PER_S
        if self._playlist.ended or time.monotonic() - self._published_at_s >= pause_s:
            key = self._prefix + PLAYLIST_NAME
            self._storage.put(key, text, "application/vnd.apple.mpegurl")
            self._published_at_s = time.monotonic()

    def _end_playlist(self) -> None:
        self._playlist.ended = True
        self._publish()


def stored_chunks(storage: Storage, prefix: str) -> list[str]:
    """Keys of a stored stream, header first, up to the first hole: joined they are a file.

    Empty when there is no header or no chunk.
    """
    found = {info.key.removeprefix(prefix) for info in storage.list(prefix)}
    names = [INIT_NAME]
    while (name := chunk_name(len(names))) in found:
        names.append(name)
    return [prefix + name for name in names] if INIT_NAME in found and len(names) > 1 else []

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from media.courier import Courier
from media.live import LiveStream, stored_chunks
from media.spool import Spool
from media.storage_folder import FolderStorage
from tests.media.outage import OutageStorage
from tests.media.synthetic import Recording


class Bench:
    """A live stream on a folder, with all that it needs."""

    def __init__(self, folder: Path) -> None:
        self.storage = OutageStorage(FolderStorage(folder / "out"))
        self.spool = Spool(folder / "spool", 10_000_000)
        self.courier = Courier("here")
        self.live = LiveStream(self.storage, "bot/chunks/", self.spool, self.courier)

    def wait(self) -> None:
        self.live.wait(time.monotonic() + 30)

    def playlist(self) -> str:
        return self.storage.get("bot/chunks/index.m3u8").decode()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An empty stream."""
    bench = Bench(tmp_path)
    with bench.courier:
        yield bench


@pytest.fixture(scope="module")
def recorded() -> bytes:
    """Nine seconds before they are closed."""
    file = io.BytesIO()
    recording = Recording(file)
    recording.record(9)
    data = file.getvalue()
    recording.close()
    return data


def test_each_chunk_is_stored_before_the_playlist_names_it(bench: Bench, recorded: bytes) -> None:
    """Header, chunk, playlist, chunk, playlist: in this order and no other."""
    bench.live.append(recorded)
    bench.wait()
    names = [write.rpartition("/")[2] for write in bench.storage.writes]
    assert [name for name in names if name != "index.m3u8"] == [
        *("init.mp4", "000001.m4s", "000002.m4s", "000003.m4s", "000004.m4s")
    ]
    assert names[2] == "index.m3u8"
    assert bench.playlist().count("#EXTINF:2.0") >= 1
    assert bench.live.stored_s == pytest.approx(8, abs=0.1)
    assert bench.spool.held_bytes == 0


def test_a_note_is_stored_before_its_chunk(bench: Bench, recorded: bytes) -> None:
    """What there is to say is stored first, each time there is something, in an outage too."""
    words = iter([b"1", None, b"2", None])

    def note(put: Callable[[bytes], object]) -> None:
        if (word := next(words)) is not None:
            put(word)

    bench.live.note = note
    bench.live.append(recorded)
    bench.wait()
    names = [write.rpartition("/")[2] for write in bench.storage.writes]
    assert [name for name in names if name != "index.m3u8"] == [
        *("init.mp4", "notes.json", "000001.m4s", "000002.m4s"),
        *("notes.json", "000003.m4s", "000004.m4s"),
    ]
    assert bench.storage.get("bot/chunks/notes.json") == b"2"
    bench.live.delete()
    assert bench.storage.list("bot/chunks/") == []


def test_the_end_publishes_every_chunk(bench: Bench, recorded: bytes) -> None:
    """At the end the playlist names all chunks, their lengths and the end; a player plays it."""
    bench.live.append(recorded)
    bench.live.end()
    bench.wait()
    assert bench.playlist().count(".m4s") == bench.live.chunk_count == 4
    assert bench.playlist().endswith("#EXT-X-ENDLIST\n")
    folder = Path(bench.storage.url("bot/chunks/index.m3u8", 1).removeprefix("file://"))
    with av.open(str(folder), "r", options={"allowed_extensions": "ALL"}) as player:
        assert len(list(player.decode(video=0))) == 8 * 15


def test_an_outage_delays_chunks_and_loses_none(bench: Bench, recorded: bytes) -> None:
    """What is cut while the storage is down waits in the spool and is stored in order after it."""
    bench.storage.down = True
    bench.live.append(recorded)
    assert bench.storage.failed.wait(20)
    assert bench.spool.held_bytes > 0
    bench.storage.down = False
    bench.live.end()
    bench.wait()
    assert bench.playlist().count(".m4s") == 4
    assert bench.spool.held_bytes == 0


def test_a_long_playlist_is_published_less_often(bench: Bench, recorded: bytes) -> None:
    """Chunks cut faster than a playlist may be published share one; the end is always there."""
    bench.live.append(recorded)
    bench.wait()
    first = bench.storage.writes.count("put bot/chunks/index.m3u8")
    assert 1 <= first < 4
    bench.live.end()
    bench.wait()
    assert bench.playlist().count(".m4s") == 4


def test_a_stream_without_media_has_no_objects(bench: Bench) -> None:
    """Ending what never began stores nothing."""
    bench.live.end()
    bench.wait()
    assert bench.storage.writes == []


def test_delete_removes_the_stream_and_nothing_else(bench: Bench, recorded: bytes) -> None:
    """Only what is below the prefix goes."""
    bench.storage.put("bot/video.mp4", b"x", "video/mp4")
    bench.live.append(recorded)
    bench.live.end()
    bench.wait()
    bench.live.delete()
    assert [info.key for info in bench.storage.list("")] == ["bot/video.mp4"]


def test_stored_chunks_are_a_file_up_to_the_first_hole(bench: Bench, recorded: bytes) -> None:
    """Header and chunks in order; nothing after a missing chunk; nothing without a header."""
    bench.live.append(recorded)
    bench.wait()
    prefix = "bot/chunks/"
    keys = stored_chunks(bench.storage, prefix)
    assert [key.removeprefix(prefix) for key in keys] == [
        *("init.mp4", "000001.m4s", "000002.m4s", "000003.m4s", "000004.m4s")
    ]
    with av.open(io.BytesIO(b"".join(map(bench.storage.get, keys))), "r") as container:
        assert len(list(container.decode(video=0))) == 8 * 15
    bench.storage.delete([prefix + "000002.m4s"])
    assert len(stored_chunks(bench.storage, prefix)) == 2
    bench.storage.delete([prefix + "init.mp4"])
    assert stored_chunks(bench.storage, prefix) == []

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.courier import Courier
from media.errors import ObjectMissing, PatchOutOfReach
from media.locations import PART_BYTES
from media.parts import GrowingObject
from media.sink import Patch
from media.spool import Spool
from media.storage_folder import FolderStorage
from tests.media.outage import OutageStorage

KEY = "bot/video.mp4"


class Bench:
    """A growing object on a folder, with all that it needs."""

    def __init__(self, folder: Path) -> None:
        self.storage = OutageStorage(FolderStorage(folder / "out"))
        self.spool = Spool(folder / "spool", 100 * PART_BYTES)
        self.courier = Courier("here")
        self.object = GrowingObject(self.storage, KEY, "video/mp4", self.spool, self.courier)

    def finish(self, tail: bytes = b"", *patches: Patch) -> bool:
        return self.object.finish(tail, patches, time.monotonic() + 30)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """An empty object."""
    bench = Bench(tmp_path)
    with bench.courier:
        yield bench
    bench.object.close()


def test_parts_leave_while_it_grows_and_part_one_again_at_the_end(bench: Bench) -> None:
    """Whole parts leave at once; then the tail, then part 1 patched, then complete."""
    bench.object.append(b"a" * (2 * PART_BYTES + 5))
    assert bench.object.part_count == 2
    assert bench.finish(b"tail", Patch(3, b"XY")) is True
    assert sorted(bench.storage.writes[:4]) == [f"open {KEY}", "part 1", "part 2", "part 3"]
    assert bench.storage.writes[4:] == ["part 1", "complete"]
    stored = bench.storage.get(KEY)
    assert (len(stored), stored[:6], stored[-5:]) == (2 * PART_BYTES + 9, b"aaaXYa", b"atail")
    assert bench.spool.held_bytes == 0


def test_a_short_object_is_stored_whole(bench: Bench) -> None:
    """Under one part there is no upload in parts, and patches are in it from the start."""
    bench.object.append(b"0123456789")
    assert bench.finish(b"tail", Patch(2, b"XY")) is True
    assert bench.storage.writes == [f"put {KEY}"]
    assert bench.storage.get(KEY) == b"01XY456789tail"


def test_an_object_that_got_nothing_leaves_no_trace(bench: Bench) -> None:
    """No byte, no object, no upload."""
    assert bench.finish() is False
    assert bench.storage.writes == []


def test_an_object_that_fills_its_parts_needs_no_other(bench: Bench) -> None:
    """Exactly one part is one part, sent again only when patched."""
    bench.object.append(b"a" * PART_BYTES)
    assert bench.finish() is True
    assert bench.storage.writes == [f"open {KEY}", "part 1", "complete"]


def test_a_patch_across_parts_is_split(bench: Bench) -> None:
    """A rewrite over the border of part 1 and the open part reaches both."""
    bench.object.append(b"a" * (PART_BYTES + 100))
    bench.finish(b"", Patch(PART_BYTES - 2, b"WXYZ"))
    assert bench.storage.get(KEY, PART_BYTES - 3, 6) == b"aWXYZa"


def test_a_patch_in_a_part_that_has_gone_is_an_error(bench: Bench) -> None:
    """Bytes that are neither in part 1 nor still here cannot be rewritten, and that is said."""
    bench.object.append(b"a" * (3 * PART_BYTES))
    with pytest.raises(PatchOutOfReach, match="part 2"):
        bench.finish(b"", Patch(PART_BYTES + 7, b"X"))


def test_a_complete_whose_answer_was_lost_counts(bench: Bench) -> None:
    """When the upload is gone because it was completed, the object is there and that is enough."""
    bench.object.append(b"a" * (PART_BYTES + 1))
    bench.storage.lose_answer = True
    assert bench.finish() is True
    assert len(bench.storage.get(KEY)) == PART_BYTES + 1


def test_an_upload_aborted_by_others_is_an_error(bench: Bench) -> None:
    """Parts for an aborted upload are not piled up: the problem is there, and finish raises it."""
    bench.object.append(b"a" * PART_BYTES)
    deadline = time.monotonic() + 20
    while "part 1" not in bench.storage.writes:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    bench.storage.uploads[0].abort()
    bench.object.append(b"a" * PART_BYTES)
    with pytest.raises(ObjectMissing):
        bench.finish()
    assert isinstance(bench.object.problem, ObjectMissing)
    bench.object.append(b"a" * PART_BYTES)
    assert bench.object.part_count == 2
    with pytest.raises(ObjectMissing):
        bench.finish()


def test_a_complete_that_never_happened_is_an_error(bench: Bench) -> None:
    """When the upload is gone and there is no such object, finish says so."""
    bench.object.append(b"a" * PART_BYTES)
    deadline = time.monotonic() + 20
    while "part 1" not in bench.storage.writes:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    bench.storage.uploads[0].abort()
    with pytest.raises(ObjectMissing):
        bench.finish()


def test_abort_throws_everything_away(bench: Bench) -> None:
    """After an abort neither object nor upload nor spool file is left."""
    bench.object.append(b"a" * (PART_BYTES + 1))
    bench.courier.close()
    bench.object.abort()
    assert bench.storage.inner.list("") == []
    assert bench.spool.held_bytes == 0
    assert "abort" in bench.storage.writes

import os
import resource
from pathlib import Path

import pytest

from media.errors import SpoolFull
from media.spool import Spool


def test_a_file_grows_is_patched_and_read(tmp_path: Path) -> None:
    """What was appended and patched is read back; discarding frees its room, once."""
    spool = Spool(tmp_path / "spool", 1000)
    file = spool.open("part")
    file.append(b"0123")
    file.append(b"456")
    file.patch(2, b"XY")
    assert file.read() == b"01XY456"
    assert spool.held_bytes == 7
    file.discard()
    file.discard()
    assert spool.held_bytes == 0
    assert os.listdir(spool.folder) == []  # noqa: PTH208 - names are wanted


def test_a_patch_must_meet_bytes_that_are_there(tmp_path: Path) -> None:
    """Patching beyond the end is our mistake, and said."""
    file = Spool(tmp_path, 1000).open("part")
    file.append(b"0123")
    with pytest.raises(ValueError, match="2 bytes at 3 of 4"):
        file.patch(3, b"ab")
    file.close()


def test_a_full_spool_refuses_and_takes_nothing(tmp_path: Path) -> None:
    """The write that would pass the bound is refused whole; both numbers are in the error."""
    spool = Spool(tmp_path, 100)
    file = spool.open("part")
    file.append(bytes(90))
    with pytest.raises(SpoolFull) as caught:
        file.append(bytes(11))
    assert (caught.value.needed_bytes, caught.value.limit_bytes) == (101, 100)
    assert (file.size_bytes, spool.held_bytes) == (90, 90)
    assert spool.held_bytes > spool.nearly_full_bytes == 75
    file.close()


def test_a_large_spool_keeps_20_mib_for_the_end() -> None:
    """The room kept for closing does not grow with the spool."""
    spool = Spool(Path("/tmp"), 1 << 30)
    assert spool.max_bytes - spool.nearly_full_bytes == 20 << 20
    spool.remove()


def test_a_spool_removes_only_its_own_folder(tmp_path: Path) -> None:
    """Two spools in one place do not see each other."""
    first, second = Spool(tmp_path, 10), Spool(tmp_path, 10)
    second.open("a").close()
    first.remove()
    assert [path.name for path in second.folder.iterdir()] == ["a"]


def test_other_disk_errors_come_out_as_they_are(tmp_path: Path) -> None:
    """A write that fails for another reason than room is not called a full spool."""
    spool = Spool(tmp_path, 1000)
    file = spool.open("part")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4, hard))
    file.append(bytes(4))
    try:
        with pytest.raises(OSError, match="File too large"):
            file.append(bytes(5))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    file.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_a_full_spool(tmp_path: Path) -> None:
    """A disk without room is named as the spool being full, and nothing is counted in."""
    spool = Spool(tmp_path, 1000)
    (spool.folder / "part").symlink_to("/dev/full")
    file = spool.open("part")
    with pytest.raises(SpoolFull):
        file.append(b"x")
    assert (file.size_bytes, spool.held_bytes) == (0, 0)
    file.close()

"""Fit folders, and those a test can make unfit alone; full and read-only ones are in tests/e2e."""

import tempfile
from pathlib import Path

import pytest

from bot.checks import folders
from bot.checks.folders import shared_memory, spool, temporary_folder
from bot.checks.types import MIB, Level
from bot.settings import Settings
from media.tab.layout import ring_bytes


def test_spool(tmp_path: Path) -> None:
    """A spool that can be written is made and left empty, its room is told."""
    finding = spool(Settings(spool_dir=tmp_path / "a" / "b", spool_max_bytes=64 * 1024**2))
    assert (finding.level, finding.mend) == (Level.OK, "")
    assert str(tmp_path / "a" / "b") in finding.found
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_spool_that_cannot_be(tmp_path: Path) -> None:
    """A file in the folder's way: what, why, and the setting that mends it."""
    (tmp_path / "file").write_bytes(b"")
    finding = spool(Settings(spool_dir=tmp_path / "file" / "b"))
    assert finding.level is Level.FAILED
    assert "Not a directory" in finding.found
    assert "MEETBOT_SPOOL_DIR" in finding.words


def test_spool_smaller_than_its_bound(tmp_path: Path) -> None:
    """A disk that would be full before the bound is reached is a warning."""
    finding = spool(Settings(spool_dir=tmp_path, spool_max_bytes=1 << 60))
    assert finding.level is Level.WARNING
    assert "MEETBOT_SPOOL_MAX_BYTES" in finding.found


def test_temporary_folder() -> None:
    """Where it can be written its name and room are told."""
    finding = temporary_folder(Settings())
    assert finding.level is Level.OK
    assert tempfile.gettempdir() in finding.found


def test_no_shared_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the RAM disk is told how to give it one."""
    monkeypatch.setattr(folders, "SHARED_MEMORY", tmp_path / "none")
    finding = shared_memory(Settings())
    assert finding.level is Level.FAILED
    assert "--shm-size" in finding.mend


def test_the_largest_ring_fits_what_is_asked_for() -> None:
    """What must be free holds the ring of either resolution, and is more than docker's 64 MB."""
    assert folders.SHARED_MEMORY_BYTES > ring_bytes(1920, 1080) > ring_bytes(1280, 720)
    assert 64 * MIB < folders.SHARED_MEMORY_BYTES < 128 * MIB

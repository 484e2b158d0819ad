"""The journal on disk."""

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.dispatch.journal import Journal
from bot.errors import JournalError

APPEND_FOR_EVER = """
import sys
from pathlib import Path
from bot.dispatch.journal import Journal
with Journal(Path(sys.argv[1])) as journal:
    for number in range(1_000_000):
        journal.append({"number": number})
        print(number, flush=True)
"""


def test_what_is_appended_is_there_again(tmp_path: Path) -> None:
    """Records come back in order, for the owner's eyes alone."""
    path = tmp_path / "new" / "journal"
    with Journal(path) as journal:
        journal.append({"n": 1, "text": "ü\n"})
    with Journal(path) as journal:
        journal.append({"n": 2})
        assert list(journal.records()) == [{"n": 1, "text": "ü\n"}, {"n": 2}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_line_cut_off_is_removed(tmp_path: Path) -> None:
    """What a crash left unfinished goes, and the next line does not run into it."""
    path = tmp_path / "journal"
    path.write_bytes(b'{"n": 1}\nno json\n[]\n{"n": 2')
    with Journal(path) as journal:
        journal.append({"n": 3})
        assert list(journal.records()) == [{"n": 1}, {"n": 3}]


def test_killed_in_the_midst_it_keeps_what_it_said_is_stored(tmp_path: Path) -> None:
    """After kill -9 every number that was told is there, and nothing is there twice."""
    command = [sys.executable, "-c", APPEND_FOR_EVER, str(tmp_path / "journal")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        told += [int(line) for line in process.stdout if line.endswith("\n")]
    with Journal(tmp_path / "journal") as journal:
        stored = [record["number"] for record in journal.records()]
    assert stored == list(range(len(stored)))
    assert len(stored) >= len(told)


def test_closed_it_takes_nothing(tmp_path: Path) -> None:
    """After its end, and before its beginning, a line is refused and no other file is written."""
    journal = Journal(tmp_path / "journal")
    with pytest.raises(JournalError, match="closed"):
        journal.append({})
    with journal:
        pass
    with pytest.raises(JournalError, match="closed"):
        journal.append({})


def test_two_cannot_have_one_journal(tmp_path: Path) -> None:
    """The second is refused by name; after the first has gone it may."""
    with Journal(tmp_path / "journal"), pytest.raises(JournalError, match="another dispatch"):
        Journal(tmp_path / "journal").__enter__()
    with Journal(tmp_path / "journal"):
        pass


def test_where_it_cannot_be_it_says_so(tmp_path: Path) -> None:
    """A folder that is a file is the destination's fault."""
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        Journal(tmp_path / "file" / "journal").__enter__()


def test_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not fit is undone, and the next line stands alone."""
    real = os.pwrite

    def half(descriptor: int, data: bytes, at_bytes: int) -> int:
        if len(data) < 10:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data[:10], at_bytes)

    with Journal(tmp_path / "journal") as journal:
        journal.append({"n": 1})
        monkeypatch.setattr(os, "pwrite", half)
        with pytest.raises(JournalError, match="No space left"):
            journal.append({"n": 2, "x": "abcdef"})
        monkeypatch.setattr(os, "pwrite", real)
        journal.append({"n": 3})
        assert list(journal.records()) == [{"n": 1}, {"n": 3}]


def test_a_full_journal_begins_anew_and_the_old_one_stays_beside_it(tmp_path: Path) -> None:
    """Its records are replaced, it goes on, nobody else can open it, and twice the bound is all."""
    path = tmp_path / "journal"
    with Journal(path, max_bytes=100) as journal:
        for generation in range(3):
            while not journal.is_full:
                journal.append({"n": generation})
            journal.begin_anew([{"known": generation}])
            assert not journal.is_full
            journal.append({"after": generation})
            assert list(journal.records()) == [{"known": generation}, {"after": generation}]
            with pytest.raises(JournalError, match="another dispatch"):
                Journal(path).__enter__()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["journal", "journal.1"]
    assert b'{"n": 2}' in (tmp_path / "journal.1").read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Journal(path) as journal:
        assert list(journal.records()) == [{"known": 2}, {"after": 2}]


def test_a_journal_that_cannot_begin_anew_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes nothing more leaves all as it was, and that is named."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with Journal(tmp_path / "journal", max_bytes=10) as journal:
        journal.append({"number": 1})
        assert journal.is_full
        with monkeypatch.context() as patched:
            patched.setattr(os, "link", full)
            with pytest.raises(JournalError, match="No space"):
                journal.begin_anew([])
        journal.append({"number": 2})
        assert list(journal.records()) == [{"number": 1}, {"number": 2}]

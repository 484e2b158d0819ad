"""Ctrl-C and SIGTERM, sent to the real command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import psutil
import pytest

from tests.kept import CACHE_HOME

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

DEADLINE_S = 180.0
GONE_WITHIN_S = 30.0
"""Half of the grace period, which nothing that stops at once may use."""
RECORDING = "in_call_recording"
MEETING = {
    "open": True,
    "cta_delay_s": 0.0,
    "admission_gap_s": 0.0,
    "participants": [{"name": "Ada", "picture": "still"}],
}
"""Who is there and how they move has no part in how a program ends."""


class Program:
    """A `meetbot` as a process of its own, its output in a file."""

    def __init__(self, root: Path, *args: str, cache: Path = CACHE_HOME) -> None:
        self.root = root
        self.output = root / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", *args],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(root),
                    "PYTHONUNBUFFERED": "1",
                    "XDG_CACHE_HOME": str(cache),
                },
            )

    def says(self, words: str) -> None:
        """Wait until `words` are in the output."""
        self.until(lambda: words in self.output.read_text())

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for a condition while the program runs."""
        until_s = time.monotonic() + DEADLINE_S
        while not holds():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < until_s, self.output.read_text()
            time.sleep(0.1)

    def tree(self) -> list[psutil.Process]:
        """The process and all it started."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def folders(self) -> set[Path]:
        """The folders of the browser's profiles."""
        flags = [word for one in self.tree() for word in words_of(one)]
        mark = "--user-data-dir="
        return {Path(w.removeprefix(mark)).parent for w in flags if w.startswith(mark)}

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        self.process.send_signal(number)

    def ends(self) -> int:
        """Wait for its exit code."""
        return self.process.wait(timeout=DEADLINE_S)


def words_of(process: psutil.Process) -> list[str]:
    """Its command line, none where it has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@contextmanager
def demo_of(root: Path, *args: str, cache: Path = CACHE_HOME) -> Iterator[Program]:
    """A `meetbot demo`; whatever happens, nothing of it is left."""
    started = Program(root, "demo", *args, cache=cache)
    tree: list[psutil.Process] = []
    try:
        yield started
    finally:
        if started.process.poll() is None:
            tree = started.tree()
        for each in tree:
            each.kill()
        started.process.wait(timeout=60)


@contextmanager
def small_demo(root: Path) -> Iterator[Program]:
    """One of a small meeting."""
    meeting = root / "meeting.json"
    meeting.write_text(json.dumps(MEETING))
    with demo_of(root, "--scenario", str(meeting)) as demo:
        yield demo


def assert_nothing_left(tree: list[psutil.Process], folders: set[Path]) -> None:
    """Neither processes nor the browser's folders."""
    gone, alive = psutil.wait_procs(tree, timeout=GONE_WITHIN_S)
    assert not alive
    assert len(gone) == len(tree)
    assert not [folder for folder in folders if folder.exists()]


def only_folder(root: Path) -> Path:
    """The one bot's artifacts."""
    (folder,) = (root / "recordings").iterdir()
    return folder


def last_event(root: Path) -> dict[str, object]:
    """The terminal event as stored."""
    lines = (only_folder(root) / "events.jsonl").read_text().splitlines()
    event = json.loads(lines[-1])
    assert isinstance(event, dict)
    return event


def test_first_interrupt_leaves_politely(tmp_path: Path) -> None:
    """Ctrl-C while recording: exit 0, a finished file, a table, API_REQUEST, nothing left."""
    with small_demo(tmp_path) as demo:
        demo.says(RECORDING)
        tree, folders = demo.tree(), demo.folders()
        demo.signal(signal.SIGINT)
        assert demo.ends() == 0
    assert folders
    assert_nothing_left(tree, folders)
    said = demo.output.read_text()
    assert "API_REQUEST" in said
    assert "video.mp4" in said
    with av.open(only_folder(tmp_path) / "video.mp4") as container:
        assert sum(1 for _ in container.decode(video=0)) > 0
    assert last_event(tmp_path)["event"] == "bot.completed"


def test_second_interrupt_stops_at_once(tmp_path: Path) -> None:
    """Twice Ctrl-C while recording: 130, and neither simulator, browser nor profile is left."""
    with small_demo(tmp_path) as demo:
        demo.says(RECORDING)
        tree, folders = demo.tree(), demo.folders()
        began_s = time.monotonic()
        while demo.process.poll() is None:  # two sent in one breath may arrive as one
            demo.signal(signal.SIGINT)
            time.sleep(0.2)
        assert demo.ends() == 130
    assert time.monotonic() - began_s < GONE_WITHIN_S
    assert len(tree) > 5
    assert_nothing_left(tree, folders)


def test_interrupt_before_the_meeting(tmp_path: Path) -> None:
    """Ctrl-C while the test meeting is still being made: exit 0, nothing stored, nothing left."""
    with demo_of(tmp_path, cache=tmp_path / "cache") as demo:  # it takes its time, made anew
        demo.says("Starting a test meeting")
        demo.until(lambda: len(demo.tree()) > 1)
        tree = demo.tree()
        demo.signal(signal.SIGINT)
        assert demo.ends() == 0
    assert_nothing_left(tree, set())
    assert "nothing was recorded" in demo.output.read_text()
    assert not (tmp_path / "recordings").exists()


def test_interrupt_while_the_browser_starts(tmp_path: Path) -> None:
    """Ctrl-C between queued and the meeting: exit 0 all the same, and the event says why."""
    with small_demo(tmp_path) as demo:
        demo.until(lambda: bool(demo.folders()))
        tree, folders = demo.tree(), demo.folders()
        demo.signal(signal.SIGINT)
        assert demo.ends() == 0
    assert_nothing_left(tree, folders)
    last = last_event(tmp_path)
    assert last["event"] == "bot.failed"
    assert isinstance(last["data"], dict)
    assert last["data"]["error_code"] == "EXITING_MEETING_BEFORE_RECORD"


def test_sigterm_stores_and_tells(tmp_path: Path) -> None:
    """SIGTERM while recording: 143, a finished file, SIGTERM as reason with the file linked."""
    with small_demo(tmp_path) as demo:
        demo.says(RECORDING)
        tree, folders = demo.tree(), demo.folders()
        demo.signal(signal.SIGTERM)
        assert demo.ends() == 143
    assert_nothing_left(tree, folders)
    last = last_event(tmp_path)
    assert isinstance(last["data"], dict)
    assert last["event"] == "bot.failed"
    assert last["data"]["error_code"] == "SIGTERM"
    assert last["data"]["evidence"]["row"] == "signal/SIGTERM"
    assert last["data"]["video"] == f"{only_folder(tmp_path).name}/video.mp4"
    with av.open(only_folder(tmp_path) / "video.mp4") as container:
        assert sum(1 for _ in container.decode(video=0)) > 0

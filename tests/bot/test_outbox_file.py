"""Which files are of the dead."""

import subprocess
import sys
from pathlib import Path

from bot.outbox import Outbox
from bot.outbox_file import dead_runs


def test_dead_runs_are_those_without_a_process(tmp_path: Path) -> None:
    """A living run, a finished run and a stranger's file are none; a dead one is, with its ids.

    Dead is a run that never spoke its last word, also one whose every event was acknowledged.
    """
    (tmp_path / "stranger.sqlite3").write_text("not a database, and longer than a header" * 9)
    with Outbox(tmp_path, "bot", "dead") as outbox:
        outbox.append("accepted", {})
    with Outbox(tmp_path, "bot", "done") as outbox:
        outbox.append("bot.completed", {})
        outbox.ack(1)
    with Outbox(tmp_path, "bot", "alive") as outbox:
        outbox.append("accepted", {})
        assert dead_runs(tmp_path) == [("bot", "dead")]
    assert dead_runs(tmp_path) == [("bot", "dead"), ("bot", "alive")]
    with Outbox(tmp_path, "bot", "dead") as outbox:
        outbox.ack(1)
    assert dead_runs(tmp_path) == [("bot", "alive"), ("bot", "dead")]
    assert dead_runs(tmp_path / "missing") == []


def test_finished_run_of_a_killed_process_is_swept(tmp_path: Path) -> None:
    """A file in which all is acknowledged, left by a process killed before closing, goes."""
    script = (
        "import os, sys, pathlib; from bot.outbox import Outbox\n"
        "outbox = Outbox(pathlib.Path(sys.argv[1]), 'bot', 'run').__enter__()\n"
        "outbox.append('bot.failed', {}); outbox.ack(1); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert (tmp_path / "run.sqlite3").exists()
    assert dead_runs(tmp_path) == []
    assert list(tmp_path.iterdir()) == []

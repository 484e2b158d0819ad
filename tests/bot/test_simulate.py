"""`meetbot simulate`, as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from bot.simulate import clips_folder, for_people

pytestmark = pytest.mark.timeout(300)


def simulate(root: Path, *args: str) -> "subprocess.Popen[str]":
    """Start it with nobody in the meeting."""
    (root / "empty.json").write_text("{}")
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "simulate", *args],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(root / "cache")},
    )


def test_words_for_people() -> None:
    """The printed job is one that can be pasted."""
    told = for_people("https://meet.google.com/abc-defg-hij", "http://localhost:1")
    job = told.partition("echo '")[2].partition("'")[0]
    assert json.loads(job)["meeting_url"] == "https://meet.google.com/abc-defg-hij"
    assert "http://localhost:1/" in told


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/meetbot/clips"),
        ({"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/meetbot/clips"),
        ({"XDG_CACHE_HOME": "here", "HOME": "/h"}, "/h/.cache/meetbot/clips"),
        ({"XDG_CACHE_HOME": "", "HOME": ""}, None),
    ],
)
def test_clips_are_kept_in_the_user_s_cache(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str | None
) -> None:
    """By the XDG base directories; whoever has no home has no cache."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert clips_folder() == (None if folder is None else Path(folder))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    """It says where it is as JSON, answers there, and ends well on a signal."""
    with simulate(tmp_path, "--json", "--port", "0", "--scenario", "empty.json") as process:
        try:
            assert process.stdout is not None
            words = json.loads(process.stdout.readline())
            info = urllib.request.urlopen(f"{words['http_url']}/api/info", timeout=60)  # noqa: S310
            with info:
                assert json.loads(info.read())["meeting_url"] == words["meeting_url"]
            process.send_signal(number)
            assert process.wait(timeout=60) == 0
            assert list((tmp_path / "cache" / "meetbot" / "clips").glob("silence-*.clip"))
        finally:
            process.kill()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """Exit 3, the port in the words."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with simulate(tmp_path, "--port", str(port), "--scenario", "empty.json") as process:
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 3
    assert str(port) in errors

"""What is wrong is said by name, soon, with the right exit code, and nothing was started."""

import json
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

GOOD: dict[str, Any] = {
    "meeting_url": "https://meet.google.com/abc-defg-hij",
    "bot_name": "Notes",
}


def meetbot(*args: str, cwd: Path, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the command line with nothing of ours in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *args],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)},
    )


@pytest.mark.parametrize(
    ("job", "named"),
    [
        ("{", "job: not JSON"),
        (GOOD | {"botname": "x"}, "botname: unknown field"),
        (GOOD | {"bot_name": 7}, "bot_name:"),
        (GOOD | {"bot_name": ""}, "bot_name:"),
        (GOOD | {"bot_name": "x" * 256}, "bot_name:"),
        (GOOD | {"meeting_url": "http://meet.google.com/abc-defg-hij"}, "meeting_url:"),
        (GOOD | {"meeting_url": "https://meet.google.com.evil.example/a"}, "meeting_url:"),
        (GOOD | {"meeting_url": "https://example.com/abc-defg-hij"}, "meeting_url:"),
        (GOOD | {"timeout_config": {"waiting_room_timeout": 0}}, "timeout_config.waiting_room_"),
        (GOOD | {"bot_image": "https://a.example/a.png"}, "bot_image: not supported by this"),
    ],
)
def test_bad_job(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    job: Any,  # noqa: ANN401 - bad on purpose
    named: str,
) -> None:
    """One error naming the field, exit 2, and no browser: nothing at all was written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["meetbot", "run", "-"])
    text = job if isinstance(job, str) else json.dumps(job)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(text.encode())))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    (line,) = said.err.strip().splitlines()
    assert named in line
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_bad_job_of_a_program(tmp_path: Path) -> None:
    """The same of a process of its own, which reads it from a pipe."""
    done = meetbot("run", "-", cwd=tmp_path, stdin=json.dumps(GOOD | {"botname": "x"}))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.strip().splitlines()
    assert "botname: unknown field" in line
    assert list(tmp_path.iterdir()) == []


def test_missing_browser(tmp_path: Path) -> None:
    """A browser that is not there is named, exit 3."""
    done = meetbot(
        "run", "-", "--browser", "/no/such/browser", cwd=tmp_path, stdin=json.dumps(GOOD)
    )
    assert done.returncode == 3
    assert "browser: /no/such/browser" in done.stderr
    assert done.stdout == ""


def test_browser_that_does_not_start(tmp_path: Path) -> None:
    """A browser that cannot start fails the bot before anything was joined, exit 3."""
    done = meetbot("run", "-", "--browser", "/bin/false", cwd=tmp_path, stdin=json.dumps(GOOD))
    assert done.returncode == 3
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["data"]["error_code"] == "INTERNAL_ERROR"
    assert last["data"]["evidence"]["row"] == "error/BrowserUnavailable"
    assert "/bin/false" in last["data"]["error_message"]


def test_storage_that_cannot_be_written(tmp_path: Path) -> None:
    """A storage that cannot be written is named, exit 3, before anything was said."""
    (tmp_path / "taken").write_bytes(b"a file where a folder should be")
    done = meetbot("run", "-", "--storage", "taken", cwd=tmp_path, stdin=json.dumps(GOOD))
    assert done.returncode == 3
    assert "storage: " in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["transcribe", "delete-data"])
def test_later_commands_are_refused_by_name(tmp_path: Path, command: str) -> None:
    """A command of the contract that does not exist yet says so, exit 2."""
    done = meetbot(command, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{command}: not supported by this version" in done.stderr


def test_bad_setting(tmp_path: Path) -> None:
    """A setting that cannot be used is named as its reader typed it, exit 2."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run", "-"],
        cwd=tmp_path,
        input=json.dumps(GOOD),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PATH": "/usr/bin:/bin", "MEETBOT_GRACE_S": "-1"},
    )
    assert done.returncode == 2
    assert "MEETBOT_GRACE_S" in done.stderr

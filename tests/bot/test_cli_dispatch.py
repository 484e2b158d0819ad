"""`meetbot dispatch` at the command line; whole runs are in tests/e2e."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app, main
from bot.cli_dispatch import _reachable
from bot.keys import generate_keys
from bot.settings import Settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine counts."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MEETBOT_{name.upper()}", raising=False)


def ends(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    """The exit code of the whole program."""
    monkeypatch.setattr(sys, "argv", ["meetbot", "dispatch", *args])
    with pytest.raises(SystemExit) as caught:
        main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_help_teaches() -> None:
    """It shows a run on this machine, one with keys elsewhere, and the exit codes."""
    told = RUNNER.invoke(app, ["dispatch", "--help"]).stdout
    for words in ("meetbot simulate", "meetbot keygen server", "keys/allowed", "Exit code: 0"):
        assert words in told


RUNNER = CliRunner()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["/no/such.json"], "job: /no/such.json"),
        (["--bind", "tcp://0.0.0.0:5555"], "plain text off loopback"),
        (["--bind", "udp://x"], "neither tcp:// nor ipc://"),
        (["--no-worker", "--keys", "/no/keys"], "--keys: /no/keys/server.key_secret"),
        (["--keys", "/no/keys"], "MEETBOT_CURVE_SECRET_KEY_FILE"),
    ],
)
def test_usage_is_exit_code_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    args: list[str],
    words: str,
) -> None:
    """What the caller can mend is one line, before anything is started."""
    monkeypatch.chdir(tmp_path)
    bind = [] if "--bind" in args else ["--bind", f"ipc://{tmp_path}/r"]
    assert ends(monkeypatch, *args, *bind) == 2
    assert words in capsys.readouterr().err


def test_keys_of_one_side_alone_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A worker started here with keys could not talk to a plain socket."""
    public_file, secret_file = generate_keys(tmp_path, "server")
    monkeypatch.setenv("MEETBOT_CURVE_SERVER_KEY_FILE", str(public_file))
    monkeypatch.setenv("MEETBOT_CURVE_SECRET_KEY_FILE", str(secret_file))
    assert ends(monkeypatch, "--bind", f"ipc://{tmp_path}/r") == 2
    assert "--keys: is required" in capsys.readouterr().err


def test_a_worker_here_reaches_what_is_bound_everywhere() -> None:
    """Every address is this machine's own, loopback included."""
    assert _reachable("tcp://*:5555") == _reachable("tcp://0.0.0.0:5555") == "tcp://127.0.0.1:5555"
    assert _reachable("tcp://[::]:1") == "tcp://[::1]:1"
    assert _reachable("tcp://10.0.0.1:5") == "tcp://10.0.0.1:5"
    assert _reachable("ipc:///run/x") == "ipc:///run/x"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_signals_end_an_idle_dispatch(tmp_path: Path, number: int, code: int) -> None:
    """Ctrl-C ends it with 0, SIGTERM with 143, though nobody types a line."""
    command = [sys.executable, "-m", "bot", "dispatch", "--no-worker"]
    command += ["--bind", f"ipc://{tmp_path}/r", "--journal", str(tmp_path / "j")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"workers\n")
        process.stdin.flush()
        assert process.stderr.readline() == b"no worker is connected\n"
        os.kill(process.pid, number)
        process.stderr.read()
        assert process.wait(50) == code


def test_what_was_received_is_not_done_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A job whose last word is in the journal ends at once, with that bot's code."""
    job, journal = tmp_path / "job.json", tmp_path / "journal"
    job.write_text('{"bot_id": "b", "meeting_url": "x"}')
    event = {"event": "bot.failed", "bot_id": "b", "run_id": "r", "seq": 4}
    journal.write_text(json.dumps({**event, "data": {"error_code": "BOT_NOT_ACCEPTED"}}) + "\n")
    args = [str(job), "--bind", f"ipc://{tmp_path}/r", "--journal", str(journal)]
    assert ends(monkeypatch, *args) == 1
    assert "job_was_over" in capsys.readouterr().err

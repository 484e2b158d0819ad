"""`meetbot recover`: what it prints where, and its exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import PreflightFailed
from tests.bot.test_recover import Lost

RUNNER = CliRunner()


def recover(dead: Lost, monkeypatch: pytest.MonkeyPatch, *args: str) -> Result:
    """The command, in a folder of its own."""
    elsewhere = dead.root / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    monkeypatch.chdir(elsewhere)
    return RUNNER.invoke(app, ["recover", "--storage", str(dead.root / "recordings"), *args])


def test_events_on_stdout_and_a_line_a_bot_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events alone on standard output; the bot, what was made of it and the sum beside it."""
    dead = Lost(tmp_path)
    dead.leave()
    dead.lapse()
    result = recover(dead, monkeypatch)
    assert result.exit_code == 0
    assert [json.loads(line)["event"] for line in result.stdout.splitlines()] == [
        "bot.status_change",
        "bot.failed",
    ]
    assert f"{dead.bot_id}  finished" in result.stderr
    assert "1 finished, 0 over, 0 held, 0 failed" in result.stderr
    again = recover(dead, monkeypatch)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "1 over" in again.stderr


def test_a_living_bot_is_no_failure_unless_it_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside living bots the command ends well; who names one learns that it lives."""
    dead = Lost(tmp_path)
    dead.leave(seconds=0)
    beside = recover(dead, monkeypatch)
    assert (beside.exit_code, beside.stdout) == (0, "")
    assert "held" in beside.stderr
    named = recover(dead, monkeypatch, "--bot-id", dead.bot_id)
    assert (named.exit_code, named.stdout) == (3, "")
    forced = recover(dead, monkeypatch, "--bot-id", dead.bot_id, "--force")
    assert forced.exit_code == 0


def test_usage_and_a_storage_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No id: usage. A storage that cannot be used: 3, in its own words."""
    dead = Lost(tmp_path)
    assert recover(dead, monkeypatch, "--bot-id", "no-id").exit_code == 2
    (tmp_path / "recordings").write_bytes(b"a file")
    result = recover(dead, monkeypatch)
    assert isinstance(result.exception, PreflightFailed)
    assert "recordings" in str(result.exception)


def test_the_orchestrator_is_told_where_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that must not be used: nothing counts as said, and it can be done again."""
    dead = Lost(tmp_path)
    dead.leave(seconds=0)
    result = recover(dead, monkeypatch, "--force", "--connect", "tcp://10.0.0.1:5555")
    assert result.exit_code != 0
    assert result.stdout == ""
    assert not dead.lease().ended

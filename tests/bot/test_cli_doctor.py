"""The command's options; what it finds is in tests/bot/test_doctor.py and tests/e2e."""

import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from bot.errors import SettingError

RUNNER = CliRunner()


def test_options_reach_the_checks(tmp_path: Path) -> None:
    """Storage, spool, endpoint and browser of the command line are what is examined."""
    options = {
        "--storage": str(tmp_path / "here"),
        "--spool-dir": str(tmp_path / "spool"),
        "--connect": "tcp://192.0.2.1:5555",
        "--browser": "/bin/false",
    }
    words = [word for option in options.items() for word in option]
    result = RUNNER.invoke(app, ["doctor", "--json", *words])
    assert result.exit_code == 3
    found = {row["check"]: row for row in json.loads(result.stdout)["checks"]}
    assert str(tmp_path / "here") in found["storage"]["found"]
    assert str(tmp_path / "spool") in found["spool"]["found"]
    assert "192.0.2.1" in found["control endpoint"]["found"]
    assert "/bin/false" in found["browser"]["found"]


def test_a_bad_setting_is_a_usage_error() -> None:
    """It is judged before anything is looked at."""
    result = RUNNER.invoke(app, ["doctor", "--storage", "gs://bucket"])
    assert isinstance(result.exception, SettingError)

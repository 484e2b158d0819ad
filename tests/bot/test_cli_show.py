"""The command's options; what it shows is in tests/bot/test_show.py."""

from pathlib import Path
from uuid import uuid4

from typer.testing import CliRunner

from bot.cli import app
from bot.errors import PreflightFailed
from media.storage_folder import FolderStorage

RUNNER = CliRunner()


def test_artifacts_of_a_bot_are_listed(tmp_path: Path) -> None:
    """From the storage that was named."""
    bot_id = str(uuid4())
    FolderStorage(tmp_path).put(f"{bot_id}/report.json", b"{}", "application/json")
    result = RUNNER.invoke(app, ["show", bot_id, "--storage", str(tmp_path)])
    assert result.exit_code == 0
    assert result.stdout.split()[0] == "2"
    assert result.stdout.strip().endswith("report.json")


def test_a_live_stream_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It is said at once, not served as nothing."""
    result = RUNNER.invoke(app, ["show", "--live", str(uuid4()), "--storage", str(tmp_path)])
    assert isinstance(result.exception, PreflightFailed)


def test_a_bot_id_is_a_uuid(tmp_path: Path) -> None:
    """A path is none."""
    result = RUNNER.invoke(app, ["show", "../other", "--storage", str(tmp_path)])
    assert result.exit_code == 2


def test_a_storage_that_is_none_is_named() -> None:
    """A bucket's name that no server takes is said, not a traceback."""
    result = RUNNER.invoke(app, ["show", str(uuid4()), "--storage", "s3://A_B/x"])
    assert isinstance(result.exception, PreflightFailed)
    assert "A_B" in str(result.exception)

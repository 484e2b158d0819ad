"""`meetbot callback`: its configuration from a file, never from arguments; its exit codes."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli_callback import read_config
from bot.errors import NoLastWordError, SettingError
from tests.bot.dead import Dead, end
from tests.bot.rig import URL

RUNNER = CliRunner()
CONFIG = {"url": "https://notes.example/end", "method": "PUT", "secret": "hunter2"}


@pytest.mark.parametrize(
    "written", [CONFIG, {"meeting_url": URL, "bot_name": "Notes", "callback_config": CONFIG}]
)
def test_a_file_of_the_configuration_or_of_a_job(
    tmp_path: Path, written: dict[str, object]
) -> None:
    """Either says where to call, how, and with which secret."""
    path = tmp_path / "callback.json"
    path.write_text(json.dumps(written))
    config = read_config(path)
    assert (str(config.url), config.method) == ("https://notes.example/end", "PUT")
    assert config.secret is not None
    assert config.secret.get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("no JSON", "not JSON"),
        ('{"callback_config": null}', "config"),
        ('{"method": "POST"}', "url"),
        ('{"url": "ftp://x", "secret": "hunter2"}', "url"),
    ],
)
def test_what_is_no_configuration(tmp_path: Path, written: str, named: str) -> None:
    """It is refused by field; nothing of the secret is in the text."""
    path = tmp_path / "callback.json"
    path.write_text(written)
    with pytest.raises(SettingError, match=named) as refused:
        read_config(path)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(SettingError, match="No such file"):
        read_config(tmp_path / "none.json")


def test_exit_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3 and the reason where it was not delivered; a bot without a last word is usage."""
    monkeypatch.chdir(tmp_path)
    dead = Dead(tmp_path)
    dead.tell()
    asyncio.run(end(dead))
    path = tmp_path / "callback.json"
    path.write_text(json.dumps({"url": "http://127.0.0.1:9/end"}))
    storage = ["--storage", str(tmp_path / "recordings")]
    refused = RUNNER.invoke(app, ["callback", dead.bot_id, str(path), *storage])
    assert refused.exit_code == 3
    assert "not delivered in 1 tries: address refused" in refused.stderr
    unknown = RUNNER.invoke(app, ["callback", str(uuid4()), str(path), *storage])
    assert isinstance(unknown.exception, NoLastWordError)

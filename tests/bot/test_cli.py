"""The command line itself; what it starts is in tests/e2e."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bot
from bot.cli import LATER, app, main
from bot.schema import KINDS

RUNNER = CliRunner()


def ends(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    """The exit code of the whole program."""
    monkeypatch.setattr(sys, "argv", ["meetbot", *args])
    with pytest.raises(SystemExit) as caught:
        main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_version() -> None:
    """--version prints it and ends well."""
    result = RUNNER.invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"meetbot {bot.__version__}\n")


def test_help_names_what_exists() -> None:
    """Help lists the commands of this version and hides those of a later one."""
    told = RUNNER.invoke(app, ["--help"]).stdout
    assert all(word in told for word in ("demo", "run", "worker", "simulate", "schema", "doctor"))
    assert not [name for name in LATER if f" {name} " in told]


@pytest.mark.parametrize("kind", KINDS)
def test_schema(kind: str) -> None:
    """Each schema is printed as JSON."""
    assert kind in RUNNER.invoke(app, ["schema", "--help"]).stdout
    result = RUNNER.invoke(app, ["schema", kind])
    assert json.loads(result.stdout)["$schema"].endswith("2020-12/schema")


def test_unknown_schema(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A kind that does not exist is a usage error that lists those that do."""
    assert ends(monkeypatch, "schema", "nothing") == 2
    assert "kind: must be one of" in capsys.readouterr().err


def test_keygen(tmp_path: Path) -> None:
    """Two files are written and named, the secret one for its owner alone."""
    result = RUNNER.invoke(app, ["keygen", "w", "--folder", str(tmp_path)])
    paths = [Path(line) for line in result.stdout.split()]
    assert len(paths) == 2
    assert {path.stat().st_mode & 0o777 for path in paths} >= {0o600}


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["run", "/no/such/job.json"], 2, "job: /no/such/job.json"),
        (["run", "-", "--storage", "ftp://x"], 2, "MEETBOT_STORAGE"),
        (["worker"], 2, "--connect: is required"),
        (["worker", "--connect", "tcp://10.0.0.1:5555", "--browser", "/bin/sh"], 2, "10.0.0.1"),
        (["worker", "--connect", "tcp://127.0.0.1:1", "--browser", "/no"], 3, "browser: /no"),
        (["simulate", "--scenario", "no-such"], 2, "no-such"),
        (["delete-data"], 2, "not supported by this version"),
        (["no-such-command"], 2, ""),
    ],
)
def test_errors_have_their_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    args: list[str],
    code: int,
    words: str,
) -> None:
    """Whoever can mend it decides the code; one line names it."""
    monkeypatch.chdir(tmp_path)
    assert ends(monkeypatch, *args) == code
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told


def test_every_bad_field_is_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A job file with two mistakes: two lines, exit 2."""
    job = tmp_path / "job.json"
    job.write_text('{"meeting_url": "https://meet.google.com/abc-defg-hij", "bot_nam": "x"}')
    assert ends(monkeypatch, "run", str(job)) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert [line.split(":")[1].strip() for line in sorted(lines)] == ["bot_nam", "bot_name"]


def test_unknown_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typo in the environment is named, with what was probably meant."""
    monkeypatch.setenv("MEETBOT_STORGE", "s3://x")
    assert ends(monkeypatch, "run", "-") == 2
    assert "MEETBOT_STORGE: no such setting; did you mean MEETBOT_STORAGE?" in (
        capsys.readouterr().err
    )

"""The command line of probe and evidence."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from platforms.errors import EvidenceInvalid, InvalidMeetingUrl, UnsupportedPlatform

runner = CliRunner()


def test_evidence_lists_all_platforms_or_one() -> None:
    """Lines begin with the platform; one that is not there is refused by name."""
    told = runner.invoke(app, ["evidence", "google_meet"])
    assert told.exit_code == 0
    assert {line.split("\t")[0] for line in told.stdout.splitlines()} == {"google_meet"}
    assert len(runner.invoke(app, ["evidence"]).stdout) >= len(told.stdout)
    assert isinstance(runner.invoke(app, ["evidence", "skype"]).exception, UnsupportedPlatform)


def test_probe_refuses_what_is_no_meeting(tmp_path: Path) -> None:
    """Neither a file nor a meeting's address."""
    told = runner.invoke(app, ["probe", "https://example.com/x"])
    assert isinstance(told.exception, InvalidMeetingUrl)


@pytest.mark.parametrize("command", [["evidence", "google_meet"]])
def test_a_bad_evidence_file_is_named(tmp_path: Path, command: list[str]) -> None:
    """Its first bad field is."""
    bad = tmp_path / "bad.json"
    bad.write_text('{"google_meet": {"sings": {}}}')
    told = runner.invoke(app, [*command, "--evidence-file", str(bad)])
    assert isinstance(told.exception, EvidenceInvalid)
    assert told.exception.field == "google_meet.sings"

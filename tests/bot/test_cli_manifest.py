"""`meetbot manifest`, as it is typed."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.errors import JobRejected, SettingError
from tests.bot.kubernetes import leaks, problems
from tests.bot.manifests import BOT_ID, JOB, PLANTED

RUNNER = CliRunner()


def typed(*options: str, job: object = JOB) -> Result:
    """The command with a job on its standard input."""
    return RUNNER.invoke(app, ["manifest", "-", *options], input=json.dumps(job))


def test_its_yaml_is_accepted(tmp_path: Path) -> None:
    """A job's file in, objects out that a cluster takes; no secret in the open."""
    file = tmp_path / "job.json"
    file.write_text(json.dumps(JOB))
    told = RUNNER.invoke(
        app,
        [
            *("manifest", str(file), "--storage", "s3://recordings/team", "--namespace", "bots"),
            *("--image", "registry.example/meetbot:7", "--aws-secret", "aws"),
        ],
    )
    assert told.exit_code == 0
    found = list(yaml.safe_load_all(told.stdout))
    assert problems(found) == []
    assert leaks(found, PLANTED) == []
    assert not [word for word in PLANTED if word in told.stdout]
    assert {document["metadata"]["namespace"] for document in found} == {"bots"}


def test_settings_of_the_environment_hold_for_the_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a user has set here for bots is set in the pod; what is this machine's is not."""
    monkeypatch.setenv("MEETBOT_STORAGE", "s3://recordings/team")
    monkeypatch.setenv("MEETBOT_LOG_LEVEL", "debug")
    monkeypatch.setenv("MEETBOT_BROWSER", "/opt/my-own/chrome")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "PLANTED-AWS-KEY")
    told = typed("--connect", "tcp://orchestrator.example:5555").stdout
    assert "MEETBOT_LOG_LEVEL" in told
    assert "my-own" not in told
    assert "PLANTED" not in told
    assert "kind: Secret" not in told
    assert f"meetbot-{BOT_ID}" in told


def test_bad_input_is_refused_by_name() -> None:
    """A job, a storage and an option that cannot be used: each named, nothing printed."""
    for told, kind, name in (
        (typed("--storage", "s3://b/p", job={}), JobRejected, "meeting_url"),
        (typed(), SettingError, "--storage"),
        (typed("--storage", "s3://b/p", "--name", "A"), SettingError, "--name"),
    ):
        assert isinstance(told.exception, kind)
        assert name in str(told.exception)
        assert told.stdout == ""
    assert RUNNER.invoke(app, ["manifest", "/no/such/job.json"]).exit_code == 2


def test_the_nodes_profile_is_printed() -> None:
    """--seccomp-profile alone prints the packaged file as it is."""
    told = RUNNER.invoke(app, ["manifest", "--seccomp-profile"])
    assert told.exit_code == 0
    assert told.stdout == (files("bot") / "seccomp/chromium.json").read_text()


def test_help_says_where_the_job_is() -> None:
    """Who reads the help knows that the output is secret, and where."""
    told = " ".join(RUNNER.invoke(app, ["manifest", "--help"]).stdout.split())
    assert "printed Secret and nowhere else" in told

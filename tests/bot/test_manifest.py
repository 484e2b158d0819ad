"""The Job and its Secret: what is where, and for how long."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.contract import END_REASONS
from bot.errors import JobRejected, SettingError
from bot.job import parse_job
from bot.manifest import active_deadline_s, manifest
from bot.pod import Placement
from tests.bot.kubernetes import Document, leaks, problems
from tests.bot.manifests import (
    JOB,
    NOW,
    ORCHESTRATOR,
    PLANTED,
    container_of,
    given_settings,
    objects,
    of_kind,
)


def test_the_secret_holds_the_job_and_nothing_else_does() -> None:
    """The pod reads the very job that was given; none of its words stands anywhere else."""
    found = objects()
    data = of_kind("Secret", found)["data"]
    assert json.loads(base64.b64decode(data["job.json"])) == JOB
    assert leaks(found, [*PLANTED, "abc-defg-hij", "hook.example"]) == []
    assert container_of(found)["args"] == ["run", "/run/secrets/job/job.json"]


PRINTABLE = st.characters(exclude_categories=["C", "Z"])


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(PRINTABLE, min_size=1, max_size=240),
    secret=st.text("0123456789abcdef", min_size=1, max_size=64),
    message=st.text(PRINTABLE, max_size=400),
)
def test_any_job_stays_in_the_secret(name: str, secret: str, message: str) -> None:
    """Long names, every script, any secret: names stay valid and nothing gets out of the data."""
    words = {"name": f"§{name}§", "secret": f"key-{secret}-key", "message": f"§{message}§"}
    job = {
        **JOB,
        "bot_name": words["name"],
        "entry_message": words["message"],
        "callback_config": {
            "url": f"https://hook.example/?t={words['secret']}",
            "secret": words["secret"],
        },
    }
    found = objects(job)
    assert leaks(found, words.values()) == []
    assert json.loads(base64.b64decode(of_kind("Secret", found)["data"]["job.json"])) == job
    text = manifest(json.dumps(job), given_settings(), Placement(image="meetbot"), NOW)
    assert not [word for word in words.values() if word in text]


def test_a_job_without_id_is_given_one_that_stays() -> None:
    """The id in the names is the one in the Secret: a second pod is the same bot."""
    found = objects({key: value for key, value in JOB.items() if key != "bot_id"})
    data = of_kind("Secret", found)["data"]["job.json"]
    bot_id = json.loads(base64.b64decode(data))["bot_id"]
    assert of_kind("Job", found)["metadata"]["name"] == f"meetbot-{bot_id}"
    assert problems(found) == []


def test_an_orchestrators_job_must_have_an_id() -> None:
    """Over ZeroMQ the id is required, so that it is here too: it would not be the same bot."""
    with pytest.raises(JobRejected) as caught:
        objects(
            {key: value for key, value in JOB.items() if key != "bot_id"},
            given_settings(connect=ORCHESTRATOR),
        )
    assert [error.field for error in caught.value.errors] == ["bot_id"]


def test_every_exit_code_is_treated_as_it_says() -> None:
    """What would come out the same again fails the Job; infrastructure and deaths count."""
    rules = of_kind("Job", objects())["spec"]["podFailurePolicy"]["rules"]
    action = {code: rule["action"] for rule in rules for code in _codes(rule)}
    assert action == {1: "FailJob", 2: "FailJob", 4: "FailJob", 3: "Count"}
    # what is in no rule counts too: the API's default
    assert {facts.exit_code for facts in END_REASONS.values()} - set(action) == {0, 137, 143}
    assert [rule["action"] for rule in rules if "onPodConditions" in rule] == ["Ignore"]


def _codes(rule: Document) -> list[int]:
    return list(rule.get("onExitCodes", {}).get("values", []))


def test_the_deadline_leaves_room_for_the_longest_bot() -> None:
    """Waiting until it may join, in the waiting room, recording to the end, uploading."""
    limits = {"waiting_room_timeout": 900, "max_recording_duration": 7200, "grace_period": 60}
    job = parse_job({**JOB, "timeout_config": limits}, local_run=True)
    deadline = active_deadline_s(job, given_settings(), NOW)
    assert deadline >= 900 + 7200 + 60 + 60 + 60
    assert deadline <= 900 + 7200 + 60 + 60 + 60 + 3600
    later = job.model_copy(update={"join_at": NOW + timedelta(hours=3)})
    assert active_deadline_s(later, given_settings(), NOW) == deadline + 3 * 3600
    past = job.model_copy(update={"join_at": NOW - timedelta(hours=3)})
    assert active_deadline_s(past, given_settings(), NOW) == deadline
    waiting = given_settings(connect=ORCHESTRATOR, job_timeout_s=120.0)
    assert active_deadline_s(job, waiting, NOW) == deadline + 120


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"storage": "./recordings"}, "--storage"),
        ({"storage": "file:///recordings"}, "--storage"),
        ({"s3_endpoint": "https://key:secret@s3.example"}, "MEETBOT_S3_ENDPOINT"),
        ({"identity": Path("state.json")}, "MEETBOT_IDENTITY"),
        ({"evidence_file": Path("mended.json")}, "MEETBOT_EVIDENCE_FILE"),
        ({"proxy": SecretStr("http://u:p@proxy.example:1")}, "MEETBOT_PROXY"),
    ],
)
def test_what_a_pod_cannot_keep_is_refused(given: dict[str, Any], setting: str) -> None:
    """A recording on a pod's disk is lost, and a password in the endpoint is in the environment.

    A file of this machine is not there: nothing that was set is silently left out.
    """
    with pytest.raises(SettingError) as caught:
        objects(given=given_settings(**given))
    assert caught.value.setting == setting


def test_the_yaml_is_the_objects() -> None:
    """A reader finds what was built, in order, below a header that says what it is."""
    text = manifest(json.dumps(JOB), given_settings(), Placement(image="meetbot"), NOW)
    assert list(yaml.safe_load_all(text)) == objects(image="meetbot")
    assert "holds the job" in text.partition("apiVersion")[0]
    later = manifest(
        json.dumps(JOB), given_settings(connect=ORCHESTRATOR), Placement(image="meetbot"), NOW
    )
    assert "comes from the orchestrator" in later.partition("apiVersion")[0]


@pytest.mark.parametrize("name", ["y", "n", "no", "null", "1e3", "0x1f", "1", "017", "true", "on"])
def test_text_stays_text_for_every_reader(name: str) -> None:
    """Names that some reader of YAML takes for numbers or booleans stand in quotes."""
    text = manifest(
        json.dumps(JOB), given_settings(), Placement(image="meetbot", namespace=name), NOW
    )
    lines = {line.strip() for line in text.splitlines() if "namespace:" in line}
    assert lines <= {f'namespace: "{name}"', f"namespace: '{name}'"}
    assert {d["metadata"]["namespace"] for d in yaml.safe_load_all(text)} == {name}


def test_the_deadline_is_whole_seconds() -> None:
    """Settings are fractions, the API takes none."""
    job = parse_job(JOB, local_run=True)
    deadline = active_deadline_s(job, given_settings(load_timeout_s=0.5), NOW)
    assert isinstance(deadline, int)

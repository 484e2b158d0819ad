"""The published schemas and the types say the same."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.commands import parse_command
from bot.contract import EndReason
from bot.errors import BotError, JobRejected
from bot.job import Job, parse_job
from bot.report import Report
from bot.schema import KINDS, Kind, schema
from tests.bot.test_events import EXAMPLES
from tests.bot.test_job import ANYTHING, FULL, SMALLEST

VALIDATORS = {kind: Draft202012Validator(schema(kind)) for kind in KINDS}


def accepts(kind: Kind, value: object) -> bool:
    """Whether the schema lets `value` pass."""
    return VALIDATORS[kind].is_valid(value)


def parses(job: object) -> bool:
    """Whether the door lets the job in."""
    try:
        parse_job(json.dumps(job), local_run=True)
    except JobRejected:
        return False
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_valid_and_carry_their_names(kind: Kind) -> None:
    """Each is a 2020-12 schema with its own address, title and plain JSON content."""
    found = schema(kind)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"].endswith(f"/{kind}.json")
    assert found["title"]
    assert json.loads(json.dumps(found)) == found


def test_every_job_field_is_described() -> None:
    """The schema has all fields of the job, and no other is allowed."""
    found = schema("job")
    assert set(found["properties"]) == set(Job.model_fields)
    assert found["required"] == ["meeting_url", "bot_name"]
    assert found["additionalProperties"] is False


@pytest.mark.parametrize("job", [SMALLEST, FULL], ids=["smallest", "full"])
def test_good_jobs_pass_both(job: dict[str, Any]) -> None:
    """What the door lets in, the schema describes."""
    assert accepts("job", job)
    assert parses(job)


@pytest.mark.parametrize(
    "change",
    [
        {"oops": 1},
        {"bot_name": ""},
        {"bot_name": "x" * 256},
        {"bot_id": "123e4567e89b12d3a456426614174000"},
        {"meeting_url": ""},
        {"meeting_url": 5},
        {"recording_mode": "grid"},
        {"timeout_config": {"silence_timeout": 0}},
        {"timeout_config": {"silence_timeout": "600"}},
        {"timeout_config": {"silence_timeout": True}},
        {"timeout_config": {"silence_timeout": 2**31}},
        {"timeout_config": {"grace_period": 601}},
        {"timeout_config": {"oops": 1}},
        {"timeout_config": None},
        {"entry_message": "x" * 501},
        {"bot_image": []},
        {"bot_image": ["https://a.example"] * 6},
        {"bot_image": "http://a.example"},
        {"callback_enabled": True},
        {"callback_enabled": True, "callback_config": None},
        {"callback_config": {"url": "ftp://a.example"}},
        {"callback_config": {"url": "https://a.example", "secret": "a\nb"}},
        {"callback_config": {"url": "https://a.example", "secret": ""}},
        {"streaming_config": {}},
        {"streaming_config": {"input_url": None}},
        {"streaming_config": {"input_url": "ws://a.example", "audio_frequency": 8000}},
        {"transcription_config": {"provider": "own"}},
        {"join_at": "2026-01-15T10:30:00"},
        {"join_at": 5},
        {"extra": []},
        {"retention": {"keep_chunks": 1}},
    ],
)
def test_bad_jobs_pass_neither(change: dict[str, Any]) -> None:
    """What a schema can say is refused by schema and door alike."""
    job = {**SMALLEST, **change}
    assert not accepts("job", job)
    assert not parses(job)


@pytest.mark.parametrize(
    "change",
    [
        {"meeting_url": "https://example.com/abc"},
        {"timeout_config": {"silence_timeout": 600.0}},
        {"extra": {"a": "x" * 17_000}},
        {"join_at": "2026-02-30T10:30:00Z"},
        {"callback_config": {"url": "https:///nowhere"}},
        {"bot_image": "https://a.example/a.png"},
    ],
)
def test_what_a_schema_cannot_say_is_said_at_the_door(change: dict[str, Any]) -> None:
    """The known differences: the schema passes these, the door refuses them by name."""
    job = {**SMALLEST, **change}
    assert accepts("job", job)
    assert not parses(job)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*Job.model_fields, "oops"]),
        ANYTHING | st.sampled_from(list(FULL.values())),
        max_size=3,
    )
)
def test_the_schema_refuses_nothing_the_door_lets_in(change: dict[str, Any]) -> None:
    """A job that is taken always fits the published schema."""
    job = {**FULL, **change}
    if parses(job):
        assert accepts("job", job)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.kind))
def test_what_the_worker_says_fits_the_schema(example: Any) -> None:  # noqa: ANN401 - a message
    """Every kind of message validates as [kind, body], and under no other kind."""
    body = json.loads(example.body())
    assert accepts("event", [example.kind, body])
    assert not accepts("event", ["bot.other", body])
    assert not accepts("event", [example.kind, {**body, "more": 1}])
    assert not accepts("event", [example.kind])
    required = schema("event")["$defs"][type(example).__name__].get("required", [])
    for key in required:
        assert not accepts("event", [example.kind, {k: body[k] for k in body if k != key}])


def test_stored_events_need_their_envelope() -> None:
    """The schema requires every key that is always written."""
    assert set(schema("event")["$defs"]["StatusChange"]["required"]) == {
        *("event", "bot_id", "run_id", "seq", "sent_at", "data", "extra")
    }


@pytest.mark.parametrize(
    ("kind", "body", "good"),
    [
        ("leave", {"id": "1"}, True),
        ("leave", {"id": 1, "later": True}, True),
        ("leave", {}, False),
        ("leave", {"id": True}, False),
        ("leave", {"id": ""}, False),
        ("send_chat_message", {"id": "1", "text": "x" * 500}, True),
        ("send_chat_message", {"id": "1", "text": "x" * 501}, False),
        ("send_chat_message", {"id": "1"}, False),
        ("update_config", {"id": "1", "timeout_config": {"silence_timeout": 1}}, True),
        ("update_config", {"id": "1", "timeout_config": {"silence_timeout": 0}}, False),
        ("shutdown", {"id": "1"}, True),
        ("dance", {"id": "1"}, False),
    ],
)
def test_commands_are_judged_alike(kind: str, body: dict[str, Any], *, good: bool) -> None:
    """Schema and parser agree on every command."""
    assert accepts("command", [kind, body]) is good
    if good:
        assert parse_command(kind, body).kind == kind
    else:
        with pytest.raises(BotError):
            parse_command(kind, body)


def test_a_report_is_described_with_all_its_sections() -> None:
    """The schema of report.json has every field of the type, and its end reasons."""
    found = schema("report")
    assert set(found["properties"]) == set(Report.model_fields)
    assert set(found["$defs"]["EndReason"]["enum"]) == set(EndReason)


def test_an_ack_is_in_the_schema() -> None:
    """The receiver's acknowledgement is described beside the commands."""
    bot_id = "123e4567-e89b-12d3-a456-426614174000"
    assert accepts("command", ["ack", {"bot_id": bot_id, "seq": 3, "run_id": "x"}])
    assert not accepts("command", ["ack", {"bot_id": bot_id, "seq": -1}])

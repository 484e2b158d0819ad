"""The job at the door."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.contract import UNSUPPORTED, AudioFormat, Feature, RecordingMode, Resolution
from bot.errors import FieldErrorCode, JobRejected
from bot.job import ASKS, CONFIG_OF_FLAG, Job, parse_job
from platforms.types import Platform

Code = FieldErrorCode
BOT_ID = "123e4567-e89b-12d3-a456-426614174000"
SMALLEST: dict[str, Any] = {
    "bot_id": BOT_ID,
    "meeting_url": "https://meet.google.com/abc-defg-hij",
    "bot_name": "Ada's notes",
}
FULL: dict[str, Any] = {
    **SMALLEST,
    "event_id": "789e0123-e45b-67c8-d901-234567890abc",
    "recording_mode": "speaker_view",
    "resolution": "720p",
    "audio_format": "mp3",
    "bot_image": None,
    "bot_image_config": None,
    "entry_message": "Hello",
    "timeout_config": {
        "waiting_room_timeout": 1,
        "no_one_joined_timeout": 2,
        "silence_timeout": 3,
        "everyone_left_timeout": 4,
        "max_recording_duration": 5,
        "grace_period": 600,
    },
    "ignored_participant_names": ["Fireflies"],
    "transcription_enabled": False,
    "transcription_config": None,
    "streaming_enabled": False,
    "streaming_config": None,
    "callback_enabled": True,
    "callback_config": {"url": "https://a.example/cb", "method": "PUT", "secret": "hunter2"},
    "allow_multiple_bots": False,
    "join_at": "2026-01-15T11:30:00+01:00",
    "retention": {"keep_chunks": True},
    "extra": {"customer_id": [1, {"deep": None}]},
}


def rejections(job: Any, *, local_run: bool = False) -> dict[str, FieldErrorCode]:  # noqa: ANN401 - any input
    """The bad fields of a job, each with its code."""
    with pytest.raises(JobRejected) as caught:
        parse_job(job, local_run=local_run)
    fields = [error.field for error in caught.value.errors]
    assert len(set(fields)) == len(fields), "each bad field is named once"
    assert "hunter2" not in str(caught.value)
    return {error.field: error.code for error in caught.value.errors}


def test_the_smallest_job_gets_the_contracts_defaults() -> None:
    """Three fields are enough, and every default is the contract's."""
    job = parse_job(json.dumps(SMALLEST).encode(), local_run=False)
    assert job.bot_id == UUID(BOT_ID)
    assert job.meeting_url.platform is Platform.GOOGLE_MEET
    assert job.meeting_url.meeting_id == "abc-defg-hij"
    assert job.recording_mode is RecordingMode.SPEAKER_VIEW
    assert job.resolution is Resolution.HD
    assert job.audio_format is AudioFormat.MP3
    assert job.timeout_config.model_dump() == {
        "waiting_room_timeout": 600,
        "no_one_joined_timeout": 600,
        "silence_timeout": 600,
        "everyone_left_timeout": 30,
        "max_recording_duration": 14_400,
        "grace_period": 0,
    }
    assert job.ignored_participant_names == ()
    assert job.allow_multiple_bots
    assert not job.retention.keep_chunks
    assert not any((job.transcription_enabled, job.streaming_enabled, job.callback_enabled))
    assert (job.event_id, job.join_at, job.extra, job.entry_message) == (None,) * 4


def test_a_full_job_is_understood() -> None:
    """Every supported field arrives with its value, from text as from a mapping."""
    job = parse_job(FULL, local_run=False)
    assert job == parse_job(json.dumps(FULL), local_run=False)
    assert job.timeout_config.grace_period == 600
    assert job.join_at == datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    assert job.callback_config is not None
    assert job.callback_config.method == "PUT"
    assert job.callback_config.secret is not None
    assert job.callback_config.secret.get_secret_value() == "hunter2"
    assert job.extra == {"customer_id": [1, {"deep": None}]}


def test_a_job_shows_no_secrets_and_cannot_change() -> None:
    """No repr holds the URL's or the callback's secrets; the job is frozen."""
    job = parse_job(
        {**FULL, "meeting_url": "https://meet.google.com/abc-defg-hij?pwd=hunter2"},
        local_run=False,
    )
    assert "hunter2" not in repr(job) + str(job)
    assert "a.example" not in repr(job)
    with pytest.raises(ValueError, match="frozen"):
        job.bot_name = "Eve"


def test_a_local_run_makes_its_own_id() -> None:
    """Without an orchestrator an absent bot_id is made, a new one each time; null is refused."""
    without = {key: value for key, value in SMALLEST.items() if key != "bot_id"}
    first, second = (parse_job(without, local_run=True) for _ in range(2))
    assert first.bot_id != second.bot_id
    assert rejections(without) == {"bot_id": Code.REQUIRED}
    assert rejections({**SMALLEST, "bot_id": None}, local_run=True) == {"bot_id": Code.WRONG_TYPE}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"bot_nmae": "x"}, "bot_nmae", Code.UNKNOWN_FIELD),
        ({"timeout_config": {"grace": 1}}, "timeout_config.grace", Code.UNKNOWN_FIELD),
        ({"meeting_url": "http://meet.google.com/abc-defg-hij"}, "meeting_url", None),
        ({"meeting_url": "https://meet.google.com.evil.io/abc-defg-hij"}, "meeting_url", None),
        ({"meeting_url": "https://meet.googIe.com/abc-defg-hij"}, "meeting_url", None),
        ({"meeting_url": "https://example.com/abc-defg-hij"}, "meeting_url", None),
        ({"meeting_url": "https://meet.google.com/abc-defg-hi1"}, "meeting_url", None),
        ({"meeting_url": 7}, "meeting_url", Code.WRONG_TYPE),
        ({"bot_name": ""}, "bot_name", Code.INVALID_VALUE),
        ({"bot_name": "x" * 256}, "bot_name", Code.INVALID_VALUE),
        ({"bot_name": None}, "bot_name", Code.WRONG_TYPE),
        ({"bot_id": "1"}, "bot_id", Code.INVALID_VALUE),
        ({"event_id": 5}, "event_id", Code.WRONG_TYPE),
        ({"entry_message": "x" * 501}, "entry_message", Code.INVALID_VALUE),
        ({"recording_mode": "grid"}, "recording_mode", Code.INVALID_VALUE),
        ({"allow_multiple_bots": 1}, "allow_multiple_bots", Code.WRONG_TYPE),
        ({"ignored_participant_names": [1]}, "ignored_participant_names.0", Code.WRONG_TYPE),
        ({"join_at": "tomorrow"}, "join_at", Code.INVALID_VALUE),
        ({"retention": {"keep_chunks": "yes"}}, "retention.keep_chunks", Code.WRONG_TYPE),
        ({"extra": [1]}, "extra", Code.WRONG_TYPE),
        ({"extra": {"a": "x" * 17_000}}, "extra", Code.TOO_LARGE),
        ({"extra": {"a": float("nan")}}, "extra.a", Code.INVALID_VALUE),
        ({"callback_enabled": True}, "callback_config", Code.REQUIRED),
        ({"callback_enabled": True, "callback_config": None}, "callback_config", Code.REQUIRED),
        ({"callback_config": {}}, "callback_config.url", Code.REQUIRED),
        ({"callback_config": {"url": "ftp://x"}}, "callback_config.url", Code.INVALID_VALUE),
        (
            {"callback_config": {"url": "https://x", "secret": "hunter2\n"}},
            "callback_config.secret",
            Code.INVALID_VALUE,
        ),
        ({"streaming_config": {}}, "streaming_config", Code.REQUIRED),
        ({"bot_image": ["http://x"]}, "bot_image.0", Code.INVALID_VALUE),
        (
            {"transcription_config": {"provider": "hunter2"}},
            "transcription_config.provider",
            Code.INVALID_VALUE,
        ),
    ],
)
def test_one_bad_field_is_one_error(
    change: dict[str, Any], field: str, code: FieldErrorCode | None
) -> None:
    """Each kind of bad value is named by its dotted field with its own code, and by no other."""
    wanted = code or Code.INVALID_MEETING_URL
    assert rejections({**SMALLEST, **change}) == {field: wanted}


@pytest.mark.parametrize("value", [0, -1, 2**31, "600", 600.0, True, None, 10**400])
def test_timeouts_are_whole_seconds_from_one(value: object) -> None:
    """No zero, no text, no float, no boolean, nothing a clock cannot hold."""
    found = rejections({**SMALLEST, "timeout_config": {"silence_timeout": value}})
    assert set(found) == {"timeout_config.silence_timeout"}


@pytest.mark.parametrize("missing", ["meeting_url", "bot_name"])
def test_required_fields(missing: str) -> None:
    """What has no default must be there."""
    job = {key: value for key, value in SMALLEST.items() if key != missing}
    assert rejections(job) == {missing: Code.REQUIRED}


def test_all_bad_fields_are_named_at_once() -> None:
    """Bad values, unknown fields and unsupported wishes come in one rejection."""
    assert rejections(
        {
            "bot_name": "",
            "meeting_url": "https://zoom.us/j/123?pwd=hunter2",
            "bot_image": "https://a.example/a.png",
            "oops": 1,
        }
    ) == {
        "bot_id": Code.REQUIRED,
        "bot_name": Code.INVALID_VALUE,
        "meeting_url": Code.INVALID_MEETING_URL,
        "bot_image": Code.NOT_SUPPORTED,
        "oops": Code.UNKNOWN_FIELD,
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"bot_image": "https://a.example/a.png"}, "bot_image"),
        ({"bot_image": ["https://a.example/a.png"]}, "bot_image"),
        ({"bot_image_config": {"loop_mode": "auto"}}, "bot_image_config"),
        (
            {"transcription_enabled": True, "transcription_config": {"api_key": "hunter2"}},
            "transcription_enabled",
        ),
        (
            {"streaming_enabled": True, "streaming_config": {"output_url": "wss://a.example"}},
            "streaming_enabled",
        ),
    ],
)
def test_what_does_not_exist_yet_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    """A valid wish for a later version's function is refused, never ignored."""
    assert rejections({**SMALLEST, **change}) == {field: Code.NOT_SUPPORTED}


def test_every_feature_of_a_job_has_its_question() -> None:
    """No feature but platforms and commands can be unsupported without being asked about."""
    asked = {feature for feature, _, _ in ASKS}
    others = {f for f in Feature if f.value.startswith(("platform.", "command."))}
    assert asked | others == set(Feature)
    assert all(field.split(".")[0] in Job.model_fields for _, field, _ in ASKS)
    assert set(CONFIG_OF_FLAG) | set(CONFIG_OF_FLAG.values()) <= set(Job.model_fields)


def test_configs_of_what_is_switched_off_are_no_wish() -> None:
    """A config without its flag is judged and kept, and asks for nothing."""
    job = parse_job(
        {
            **SMALLEST,
            "transcription_config": {"api_key": "hunter2", "custom_params": {"a": 1}},
            "streaming_config": {"input_url": "ws://a.example", "audio_frequency": 16_000},
        },
        local_run=False,
    )
    assert job.transcription_config is not None
    assert job.transcription_config.provider == "gladia"
    assert job.streaming_config is not None
    assert job.streaming_config.audio_frequency == 16_000
    assert "hunter2" not in repr(job)
    assert Feature.TRANSCRIPTION in UNSUPPORTED


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b'{"bot_name": "hunter2"', b"x" * 2**21])
def test_what_is_no_job_at_all(raw: bytes) -> None:
    """Not JSON, not an object, too large: one error about the whole."""
    assert set(rejections(raw)) == {""}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(
    change=st.dictionaries(st.sampled_from([*Job.model_fields, "other"]), ANYTHING, max_size=4),
    local_run=st.booleans(),
)
def test_nothing_but_a_job_or_a_rejection_comes_out(
    change: dict[str, Any], *, local_run: bool
) -> None:
    """Whatever the fields hold, there is a frozen job or a list of named fields."""
    try:
        found: object = parse_job({**SMALLEST, **change}, local_run=local_run)
    except JobRejected as rejected:
        found = rejected.errors
    assert isinstance(found, Job) or found

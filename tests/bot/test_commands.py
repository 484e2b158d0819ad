"""What the orchestrator says besides the job."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.commands import (
    COMMAND_BODIES,
    Ack,
    Leave,
    SendChatMessage,
    UpdateConfig,
    parse_command,
)
from bot.contract import Command
from bot.errors import CommandInvalidError, CommandNotSupportedError, FieldErrorCode
from bot.job import Job, parse_job

JOB = {
    "meeting_url": "https://meet.google.com/abc-defg-hij",
    "bot_name": "Ada",
    "timeout_config": {"silence_timeout": 7},
}


def job(**changes: Any) -> Job:  # noqa: ANN401 - fields of a job
    """A job with some fields changed."""
    return parse_job({**JOB, **changes}, local_run=True)


def update(**fields: Any) -> UpdateConfig:  # noqa: ANN401 - fields of the command
    """An update_config command."""
    found = parse_command("update_config", {"id": "1", **fields})
    assert isinstance(found, UpdateConfig)
    return found


def test_every_command_has_its_body() -> None:
    """The table is total, and each class knows its own word."""
    assert set(COMMAND_BODIES) == set(Command)
    assert all(body.kind is kind for kind, body in COMMAND_BODIES.items())


@pytest.mark.parametrize("kind", sorted(set(Command) - {Command.SEND_CHAT_MESSAGE}))
def test_an_id_is_enough_for_most(kind: Command) -> None:
    """Text and number ids are taken; unknown keys are ignored."""
    for command_id in ("a-1", 7):
        found = parse_command(kind, {"id": command_id, "later": {"x": 1}})
        assert (type(found), found.id) == (COMMAND_BODIES[kind], command_id)


def test_bytes_are_read_as_the_frame_holds_them() -> None:
    """The body frame itself can be handed in."""
    assert parse_command("leave", b'{"id": "x"}') == Leave(id="x")


@pytest.mark.parametrize(
    ("kind", "body", "field", "known_id"),
    [
        ("leave", {}, "id", None),
        ("leave", {"id": ""}, "id", None),
        ("leave", {"id": "x" * 257}, "id", None),
        ("leave", {"id": True}, "id", None),
        ("leave", {"id": 1.0}, "id", None),
        ("send_chat_message", {"id": "1"}, "text", "1"),
        ("send_chat_message", {"id": 2, "text": "x" * 501}, "text", 2),
        ("send_chat_message", {"id": "3", "text": ""}, "text", "3"),
        ("send_chat_message", {"id": "4", "text": 4}, "text", "4"),
        (
            "update_config",
            {"id": "5", "timeout_config": {"silence_timeout": 0}},
            "timeout_config.silence_timeout",
            "5",
        ),
        (
            "update_config",
            {"id": "6", "callback_config": {"url": "ftp://hunter2"}},
            "callback_config.url",
            "6",
        ),
        ("leave", b"[]", "", None),
        ("leave", b"{", "", None),
    ],
)
def test_a_bad_body_is_refused_with_its_id(
    kind: str,
    body: Any,  # noqa: ANN401 - any input
    field: str,
    known_id: str | int | None,
) -> None:
    """The bad field is named, and the id kept so that a reply can be sent."""
    with pytest.raises(CommandInvalidError) as caught:
        parse_command(kind, body)
    assert field in {error.field for error in caught.value.errors}
    assert (caught.value.command, caught.value.command_id) == (kind, known_id)
    assert "hunter2" not in str(caught.value)


def test_a_word_of_no_contract_is_refused_by_name() -> None:
    """An unknown kind is a command of another version."""
    with pytest.raises(CommandNotSupportedError, match="dance"):
        parse_command("dance", {"id": "1"})


def test_timeouts_are_changed_one_by_one() -> None:
    """What is not mentioned stays as it was, also what the job had set itself."""
    before = job()
    after = update(timeout_config={"everyone_left_timeout": 5, "grace_period": 0}).applied_to(
        before
    )
    assert after.timeout_config.everyone_left_timeout == 5
    assert after.timeout_config.silence_timeout == 7
    assert before.timeout_config.everyone_left_timeout == 30
    assert after.model_copy(update={"timeout_config": before.timeout_config}) == before


def test_a_callback_can_be_switched_on_changed_and_off() -> None:
    """The callback's flag and config are changed together or alone."""
    on = update(callback_enabled=True, callback_config={"url": "https://a.example"})
    after = on.applied_to(job())
    assert after.callback_enabled
    assert after.callback_config is not None
    other = update(callback_config={"url": "https://b.example"}).applied_to(after)
    assert other.callback_enabled
    assert other.callback_config is not None
    assert other.callback_config.url == "https://b.example"
    assert not update(callback_enabled=False).applied_to(other).callback_enabled


def test_a_callback_needs_somebody_to_call() -> None:
    """Switched on without a config: refused, with the command's id."""
    with pytest.raises(CommandInvalidError) as caught:
        update(callback_enabled=True).applied_to(job())
    assert caught.value.command_id == "1"
    assert [(e.field, e.code) for e in caught.value.errors] == [
        ("callback_config", FieldErrorCode.REQUIRED)
    ]


def test_nothing_to_change_changes_nothing() -> None:
    """An empty update is legal."""
    before = job()
    assert update().applied_to(before) == before


def test_an_ack_is_cumulative_and_open() -> None:
    """Seq counts from 0 (nothing yet), further keys are ignored, negative ones refused."""
    body = '{"bot_id": "123e4567-e89b-12d3-a456-426614174000", "seq": 0, "run_id": "x"}'
    assert Ack.model_validate_json(body).seq == 0
    with pytest.raises(ValidationError):
        Ack.model_validate_json(body.replace("0,", "-1,"))


def test_chat_text_is_in_no_repr() -> None:
    """What is to be said in the meeting does not get into logs by way of a repr."""
    found = parse_command("send_chat_message", {"id": "1", "text": "hunter2"})
    assert isinstance(found, SendChatMessage)
    assert "hunter2" not in repr(found)

"""The error tree of bot."""

import inspect

import pytest

from bot import errors
from bot.errors import BotError, Fault, FieldError, FieldErrorCode, JobRejected

CLASSES = [
    found for _, found in inspect.getmembers(errors, inspect.isclass) if issubclass(found, BotError)
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_is_drawn_and_knows_whose_fault_it_is(cls: type[BotError]) -> None:
    """One root, one drawing: no class is missing from the module's docstring."""
    assert errors.__doc__ is not None
    assert f" {cls.__name__}" in errors.__doc__
    assert cls.fault in set(Fault)
    assert isinstance(cls.retryable, bool)
    assert cls.__doc__


def test_texts_are_built_from_attributes() -> None:
    """Each class keeps its facts and makes its own sentence of them."""
    bad = FieldError("bot_name", FieldErrorCode.REQUIRED, "is required")
    whole = FieldError("", FieldErrorCode.NOT_JSON, "not JSON")
    rejected = JobRejected([bad, whole])
    assert rejected.errors == (bad, whole)
    assert str(rejected) == "bot_name: is required [REQUIRED]; job: not JSON [NOT_JSON]"
    assert str(errors.SettingError("MEETBOT_X", "must be positive")) == (
        "MEETBOT_X: must be positive"
    )
    assert str(errors.NoJobError(300.0)) == "no job came within 300 s"
    assert str(errors.IllegalTransition("queued", "completed")) == (
        "completed cannot follow queued"
    )
    assert str(errors.CommandNotSupportedError("pause")) == (
        "pause: not supported by this version."
    )
    assert str(errors.PreflightFailed("browser", "none found")) == "browser: none found"
    assert str(errors.EndpointRefusedError("tcp://x:1", "plain")) == "tcp://x:1: plain"
    assert str(errors.OutboxError("disk full")) == "outbox: disk full"
    assert str(errors.OutboxFullError("accepted", 9, 8)) == (
        "outbox: accepted refused, 9 of 8 bytes held"
    )
    assert str(errors.OutboxClosedError("accepted", "bot.failed")) == (
        "outbox: accepted after bot.failed"
    )
    assert str(errors.OutboxClosedError("accepted", None)) == (
        "outbox: accepted while the outbox is not open"
    )
    assert str(errors.EventTooLargeError("accepted", 9, 8)) == (
        "outbox: accepted is 9 bytes, at most 8 fit"
    )
    assert str(errors.NoJobYetError("leave")) == "leave: this worker has no job yet."


def test_an_invalid_command_keeps_its_id_and_its_bad_fields() -> None:
    """The refusal can be a reply, and names each bad field."""
    bad = FieldError("text", FieldErrorCode.REQUIRED, "is required")
    whole = FieldError("", FieldErrorCode.NOT_JSON, "not JSON")
    error = errors.CommandInvalidError("send_chat_message", [bad, whole], "7")
    assert (error.command, error.command_id, error.errors) == (
        "send_chat_message",
        "7",
        (bad, whole),
    )
    assert str(error) == "send_chat_message: text: is required; send_chat_message: not JSON"


def test_who_can_mend_it() -> None:
    """The caller mends a job, the destination an absent orchestrator, we a wrong transition."""
    assert JobRejected.fault is Fault.CALLER
    assert errors.NoJobError.fault is Fault.DESTINATION
    assert errors.NoJobError.retryable
    assert errors.IllegalTransition.fault is Fault.US

"""What the worker says."""

import json
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.contract import EndReason, Status, capabilities
from bot.errors import FieldErrorCode
from bot.events import (
    DURABLE_EVENTS,
    Accepted,
    AcceptedData,
    AnyDurableEvent,
    Artifacts,
    Billing,
    ChatMessage,
    ChatMessageData,
    Completed,
    CompletedData,
    Evidence,
    Failed,
    FailedData,
    Message,
    Participant,
    Participants,
    ParticipantsData,
    StatusChange,
    StatusChangeData,
    StatusData,
)
from bot.transient import MESSAGES, Heartbeat, Ready, Rejected, RejectedField, Reply
from platforms.types import Platform

BOT = UUID("123e4567-e89b-12d3-a456-426614174000")
RUN = UUID("0e0e0e0e-e89b-12d3-a456-426614174000")
AT = datetime(2026, 1, 15, 10, 30, 0, 123_456, tzinfo=UTC)
WHEN = "2026-01-15T10:30:00.123Z"
ENVELOPE: dict[str, Any] = {"bot_id": BOT, "run_id": RUN, "seq": 1, "sent_at": AT}
FAILED = FailedData(
    bot_id=BOT,
    sent_at=AT,
    error_code=EndReason.BOT_NOT_ACCEPTED,
    error_message="no",
    retryable=False,
    evidence=Evidence(row="google_meet/host-refused", platform=Platform.GOOGLE_MEET),
)
COMPLETED = CompletedData(
    bot_id=BOT,
    sent_at=AT,
    end_reason=EndReason.BOT_REMOVED,
    video="https://s3.example/video.mp4",
    participants=("Ada",),
    duration_seconds=60,
    urls_expire_at=AT,
    billing=Billing(recording_seconds=60),
)
EXAMPLES: tuple[Message, ...] = (
    Accepted(
        **ENVELOPE,
        data=AcceptedData(bot_id=BOT, platform=Platform.GOOGLE_MEET, bot_name_shown="Ada"),
    ),
    StatusChange(
        **ENVELOPE,
        extra={"customer": [1]},
        data=StatusChangeData(
            bot_id=BOT,
            bot_name_shown="Ada",
            status=StatusData(code=Status.IN_CALL_RECORDING, created_at=AT, start_time=1736941800),
        ),
    ),
    Completed(**ENVELOPE, data=COMPLETED),
    Failed(**ENVELOPE, data=FAILED),
    ChatMessage(
        **ENVELOPE,
        data=ChatMessageData(bot_id=BOT, sender="Ada", text="hunter2", received_at=AT),
    ),
    Participants(
        **ENVELOPE,
        data=ParticipantsData(
            bot_id=BOT, participants=(Participant(id="1", name="Ada"),), seen_at=AT
        ),
    ),
    Ready(worker_id="w", run_id=RUN, version="0.1.0", capabilities=capabilities()),
    Rejected(
        errors=(
            RejectedField(field="bot_name", code=FieldErrorCode.REQUIRED, message="is required"),
        )
    ),
    Heartbeat(
        bot_id=BOT,
        status=Status.QUEUED,
        recorded_seconds=0,
        upload_lag_seconds=0.5,
        cores=0.7,
        memory_bytes=1,
    ),
    Reply(id="1", ok=True, data={"a": 1}),
)


def body_of(message: Message) -> dict[str, Any]:
    """The body frame, parsed."""
    found = json.loads(message.body())
    assert isinstance(found, dict)
    return found


def test_there_is_one_example_of_each_kind() -> None:
    """The examples cover everything the worker can say."""
    assert [type(example) for example in EXAMPLES] == list(MESSAGES)
    assert len({message.kind for message in MESSAGES}) == len(MESSAGES)


def test_the_kinds_are_the_contracts() -> None:
    """Six stored and four passing kinds, spelt as the contract spells them."""
    assert [event.kind for event in DURABLE_EVENTS] == [
        "accepted",
        "bot.status_change",
        "bot.completed",
        "bot.failed",
        "bot.chat_message",
        "bot.participants",
    ]
    assert [message.kind for message in MESSAGES[len(DURABLE_EVENTS) :]] == [
        "ready",
        "rejected",
        "heartbeat",
        "reply",
    ]


@pytest.mark.parametrize("event", EXAMPLES[: len(DURABLE_EVENTS)], ids=lambda e: str(e.kind))
def test_a_stored_event_is_read_back_as_itself(event: Message) -> None:
    """What was written is read as the same class and the same values, to the millisecond."""
    body = body_of(event)
    assert set(body) == {"event", "bot_id", "run_id", "seq", "sent_at", "data", "extra"}
    assert body["event"] == event.kind
    assert body["sent_at"] == WHEN
    adapter: TypeAdapter[Any] = TypeAdapter(AnyDurableEvent)
    again = adapter.validate_json(event.body())
    assert type(again) is type(event)
    assert again.body() == event.body()


def test_every_durable_class_is_in_the_union() -> None:
    """No stored event can be written that cannot be read."""
    union, _ = get_args(AnyDurableEvent)
    assert set(get_args(union)) == set(DURABLE_EVENTS)


def test_a_status_change_says_only_what_there_is() -> None:
    """Fields the contract marks with "?" are left out, the calendar event is null."""
    event = StatusChange(
        **ENVELOPE,
        data=StatusChangeData(
            bot_id=BOT, status=StatusData(code=Status.JOINING_CALL, created_at=AT)
        ),
    )
    assert body_of(event)["data"] == {
        "bot_id": str(BOT),
        "event_id": None,
        "status": {"code": "joining_call", "created_at": WHEN},
    }


def test_a_completed_bot_tells_everything() -> None:
    """bot.completed has exactly the contract's fields, null where there is nothing."""
    data = body_of(EXAMPLES[2])["data"]
    assert set(data) == {
        *("bot_id", "event_id", "video", "audio", "diarization", "raw_transcription"),
        *("transcription", "transcription_ids", "transcription_provider", "participants"),
        *("speakers", "duration_seconds", "joined_at", "exited_at", "data_deleted", "sent_at"),
        *("end_reason", "chat_messages", "screenshots", "report", "urls_expire_at", "billing"),
    }
    assert data["audio"] is None
    assert data["billing"] == {
        "waiting_room_seconds": 0,
        "recording_seconds": 60,
        "streaming_seconds": 0,
        "transcription_seconds": 0,
    }


def test_a_failed_bot_tells_what_was_saved_and_why_it_failed() -> None:
    """bot.failed has the artifacts, the billing, and the evidence."""
    data = body_of(EXAMPLES[3])["data"]
    assert set(Artifacts.model_fields) < set(data)
    assert "end_reason" not in data
    assert (data["error_code"], data["error_message"]) == ("BOT_NOT_ACCEPTED", "no")
    assert data["retryable"] is False
    assert data["evidence"] == {
        "row": "google_meet/host-refused",
        "platform": "google_meet",
        "bundle": None,
    }


def test_a_bot_ends_as_its_reason_says() -> None:
    """No completed event with a failure's code, no failed event with a completion's."""
    with pytest.raises(ValidationError, match="does not complete"):
        CompletedData(bot_id=BOT, sent_at=AT, end_reason=EndReason.INTERNAL_ERROR)
    with pytest.raises(ValidationError, match="does not fail"):
        FailedData.model_validate({**dict(FAILED), "error_code": EndReason.NO_ATTENDEES})


@pytest.mark.parametrize(
    "change", [{"seq": 0}, {"seq": "1"}, {"sent_at": AT.replace(tzinfo=None)}, {"more": 1}]
)
def test_events_are_strict(change: dict[str, Any]) -> None:
    """No seq below 1, no local time, no field beyond the contract."""
    with pytest.raises(ValidationError):
        Accepted.model_validate(
            {
                **ENVELOPE,
                "data": {"bot_id": BOT, "platform": Platform.ZOOM, "bot_name_shown": "A"},
                **change,
            }
        )


def test_events_are_frozen_and_keep_texts_to_themselves() -> None:
    """Nothing changes after it was said; URLs and chat texts are in no repr."""
    with pytest.raises(ValidationError, match="frozen"):
        COMPLETED.data_deleted = True
    assert "s3.example" not in repr(COMPLETED)
    assert "hunter2" not in repr(EXAMPLES[4])

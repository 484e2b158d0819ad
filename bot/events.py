"""What the worker says and stores: every durable event of the contract, frozen and strict.

A message is two frames, `[kind, body]`; `body()` is the second. Durable events carry `bot_id`,
`run_id` and `seq` and are written to the outbox before they are sent. Times are UTC with
milliseconds and Z. Fields the contract marks with "?" are left out when None; all others are
written as null.
"""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, model_validator

from bot.contract import END_REASONS, EndReason, Status
from bot.fields import ExtraObject, PlatformName, UtcTime, WireUuid

WIRE = ConfigDict(
    frozen=True,
    strict=True,
    extra="forbid",
    hide_input_in_errors=True,
    json_schema_serialization_defaults_required=True,
)


def _absent(value: object) -> bool:
    return value is None


def optional() -> Any:  # noqa: ANN401 - a field's default
    """A field that is left out when None."""
    return Field(default=None, exclude_if=_absent)


class Part(BaseModel):
    """A piece of a message."""

    model_config = WIRE


class Message(Part):
    """One frame's body. `kind` is the frame before it."""

    kind: ClassVar[str]

    def body(self) -> bytes:
        """The body frame: compact JSON in UTF-8."""
        return self.model_dump_json().encode()


class DurableEvent(Message):
    """What every stored event has. `seq` runs 1, 2, 3 ... per `bot_id` and `run_id`."""

    bot_id: WireUuid
    run_id: WireUuid
    seq: int = Field(ge=1)
    sent_at: UtcTime
    extra: ExtraObject | None = Field(None, repr=False)


class AcceptedData(Part):
    """The job as it was understood."""

    bot_id: WireUuid
    event_id: WireUuid | None = None
    platform: PlatformName
    bot_name_shown: str


class Accepted(DurableEvent):
    """The job is taken: its first event."""

    kind: ClassVar[str] = "accepted"
    event: Literal["accepted"] = "accepted"
    data: AcceptedData


class StatusData(Part):
    """A status. `start_time` comes with in_call_recording, `error_message` with failed."""

    code: Status
    created_at: UtcTime
    start_time: int | None = Field(
        None, exclude_if=_absent, description="Start of the recording, Unix seconds."
    )
    error_message: str | None = optional()


class StatusChangeData(Part):
    """Which bot is in which status now."""

    bot_id: WireUuid
    event_id: WireUuid | None = None
    bot_name_shown: str | None = optional()
    status: StatusData


class StatusChange(DurableEvent):
    """The bot's status changed."""

    kind: ClassVar[str] = "bot.status_change"
    event: Literal["bot.status_change"] = "bot.status_change"
    data: StatusChangeData


class Billing(Part):
    """What was used, in whole seconds."""

    waiting_room_seconds: NonNegativeInt = 0
    recording_seconds: NonNegativeInt = 0
    streaming_seconds: NonNegativeInt = 0
    transcription_seconds: NonNegativeInt = 0


class Artifacts(Part):
    """What was stored.

    On the wire presigned URLs good until `urls_expire_at`, or null; in the stored copy of an
    event the keys.
    """

    video: str | None = Field(None, repr=False)
    audio: str | None = Field(None, repr=False)
    diarization: str | None = Field(None, repr=False)
    raw_transcription: str | None = Field(None, repr=False)
    transcription: str | None = Field(None, repr=False)
    chat_messages: str | None = Field(None, repr=False)
    screenshots: tuple[str, ...] | None = Field(None, repr=False)
    report: str | None = Field(None, repr=False)
    urls_expire_at: UtcTime | None = None


class EndData(Artifacts):
    """What both terminal events tell."""

    bot_id: WireUuid
    event_id: WireUuid | None = None
    transcription_ids: tuple[str, ...] | None = None
    transcription_provider: str | None = None
    participants: tuple[str, ...] | None = None
    speakers: tuple[str, ...] | None = None
    duration_seconds: NonNegativeInt | None = None
    joined_at: UtcTime | None = None
    exited_at: UtcTime | None = None
    data_deleted: bool = False
    sent_at: UtcTime
    billing: Billing = Billing()


class CompletedData(EndData):
    """How a meeting went that was recorded."""

    end_reason: EndReason

    @model_validator(mode="after")
    def _reason_fits(self) -> Self:
        if END_REASONS[self.end_reason].ends_as != "completed":
            raise ValueError("a bot does not complete for this reason")
        return self


class Completed(DurableEvent):
    """The bot's last event, when its recording stands."""

    kind: ClassVar[str] = "bot.completed"
    event: Literal["bot.completed"] = "bot.completed"
    data: CompletedData


class Evidence(Part):
    """What proved the failure. `row` names it, `bundle` is where screenshot and page are kept."""

    row: str
    platform: PlatformName | None = None
    bundle: str | None = Field(None, repr=False)


class FailedData(EndData):
    """Why the bot failed, and what was saved all the same."""

    error_code: EndReason
    error_message: str
    retryable: bool
    evidence: Evidence

    @model_validator(mode="after")
    def _reason_fits(self) -> Self:
        if END_REASONS[self.error_code].ends_as != "failed":
            raise ValueError("a bot does not fail for this reason")
        return self


class Failed(DurableEvent):
    """The bot's last event, when it failed."""

    kind: ClassVar[str] = "bot.failed"
    event: Literal["bot.failed"] = "bot.failed"
    data: FailedData


class ChatMessageData(Part):
    """A message somebody wrote. `at_seconds` counts from the start of the recording."""

    bot_id: WireUuid
    event_id: WireUuid | None = None
    sender: str
    sender_id: str | None = None
    text: str = Field(repr=False)
    received_at: UtcTime
    at_seconds: float | None = None


class ChatMessage(DurableEvent):
    """Somebody wrote in the meeting's chat."""

    kind: ClassVar[str] = "bot.chat_message"
    event: Literal["bot.chat_message"] = "bot.chat_message"
    data: ChatMessageData


class Participant(Part):
    """Somebody in the call beside the bot. `id` is the client's own, stable in one call.

    `is_presenting`: a screen of theirs is shown.
    """

    id: str
    name: str
    is_host: bool | None = None
    is_presenting: bool = False


class ParticipantsData(Part):
    """Who is in the call now. `at_seconds` counts from the start of the recording."""

    bot_id: WireUuid
    event_id: WireUuid | None = None
    participants: tuple[Participant, ...]
    seen_at: UtcTime
    at_seconds: float | None = None


class Participants(DurableEvent):
    """Somebody came or went, became host, or began or ceased to show a screen."""

    kind: ClassVar[str] = "bot.participants"
    event: Literal["bot.participants"] = "bot.participants"
    data: ParticipantsData


AnyDurableEvent = Annotated[
    Accepted | StatusChange | Completed | Failed | ChatMessage | Participants,
    Field(discriminator="event"),
]


DURABLE_EVENTS: tuple[type[DurableEvent], ...] = (
    Accepted,
    StatusChange,
    Completed,
    Failed,
    ChatMessage,
    Participants,
)

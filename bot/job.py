"""The job: what one bot is to do. Judged whole at the door, frozen behind it.

`parse_job` is the only way in from outside. It names every bad field once, and nothing it says
holds a value of the job. Fields whose function this version lacks are refused by name.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, Self
from uuid import uuid4

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import ErrorDetails, PydanticCustomError

from bot import strict_json
from bot.contract import (
    NOT_SUPPORTED_TEXT,
    UNSUPPORTED,
    AudioFormat,
    Feature,
    RecordingMode,
    Resolution,
)
from bot.errors import FieldError, FieldErrorCode, JobRejected
from bot.fields import (
    AudioFrequency,
    ExtraObject,
    HeaderSecret,
    HttpUrl,
    MeetingAddress,
    Pictures,
    UtcTime,
    WebSocketUrl,
    WholeSeconds,
    WireUuid,
)

MAX_CHAT_CHARACTERS: Final = 500

FROZEN: Final = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


CONFIG_OF_FLAG: Final = {
    "transcription_enabled": "transcription_config",
    "streaming_enabled": "streaming_config",
    "callback_enabled": "callback_config",
}
"""A flag that is true needs its config."""


def _some(field: str, json_type: str) -> JsonDict:
    return {"required": [field], "properties": {field: {"type": json_type}}}


def _config_rules() -> JsonDict:
    """What a JSON Schema says of `CONFIG_OF_FLAG`."""
    return {
        "allOf": [
            {
                "if": {"required": [flag], "properties": {flag: {"const": True}}},
                "then": _some(config, "object"),
            }
            for flag, config in CONFIG_OF_FLAG.items()
        ]
    }


class TimeoutConfig(BaseModel):
    """When the bot stops waiting. Whole seconds."""

    model_config = FROZEN

    waiting_room_timeout: WholeSeconds = Field(600, description="Admission at the latest.")
    no_one_joined_timeout: WholeSeconds = Field(
        600, description="Nobody else ever came. Ignored for Zoom."
    )
    silence_timeout: WholeSeconds = Field(600, description="Nobody speaks for so long.")
    everyone_left_timeout: WholeSeconds = Field(30, description="All others have left.")
    max_recording_duration: WholeSeconds = Field(
        14_400, description="Wall time from the start of recording, pauses included."
    )
    grace_period: int = Field(
        0, ge=0, le=600, description="After admission no leave rule fires this early."
    )


class TranscriptionConfig(BaseModel):
    """Who transcribes, with which key."""

    model_config = FROZEN

    provider: Literal["gladia", "assemblyai"] = "gladia"
    api_key: SecretStr | None = None
    custom_params: dict[str, JsonValue] | None = Field(
        None, repr=False, description="Handed to the provider as they are."
    )


class StreamingConfig(BaseModel):
    """Where live audio goes to and comes from."""

    model_config = FROZEN | ConfigDict(
        json_schema_extra={"anyOf": [_some("input_url", "string"), _some("output_url", "string")]}
    )

    input_url: WebSocketUrl | None = Field(None, repr=False)
    output_url: WebSocketUrl | None = Field(None, repr=False)
    audio_frequency: AudioFrequency = 24_000

    @model_validator(mode="after")
    def _has_a_url(self) -> Self:
        if self.input_url is None and self.output_url is None:
            raise PydanticCustomError("REQUIRED", "input_url or output_url is required")
        return self


class CallbackConfig(BaseModel):
    """Whom to tell at the end."""

    model_config = FROZEN

    url: HttpUrl = Field(repr=False)
    method: Literal["POST", "PUT"] = "POST"
    secret: HeaderSecret | None = Field(None, description="Sent as `x-mb-secret`.")


class BotImageConfig(BaseModel):
    """How several camera pictures take turns."""

    model_config = FROZEN

    loop_mode: Literal["auto", "bot_status"] = "auto"
    image_duration: int = Field(30, ge=10, le=120, description="Seconds each picture is shown.")


class Retention(BaseModel):
    """What stays in storage beside the artifacts."""

    model_config = FROZEN

    keep_chunks: bool = Field(
        default=False, description="Keep the HLS chunks after the final file stands."
    )


class Job(BaseModel):
    """One meeting to record."""

    model_config = FROZEN | ConfigDict(json_schema_extra=_config_rules())

    bot_id: WireUuid = Field(
        default_factory=uuid4,
        description="The key of everything the bot stores and says. Required over ZeroMQ; made "
        "when absent in a local run.",
    )
    event_id: WireUuid | None = Field(None, description="Calendar event; echoed.")
    meeting_url: MeetingAddress = Field(
        description="https URL of a Google Meet, Microsoft Teams or Zoom meeting."
    )
    bot_name: str = Field(min_length=1, max_length=255, description="Shown in the meeting.")
    recording_mode: RecordingMode = RecordingMode.SPEAKER_VIEW
    resolution: Resolution = Resolution.HD
    audio_format: AudioFormat = AudioFormat.MP3
    bot_image: Pictures | None = Field(
        None, repr=False, description="Camera pictures: JPEG, PNG or WebP, at most 5 MB each."
    )
    bot_image_config: BotImageConfig | None = None
    entry_message: str | None = Field(
        None, max_length=MAX_CHAT_CHARACTERS, repr=False, description="Said in chat after joining."
    )
    timeout_config: TimeoutConfig = TimeoutConfig()
    ignored_participant_names: tuple[str, ...] = Field(
        (), description="Other note-takers and rooms, never counted as attendees."
    )
    transcription_enabled: bool = False
    transcription_config: TranscriptionConfig | None = None
    streaming_enabled: bool = False
    streaming_config: StreamingConfig | None = None
    callback_enabled: bool = False
    callback_config: CallbackConfig | None = None
    allow_multiple_bots: bool = Field(default=True, description="Echoed.")
    join_at: UtcTime | None = Field(
        None, description="RFC 3339. The bot asks to join at that instant."
    )
    retention: Retention = Retention()
    extra: ExtraObject | None = Field(
        None, repr=False, description="Echoed in every event and callback. Up to 16 KiB as JSON."
    )


_GIVEN: Final = object()
ASKS: Final[tuple[tuple[Feature, str, object], ...]] = (
    (Feature.SPEAKER_VIEW, "recording_mode", RecordingMode.SPEAKER_VIEW),
    (Feature.GALLERY_VIEW, "recording_mode", RecordingMode.GALLERY_VIEW),
    (Feature.AUDIO_ONLY, "recording_mode", RecordingMode.AUDIO_ONLY),
    (Feature.HD, "resolution", Resolution.HD),
    (Feature.FULL_HD, "resolution", Resolution.FULL_HD),
    (Feature.MP3, "audio_format", AudioFormat.MP3),
    (Feature.FLAC, "audio_format", AudioFormat.FLAC),
    (Feature.BOT_IMAGE, "bot_image", _GIVEN),
    (Feature.BOT_IMAGE_CONFIG, "bot_image_config", _GIVEN),
    (Feature.ENTRY_MESSAGE, "entry_message", _GIVEN),
    (Feature.IGNORED_PARTICIPANT_NAMES, "ignored_participant_names", _GIVEN),
    (Feature.TRANSCRIPTION, "transcription_enabled", True),
    (Feature.STREAMING, "streaming_enabled", True),
    (Feature.CALLBACK, "callback_enabled", True),
    (Feature.JOIN_AT, "join_at", _GIVEN),
    (Feature.KEEP_CHUNKS, "retention.keep_chunks", True),
)
"""Which value of which field asks for which feature; `_GIVEN` is any value but null."""


def parse_job(raw: bytes | str | Mapping[str, Any], *, local_run: bool) -> Job:
    """The job in a body of JSON.

    Raises `JobRejected` with every bad field named once. `local_run` lets `bot_id` be absent.
    """
    found = strict_json.read_object(raw)
    if isinstance(found, tuple):
        raise JobRejected(found)
    errors: dict[str, FieldError] = {}
    job: Job | None = None
    try:
        job = Job.model_validate_json(strict_json.write(found), strict=True)
    except ValidationError as error:
        for bad in field_errors(error):
            errors.setdefault(bad.field, bad)
    for bad in _asked_too_much(found, local_run=local_run):
        if not any(f"{known}.".startswith(f"{bad.field}.") for known in errors):
            errors[bad.field] = bad
    if errors or job is None:
        raise JobRejected(tuple(errors.values()))
    return job


def field_errors(error: ValidationError) -> tuple[FieldError, ...]:
    """Pydantic's findings in the contract's words, without any of the values they are about.

    A whole is not named beside a part of it.
    """
    details = error.errors(include_url=False, include_input=False, include_context=False)
    places = {detail["loc"] for detail in details}
    outer = {place[:length] for place in places for length in range(len(place))}
    return tuple(_field_error(detail) for detail in details if detail["loc"] not in outer)


_CODES: Final = {
    "missing": FieldErrorCode.REQUIRED,
    "extra_forbidden": FieldErrorCode.UNKNOWN_FIELD,
    "enum": FieldErrorCode.INVALID_VALUE,
    "literal_error": FieldErrorCode.INVALID_VALUE,
}
_MESSAGES: Final = {
    "missing": "is required",
    "extra_forbidden": "unknown field",
    "string_pattern_mismatch": "must be a URL of a permitted scheme, in ASCII without spaces",
}


def _field_error(detail: ErrorDetails) -> FieldError:
    kind, message = detail["type"], detail["msg"]
    field = strict_json.field_name(detail["loc"])
    if kind in FieldErrorCode.__members__:
        return FieldError(field, FieldErrorCode(kind), message)
    typed = FieldErrorCode.WRONG_TYPE if kind.endswith("_type") else FieldErrorCode.INVALID_VALUE
    plain = re.sub(r"^\w+ should", "must", message).partition(" after validation")[0]
    return FieldError(field, _CODES.get(kind, typed), _MESSAGES.get(kind, plain))


def _asked_too_much(found: Mapping[str, Any], *, local_run: bool) -> Iterator[FieldError]:
    if not local_run and "bot_id" not in found:
        yield FieldError("bot_id", FieldErrorCode.REQUIRED, "is required")
    for flag, config in CONFIG_OF_FLAG.items():
        if found.get(flag) is True and found.get(config) is None:
            yield FieldError(config, FieldErrorCode.REQUIRED, f"is required when {flag} is true")
    for feature, field, asking in ASKS:
        if feature in UNSUPPORTED and _asks(_value(found, field), asking):
            yield FieldError(field, FieldErrorCode.NOT_SUPPORTED, NOT_SUPPORTED_TEXT)


def _asks(value: object, asking: object) -> bool:
    if asking is _GIVEN:
        return value is not None
    return type(value) is not int and value == asking


def _value(found: Mapping[str, Any], field: str) -> object:
    value: object = found
    for key in field.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value

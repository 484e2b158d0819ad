"""What the worker says and does not store: it is said again, or it is no longer true.

Frozen, strict, and without numbers; `bot.events` has the durable rest.
"""

from typing import ClassVar, Literal, Self

from pydantic import Field, JsonValue, NonNegativeInt, model_validator

from bot.contract import SCHEMA_VERSION, Status, TranscriptionStatus
from bot.errors import FieldErrorCode
from bot.events import DURABLE_EVENTS, Message, Part, optional
from bot.fields import UtcTime, WireUuid
from media.pressure import Level


class Ready(Message):
    """The worker is connected. Said at every connect and reconnect."""

    kind: ClassVar[str] = "ready"
    worker_id: str
    run_id: WireUuid
    version: str
    schema_version: str = SCHEMA_VERSION
    capabilities: tuple[str, ...]
    bot_id: WireUuid | None = optional()
    status: Status | None = optional()
    last_seq: NonNegativeInt | None = optional()


class RejectedField(Part):
    """One bad field of a job, dotted; "" means the whole."""

    field: str
    code: FieldErrorCode
    message: str


class Rejected(Message):
    """The job was not taken. Names every bad field once."""

    kind: ClassVar[str] = "rejected"
    errors: tuple[RejectedField, ...] = Field(min_length=1)


class Heartbeat(Message):
    """The bot is alive, every 10 s. `cores` and `memory_bytes` are of the whole process tree.

    `sandbox`, the browser's own, is absent until a browser has started. `degraded` is what of the
    pictures is given up because this machine is too slow, absent while nothing is. `rejoining`:
    page or browser died in mid-call, and the bot, its status unchanged, is asking to join again.
    `capture` is the backend that records.
    """

    kind: ClassVar[str] = "heartbeat"
    bot_id: WireUuid
    status: Status
    recorded_seconds: float = Field(ge=0)
    upload_lag_seconds: float = Field(ge=0)
    cores: float = Field(ge=0)
    memory_bytes: NonNegativeInt
    sandbox: Literal["on", "off"] | None = optional()
    capture: Literal["tab", "display"] = "tab"
    browser_mode: Literal["headless", "headful"] = "headless"
    degraded: Level | None = optional()
    rejoining: bool = False


class StatusReport(Part):
    """`data` of the reply to `get_status`."""

    bot_id: WireUuid
    status: Status
    transcription_status: TranscriptionStatus
    updated_at: UtcTime


class Reply(Message):
    """The one answer to a command."""

    kind: ClassVar[str] = "reply"
    id: str | int
    ok: bool
    data: dict[str, JsonValue] | None = optional()
    error: str | None = optional()

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.ok != (self.error is None):
            raise ValueError("a reply has an error exactly when it is not ok")
        return self


MESSAGES: tuple[type[Message], ...] = (*DURABLE_EVENTS, Ready, Rejected, Heartbeat, Reply)
"""Everything the worker says, one class per kind."""

"""What the orchestrator says besides the job. Unknown keys are ignored here, known ones judged."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot import strict_json
from bot.contract import Command
from bot.errors import CommandInvalidError, CommandNotSupportedError, FieldError, FieldErrorCode
from bot.fields import CommandId, WholeSeconds, WireUuid
from bot.job import MAX_CHAT_CHARACTERS, CallbackConfig, Job, TimeoutConfig, field_errors

_OPEN: Final = ConfigDict(frozen=True, strict=True, extra="ignore", hide_input_in_errors=True)


class Ack(BaseModel):
    """Everything of this bot up to and including `seq` is safe with the orchestrator."""

    model_config = _OPEN
    kind: ClassVar[str] = "ack"

    bot_id: WireUuid
    seq: int = Field(ge=0)


class CommandBody(BaseModel):
    """What every command has: its id. The same id again gets the same reply."""

    model_config = _OPEN
    kind: ClassVar[Command]

    id: CommandId


class Leave(CommandBody):
    """Leave the meeting. While queued: do not go."""

    kind = Command.LEAVE


class Pause(CommandBody):
    """Stop recording for a while; the bot stays in the call."""

    kind = Command.PAUSE


class Resume(CommandBody):
    """Record again."""

    kind = Command.RESUME


class SendChatMessage(CommandBody):
    """Write something in the meeting's chat."""

    kind = Command.SEND_CHAT_MESSAGE
    text: str = Field(min_length=1, max_length=MAX_CHAT_CHARACTERS, repr=False)


class Screenshot(CommandBody):
    """Keep a picture of what is being recorded."""

    kind = Command.SCREENSHOT


class GetStatus(CommandBody):
    """Say where the bot is."""

    kind = Command.GET_STATUS


class TimeoutUpdate(BaseModel):
    """The timeouts to change; absent ones stay."""

    model_config = _OPEN

    waiting_room_timeout: WholeSeconds | None = None
    no_one_joined_timeout: WholeSeconds | None = None
    silence_timeout: WholeSeconds | None = None
    everyone_left_timeout: WholeSeconds | None = None
    max_recording_duration: WholeSeconds | None = None
    grace_period: int | None = Field(None, ge=0, le=600)


class UpdateConfig(CommandBody):
    """Change timeouts, or whom to call back, before the call has ended."""

    kind = Command.UPDATE_CONFIG
    timeout_config: TimeoutUpdate | None = None
    callback_enabled: bool | None = None
    callback_config: CallbackConfig | None = None

    def applied_to(self, job: Job) -> Job:
        """The job with these changes.

        Raises `CommandInvalidError` when a callback would be on without a config.
        """
        changed = {}
        if self.timeout_config is not None:
            changed = self.timeout_config.model_dump(exclude_none=True)
        timeouts = TimeoutConfig.model_validate({**job.timeout_config.model_dump(), **changed})
        enabled = job.callback_enabled if self.callback_enabled is None else self.callback_enabled
        callback = job.callback_config if self.callback_config is None else self.callback_config
        if enabled and callback is None:
            missing = FieldError("callback_config", FieldErrorCode.REQUIRED, "is required")
            raise CommandInvalidError(self.kind, (missing,), self.id)
        return job.model_copy(
            update={
                "timeout_config": timeouts,
                "callback_enabled": enabled,
                "callback_config": callback,
            }
        )


class Shutdown(CommandBody):
    """Without a job: exit 0. With one: as SIGTERM."""

    kind = Command.SHUTDOWN


AnyCommand = (
    Leave | Pause | Resume | SendChatMessage | Screenshot | GetStatus | UpdateConfig | Shutdown
)
COMMAND_BODIES: Final[Mapping[Command, type[AnyCommand]]] = {
    Command.LEAVE: Leave,
    Command.PAUSE: Pause,
    Command.RESUME: Resume,
    Command.SEND_CHAT_MESSAGE: SendChatMessage,
    Command.SCREENSHOT: Screenshot,
    Command.GET_STATUS: GetStatus,
    Command.UPDATE_CONFIG: UpdateConfig,
    Command.SHUTDOWN: Shutdown,
}
"""Total: the body of every command."""


def parse_command(kind: str, body: bytes | str | Mapping[str, Any]) -> AnyCommand:
    """The command in a frame pair.

    Raises `CommandNotSupportedError` for a kind the contract does not have, and
    `CommandInvalidError`, with the id where there is a usable one, for a bad body. Whether this
    version carries the command out now is `bot.machine.check_command`'s to say.
    """
    if kind not in set(Command):
        raise CommandNotSupportedError(kind)
    found = strict_json.read_object(body)
    if isinstance(found, tuple):
        raise CommandInvalidError(kind, found)
    try:
        return COMMAND_BODIES[Command(kind)].model_validate_json(
            strict_json.write(found), strict=True
        )
    except ValidationError as error:
        raise CommandInvalidError(kind, field_errors(error), _id_in(found)) from None


def _id_in(found: Mapping[str, Any]) -> str | int | None:
    try:
        return GetStatus.model_validate_json(strict_json.write({"id": found.get("id")})).id
    except ValidationError:
        return None

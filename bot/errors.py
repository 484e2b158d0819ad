"""What can go wrong in `bot`, in one tree. A leaf: imports nothing of ours.

    BotError
    ├── JobRejected              caller    the job is refused, one `FieldError` per bad field
    ├── SettingError             caller    a setting of the process cannot be used
    ├── NoLastWordError          caller    a bot that has not ended was taken for one that has
    ├── CommandRefused           caller    a command is answered with an error
    │   ├── WrongStatusError                 not in this status
    │   ├── NoJobYetError                    the worker has no job
    │   ├── CommandNotSupportedError         a later version may
    │   └── CommandInvalidError              its body is not what the contract says
    ├── PreflightFailed          destination  what a job needs is not there: nothing was started
    ├── NoJobError               destination  no orchestrator gave a job in time
    ├── EndpointRefusedError     caller    the control endpoint must not be connected to
    ├── OutboxError              destination  durable events cannot be written or read
    │   ├── OutboxFullError                  nobody acknowledges, the bound is reached
    │   ├── OutboxClosedError    us          spoken after the last word
    │   └── EventTooLargeError   us          fits no frame
    ├── JournalError             destination  what an orchestrator received cannot be stored
    └── IllegalTransition        us        the code asked for a status that cannot follow

Each class knows whose fault it is and whether the same thing tried again may succeed, keeps its
facts as attributes and builds its own text from them. Texts are free of secrets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Fault(StrEnum):
    """Who can mend it."""

    MEETING = "meeting"
    """The people in the meeting, its settings, or the platform."""
    DESTINATION = "destination"
    """Something the bot depends on: storage, control, browser, a provider, a streaming peer."""
    CALLER = "caller"
    """Whoever wrote the job, the command or the settings."""
    US = "us"
    """This program."""


class FieldErrorCode(StrEnum):
    """The words of `rejected.errors[].code`."""

    REQUIRED = "REQUIRED"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    DUPLICATE_FIELD = "DUPLICATE_FIELD"
    WRONG_TYPE = "WRONG_TYPE"
    INVALID_VALUE = "INVALID_VALUE"
    INVALID_MEETING_URL = "INVALID_MEETING_URL"
    NOT_SUPPORTED = "NOT_SUPPORTED"
    NOT_JSON = "NOT_JSON"
    TOO_LARGE = "TOO_LARGE"
    WORKER_BUSY = "WORKER_BUSY"
    ALREADY_ENDED = "ALREADY_ENDED"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field. `field` is dotted ("timeout_config.grace_period"), "" for the whole."""

    field: str
    code: FieldErrorCode
    message: str

    def __str__(self) -> str:
        return f"{self.field or 'job'}: {self.message} [{self.code}]"


class BotError(Exception):
    """Root of all errors `bot` raises on purpose."""

    fault: ClassVar[Fault] = Fault.US
    retryable: ClassVar[bool] = False


class JobRejected(BotError):  # noqa: N818 - the wire's word for it is `rejected`
    """The job cannot be taken. `errors` is never empty and names each bad field once."""

    fault = Fault.CALLER

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(str(error) for error in self.errors))


class SettingError(BotError):
    """A setting of the process cannot be used. `setting` is the name its reader typed."""

    fault = Fault.CALLER

    def __init__(self, setting: str, problem: str) -> None:
        self.setting = setting
        self.problem = problem
        super().__init__(f"{setting}: {problem}")


class NoLastWordError(BotError):
    """The bot has not ended, or how it did is not to be read."""

    fault = Fault.CALLER

    def __init__(self, bot_id: str) -> None:
        self.bot_id = bot_id
        super().__init__(f"bot '{bot_id}' has no last word in this storage")


class CommandRefused(BotError):  # noqa: N818 - the root of four ways to refuse one
    """A command that is answered with `ok: false`; the text is the reply's `error`."""

    fault = Fault.CALLER

    def __init__(self, command: str, text: str) -> None:
        self.command = command
        super().__init__(text)


class WrongStatusError(CommandRefused):
    """The product's own sentence for a command in a status that does not allow it."""

    def __init__(self, command: str, bot_id: str, status: str) -> None:
        self.bot_id = bot_id
        self.status = status
        super().__init__(
            command,
            f"Status of bot '{bot_id}' is: {status}. Operation not permitted in this state.",
        )


class NoJobYetError(CommandRefused):
    """The worker has not been given a job, so there is no bot to command."""

    def __init__(self, command: str) -> None:
        super().__init__(command, f"{command}: this worker has no job yet.")


class CommandNotSupportedError(CommandRefused):
    """The contract has this command, this version does not."""

    def __init__(self, command: str) -> None:
        super().__init__(command, f"{command}: not supported by this version.")


class CommandInvalidError(CommandRefused):
    """The command's body is not what the contract says.

    `command_id` is its id where one could be read, so that the refusal can be a `reply`.
    """

    def __init__(
        self, command: str, errors: Sequence[FieldError], command_id: str | int | None = None
    ) -> None:
        self.errors = tuple(errors)
        self.command_id = command_id
        problems = "; ".join(f"{error.field or command}: {error.message}" for error in self.errors)
        super().__init__(command, f"{command}: {problems}")


class PreflightFailed(BotError):  # noqa: N818 - the noun of the check that failed
    """What a job needs is not there; nothing was started. `part` is what, `problem` why."""

    fault = Fault.DESTINATION
    retryable = True

    def __init__(self, part: str, problem: str) -> None:
        self.part = part
        self.problem = problem
        super().__init__(f"{part}: {problem}")


class NoJobError(BotError):
    """No job came within the time a worker waits for one."""

    fault = Fault.DESTINATION
    retryable = True

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        super().__init__(f"no job came within {timeout_s:g} s")


class IllegalTransition(BotError):  # noqa: N818 - the noun of the transition table
    """The code asked for a status that cannot follow the present one."""

    def __init__(self, present: str, asked: str) -> None:
        self.present = present
        self.asked = asked
        super().__init__(f"{asked} cannot follow {present}")


class EndpointRefusedError(BotError):
    """The control endpoint must not be connected to; `problem` says why."""

    fault = Fault.CALLER

    def __init__(self, endpoint: str, problem: str) -> None:
        self.endpoint = endpoint
        self.problem = problem
        super().__init__(f"{endpoint}: {problem}")


class OutboxError(BotError):
    """Durable events cannot be written or read: a disk, or what is no JSON."""

    fault = Fault.DESTINATION

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"outbox: {problem}")


class OutboxFullError(OutboxError):
    """The orchestrator has acknowledged nothing for so long that no more of this event is kept."""

    retryable = True

    def __init__(self, event: str, held_bytes: int, limit_bytes: int) -> None:
        self.event = event
        self.held_bytes = held_bytes
        self.limit_bytes = limit_bytes
        super().__init__(f"{event} refused, {held_bytes} of {limit_bytes} bytes held")


class OutboxClosedError(OutboxError):
    """The code spoke after the bot's last word, or outside the outbox's lifetime."""

    fault = Fault.US

    def __init__(self, event: str, terminal: str | None) -> None:
        self.event = event
        self.terminal = terminal
        after = f"after {terminal}" if terminal else "while the outbox is not open"
        super().__init__(f"{event} {after}")


class EventTooLargeError(OutboxError):
    """The event fits no frame."""

    fault = Fault.US

    def __init__(self, event: str, size_bytes: int, limit_bytes: int) -> None:
        self.event = event
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(f"{event} is {size_bytes} bytes, at most {limit_bytes} fit")


class JournalError(BotError):
    """An orchestrator's journal cannot be opened, or takes no more."""

    fault = Fault.DESTINATION
    retryable = True

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"journal {path}: {problem}")

"""The state machine of a bot, and which command is legal in which status. Pure: time is given."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from bot.contract import Command, Status, command_supported
from bot.errors import (
    CommandNotSupportedError,
    IllegalTransition,
    NoJobYetError,
    WrongStatusError,
)

_S = Status
TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = MappingProxyType(
    {
        _S.QUEUED: frozenset({_S.JOINING_CALL, _S.FAILED}),
        _S.JOINING_CALL: frozenset(
            {
                _S.IN_WAITING_ROOM,
                _S.IN_WAITING_FOR_HOST,
                _S.IN_CALL_NOT_RECORDING,
                _S.CALL_ENDED,
                _S.FAILED,
            }
        ),
        _S.IN_WAITING_ROOM: frozenset(
            {_S.IN_WAITING_FOR_HOST, _S.IN_CALL_NOT_RECORDING, _S.CALL_ENDED, _S.FAILED}
        ),
        _S.IN_WAITING_FOR_HOST: frozenset(
            {_S.IN_WAITING_ROOM, _S.IN_CALL_NOT_RECORDING, _S.CALL_ENDED, _S.FAILED}
        ),
        _S.IN_CALL_NOT_RECORDING: frozenset({_S.IN_CALL_RECORDING, _S.CALL_ENDED, _S.FAILED}),
        _S.IN_CALL_RECORDING: frozenset({_S.RECORDING_PAUSED, _S.CALL_ENDED, _S.FAILED}),
        _S.RECORDING_PAUSED: frozenset({_S.RECORDING_RESUMED, _S.CALL_ENDED, _S.FAILED}),
        _S.RECORDING_RESUMED: frozenset({_S.RECORDING_PAUSED, _S.CALL_ENDED, _S.FAILED}),
        _S.CALL_ENDED: frozenset({_S.TRANSCRIBING, _S.COMPLETED, _S.FAILED}),
        _S.TRANSCRIBING: frozenset({_S.COMPLETED, _S.FAILED}),
        _S.COMPLETED: frozenset(),
        _S.FAILED: frozenset(),
    }
)
"""What may follow what. Statuses only go forward, but for the two waits and for pausing: a bot
whose page is reopened keeps the status it had."""

TERMINAL: Final = frozenset({_S.COMPLETED, _S.FAILED})
WAITING: Final = frozenset({_S.IN_WAITING_ROOM, _S.IN_WAITING_FOR_HOST})
RECORDING: Final = frozenset({_S.IN_CALL_RECORDING, _S.RECORDING_RESUMED})
IN_CALL: Final = RECORDING | {_S.IN_CALL_NOT_RECORDING, _S.RECORDING_PAUSED}
BEFORE_CALL_ENDED: Final = IN_CALL | WAITING | {_S.QUEUED, _S.JOINING_CALL}

COMMANDS: Final[Mapping[Command, frozenset[Status]]] = MappingProxyType(
    {
        Command.LEAVE: BEFORE_CALL_ENDED,
        Command.PAUSE: RECORDING,
        Command.RESUME: frozenset({_S.RECORDING_PAUSED}),
        Command.SEND_CHAT_MESSAGE: IN_CALL,
        Command.SCREENSHOT: IN_CALL,
        Command.GET_STATUS: frozenset(Status),
        Command.UPDATE_CONFIG: BEFORE_CALL_ENDED,
        Command.SHUTDOWN: frozenset(Status),
    }
)
"""The statuses in which each command is legal."""


class Machine:
    """Where one bot is. Born `queued`."""

    def __init__(self, at: datetime) -> None:
        self._history: list[tuple[Status, datetime]] = [(Status.QUEUED, at)]

    @property
    def status(self) -> Status:
        """The present status."""
        return self._history[-1][0]

    @property
    def updated_at(self) -> datetime:
        """When the present status began."""
        return self._history[-1][1]

    @property
    def is_over(self) -> bool:
        """Whether the present status is terminal."""
        return self.status in TERMINAL

    @property
    def history(self) -> tuple[tuple[Status, datetime], ...]:
        """Every status so far with its beginning, oldest first."""
        return tuple(self._history)

    def began(self, status: Status) -> datetime | None:
        """When `status` first began, None if it never did."""
        return next((at for known, at in self._history if known is status), None)

    def advance(self, status: Status, at: datetime) -> bool:
        """Go to `status`; True when that changed anything, so that it must be told.

        A terminal status absorbs whatever comes after it, and the present status asked for again
        changes nothing: False. Raises `IllegalTransition` for a status that cannot follow.
        """
        if self.is_over or status is self.status:
            return False
        if status not in TRANSITIONS[self.status]:
            raise IllegalTransition(self.status, status)
        self._history.append((status, at))
        return True


def check_command(command: Command, status: Status | None, bot_id: str) -> None:
    """Return when `command` is legal now; `status` is None while the worker has no job.

    Raises `CommandNotSupportedError`, `NoJobYetError` or `WrongStatusError`.
    """
    if not command_supported(command):
        raise CommandNotSupportedError(command)
    if status is None:
        if command is not Command.SHUTDOWN:
            raise NoJobYetError(command)
    elif status not in COMMANDS[command]:
        raise WrongStatusError(command, bot_id, status)

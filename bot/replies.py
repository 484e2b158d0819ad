"""Commands and their replies: each id is carried out once and answered with the same words."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

import structlog

from bot.errors import CommandNotSupportedError, CommandRefused
from bot.wire import Command, encode_body

log = structlog.get_logger(__name__)

MEMORY = 256
"""Ids remembered. An id older than that is carried out anew."""
MAX_RUNNING = 16
TOO_MANY = "too many commands at once"
TOO_LONG = "no result in time"
INTERNAL = "internal error"
UNSENDABLE = "the result fits no frame"

Handler = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class Replies:
    """Runs commands and remembers what was replied, for the last `MEMORY` ids.

    `commands` are the words this version carries out; any other is refused by name.
    """

    def __init__(self, handler: Handler, commands: AbstractSet[str], timeout_s: float) -> None:
        self._handler = handler
        self._commands = frozenset(commands)
        self._timeout_s = timeout_s
        self._known: OrderedDict[str | int, bytes | None] = OrderedDict()

    async def answer(self, command: Command) -> bytes | None:
        """The body of the reply; None while the same id is still being carried out.

        Never raises for what a handler does: its failure is the reply.
        """
        if command.id in self._known:
            return self._known[command.id]
        if sum(reply is None for reply in self._known.values()) >= MAX_RUNNING:
            return _refusal(command, TOO_MANY)
        self._known[command.id] = None
        try:
            reply = await self._carry_out(command)
        except BaseException:
            del self._known[command.id]
            raise
        self._remember(command.id, reply)
        return reply

    async def _carry_out(self, command: Command) -> bytes:
        if command.name not in self._commands:
            return _refusal(command, str(CommandNotSupportedError(command.name)))
        try:
            async with asyncio.timeout(self._timeout_s):
                data = await self._handler(command.name, command.args)
        except CommandRefused as error:
            return _refusal(command, str(error))
        except TimeoutError:
            log.warning("command_timed_out", command=command.name)
            return _refusal(command, TOO_LONG)
        except Exception:
            log.exception("command_failed", command=command.name)
            return _refusal(command, INTERNAL)
        return _success(command, data)

    def _remember(self, command_id: str | int, reply: bytes) -> None:
        self._known[command_id] = reply
        self._known.move_to_end(command_id)
        finished = [known for known, body in self._known.items() if body is not None]
        for known in finished[: max(0, len(self._known) - MEMORY)]:
            del self._known[known]


def _success(command: Command, data: Mapping[str, Any]) -> bytes:
    try:
        return encode_body({"id": command.id, "ok": True, "data": dict(data)})
    except ValueError:
        log.exception("reply_unsendable", command=command.name)
        return _refusal(command, UNSENDABLE)


def _refusal(command: Command, error: str) -> bytes:
    return encode_body({"id": command.id, "ok": False, "error": error})

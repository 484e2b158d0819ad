"""Sends commands to workers, and again to one that reconnects before it has replied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Final

import structlog

from bot.contract import Command
from bot.dispatch.router import Router
from bot.dispatch.said import Said
from bot.wire import encode_body

log = structlog.get_logger(__name__)

MAX_UNANSWERED: Final = 256
"""Commands remembered; beyond it the oldest is no longer sent again."""


@dataclass(slots=True)
class Peer:
    """A worker that has said `ready`. `bot_id` is None while it has no job."""

    worker_id: str
    bot_id: str | None = None
    status: str | None = None
    is_free: bool = True

    def is_meant_by(self, target: str) -> bool:
        """Whether its own id or its bot's begins so."""
        return self.worker_id.startswith(target) or (self.bot_id or "").startswith(target.lower())


@dataclass(frozen=True, slots=True)
class _Sent:
    worker_id: str
    name: str
    body: bytes


class Commander:
    """Knows who is connected. Ids are new in every process, else an old reply would come back."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._prefix = token_hex(4)
        self._count = 0
        self._unanswered: dict[str | int, _Sent] = {}
        self.peers: dict[str, Peer] = {}

    def command(self, worker_id: str, name: str, args: Mapping[str, Any]) -> bool:
        """Send a command, under the id in `args` or a new one; False where nobody took it."""
        self._count += 1
        command_id = args.get("id", f"{self._prefix}-{self._count}")
        body = encode_body({**args, "id": command_id})
        if isinstance(command_id, str | int):
            self._unanswered[command_id] = _Sent(worker_id, name, body)
        while len(self._unanswered) > MAX_UNANSWERED:
            del self._unanswered[next(iter(self._unanswered))]
        log.info("command_sent", worker_id=worker_id, command=name, command_id=command_id)
        return self._router.send(worker_id, name, body)

    def leave(self, worker_id: str) -> None:
        """Tell one bot to leave."""
        self.command(worker_id, Command.LEAVE, {})

    def send_again(self, worker_id: str) -> None:
        """The worker has reconnected: what it has not answered may have been lost."""
        for sent in [sent for sent in self._unanswered.values() if sent.worker_id == worker_id]:
            self._router.send(sent.worker_id, sent.name, sent.body)

    def take_reply(self, said: Said) -> None:
        """The command of this id is answered."""
        command_id = said.body.get("id")
        if isinstance(command_id, str | int):
            self._unanswered.pop(command_id, None)

    def forget(self, worker_id: str) -> None:
        """The worker is gone, and with it what it was asked."""
        self.peers.pop(worker_id, None)
        for command_id in [
            i for i, sent in self._unanswered.items() if sent.worker_id == worker_id
        ]:
            del self._unanswered[command_id]

    def meant(self, target: str) -> Peer | str:
        """The worker a command is for, or why there is no telling which."""
        found = [peer for peer in self.peers.values() if peer.is_meant_by(target)]
        if len(found) > 1 and not target:
            found = [peer for peer in found if peer.bot_id is not None] or found
        if len(found) == 1:
            return found[0]
        if not found:
            return f"no worker or bot {target}..." if target else "no worker is connected"
        return "which one? " + " ".join(f"@{peer.worker_id}" for peer in found)

    def lines(self) -> Iterator[str]:
        """Who is connected, one line each."""
        for peer in self.peers.values():
            yield f"@{peer.worker_id}  {peer.status or 'no job'}  {peer.bot_id or ''}".rstrip()

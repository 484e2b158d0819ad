"""An orchestrator for tests, written from the wire contract: a ROUTER that can be reborn."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import zmq
import zmq.asyncio
import zmq.auth
import zmq.auth.asyncio

DURABLE = frozenset(
    {
        "accepted",
        "bot.status_change",
        "bot.completed",
        "bot.failed",
        "bot.chat_message",
        "bot.participants",
    }
)
WAIT_S = 40.0

Message = tuple[str, dict[str, Any]]


class Orchestrator:
    """Binds on entering. With `acks` every durable event is acknowledged as it comes.

    `key_folder` (with `server.key_secret`, and clients' public keys in `allowed/`) turns CURVE on.
    """

    def __init__(self, endpoint: str, *, acks: bool = True, key_folder: Path | None = None) -> None:
        self.endpoint = endpoint
        self.acks = acks
        self.messages: list[Message] = []
        self._key_folder = key_folder
        self._grown = asyncio.Event()
        self._worker = b""

    async def __aenter__(self) -> Self:
        self._context = zmq.asyncio.Context()
        self._authenticator: zmq.auth.asyncio.AsyncioAuthenticator | None = None
        self._router = self._context.socket(zmq.ROUTER)
        self._router.setsockopt(zmq.ROUTER_HANDOVER, 1)
        self._router.setsockopt(zmq.ROUTER_MANDATORY, 1)
        if self._key_folder is not None:
            self._encrypt(self._key_folder)
        self._router.bind(self.endpoint)
        self._task = asyncio.create_task(self._serve())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._router.close(linger=200)
        if self._authenticator is not None:
            self._authenticator.stop()
        await asyncio.to_thread(self._context.term)

    def _encrypt(self, folder: Path) -> None:
        self._authenticator = zmq.auth.asyncio.AsyncioAuthenticator(self._context)
        self._authenticator.start()
        self._authenticator.configure_curve(domain="*", location=str(folder / "allowed"))
        public, secret = zmq.auth.load_certificate(folder / "server.key_secret")
        assert secret is not None
        self._router.curve_server = True
        self._router.curve_publickey = public
        self._router.curve_secretkey = secret

    async def _serve(self) -> None:
        while True:
            worker, kind_bytes, body_bytes = await self._router.recv_multipart()
            kind, body = kind_bytes.decode(), json.loads(body_bytes)
            self._worker = worker
            if self.acks and kind in DURABLE:
                await self.send("ack", {"bot_id": body["bot_id"], "seq": body["seq"]})
            self.messages.append((kind, body))
            self._grown.set()

    async def send(self, kind: str, body: Mapping[str, Any]) -> None:
        """Say a word to the worker heard last."""
        await self.send_frames([kind.encode(), json.dumps(body).encode()])

    async def send_frames(self, frames: list[bytes]) -> None:
        """Say anything at all to the worker heard last."""
        await self._router.send_multipart([self._worker, *frames])

    async def command(self, name: str, command_id: str | int, **args: object) -> dict[str, Any]:
        """Send a command; its reply."""
        before = len(self.of("reply"))
        await self.send(name, {"id": command_id, **args})
        return (await self.wait_for("reply", before + 1))[before]

    async def wait_for(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """The bodies of this kind once there are `count` of them."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)

    async def until(self, holds: Callable[[], object], timeout_s: float = WAIT_S) -> None:
        """Wait for a condition on what was heard; looked at when something is heard."""
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._grown.clear()
                await self._grown.wait()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of this kind so far."""
        return [body for word, body in self.messages if word == kind]

    @property
    def durable(self) -> list[dict[str, Any]]:
        """The durable events so far, duplicates included, in the order they came."""
        return [body for word, body in self.messages if word in DURABLE]

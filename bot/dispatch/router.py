"""The orchestrator's socket: a ROUTER that binds, and with keys lets in whom its list allows."""

import asyncio
import errno
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self, cast

import structlog
import zmq
import zmq.asyncio
from zmq.auth.asyncio import AsyncioAuthenticator

from bot.dispatch.identities import Identities
from bot.errors import EndpointRefusedError, SettingError
from bot.keys import KeyPair, load_key_pair, load_public_keys
from bot.link import HIGH_WATER_MARK, MAX_MESSAGE_BYTES, PING_MS, SILENT_PEER_MS
from bot.wire import endpoint_problem

log = structlog.get_logger(__name__)

CLOSE_LINGER_MS: Final = 1_000
ZAP_DOMAIN: Final = "meetbot"
SECRET_KEY: Final = "server.key_secret"  # noqa: S105 - a file's name
ALLOWED: Final = "allowed"
"""The folder of the public keys that are let in, beside the server's secret one."""


class AllowList:
    """Lets in the keys of a folder; read at each handshake, so that it can be changed at any time.

    Nobody is let in while the folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def callback(self, domain: str, key: bytes) -> bool:
        """What `zmq.auth` asks: whether this public key, in Z85, may come in."""
        del domain
        try:
            allowed = key in await asyncio.to_thread(load_public_keys, "--keys", self._folder)
        except SettingError as error:
            log.warning("allow_list_unreadable", problem=error.problem)
            return False
        if not allowed:
            log.warning("worker_key_refused", public_key=key.decode())
        return allowed


class Router:
    """Binds on entering, flushes for at most a second on leaving. An async context manager.

    `keys` is a folder with `server.key_secret` and `allowed/*.key`; without it everything is plain
    text, which off loopback has to be waived. With keys a worker's id is its own: `identities`.
    """

    def __init__(
        self, endpoint: str, keys: Path | None = None, *, allow_plain_off_loopback: bool = False
    ) -> None:
        """Raises `EndpointRefusedError`, and `SettingError` for keys that cannot be used."""
        problem = endpoint_problem(
            endpoint, encrypted=keys is not None, waived=allow_plain_off_loopback
        )
        if problem is not None:
            raise EndpointRefusedError(endpoint, problem)
        self._endpoint, self._keys = endpoint, keys
        self._pair: KeyPair | None = None
        if keys is not None:
            self._pair = load_key_pair("--keys", keys / SECRET_KEY)
            load_public_keys("--keys", keys / ALLOWED)
            self._allow_list = AllowList(keys / ALLOWED)
        self.identities = Identities()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Raises `EndpointRefusedError` where nothing can be bound there."""
        async with AsyncExitStack() as stack:
            context = zmq.asyncio.Context()
            stack.push_async_callback(asyncio.to_thread, context.term)
            if self._pair is not None:
                # before the socket is bound: without an authenticator any key would do
                stack.callback(self._authenticator(context).stop)
            self._router = self._socket(context)
            stack.callback(self._router.close, linger=CLOSE_LINGER_MS)
            try:
                self._router.bind(self._endpoint)
            except zmq.ZMQError as error:
                raise EndpointRefusedError(self._endpoint, str(error)) from error
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close; what workers have not taken within a second is dropped."""
        del exc_type, exc, traceback
        await self._stack.aclose()

    async def receive(self) -> list[bytes]:
        """The next message: routing id and what was said, by whom the id belongs to."""
        while True:
            frames = await self._router.recv_multipart(copy=False)
            message = [frame.bytes for frame in frames]
            if self._pair is None or self.identities.admit(message[0], _key_of(frames[-1])):
                return message
            log.warning("worker_id_of_another_key", worker_id=shown(message[0]))

    async def forget_refused(self) -> None:
        """An id whose key has been taken off the list is anybody's again. Raises `SettingError`."""
        if self._keys is not None:
            allowed = await asyncio.to_thread(load_public_keys, "--keys", self._keys / ALLOWED)
            self.identities.keep({key.decode() for key in allowed})

    def send(self, worker_id: str, kind: str, body: bytes) -> bool:
        """Send now or not at all.

        False where the worker is not connected, takes no more, or another has taken its id.
        """
        if not self.identities.may_hear(worker_id.encode()):
            return False
        frames = [worker_id.encode(), kind.encode("ascii"), body]
        try:
            # Not awaited: with NOBLOCK it is done, or has failed, when it returns.
            sent = self._router.send_multipart(frames, zmq.NOBLOCK)
            cast("asyncio.Future[object]", sent).result()
        except zmq.ZMQError as error:
            if error.errno not in {zmq.EAGAIN, errno.EHOSTUNREACH}:
                raise
            return False
        return True

    def _socket(self, context: zmq.asyncio.Context) -> zmq.asyncio.Socket:
        router = context.socket(zmq.ROUTER)
        for option, value in (
            (zmq.IPV6, 1),
            (zmq.ROUTER_HANDOVER, 1),
            (zmq.ROUTER_MANDATORY, 1),
            (zmq.SNDHWM, HIGH_WATER_MARK),
            (zmq.RCVHWM, HIGH_WATER_MARK),
            (zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES),
            (zmq.HEARTBEAT_IVL, PING_MS),
            (zmq.HEARTBEAT_TIMEOUT, SILENT_PEER_MS),
        ):
            router.setsockopt(option, value)
        if self._pair is not None:
            router.zap_domain = ZAP_DOMAIN.encode()
            router.curve_server = True
            router.curve_publickey = self._pair.public
            router.curve_secretkey = self._pair.secret
        return router

    def _authenticator(self, context: zmq.asyncio.Context) -> AsyncioAuthenticator:
        authenticator = AsyncioAuthenticator(context)
        authenticator.start()
        authenticator.configure_curve_callback(ZAP_DOMAIN, self._allow_list)
        return authenticator


def _key_of(frame: zmq.Frame) -> str:
    """The public key, in Z85, that the peer of this frame has proven to own (ZAP's User-Id)."""
    return str(frame.get("User-Id"))


def shown(worker_id: bytes) -> str:
    """An id as a log may have it, whatever a peer has called itself."""
    return worker_id.decode("utf-8", "backslashreplace")[:64]

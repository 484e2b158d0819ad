"""The worker's one ZeroMQ socket: a DEALER that knows when a new connection begins.

Nothing queues here while nobody listens: `ZMQ_IMMEDIATE` keeps messages out of a pipe without a
peer, sends never wait, and the outbox is the queue. After every handshake the first message is
`ready`; until that was sent, all other sends are refused, so nothing overtakes it.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

import structlog
import zmq
import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

from bot.keys import CurveKeys
from bot.wire import READY

log = structlog.get_logger(__name__)

HIGH_WATER_MARK = 64
"""Messages under way in each direction; what does not fit waits in the outbox or at the sender."""
MAX_MESSAGE_BYTES = 4 * 1024**2
"""A longer frame drops the connection. Above the body's bound, so that a job of 1.5 MiB still gets
its `rejected`."""
RECONNECT_MS = 200
RECONNECT_MAX_MS = 5_000
PING_MS = 10_000
SILENT_PEER_MS = 30_000
CLOSE_LINGER_MS = 1_000
POLL_MS = 500

UP = zmq.Event.HANDSHAKE_SUCCEEDED
DOWN = zmq.Event.DISCONNECTED
FAILED = (
    zmq.Event.HANDSHAKE_FAILED_AUTH
    | zmq.Event.HANDSHAKE_FAILED_PROTOCOL
    | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
)


class Link:
    """Connects on entering, reconnects for ever, closes within a second on leaving."""

    def __init__(self, endpoint: str, worker_id: str, keys: CurveKeys | None = None) -> None:
        self._endpoint = endpoint
        self._worker_id = worker_id
        self._keys = keys
        self._fresh = asyncio.Event()
        self._greeted = asyncio.Event()
        self._connections = 0
        self._failures = 0

    async def __aenter__(self) -> Self:
        """Begin to connect; returns before anybody answers."""
        self._context = zmq.asyncio.Context()
        self._dealer = self._context.socket(zmq.DEALER)
        self._configure(self._dealer)
        self._watch_connections()
        self._dealer.connect(self._endpoint)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Flush what is under way for at most a second, then drop it."""
        del exc_type, exc, traceback
        asyncio.get_running_loop().remove_reader(self._monitor.fileno())
        self._dealer.disable_monitor()
        self._monitor.close(linger=0)
        self._dealer.close(linger=CLOSE_LINGER_MS)
        await asyncio.to_thread(self._context.term)

    async def wait_connected(self) -> int:
        """Wait for a connection that was not greeted yet; returns its number, from 1."""
        await self._fresh.wait()
        self._fresh.clear()
        return self._connections

    async def greet(self, connection: int, body: bytes) -> bool:
        """Send `ready` as the first message of a connection; False when it is gone already."""
        while self._is_current(connection):
            if await self._try_send(READY, body):
                if self._is_current(connection):
                    self._greeted.set()
                return True
            await self._writable()
        return False

    async def send(self, kind: str, body: bytes) -> bool:
        """Send now or not at all: False without a greeted peer that takes messages."""
        self._read_monitor()
        return self._greeted.is_set() and await self._try_send(kind, body)

    async def wait_writable(self) -> bool:
        """Wait a moment until a full pipe may take more; False, at once, without a peer."""
        if not self._greeted.is_set():
            return False
        await self._writable()
        return True

    async def send_within(self, kind: str, body: bytes, timeout_s: float) -> bool:
        """Send as soon as a peer takes it; False when none did in that time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not await self.send(kind, body):
                    await self._greeted.wait()
                    await self.wait_writable()
                return True
        return False

    async def receive(self) -> list[bytes]:
        """The frames of the next message."""
        return list(await self._dealer.recv_multipart())

    @property
    def is_greeted(self) -> bool:
        """Whether somebody is connected who has been told who we are."""
        return self._greeted.is_set()

    async def _writable(self) -> None:
        await self._dealer.poll(POLL_MS, zmq.POLLOUT)  # type: ignore[call-arg]  # pyzmq's stub

    def _configure(self, dealer: zmq.asyncio.Socket) -> None:
        dealer.setsockopt(zmq.ROUTING_ID, self._worker_id.encode())
        for option, value in (
            (zmq.IMMEDIATE, 1),
            (zmq.IPV6, 1),
            (zmq.SNDHWM, HIGH_WATER_MARK),
            (zmq.RCVHWM, HIGH_WATER_MARK),
            (zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES),
            (zmq.RECONNECT_IVL, RECONNECT_MS),
            (zmq.RECONNECT_IVL_MAX, RECONNECT_MAX_MS),
            (zmq.HEARTBEAT_IVL, PING_MS),
            (zmq.HEARTBEAT_TIMEOUT, SILENT_PEER_MS),
            (zmq.LINGER, CLOSE_LINGER_MS),
        ):
            dealer.setsockopt(option, value)
        if self._keys is not None:
            dealer.curve_serverkey = self._keys.server_public
            dealer.curve_publickey = self._keys.public
            dealer.curve_secretkey = self._keys.secret

    def _watch_connections(self) -> None:
        address = f"inproc://link-{id(self)}"
        self._dealer.monitor(address, UP | DOWN | FAILED)
        self._monitor: zmq.Socket[bytes] = zmq.Context.shadow(self._context).socket(zmq.PAIR)
        self._monitor.connect(address)
        asyncio.get_running_loop().add_reader(self._monitor.fileno(), self._read_monitor)
        self._read_monitor()

    def _read_monitor(self) -> None:
        # ZeroMQ's descriptor signals edges: only reading until nothing is left arms the next one,
        # the first included. Also called before each send, so that none goes to a connection not
        # seen yet.
        while True:
            try:
                frames = self._monitor.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._note(parse_monitor_message(frames)["event"])

    def _note(self, event: int) -> None:
        if event & UP:
            self._connections += 1
            self._fresh.set()
            self._greeted.clear()
            log.info("control_connected", connections=self._connections)
        elif event & DOWN:
            self._fresh.clear()
            self._greeted.clear()
            log.warning("control_disconnected", connections=self._connections)
        elif event & FAILED:
            self._failures += 1
            if self._failures.bit_count() == 1:
                log.warning("control_handshake_failed", failures=self._failures)

    def _is_current(self, connection: int) -> bool:
        self._read_monitor()
        return connection == self._connections

    async def _try_send(self, kind: str, body: bytes) -> bool:
        try:
            await self._dealer.send_multipart([kind.encode("ascii"), body], zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

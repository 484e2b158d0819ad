"""The worker's connection to the orchestrator: a fresh DEALER for every connection.

ZeroMQ's own reconnecting does not keep the contract. With `ZMQ_IMMEDIATE` off, what was queued for
the old connection is sent on the new one ahead of `ready`; with it on, what was received but not
yet read is thrown away (libzmq 4.3.5: the last ack before a restart, every time); and after a
breach of the protocol it never connects again. So a socket here lives for one connection: when that
ends, what it received is kept, what it had not sent is dropped (the outbox has it), and the next
socket starts empty. Nothing queues while nobody listens.
"""

import asyncio
import contextlib
from collections import deque
from types import TracebackType
from typing import Self

import structlog
import zmq
from zmq.utils.monitor import parse_monitor_message

from bot.keys import CurveKeys
from bot.wire import READY

log = structlog.get_logger(__name__)

HIGH_WATER_MARK = 64
"""Messages under way in each direction; what does not fit waits in the outbox or at the sender."""
MAX_MESSAGE_BYTES = 4 * 1024**2
"""A longer frame ends the connection. Above the body's bound, so that a job of 1.5 MiB still gets
its `rejected`."""
RECONNECT_S = 0.2
RECONNECT_MAX_S = 5.0
CONNECT_TIMEOUT_S = 15.0
OWN_RECONNECT_MS = 120_000
"""ZeroMQ's own: longer than this process can take to notice that a connection has ended."""
PING_MS = 10_000
SILENT_PEER_MS = 30_000
CLOSE_LINGER_MS = 1_000
WRITABLE_POLL_S = 0.5

UP = zmq.Event.HANDSHAKE_SUCCEEDED
DOWN = zmq.Event.DISCONNECTED | zmq.Event.CLOSED
REFUSED = (
    zmq.Event.HANDSHAKE_FAILED_AUTH
    | zmq.Event.HANDSHAKE_FAILED_PROTOCOL
    | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
)


class Link:
    """Connects on entering, again whenever that fails, and closes within a second on leaving.

    The first message of a connection is `ready`: until `greet` sent it, `send` refuses all others.
    """

    def __init__(self, endpoint: str, worker_id: str, keys: CurveKeys | None = None) -> None:
        self._endpoint = endpoint
        self._worker_id = worker_id
        self._keys = keys
        self._dealer: zmq.Socket[bytes] | None = None
        self._monitor: zmq.Socket[bytes] | None = None
        self._inbox: deque[list[bytes]] = deque()
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._fresh = asyncio.Event()
        self._greeted = asyncio.Event()
        self._connections = 0
        self._attempts = 0
        self._sockets = 0
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Begin to connect; returns before anybody answers."""
        self._context = zmq.Context()
        self._open()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Flush what is under way for at most a second, then drop it."""
        del exc_type, exc, traceback
        self._schedule(None)
        self._shut(linger_ms=CLOSE_LINGER_MS)
        await asyncio.to_thread(self._context.term)

    @property
    def is_greeted(self) -> bool:
        """Whether somebody is connected who has been told who we are."""
        return self._greeted.is_set()

    async def wait_connected(self) -> int:
        """Wait for a connection that was not greeted yet; returns its number, from 1."""
        await self._fresh.wait()
        self._fresh.clear()
        return self._connections

    def greet(self, connection: int, body: bytes) -> bool:
        """Send `ready` as the first message of a connection; False when it is gone already."""
        self._read_monitor()
        if connection != self._connections or not self._try_send(READY, body):
            return False
        self._greeted.set()
        return True

    def renew(self) -> None:
        """Give this connection up and connect anew."""
        self._fresh.clear()
        self._greeted.clear()
        self._reopen()

    def send(self, kind: str, body: bytes) -> bool:
        """Send now or not at all: False without a greeted peer that takes messages."""
        self._read_monitor()
        return self._greeted.is_set() and self._try_send(kind, body)

    async def wait_writable(self) -> bool:
        """Wait a moment until a full pipe may take more; False, at once, without a peer."""
        if not self._greeted.is_set():
            return False
        self._writable.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WRITABLE_POLL_S):
                await self._writable.wait()
        return True

    async def send_within(self, kind: str, body: bytes, timeout_s: float) -> bool:
        """Send as soon as a peer takes it; False when none did in that time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not self.send(kind, body):
                    await self._greeted.wait()
                    await self.wait_writable()
                return True
        return False

    async def receive(self) -> list[bytes]:
        """The frames of the next message, of this connection or one before."""
        while not self._inbox:
            self._readable.clear()
            await self._readable.wait()
        frames = self._inbox.popleft()
        self._read_dealer(HIGH_WATER_MARK)
        return frames

    def _open(self) -> None:
        dealer, monitor = self._context.socket(zmq.DEALER), self._context.socket(zmq.PAIR)
        self._configure(dealer)
        self._attempts += 1
        self._sockets += 1
        address = f"inproc://link-{self._sockets}"
        dealer.monitor(address, UP | DOWN | REFUSED)
        monitor.connect(address)
        dealer.connect(self._endpoint)
        self._dealer, self._monitor = dealer, monitor
        loop = asyncio.get_running_loop()
        loop.add_reader(monitor.fileno(), self._read_monitor)
        loop.add_reader(dealer.fileno(), self._on_dealer)
        self._schedule(CONNECT_TIMEOUT_S)
        # ZeroMQ's descriptors signal edges: reading until nothing is left arms the first one.
        self._read_monitor()
        self._read_dealer(HIGH_WATER_MARK)

    def _shut(self, linger_ms: int) -> None:
        if self._dealer is None or self._monitor is None:
            return
        self._read_dealer(len(self._inbox) + 2 * HIGH_WATER_MARK)
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._monitor.fileno())
        loop.remove_reader(self._dealer.fileno())
        self._dealer.disable_monitor()
        self._monitor.close(linger=0)
        self._dealer.close(linger=linger_ms)
        self._dealer = self._monitor = None

    def _reopen(self) -> None:
        self._shut(linger_ms=0)
        self._open()

    def _configure(self, dealer: zmq.Socket[bytes]) -> None:
        dealer.setsockopt(zmq.ROUTING_ID, self._worker_id.encode())
        for option, value in (
            (zmq.IPV6, 1),
            (zmq.SNDHWM, HIGH_WATER_MARK),
            (zmq.RCVHWM, HIGH_WATER_MARK),
            (zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES),
            (zmq.RECONNECT_IVL, OWN_RECONNECT_MS),
            (zmq.HEARTBEAT_IVL, PING_MS),
            (zmq.HEARTBEAT_TIMEOUT, SILENT_PEER_MS),
        ):
            dealer.setsockopt(option, value)
        if self._keys is not None:
            dealer.curve_serverkey = self._keys.server_public
            dealer.curve_publickey = self._keys.public
            dealer.curve_secretkey = self._keys.secret

    def _on_dealer(self) -> None:
        self._read_dealer(HIGH_WATER_MARK)
        self._writable.set()

    def _read_dealer(self, limit: int) -> None:
        """Take in what has come; beyond `limit` it stays with ZeroMQ until some was received."""
        while self._dealer is not None and len(self._inbox) < limit:
            try:
                self._inbox.append(self._dealer.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                break
        if self._inbox:
            self._readable.set()

    def _read_monitor(self) -> None:
        # Called before each send too: what ended a moment ago must not be sent to.
        while self._monitor is not None:
            try:
                frames = self._monitor.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self._note(parse_monitor_message(frames)["event"])

    def _note(self, event: int) -> None:
        if event & UP:
            self._connections += 1
            self._attempts = 0
            self._schedule(None)
            self._fresh.set()
            log.info("control_connected", connections=self._connections)
            return
        if event & REFUSED or self._attempts == 0 or self._attempts.bit_count() == 1:
            name = "control_refused" if event & REFUSED else "control_disconnected"
            log.warning(name, connections=self._connections, attempts=self._attempts)
        self._fresh.clear()
        self._greeted.clear()
        self._shut(linger_ms=0)
        self._schedule(min(RECONNECT_S * 2 ** min(self._attempts, 10), RECONNECT_MAX_S))

    def _schedule(self, delay_s: float | None) -> None:
        """Open a new socket after `delay_s`, unless told otherwise before."""
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if delay_s is None else loop.call_later(delay_s, self._reopen)

    def _try_send(self, kind: str, body: bytes) -> bool:
        if self._dealer is None:
            return False
        try:
            self._dealer.send_multipart([kind.encode("ascii"), body], zmq.NOBLOCK)
        except zmq.Again:
            return False
        finally:
            # Sending can swallow the edge that announces what has come.
            self._read_dealer(HIGH_WATER_MARK)
        return True

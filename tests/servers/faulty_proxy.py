"""A TCP proxy before a real server that breaks on demand, one way at a time."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import Future
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

BLOCK_BYTES: Final = 4096
SLOW_BYTES_PER_S: Final = 25_000
"""200 kbit/s, over all connections together."""
WAIT_S: Final = 30.0
UNAVAILABLE: Final = b"<Error><Code>ServiceUnavailable</Code></Error>"


class Trouble(StrEnum):
    """What is wrong with the way to the server."""

    NONE = "none"
    REFUSED = "refused"
    """Connections are cut as they come, those that stand at once."""
    HANGING = "hanging"
    """Everything is taken and nothing is answered."""
    SLOW = "slow"
    """200 kbit/s towards the server."""
    UNAVAILABLE = "5xx"
    """Every request is answered with 503."""
    HELD = "held"
    """Connections stand, and nothing passes in either direction: a line that was cut."""


class FaultyProxy:
    """A context manager with a thread of its own. `trouble` may be set at any time.

    `hurt` is set once a connection has met the present trouble. A trouble also ends the
    connections that stood before it, but for SLOW and HELD, and what ends HELD lets them go on.
    """

    def __init__(self, endpoint_url: str) -> None:
        parts = urlsplit(endpoint_url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-proxy")
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server
        self._pace = asyncio.Lock()
        self._passable = asyncio.Event()
        self._trouble = Trouble.NONE
        self.hurt = threading.Event()
        self.endpoint_url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._open()).result(WAIT_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._close()).result(WAIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_S)
        self._loop.close()

    @property
    def trouble(self) -> Trouble:
        """What is wrong now."""
        return self._trouble

    @trouble.setter
    def trouble(self, trouble: Trouble) -> None:
        self._call(self._set(trouble)).result(WAIT_S)

    @contextlib.contextmanager
    def troubled(self, trouble: Trouble) -> Iterator[None]:
        """A trouble for the length of a `with` block."""
        self.trouble = trouble
        try:
            yield
        finally:
            self.trouble = Trouble.NONE

    def _call(self, work: Coroutine[Any, Any, None]) -> "Future[None]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _open(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        # as much as a slow line holds: else seconds of it would vanish into this machine's memory
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * BLOCK_BYTES)
        self._passable.set()
        self._server = await asyncio.start_server(self._take, sock=listener, limit=BLOCK_BYTES)
        port = listener.getsockname()[1]
        self.endpoint_url = f"http://127.0.0.1:{port}"

    async def _close(self) -> None:
        self._server.close()
        await self._cut()

    async def _set(self, trouble: Trouble) -> None:
        held_before = self._trouble is Trouble.HELD
        self._trouble = trouble
        self.hurt.clear()
        if trouble is Trouble.HELD:
            self._passable.clear()
        else:
            self._passable.set()
        if trouble not in {Trouble.SLOW, Trouble.HELD} and not held_before:
            await self._cut()

    async def _cut(self) -> None:
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("asyncio runs this in a task")
        self._connections.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()  # the other side, or a change of trouble, has cut it
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._trouble is Trouble.REFUSED:
            self.hurt.set()
            writer.transport.abort()
        elif self._trouble is Trouble.HANGING:
            async for _ in _blocks(reader):
                self.hurt.set()
        elif self._trouble is Trouble.UNAVAILABLE:
            await self._refuse_request(reader, writer)
        else:
            await self._forward(reader, writer)

    async def _refuse_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.hurt.set()
        head = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(UNAVAILABLE)}\r\n\r\n".encode() + UNAVAILABLE)
        await writer.drain()
        writer.write_eof()
        async for _ in _blocks(reader):
            pass

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(self._host, self._port)
        answers = asyncio.ensure_future(self._answer(up_reader, writer))
        try:
            async for block in _blocks(reader):
                if self._trouble is Trouble.SLOW:
                    await self._slow_down(len(block))
                await self._passage()
                up_writer.write(block)
                await up_writer.drain()
        finally:
            answers.cancel()
            up_writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for block in _blocks(reader):
            await self._passage()
            writer.write(block)
            await writer.drain()
        writer.close()

    async def _passage(self) -> None:
        if not self._passable.is_set():
            self.hurt.set()
            await self._passable.wait()

    async def _slow_down(self, size_bytes: int) -> None:
        async with self._pace:
            self.hurt.set()
            await asyncio.sleep(size_bytes / SLOW_BYTES_PER_S)


async def _blocks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while block := await reader.read(BLOCK_BYTES):
        yield block

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog
import zmq

from bot.link import HIGH_WATER_MARK, Link

WAIT_S = 40.0


@asynccontextmanager
async def router_on(endpoint: str, linger_ms: int = 1_000) -> AsyncIterator["zmq.Socket[bytes]"]:
    """A bare ROUTER that nobody reads unless the test does."""
    context = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.setsockopt(zmq.ROUTER_HANDOVER, 1)
    router.setsockopt(zmq.RCVTIMEO, int(WAIT_S * 1_000))
    router.bind(endpoint)
    try:
        yield router
    finally:
        router.close(linger=linger_ms)
        await asyncio.to_thread(context.term)


@pytest.fixture
def endpoint(unused_tcp_port: int) -> str:
    """A free endpoint on loopback."""
    return f"tcp://127.0.0.1:{unused_tcp_port}"


async def greeted(link: Link, body: bytes = b"{}") -> None:
    """Wait for the next connection and say `ready` on it."""
    async with asyncio.timeout(WAIT_S):
        assert link.greet(await link.wait_connected(), body)


async def test_nothing_goes_out_before_ready(endpoint: str) -> None:
    """Connected but not greeted, every other word is refused; then it follows `ready`."""
    async with router_on(endpoint) as router, Link(endpoint, "w") as link:
        connection = await link.wait_connected()
        assert not link.send("accepted", b"{}")
        assert not link.is_greeted
        assert link.greet(connection, b'{"n": 1}')
        assert link.send("accepted", b"{}")
        first = await asyncio.to_thread(router.recv_multipart)
        second = await asyncio.to_thread(router.recv_multipart)
    assert first == [b"w", b"ready", b'{"n": 1}']
    assert second == [b"w", b"accepted", b"{}"]


async def test_without_a_peer_sends_are_refused_at_once(endpoint: str) -> None:
    """Nothing queues for a peer that is not there."""
    async with Link(endpoint, "w") as link:
        assert not link.send("accepted", b"{}")
        assert not await link.wait_writable()
        assert not await link.send_within("reply", b"{}", 0.05)


async def test_last_words_of_a_peer_are_not_lost(endpoint: str) -> None:
    """What a peer said just before it went is received, every time."""
    async with Link(endpoint, "w") as link:
        for number in range(10):
            async with router_on(endpoint) as router:
                await greeted(link)
                worker, _, _ = await asyncio.to_thread(router.recv_multipart)
                router.send_multipart([worker, b"ack", str(number).encode()])
            async with asyncio.timeout(WAIT_S):
                assert await link.receive() == [b"ack", str(number).encode()]


async def test_unsent_words_do_not_reach_the_next_peer(endpoint: str) -> None:
    """What was queued for a deaf peer is dropped with it: the next one hears `ready` first."""
    async with Link(endpoint, "w") as link:
        async with router_on(endpoint, linger_ms=0) as deaf:
            deaf.setsockopt(zmq.RCVHWM, 1)
            await greeted(link)
            while link.send("bot.participants", b"x" * 500_000):
                pass
        async with router_on(endpoint) as router:
            await greeted(link)
            first = await asyncio.to_thread(router.recv_multipart)
    assert first[1] == b"ready"


async def test_full_pipe_is_felt_and_recovers(endpoint: str) -> None:
    """A peer that does not read fills a bounded pipe; once it reads, sending goes on, in order."""
    async with router_on(endpoint) as router, Link(endpoint, "w") as link:
        await greeted(link)
        sent = 0
        while link.send("bot.participants", str(sent).encode().ljust(500_000)):
            sent += 1
        assert link.is_greeted
        assert sent <= 4_000
        heard = await asyncio.to_thread(
            lambda: [router.recv_multipart()[2].strip() for _ in range(sent + 1)]
        )
        assert heard == [b"{}", *(str(number).encode() for number in range(sent))]
        assert await link.send_within("bot.participants", b"again", WAIT_S)
        assert (await asyncio.to_thread(router.recv_multipart))[2] == b"again"


async def test_stalled_loop_sends_nothing_to_a_stranger(endpoint: str) -> None:
    """A peer replaced while our loop stood still is noticed before the next word is sent."""
    async with Link(endpoint, "w") as link:
        async with router_on(endpoint, linger_ms=0) as first:
            await greeted(link)
            await asyncio.to_thread(first.recv_multipart)
        context = zmq.Context()
        router = context.socket(zmq.ROUTER)
        router.bind(endpoint)
        time.sleep(1)  # noqa: ASYNC251 - the stall is what is tested
        assert not link.send("accepted", b"{}")
        await greeted(link)
        assert (await asyncio.to_thread(router.recv_multipart))[1] == b"ready"
        router.close(linger=0)
        await asyncio.to_thread(context.term)


async def test_flood_waits_outside(endpoint: str) -> None:
    """What nobody receives stays with ZeroMQ and the peer: the inbox is bounded, nothing lost."""
    count = 10 * HIGH_WATER_MARK
    async with router_on(endpoint) as router, Link(endpoint, "w") as link:
        await greeted(link)
        worker, _, _ = await asyncio.to_thread(router.recv_multipart)
        for number in range(count):
            router.send_multipart([worker, b"ack", str(number).encode()])
        got = []
        async with asyncio.timeout(WAIT_S):
            for _ in range(count):
                got.append(int((await link.receive())[1]))
                assert len(link._inbox) <= HIGH_WATER_MARK
    assert got == list(range(count))


@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 64, b""])
async def test_peer_that_speaks_no_zeromq_ends_nothing(
    unused_tcp_port: int, endpoint: str, words: bytes
) -> None:
    """After any number of strangers on the port, the first orchestrator is connected to."""
    strangers = asyncio.Semaphore(0)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        writer.close()
        strangers.release()

    with structlog.testing.capture_logs() as captured:
        async with Link(endpoint, "w") as link:
            async with await asyncio.start_server(speak, "127.0.0.1", unused_tcp_port):
                async with asyncio.timeout(WAIT_S):
                    for _ in range(3):
                        await strangers.acquire()
            async with router_on(endpoint):
                await greeted(link)
    events = [line["event"] for line in captured]
    assert events.count("control_connected") == 1
    assert len(events) <= 12

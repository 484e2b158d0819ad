import asyncio
import itertools
import threading
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import structlog

from bot.link import Link
from bot.outbox import Envelope, Outbox
from bot.relay import Relay, as_stored
from bot.wire import Ack
from tests.bot.orchestrator import WAIT_S, Orchestrator


@pytest.fixture
def endpoint(unused_tcp_port: int) -> str:
    """A free endpoint on loopback."""
    return f"tcp://127.0.0.1:{unused_tcp_port}"


class AskedOutbox(Outbox):
    """Tells when it was asked for events."""

    asked = threading.Event()

    def pending(self, after_seq: int = 0, limit: int = 64) -> Sequence[Envelope]:
        """As ever, and tell."""
        self.asked.set()
        return super().pending(after_seq, limit)


class Running(AsyncExitStack):
    """A link and a relay at work; acks are given by the test."""

    def __init__(self, endpoint: str, resend_s: float = 30.0) -> None:
        super().__init__()
        self.link = Link(endpoint, "w")
        self.relay = Relay(self.link, as_stored, resend_s)

    async def start(self) -> None:
        """Connect, greet, and relay."""
        await self.enter_async_context(self.link)
        task = asyncio.create_task(self.relay.run())
        self.push_async_callback(asyncio.wait, [task])
        self.callback(task.cancel)
        await self.greet()

    async def greet(self) -> None:
        """Greet the next connection."""
        async with asyncio.timeout(WAIT_S):
            assert self.link.greet(await self.link.wait_connected(), b"{}")
        self.relay.rewind()


async def test_events_outnumbering_every_queue_arrive_in_order(
    endpoint: str, tmp_path: Path
) -> None:
    """Large events beyond what any pipe holds arrive once each, in order."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        for number in range(300):
            outbox.append("bot.participants", {"n": number, "text": "x" * 100_000})
        async with Orchestrator(endpoint, acks=False) as orchestrator, Running(endpoint) as running:
            running.relay.add(outbox)
            await running.start()
            await orchestrator.wait_for("bot.participants", 300)
    assert [body["seq"] for body in orchestrator.durable] == list(range(1, 301))


async def test_rewinding_in_the_middle_leaves_no_hole(endpoint: str, tmp_path: Path) -> None:
    """Rewound while it sends, the relay never sends an event ahead of an earlier one."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        for _ in range(100):
            outbox.append("bot.participants", {})
        async with Orchestrator(endpoint, acks=False) as orchestrator, Running(endpoint) as running:
            running.relay.add(outbox)
            await running.start()
            for count in (10, 50, 120):
                await orchestrator.wait_for("bot.participants", count)
                running.relay.rewind()
            async with asyncio.timeout(WAIT_S):
                while [body["seq"] for body in orchestrator.durable[-100:]] != list(range(1, 101)):
                    await orchestrator.wait_for("bot.participants", len(orchestrator.durable) + 1)
    numbers = [body["seq"] for body in orchestrator.durable]
    steps = set(itertools.pairwise(numbers))
    assert all(later == earlier + 1 or later == 1 for earlier, later in steps)


async def test_acks_ahead_of_what_was_sent_here_are_ignored(endpoint: str, tmp_path: Path) -> None:
    """Only what this connection carried can be acknowledged on it."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        outbox.append("accepted", {})
        relay = Relay(Link(endpoint, "w"), as_stored, 30.0)
        with structlog.testing.capture_logs() as captured:
            await relay.ack(Ack("bot", 1))
            relay.add(outbox)
            await relay.ack(Ack("bot", 1))
        assert outbox.acked_seq == 0
    assert [line["event"] for line in captured] == ["ack_ignored", "ack_ignored"]


async def test_drain_of_nothing_is_immediate(endpoint: str, tmp_path: Path) -> None:
    """Without events, or without an outbox, there is nothing to wait for."""
    relay = Relay(Link(endpoint, "w"), as_stored, 30.0)
    assert await relay.drain(0.01)
    with Outbox(tmp_path, "bot", "run") as outbox:
        relay.add(outbox)
        assert await relay.drain(1)
        outbox.append("accepted", {})
        assert not await relay.drain(0.01)


async def test_unreadable_outbox_is_named_and_tried_again(endpoint: str, tmp_path: Path) -> None:
    """A disk that fails is logged; once it works again the events go out."""
    outbox = AskedOutbox(tmp_path, "bot", "run")
    async with Orchestrator(endpoint, acks=False) as orchestrator, Running(endpoint) as running:
        with structlog.testing.capture_logs() as captured:
            running.relay.add(outbox)
            await running.start()
            assert await asyncio.to_thread(outbox.asked.wait, WAIT_S)
            with outbox:
                outbox.append("accepted", {})
                running.relay.wake()
                await orchestrator.wait_for("accepted")
    assert "outbox_unreadable" in [line["event"] for line in captured]


async def test_a_connection_that_brings_no_acknowledgement_is_given_up(
    endpoint: str, tmp_path: Path
) -> None:
    """Sent again so often in vain, the events go out on a new connection, from the first."""
    with Outbox(tmp_path, "bot", "run") as outbox:
        outbox.append("accepted", {})
        async with (
            Orchestrator(endpoint, acks=False) as orchestrator,
            Running(endpoint, resend_s=0.05) as running,
        ):
            running.relay.add(outbox)
            await running.start()
            for connection in (2, 3):
                await running.greet()
                await orchestrator.wait_for("ready", connection)
            before = len(orchestrator.of("accepted"))
            await orchestrator.wait_for("accepted", before + 1)

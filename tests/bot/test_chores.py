"""What a bot does beside looking: the view is chosen, the chat is read and told."""

import asyncio
import json
from pathlib import Path

import pytest

from bot import chores
from bot.chores import Chores
from bot.contract import Status
from bot.patience import running
from platforms.types import ChatLine, MeetingClient, View
from tests.bot.rig import Rig, rig
from tests.bot.test_meeting import Script, Tape

pytestmark = pytest.mark.timeout(60)
LIMIT_S = 30.0
ADA = ChatLine("1", "Ada", "Hello")
OWN = ChatLine("2", "Notes", "I record", is_self=True)


class Chatty(Script):
    """A client with a chat that grows, and a view that cannot be had at first."""

    def __init__(self, *reads: tuple[ChatLine, ...]) -> None:
        super().__init__([])
        self.reads = list(reads)
        self.views: list[bool] = []
        self.over = asyncio.Event()

    async def show(self, view: View) -> bool:
        await super().show(view)
        return self.views.pop(0) if self.views else True

    async def chat(self) -> tuple[ChatLine, ...]:
        if self.reads:
            return self.reads.pop(0)
        self.over.set()
        return ()


async def done(parts: Rig, client: MeetingClient, until: asyncio.Event) -> Chores:
    """The chores, once the client has been asked for everything it has."""
    work = Chores(parts.context, client, Tape(7.0))
    async with asyncio.timeout(LIMIT_S), running(work.run()):
        work.begin()
        await until.wait()
    return work


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "EVERY_S", 0.0)


async def test_chat_is_told_once_and_kept(tmp_path: Path) -> None:
    """What others wrote is an event each; what the bot wrote is kept beside it, and no event."""
    client = Chatty((ADA,), (ADA, OWN), (OWN,))
    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        await done(parts, client, client.over)
        told = [each["data"] for each in parts.events if each["event"] == "bot.chat_message"]
        assert [(each["sender"], each["text"], each["at_seconds"]) for each in told] == [
            ("Ada", "Hello", 7.0)
        ]
        kept = json.loads(parts.context.chat.as_json())
    assert [(each["sender"], each["is_bot"]) for each in kept] == [("Ada", False), ("Notes", True)]


async def test_a_pause_keeps_the_chat_out(tmp_path: Path) -> None:
    """What is written while the recording is paused is neither told nor stored."""
    client = Chatty((ADA,))
    with rig(tmp_path) as parts:
        reporter = parts.context.reporter
        for status in (Status.JOINING_CALL, Status.IN_CALL_NOT_RECORDING, Status.IN_CALL_RECORDING):
            await reporter.advance(status)
        await reporter.advance(Status.RECORDING_PAUSED)
        await done(parts, client, client.over)
    assert not [each for each in parts.events if each["event"] == "bot.chat_message"]
    assert parts.context.chat.messages == []


async def test_nothing_before_the_call(tmp_path: Path) -> None:
    """Until they begin, the chores touch no page."""
    client = Chatty()
    with rig(tmp_path) as parts:
        work = Chores(parts.context, client, Tape())
        async with running(work.run()):
            for _ in range(20):
                await asyncio.sleep(0)
    assert client.done == []
    assert work.warnings == ()


async def test_a_view_that_cannot_be_had_is_a_warning(tmp_path: Path) -> None:
    """The warning is there as long as the view is not."""
    client = Chatty((), ())
    client.views = [False]
    with rig(tmp_path, recording_mode="gallery_view") as parts:
        work = await done(parts, client, client.over)
    assert client.done == ["show gallery"]
    assert work.warnings == (
        "gallery view could not be chosen: the recording shows the client's own",
    )


async def test_a_client_that_fails_ends_the_chores_alone(tmp_path: Path) -> None:
    """An error of the client ends the chores, and nothing else."""
    client = Chatty()
    failed = asyncio.Event()

    async def chat() -> tuple[ChatLine, ...]:
        failed.set()
        raise RuntimeError("no chat")

    client.chat = chat  # type: ignore[method-assign]
    with rig(tmp_path) as parts:
        work = Chores(parts.context, client, Tape())
        work.begin()
        async with asyncio.timeout(LIMIT_S):
            await work.run()
    assert failed.is_set()


async def test_after_another_page_the_view_is_chosen_again(tmp_path: Path) -> None:
    """At rest no page is touched; then the view is chosen anew, and old lines stay old."""
    client = Chatty((ADA,))
    with rig(tmp_path, recording_mode="gallery_view") as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        work = Chores(parts.context, client, Tape(7.0))
        async with asyncio.timeout(LIMIT_S), running(work.run()):
            work.begin()
            await client.over.wait()
            work.rest()
            for _ in range(20):
                await asyncio.sleep(0)
            client.reads = [(ADA,)]
            client.over.clear()
            for _ in range(20):
                await asyncio.sleep(0)
            assert client.reads
            work.begin()
            await client.over.wait()
        assert [message.line for message in parts.context.chat.messages] == [ADA]
    assert client.done == ["show gallery", "show gallery"]
    assert work.warnings == ()

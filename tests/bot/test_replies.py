import asyncio
import json
from collections.abc import Mapping
from typing import Any

import structlog

from bot.replies import INTERNAL, MAX_RUNNING, MEMORY, TOO_LONG, TOO_MANY, UNSENDABLE, Replies
from bot.wire import Command

WAIT_S = 40.0


class Counting:
    """A handler that counts, and waits where it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.release = asyncio.Event()

    async def __call__(self, name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls += 1
        if name == "wait":
            await self.release.wait()
        if name == "big":
            return {"data": "x" * 2**20}
        if name == "fail":
            raise KeyError("PLANTED")
        return {"call": self.calls}


def replies(handler: Counting, timeout_s: float = WAIT_S) -> Replies:
    """Replies that know a few words."""
    return Replies(handler, {"get_status", "wait", "big", "fail"}, timeout_s)


def command(command_id: str | int, name: str = "get_status") -> Command:
    """A command without arguments."""
    return Command(command_id, name, {})


async def answer(book: Replies, asked: Command) -> dict[str, Any]:
    """The reply as an object."""
    reply = await book.answer(asked)
    assert reply is not None
    body: dict[str, Any] = json.loads(reply)
    return body


async def test_same_id_same_bytes() -> None:
    """A repeated id is answered from memory, byte for byte; 1 and "1" are two ids."""
    handler = Counting()
    book = replies(handler)
    first = await book.answer(command(1))
    assert await book.answer(command(1, "fail")) == first
    assert await book.answer(command("1")) != first
    assert handler.calls == 2


async def test_memory_is_bounded() -> None:
    """The last 256 ids are remembered; an older one is carried out anew."""
    handler = Counting()
    book = replies(handler)
    for number in range(MEMORY + 1):
        await book.answer(command(number))
    await book.answer(command(1))
    assert handler.calls == MEMORY + 1
    await book.answer(command(0))
    assert handler.calls == MEMORY + 2
    assert len(book._known) == MEMORY


async def test_too_many_at_once_are_refused_and_may_be_asked_again() -> None:
    """Beyond 16 under way a command is refused without being remembered."""
    handler = Counting()
    book = replies(handler)
    async with asyncio.TaskGroup() as tasks:
        for number in range(MAX_RUNNING):
            tasks.create_task(book.answer(command(number, "wait")))
        await asyncio.sleep(0)
        assert (await answer(book, command("late")))["error"] == TOO_MANY
        handler.release.set()
    assert (await answer(book, command("late")))["ok"] is True
    assert handler.calls == MAX_RUNNING + 1


async def test_same_id_under_way_gets_no_second_reply() -> None:
    """While the first is carried out, its repetition stays silent."""
    handler = Counting()
    book = replies(handler)
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(answer(book, command(1, "wait")))
        await asyncio.sleep(0)
        assert await book.answer(command(1, "wait")) is None
        handler.release.set()
    assert first.result() == {"id": 1, "ok": True, "data": {"call": 1}}


async def test_failures_are_replies_and_remembered() -> None:
    """Too slow, broken, too large, unknown: each is `ok: false` with a fixed text."""
    book = replies(Counting(), timeout_s=0.01)
    with structlog.testing.capture_logs() as captured:
        errors = {
            name: (await answer(book, command(name, name)))["error"]
            for name in ("wait", "fail", "big", "dance")
        }
    assert errors == {
        "wait": TOO_LONG,
        "fail": INTERNAL,
        "big": UNSENDABLE,
        "dance": "dance: not supported by this version.",
    }
    assert [line["event"] for line in captured] == [
        "command_timed_out",
        "command_failed",
        "reply_unsendable",
    ]
    assert (await answer(book, command("wait")))["error"] == TOO_LONG


async def test_cancelled_command_is_not_remembered() -> None:
    """A command cut off by closing leaves no half reply behind."""
    book = replies(Counting())
    task = asyncio.create_task(book.answer(command(1, "wait")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert book._known == {}

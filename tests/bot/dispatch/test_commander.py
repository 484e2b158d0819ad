"""Commands to workers, over a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.dispatch.commander import MAX_UNANSWERED, Commander, Peer
from bot.dispatch.router import Router
from bot.dispatch.said import Said
from bot.link import Link

WAIT_S = 40.0


@asynccontextmanager
async def connected(tmp_path: Path) -> AsyncIterator[tuple[Commander, Link]]:
    """A commander and the worker w1, who has said ready."""
    endpoint = f"ipc://{tmp_path}/r"
    async with Router(endpoint) as router, Link(endpoint, "w1") as link:
        async with asyncio.timeout(WAIT_S):
            link.greet(await link.wait_connected(), b"{}")
            await router.receive()
        yield Commander(router), link


async def heard(link: Link) -> tuple[str, dict[str, object]]:
    """The next command."""
    async with asyncio.timeout(WAIT_S):
        kind, body = await link.receive()
    return kind.decode(), json.loads(body)


async def test_each_command_has_an_id_of_its_own_or_the_given_one(tmp_path: Path) -> None:
    """Ids differ, also from those of another process; one that is given is kept."""
    async with connected(tmp_path) as (commander, link):
        assert commander.command("w1", "get_status", {})
        commander.leave("w1")
        assert commander.command("w1", "leave", {"id": "mine", "x": 1})
        said = [await heard(link) for _ in range(3)]
    assert [kind for kind, _ in said] == ["get_status", "leave", "leave"]
    assert said[2][1] == {"id": "mine", "x": 1}
    assert len({body["id"] for _, body in said}) == 3
    other = Commander(commander._router)
    assert not str(said[0][1]["id"]).startswith(other._prefix)


async def test_what_is_unanswered_is_asked_again_of_the_same_worker(tmp_path: Path) -> None:
    """After a reconnect, with the same id; not what was answered, nor what others were asked."""
    async with connected(tmp_path) as (commander, link):
        commander.command("w1", "leave", {"id": "a"})
        commander.command("w1", "get_status", {"id": "b"})
        assert not commander.command("w2", "leave", {"id": "c"})
        for _ in range(2):
            await heard(link)
        commander.take_reply(Said("w1", "reply", {"id": "a", "ok": True}))
        commander.send_again("w1")
        assert await heard(link) == ("get_status", {"id": "b"})
        commander.forget("w1")
        commander.send_again("w1")
        commander.command("w1", "leave", {"id": "last"})
        assert await heard(link) == ("leave", {"id": "last"})


async def test_what_is_remembered_is_bounded(tmp_path: Path) -> None:
    """A worker that never answers costs no more than 256 commands; no JSON is a ValueError."""
    async with connected(tmp_path) as (commander, _):
        for number in range(MAX_UNANSWERED + 5):
            commander.command("w1", "leave", {"id": number})
        assert len(commander._unanswered) == MAX_UNANSWERED
        with pytest.raises(ValueError, match="JSON"):
            commander.command("w1", "send_chat_message", {"text": "\ud800"})


async def test_who_is_meant(tmp_path: Path) -> None:
    """The beginning of a worker's or bot's id, or nothing where only one can be meant."""
    async with connected(tmp_path) as (commander, _):
        assert commander.meant("") == "no worker is connected"
        commander.peers = {"w1": Peer("w1"), "w2": Peer("w2", "abc", "queued")}
        assert commander.meant("") is commander.peers["w2"]
        assert commander.meant("w1") is commander.peers["w1"]
        assert commander.meant("AB") is commander.peers["w2"]
        assert commander.meant("w") == "which one? @w1 @w2"
        assert commander.meant("x") == "no worker or bot x..."
        assert list(commander.lines()) == ["@w1  no job", "@w2  queued  abc"]

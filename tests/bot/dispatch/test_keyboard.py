"""What is typed is carried out, or answered."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from bot.dispatch.commander import Commander, Peer
from bot.dispatch.journal import Journal
from bot.dispatch.keyboard import Keyboard
from bot.dispatch.memory import Memory
from bot.dispatch.orders import HELP_TEXT
from bot.dispatch.router import Router


async def lines(*typed: str) -> AsyncIterator[str]:
    """What somebody types."""
    for line in typed:
        yield line


async def test_what_is_typed_is_answered(tmp_path: Path) -> None:
    """Help, who is there, one job more, what is wrong: each has its answer, and nothing ends."""
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"bot_id": "b", "meeting_url": "x"}))
    told: list[str] = []
    quits: list[str] = []
    async with Router(f"ipc://{tmp_path}/r") as router:
        with Journal(tmp_path / "j") as journal:
            memory, commander = Memory(journal), Commander(router)
            keyboard = Keyboard(commander, memory, lambda: quits.append("quit"), told.append)
            typed = ["workers", "help", "", "dance", "leave", f"job {job}", "job /no/such"]
            await keyboard.obey(lines(*typed))
            commander.peers["w1"] = Peer("w1", "b", "queued")
            await keyboard.obey(lines("workers", "leave", "send_chat_message \ud800", "quit"))
            assert [found.bot_id for found in memory.jobs] == ["b"]
    assert told == [
        "no worker is connected",
        HELP_TEXT,
        "dance: no such command; try: help",
        "no worker is connected",
        "job: /no/such: No such file or directory",
        "@w1  queued  b",
        "@w1 is not connected now; it is asked when it is again",
        told[7],
    ]
    assert "not JSON" in told[7]
    assert quits == ["quit"]

"""The reference orchestrator with a worker of its own, in a test meeting."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest

from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WAIT_S = 90.0
SCENARIO = {
    "participants": [{"name": "Ada", "picture": "still"}],
    "events": [{"do": "admit", "at_s": 0}],
}


class Dispatching:
    """`meetbot dispatch` as a process, with what it has printed and logged.

    The log is a file: a worker that outlives it would keep a pipe open.
    """

    def __init__(self, process: Process, log: Path) -> None:
        self.process = process
        self.printed: list[dict[str, Any]] = []
        self.grown = asyncio.Event()
        self._log = log

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Take in what comes until the stream ends."""
        async for line in stream:
            self.printed.append(json.loads(line))
            self.grown.set()

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers it has started."""
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [line["pid"] for line in lines if line["event"] == "local_worker_started"]

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for a condition on what was printed."""
        async with asyncio.timeout(WAIT_S):
            while not holds():
                self.grown.clear()
                await self.grown.wait()

    async def status_is(self, code: str) -> None:
        """Wait until a status was told."""
        await self.until(lambda: code in self.statuses)

    @property
    def statuses(self) -> list[str]:
        """Status codes in the order they were told."""
        return [e["data"]["status"]["code"] for e in self.events if "status" in e["data"]]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The durable events."""
        return [line for line in self.printed if "seq" in line]

    async def asks(self, line: str) -> dict[str, Any]:
        """Type a command; its reply."""
        assert self.process.stdin is not None
        before = self.replies
        self.process.stdin.write(line.encode() + b"\n")
        await self.until(lambda: len(self.replies) > len(before))
        return self.replies[len(before)]

    @property
    def replies(self) -> list[dict[str, Any]]:
        """What commands were answered."""
        return [line["body"] for line in self.printed if line.get("kind") == "reply"]


@asynccontextmanager
async def dispatching(root: Path, job: Path, *options: str) -> AsyncIterator[Dispatching]:
    """Start it, end what is left of it and of its workers."""
    places = ("--storage", str(root / "recordings"), "--spool-dir", str(root / "spool"))
    log = root / f"dispatch-{uuid4()}.log"
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "dispatch", str(job), "--bind", f"ipc://{root}/r"),
            *(*places, *options),
            stdin=PIPE,
            stdout=PIPE,
            stderr=stderr,
            limit=2**21,
        )
    found = Dispatching(process, log)
    assert process.stdout is not None
    reading = asyncio.create_task(found.read(process.stdout))
    try:
        yield found
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def end_workers(found: Dispatching) -> None:
    """Kill what a killed dispatch left behind."""
    for pid in found.workers:
        with contextlib.suppress(psutil.NoSuchProcess):
            worker = psutil.Process(pid)
            for process in [worker, *worker.children(recursive=True)]:
                process.kill()


async def test_killed_in_mid_meeting_it_goes_on_with_its_bot(tmp_path: Path) -> None:
    """Started again: the same bot, seq 1..n without holes, commands answered once, one end."""
    job, bot_id = tmp_path / "job.json", str(uuid4())
    async with Simulator(Scenario.model_validate(SCENARIO)) as meeting:
        words = {"bot_id": bot_id, "meeting_url": meeting.meeting_url, "bot_name": "Notes"}
        job.write_text(json.dumps({**words, "extra": {"ticket": 7}}))
        there = ("--simulator", meeting.http_url)
        async with dispatching(tmp_path, job, *there) as first:
            try:
                await first.status_is("joining_call")
                first.process.kill()
                await first.process.wait()
                async with dispatching(tmp_path, job, *there) as second:
                    await second.status_is("in_call_recording")
                    status = await second.asks('get_status {"id": "s"}')
                    assert await second.asks('leave {"id": "s"}') == status
                    chat = await second.asks("send_chat_message hello")
                    early = await second.asks("resume")
                    left = await second.asks("leave")
                    async with asyncio.timeout(WAIT_S):
                        code = await second.process.wait()
                    await second.until(lambda: second.events[-1]["event"] == "bot.completed")
            finally:
                end_workers(first)
    assert code == 0
    assert status["data"]["status"] == "in_call_recording"
    assert (chat["data"], left["ok"]) == ({"said": True}, True)
    assert early["error"] == (
        f"Status of bot '{bot_id}' is: in_call_recording. Operation not permitted in this state."
    )
    assert second.workers == []
    events = {event["seq"]: event for event in [*first.events, *second.events]}
    assert sorted(events) == list(range(1, len(events) + 1))
    assert {event["run_id"] for event in events.values()} == {events[1]["run_id"]}
    assert all(event["extra"] == {"ticket": 7} for event in events.values())
    last = events[len(events)]
    assert (events[1]["event"], last["event"]) == ("accepted", "bot.completed")
    assert last["data"]["end_reason"] == "API_REQUEST"
    assert last["data"]["video"].endswith(f"{bot_id}/video.mp4")

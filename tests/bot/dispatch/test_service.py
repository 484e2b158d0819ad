"""The orchestrator against the worker's real side of the conversation."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import structlog

from bot.control import Control, ControlConfig
from bot.dispatch.journal import Journal
from bot.dispatch.memory import Memory
from bot.dispatch.router import Router
from bot.dispatch.service import Dispatch
from bot.errors import FieldError, FieldErrorCode
from bot.link import Link
from bot.outbox import Outbox

WAIT_S = 40.0
JOB = {"meeting_url": "https://meet.google.com/abc-defg-hij", "bot_name": "Notes"}


def job_files(folder: Path, *bot_ids: str) -> list[Path]:
    """A file for each bot."""
    paths = [folder / f"{bot_id}.json" for bot_id in bot_ids]
    for path in paths:
        path.write_text(json.dumps({**JOB, "bot_id": path.stem}))
    return paths


class Serving:
    """A dispatch that runs beside the test, and what it printed."""

    def __init__(self, folder: Path, files: list[Path]) -> None:
        self.folder = folder
        self.files = files
        self.printed: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.typed: asyncio.Queue[str | None] = asyncio.Queue()
        self.changed = asyncio.Event()
        self.task: asyncio.Task[int]
        self.dispatch: Dispatch

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            journal = stack.enter_context(Journal(self.folder / "journal"))
            router = await stack.enter_async_context(Router(endpoint_in(self.folder)))
            self.dispatch = Dispatch(router, Memory(journal), None, self.say, self.told.append)
            self.task = asyncio.create_task(self.dispatch.run(self.files, self.lines()))
            self.stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.stack.aclose()

    def say(self, line: str) -> None:
        """Take a line."""
        self.printed.append(json.loads(line))
        self.changed.set()

    async def lines(self) -> AsyncIterator[str]:
        """What the test types."""
        while (line := await self.typed.get()) is not None:
            yield line

    async def until(self, count: int) -> list[dict[str, Any]]:
        """What was printed once it is so much."""
        async with asyncio.timeout(WAIT_S):
            while len(self.printed) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.printed

    async def ends(self) -> int:
        """The exit code."""
        async with asyncio.timeout(WAIT_S):
            return await self.task


def endpoint_in(folder: Path) -> str:
    """Where workers connect."""
    return f"ipc://{folder}/r"


async def ready() -> Mapping[str, Any]:
    """What a worker says of itself."""
    return {"run_id": "run", "version": "0", "schema_version": "1", "capabilities": []}


async def beat() -> Mapping[str, Any]:
    """A heartbeat's body."""
    return {}


async def obey(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
    """A worker that does what it is told."""
    return {"did": name, **args}


@asynccontextmanager
async def worker(folder: Path, worker_id: str = "w1") -> AsyncIterator[Control]:
    """The worker's real side, without a meeting."""
    config = ControlConfig(endpoint_in(folder), worker_id, resend_s=1)
    async with Control(config, obey, ready=ready, heartbeat=beat) as control:
        yield control


@asynccontextmanager
async def with_job(
    folder: Path, control: Control
) -> AsyncIterator[Callable[..., Awaitable[object]]]:
    """Take the job; says an event with `emit(kind, **data)`."""
    body = json.loads(await control.wait_for_job(WAIT_S) or b"")
    with Outbox(folder / "outbox", body["bot_id"], str(uuid.uuid4())) as outbox:
        control.attach(outbox)

        async def emit(kind: str, **data: object) -> None:
            await control.emit(kind, data)

        yield emit


def numbers(printed: list[dict[str, Any]]) -> list[int]:
    """The numbers of the events, replies left out."""
    return [line["seq"] for line in printed if "seq" in line]


async def test_a_job_from_file_to_exit_code(tmp_path: Path) -> None:
    """The job goes out, events are printed and acknowledged, the end is the exit code."""
    async with Serving(tmp_path, job_files(tmp_path, "b1")) as serving:
        async with worker(tmp_path) as control, with_job(tmp_path, control) as emit:
            await emit("accepted")
            await emit("bot.failed", error_code="BOT_NOT_ACCEPTED")
            assert await control.drain(WAIT_S)
        assert await serving.ends() == 1
    assert [line["event"] for line in serving.printed] == ["accepted", "bot.failed"]


async def test_each_worker_gets_one_job(tmp_path: Path) -> None:
    """Two jobs, two workers, no matter who comes first; all over, the worst end counts."""
    async with Serving(tmp_path, job_files(tmp_path, "b1", "b2")) as serving:
        async with worker(tmp_path, "w1") as one, with_job(tmp_path, one) as first:
            await first("accepted")
            async with worker(tmp_path, "w2") as two, with_job(tmp_path, two) as second:
                await second("bot.failed", error_code="INTERNAL_ERROR")
                assert await two.drain(WAIT_S)
            await first("bot.completed")
            assert await one.drain(WAIT_S)
        assert await serving.ends() == 4
    assert {line["bot_id"] for line in serving.printed} == {"b1", "b2"}


async def test_restarted_it_goes_on_and_drops_what_it_has(tmp_path: Path) -> None:
    """Killed and started again with its journal: no job twice, no event twice, none missing."""
    files = job_files(tmp_path, "b1")
    async with worker(tmp_path) as control, AsyncExitStack() as stack:
        async with Serving(tmp_path, files) as first:
            emit = await stack.enter_async_context(with_job(tmp_path, control))
            await emit("accepted")
            await emit("bot.status_change")
            assert await control.drain(WAIT_S)
        await emit("bot.chat_message")
        async with Serving(tmp_path, files) as second:
            await second.until(1)
            await emit("bot.completed")
            assert await control.drain(WAIT_S)
            assert await second.ends() == 0
    assert numbers(first.printed + second.printed) == [1, 2, 3, 4]


async def test_replaced_it_takes_what_is_left(tmp_path: Path) -> None:
    """Another one, with a journal of its own, takes the rest of a run it did not begin."""
    async with worker(tmp_path) as control, AsyncExitStack() as stack:
        async with Serving(tmp_path, job_files(tmp_path, "b1")) as first:
            emit = await stack.enter_async_context(with_job(tmp_path, control))
            await emit("accepted")
            assert await control.drain(WAIT_S)
        (tmp_path / "journal").unlink()
        await emit("bot.completed")
        async with Serving(tmp_path, []) as second:
            await second.until(1)
            assert await control.drain(WAIT_S)
            assert not second.task.done()
    assert (numbers(first.printed), numbers(second.printed)) == ([1], [2])


async def test_commands_are_answered_over_the_terminal(tmp_path: Path) -> None:
    """A typed command has one reply; the same id again the same; what is no command is told."""
    async with (
        Serving(tmp_path, job_files(tmp_path, "b1")) as serving,
        worker(tmp_path) as control,
        with_job(tmp_path, control) as emit,
    ):
        await emit("accepted")
        await serving.until(1)
        for line in ('leave {"id": "x"}', 'get_status {"id": "x"}', "dance", "get_status"):
            serving.typed.put_nowait(line)
        replies = (await serving.until(4))[1:]
    assert replies[0] == replies[1]
    assert replies[0]["body"] == {"id": "x", "ok": True, "data": {"did": "leave"}}
    assert replies[2]["body"]["data"] == {"did": "get_status"}
    assert serving.told == ["dance: no such command; try: help"]


async def test_a_command_outlives_a_reconnect(tmp_path: Path) -> None:
    """What is typed while the worker is away is asked when it is back, and answered."""
    async with (
        Serving(tmp_path, job_files(tmp_path, "b1")) as serving,
        worker(tmp_path) as control,
        with_job(tmp_path, control) as emit,
    ):
        await emit("accepted")
        await serving.until(1)
        control._link._reopen()  # as an ended connection does
        serving.typed.put_nowait("get_status")
        reply = (await serving.until(2))[1]
        assert reply["body"]["ok"] is True


async def test_leaving_tells_every_bot_and_gives_nothing_more(tmp_path: Path) -> None:
    """Ctrl-C: running bots are told, one that accepts afterwards too, what waits is not given."""
    told: list[str] = []

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        told.append(name)
        return {}

    config = ControlConfig(endpoint_in(tmp_path), "w1")
    control = Control(config, handler, ready=ready, heartbeat=beat)
    async with Serving(tmp_path, job_files(tmp_path, "b1", "b2")) as serving:
        async with control, with_job(tmp_path, control) as emit:
            serving.dispatch.leave()
            serving.dispatch.leave()
            await serving.until(1)
            assert told == ["leave"]
            await emit("accepted")
            await serving.until(3)
            assert told == ["leave", "leave"]
            await emit("bot.failed", error_code="EXITING_MEETING_BEFORE_RECORD")
            assert await control.drain(WAIT_S)
        assert await serving.ends() == 1


async def test_a_refused_job_is_over_a_busy_worker_is_not(tmp_path: Path) -> None:
    """`rejected` is exit code 2; a worker that has a bot already leaves the job to another."""
    async with (
        Serving(tmp_path, job_files(tmp_path, "b1")) as serving,
        worker(tmp_path, "busy") as busy,
    ):
        await busy.wait_for_job(WAIT_S)
        await busy.reject([FieldError("bot_id", FieldErrorCode.WORKER_BUSY, "has one")])
        async with worker(tmp_path, "w2") as other:
            assert json.loads(await other.wait_for_job(WAIT_S) or b"")["bot_id"] == "b1"
            await other.reject([FieldError("bot_name", FieldErrorCode.REQUIRED, "missing")])
            assert await serving.ends() == 2
    assert [line["kind"] for line in serving.printed] == ["rejected", "rejected"]


async def test_garbage_ends_nothing(tmp_path: Path) -> None:
    """Frames of no meaning are logged; the next worker gets its job."""
    garbage = [(b"ready", b"["), (b"dance", b"{}"), (b"accepted", b"{}"), (b"reply", b'{"id":[]}')]
    async with Serving(tmp_path, job_files(tmp_path, "b1")) as serving:
        with structlog.testing.capture_logs() as captured:
            async with Link(endpoint_in(tmp_path), "rogue") as rogue:
                await rogue.wait_connected()
                for kind, body in garbage:
                    assert rogue._try_send(kind.decode(), body)
                await serving.until(1)
        async with worker(tmp_path) as control:
            assert await control.wait_for_job(WAIT_S)
    assert [line["event"] for line in captured].count("frames_malformed") == 3


async def test_a_closed_output_loses_no_event(tmp_path: Path) -> None:
    """Nobody reads any more: events are stored and acknowledged all the same."""

    def broken(_: str) -> None:
        raise BrokenPipeError

    async with Serving(tmp_path, job_files(tmp_path, "b1")) as serving:
        serving.dispatch._say = broken
        async with worker(tmp_path) as control, with_job(tmp_path, control) as emit:
            await emit("bot.completed")
            assert await control.drain(WAIT_S)
        assert await serving.ends() == 0
    with Journal(tmp_path / "journal") as journal:
        assert [r["event"] for r in journal.records() if "event" in r] == ["bot.completed"]


async def test_quit_ends_it_and_no_bot(tmp_path: Path) -> None:
    """`quit` is exit code 0 and no word to a worker; a job typed before was given."""
    async with Serving(tmp_path, []) as serving:
        (path,) = job_files(tmp_path, "b1")
        serving.typed.put_nowait(f"job {path}")
        async with worker(tmp_path) as control:
            assert await control.wait_for_job(WAIT_S)
            serving.typed.put_nowait("quit")
            assert await serving.ends() == 0
            assert not control.shutdown_requested.is_set()

"""The processes of one run: an orchestrator, a supervised worker, and the lines between them."""

import asyncio
import json
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from bot.end_reasons import EXIT_INFRASTRUCTURE
from tests.servers.faulty_proxy import FaultyProxy
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, free_port

STEP_DEADLINE_S: Final = 300.0
"""For whatever is waited for."""
STARTS: Final = 4
BUCKET: Final = "chaos"
MEETING_URL: Final = "https://meet.google.com/abc-defg-hij"
ROOT: Final = Path(__file__).parents[2]


def environment(**more: str) -> dict[str, str]:
    """Of every process here: nothing of the user's own."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "MEETBOT_LOG_FORMAT": "json",
        "OMP_NUM_THREADS": "1",
        **more,
    }


def kill_tree(pid: int) -> None:
    """SIGKILL to a process and all below it, as a machine's end does: nobody is told first."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        doomed = [root, *root.children(recursive=True)]
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP)  # else a supervisor would see its child die
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@dataclass
class Orchestrator:
    """`meetbot dispatch` with one job; may be killed and started again on the same journal."""

    folder: Path
    job: Path
    port: int = field(default_factory=free_port)
    heard: list[dict[str, Any]] = field(default_factory=list)
    _process: Process | None = None
    _readers: list["asyncio.Task[None]"] = field(default_factory=list)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)
    greeted: int = 0
    """How often a worker has said `ready`."""
    recording_at_s: float | None = None
    """When it was heard that the recording has begun."""

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    async def start(self) -> None:
        """Start it, or start it again."""
        command = (sys.executable, "-m", "bot", "dispatch", str(self.job), "--no-worker")
        where = ("--bind", f"tcp://127.0.0.1:{self.port}", "--journal", str(self.journal))
        self._process = await asyncio.create_subprocess_exec(
            *(*command, *where),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
            env=environment(MEETBOT_SPOOL_DIR=str(self.folder / "orchestrator")),
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            asyncio.create_task(self._read(self._process.stdout, is_log=False)),
            asyncio.create_task(self._read(self._process.stderr, is_log=True)),
        ]

    async def _read(self, stream: asyncio.StreamReader, *, is_log: bool) -> None:
        with (self.folder / "orchestrator.log").open("ab") as log:
            while line := await stream.readline():
                if is_log:
                    log.write(line)
                    self.greeted += b'"worker_ready"' in line
                else:
                    with suppress(ValueError):  # cut off by a kill
                        self.heard.append(json.loads(line))
                    if self.recording_at_s is None and "in_call_recording" in self.statuses:
                        self.recording_at_s = time.monotonic()
                self._grown.set()

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._readers)

    async def say(self, line: str) -> None:
        """Type a line."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def hears(self, status: str) -> None:
        """Wait until the bot has told this status."""
        await self._until(lambda: status in self.statuses, status)

    async def greets(self, more_than: int) -> None:
        """Wait for one more `ready` than so many."""
        await self._until(lambda: self.greeted > more_than, "ready")

    async def ends(self) -> int:
        """Wait until the job is over: the exit code."""
        assert self._process is not None
        async with asyncio.timeout(STEP_DEADLINE_S):
            code = await self._process.wait()
        await asyncio.gather(*self._readers)
        return code

    @property
    def statuses(self) -> list[str]:
        """All that were told, in the order they came."""
        changes = [each for each in self.heard if each.get("event") == "bot.status_change"]
        return [change["data"]["status"]["code"] for change in changes]

    async def _until(self, holds: Any, what: str) -> None:  # noqa: ANN401 - a lambda
        try:
            async with asyncio.timeout(STEP_DEADLINE_S):
                while not holds():
                    self._grown.clear()
                    await self._grown.wait()
        except TimeoutError as error:
            raise TimeoutError(f"the orchestrator never heard: {what}") from error


@dataclass
class Bot:
    """`meetbot supervise worker`, of `program`; the real one, or one that records the source."""

    folder: Path
    program: str
    connect: str
    storage: str
    s3_endpoint: str
    options: Sequence[str] = ()
    _process: Process | None = None

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    @property
    def source(self) -> Path:
        return self.folder / "source"

    def environment(self) -> Mapping[str, str]:
        """Its own."""
        return environment(
            MEETBOT_STORAGE=self.storage,
            MEETBOT_S3_ENDPOINT=self.s3_endpoint,
            MEETBOT_SPOOL_DIR=str(self.spool),
            CHAOS_SOURCE=str(self.source),
        )

    async def start(self, worker_id: str = "victim", *more: str) -> None:
        """Start it, or start it again on the same spool."""
        self.source.mkdir(exist_ok=True)
        command = (sys.executable, "-m", self.program, "supervise", "worker")
        options = ("--connect", self.connect, "--worker-id", worker_id, *self.options, *more)
        with (self.folder / "bot.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(*command, *options),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=log,
                cwd=ROOT,
                env=self.environment(),
            )

    @property
    def pid(self) -> int:
        """Of the supervisor."""
        assert self._process is not None
        return self._process.pid

    def worker(self) -> psutil.Process:
        """The worker below it."""
        return psutil.Process(self.pid).children()[0]

    def processes(self, kind: str) -> list[psutil.Process]:
        """Those of its browser: `renderer`, `gpu-process`, or `browser` for the first of them."""
        found = []
        for process in psutil.Process(self.pid).children(recursive=True):
            with suppress(psutil.Error):
                words = process.cmdline()
                named = next((word[7:] for word in words if word.startswith("--type=")), "browser")
                profiled = any(word.startswith("--user-data-dir=") for word in words)
                if named == kind and profiled:
                    found.append(process)
        return found

    async def ends(self) -> int:
        """Wait until it has gone: the exit code."""
        assert self._process is not None
        async with asyncio.timeout(STEP_DEADLINE_S):
            return await self._process.wait()

    async def kill(self) -> None:
        """Everything of it, at once."""
        if self._process is not None:
            await asyncio.to_thread(kill_tree, self._process.pid)
            await self._process.wait()

    async def recover_elsewhere(self, bot_id: str) -> int:
        """`meetbot recover --force` on a machine that has seen nothing of it: the exit code."""
        elsewhere = self.folder / "elsewhere"
        command = (sys.executable, "-m", "bot", "recover", "--bot-id", bot_id, "--force")
        with (self.folder / "recover.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(*command, "--connect", self.connect),
                stdin=DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**self.environment(), "MEETBOT_SPOOL_DIR": str(elsewhere)},
            )
            async with asyncio.timeout(STEP_DEADLINE_S):
                return await process.wait()


@dataclass
class Stage:
    """One run's all: `s3` and `line` are proxies before the storage and the orchestrator."""

    folder: Path
    bot_id: str
    storage: str
    orchestrator: Orchestrator
    bot: Bot
    s3: FaultyProxy
    line: FaultyProxy

    async def recording(self) -> float:
        """Wait until the bot records; the monotonic time of it.

        A worker that finds its machine or storage unfit ends with 3, and is started again, as a
        cluster does it: on a machine with too much to do a check may take too long.
        """
        heard = asyncio.ensure_future(self.orchestrator.hears("in_call_recording"))
        try:
            for _ in range(STARTS):
                ended = asyncio.ensure_future(self.bot.ends())
                await asyncio.wait({heard, ended}, return_when=asyncio.FIRST_COMPLETED)
                if heard.done() or await ended != EXIT_INFRASTRUCTURE:
                    ended.cancel()
                    break
                await self.bot.start()
            await heard
        finally:
            heard.cancel()
        return time.monotonic()


@asynccontextmanager
async def staged(
    folder: Path,
    bot_id: str,
    s3_url: str,
    *,
    program: str,
    meeting_url: str = MEETING_URL,
    options: Sequence[str] = (),
) -> AsyncIterator[Stage]:
    """An orchestrator and a bot that was given its job; nothing of them is left afterwards."""
    job = folder / "job.json"
    wanted = {"bot_id": bot_id, "meeting_url": meeting_url, "bot_name": "Notes"}
    job.write_text(json.dumps(wanted))
    orchestrator = Orchestrator(folder, job)
    storage = f"s3://{BUCKET}/{folder.name}"
    with (
        FaultyProxy(s3_url) as s3,
        FaultyProxy(f"http://127.0.0.1:{orchestrator.port}") as line,
    ):
        connect = line.endpoint_url.replace("http://", "tcp://")
        bot = Bot(folder, program, connect, storage, s3.endpoint_url, options)
        try:
            await orchestrator.start()
            await bot.start()
            yield Stage(folder, bot_id, storage, orchestrator, bot, s3, line)
        finally:
            await bot.kill()
            await orchestrator.kill()

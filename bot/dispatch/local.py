"""One worker on this machine, as a process of its own."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress
from secrets import token_hex
from types import TracebackType
from typing import Final, Self

import structlog

SUPERVISED: Final = (sys.executable, "-P", "-m", "bot.supervisor", "worker")
"""Below a supervisor: a worker that is killed still has its last word said."""

log = structlog.get_logger(__name__)


class LocalWorker:
    """Starts `meetbot supervise worker`, one at a time; ends it politely on leaving.

    An async context manager. What it starts outlives this process when this one is killed, and
    goes on with its bot.
    """

    def __init__(self, endpoint: str, options: Sequence[str], grace_s: float) -> None:
        self._endpoint = endpoint
        self._options = tuple(options)
        self._grace_s = grace_s
        self._process: Process | None = None
        self.worker_id = ""

    async def __aenter__(self) -> Self:
        """Starts nothing yet."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """SIGTERM, and after the grace period SIGKILL."""
        del exc_type, exc, traceback
        self.terminate()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), self._grace_s)
            except TimeoutError:
                log.warning("local_worker_killed", grace_s=self._grace_s)
                self._process.kill()
                await self._process.wait()

    @property
    def is_running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start a new one, under a new id: an older one that still lives keeps its own."""
        self.worker_id = f"local-{token_hex(4)}"
        command = [*SUPERVISED, "--connect", self._endpoint]
        self._process = await asyncio.create_subprocess_exec(
            *command, "--worker-id", self.worker_id, *self._options, stdin=DEVNULL, stdout=DEVNULL
        )
        log.info("local_worker_started", worker_id=self.worker_id, pid=self._process.pid)

    async def wait(self) -> int:
        """The exit code of the process, negative for the signal it died of."""
        if self._process is None:
            raise RuntimeError("no worker was started")
        return await self._process.wait()

    def terminate(self) -> None:
        """Tell it to end within its grace period; nothing where there is none."""
        if self._process is not None and self.is_running:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

"""The worker of this machine, as a process."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.dispatch.journal import Journal
from bot.dispatch.local import LocalWorker
from bot.dispatch.memory import Memory
from bot.dispatch.router import Router
from bot.dispatch.service import Dispatch
from bot.end_reasons import EXIT_CALLER, EXIT_SIGTERM

WAIT_S = 50.0
pytestmark = pytest.mark.timeout(150)


async def silence() -> AsyncIterator[str]:
    """Nobody types anything."""
    return
    yield


async def test_a_worker_that_cannot_start_ends_the_dispatch(tmp_path: Path) -> None:
    """Its exit code is the dispatch's, and it is not started for ever."""
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"bot_id": "b", "meeting_url": "x"}))
    endpoint = f"ipc://{tmp_path}/r"
    local = LocalWorker(endpoint, ["--storage", "ftp://nowhere"], 30)
    with Journal(tmp_path / "j") as journal:
        async with Router(endpoint) as router, local:
            dispatch = Dispatch(router, Memory(journal), local, print, print)
            async with asyncio.timeout(WAIT_S):
                assert await dispatch.run([job], silence()) == EXIT_CALLER
    assert not local.is_running


async def test_leaving_ends_the_process(tmp_path: Path) -> None:
    """A worker without a job is told to go by SIGTERM, and waited for; its id was its own."""
    endpoint = f"ipc://{tmp_path}/r"
    options = ["--storage", str(tmp_path / "s"), "--spool-dir", str(tmp_path / "p")]
    async with Router(endpoint) as router, LocalWorker(endpoint, options, WAIT_S) as local:
        with pytest.raises(RuntimeError):
            await local.wait()
        await local.start()
        async with asyncio.timeout(WAIT_S):
            worker_id, kind, _ = await router.receive()
        assert (worker_id.decode(), kind) == (local.worker_id, b"ready")
        assert local.is_running
    assert not local.is_running
    assert await local.wait() == EXIT_SIGTERM

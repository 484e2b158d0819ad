"""Containers that die: what is left, or comes next, finishes the recording and reports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.deaths import AT_LIMIT
from tests.image.container import HARDENED, Container
from tests.image.stage import WAIT_S, Stage, seconds_of

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]

MEMORY_LIMIT = ("--memory", "1200m", "--memory-swap", "1200m")
USE_UP_MEMORY = """
import glob, os, pathlib
def words(pid): return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(bytes(1))
pids = [int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*/cmdline")]
(worker,) = [pid for pid in pids if pid != 1 and b"worker" in words(pid)]
# of all processes over the limit, this one is to be the kernel's choice
pathlib.Path(f"/proc/{worker}/oom_score_adj").write_text("1000")
taken = []
while os.path.exists(f"/proc/{worker}"):
    taken.append(os.urandom(1 << 20) * 8)
"""


HOLD_MEMORY = """
import pathlib, time
from bot.cgroups import Cgroups
from bot.vitals import NAME, Vitals
taken, here = [], Cgroups()
while here.memory_used_bytes() < 0.93 * here.memory_limit_bytes():
    taken.append(bytes([1]) * (4 << 20))
(note,) = pathlib.Path("/var/lib/meetbot/spool/spool").glob(f"*/{NAME}")
while Vitals.noted(note.parent).used_share < 0.9:
    time.sleep(0.1)
print("noted", flush=True)
time.sleep(3600)
"""


async def worker_out_of_memory(container: Container) -> None:
    """Use up the container's memory from a process beside, until the kernel has killed the bot."""
    await asyncio.to_thread(container.execute, "python", "-c", USE_UP_MEMORY)


@asynccontextmanager
async def memory_nearly_used_up(container: Container) -> AsyncIterator[None]:
    """Inside the block, and until all is killed, the bot has noted that little memory is left."""
    holder = await asyncio.create_subprocess_exec(
        *(container.engine.program, "exec", container.name, "python", "-c", HOLD_MEMORY),
        stdout=asyncio.subprocess.PIPE,
    )
    assert holder.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S):
            assert await holder.stdout.readline() == b"noted\n"
        yield
    finally:
        if holder.returncode is None:
            holder.terminate()
        await holder.wait()


async def test_out_of_memory(stage: Stage) -> None:
    """The kernel kills the bot over its memory limit: the recording is finished, the end is told.

    By process 1, which survives it; exit 137.
    """
    await stage.start(*HARDENED, *MEMORY_LIMIT)
    await stage.records(10)
    await worker_out_of_memory(stage.container)
    last = await stage.ends()
    assert await stage.exit_code() == 137
    assert (last["event"], last["data"]["error_code"]) == ("bot.failed", "OOM_KILLED")
    assert last["data"]["video"].partition("?")[0].endswith(f"{stage.bot_id}/video.mp4")
    assert seconds_of(await stage.stored("video.mp4")) > 5


async def test_memory_used_up_before_the_whole_container_dies(stage: Stage) -> None:
    """With memory at its limit when all is killed: the next start says so, with its evidence.

    As the kernel does it to a pod: nobody inside survives, and the counters begin anew.
    """
    await stage.start(*HARDENED, *MEMORY_LIMIT)
    await stage.records(10)
    async with memory_nearly_used_up(stage.container):
        await asyncio.to_thread(stage.container.engine, "kill", stage.container.name)
        assert await stage.exit_code() == 137
    await asyncio.to_thread(stage.container.start_again)
    last = await stage.ends()
    assert (last["data"]["error_code"], last["data"]["evidence"]["row"]) == ("OOM_KILLED", AT_LIMIT)
    assert seconds_of(await stage.stored("video.mp4")) > 5


async def test_the_next_start_reports_a_container_that_was_killed(stage: Stage) -> None:
    """SIGKILL to all of it: started again on the same volume, it finishes and reports, and is free.

    It is given no second chance to speak: one terminal event.
    """
    await stage.start(*HARDENED)
    await stage.records(10)
    await asyncio.to_thread(stage.container.engine, "kill", stage.container.name)
    assert await stage.exit_code() == 137
    before = len(stage.orchestrator.of("ready"))
    await asyncio.to_thread(stage.container.start_again)
    last = await stage.ends()
    assert (last["event"], last["data"]["error_code"]) == ("bot.failed", "FORCE_KILLED")
    assert seconds_of(await stage.stored("video.mp4")) > 5
    assert len(stage.orchestrator.of("ready")) > before
    await stage.orchestrator.send("shutdown", {"id": "c-1"})
    assert await stage.exit_code() == 0
    assert len(stage.orchestrator.of("bot.failed")) == 1

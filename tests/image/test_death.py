"""A container that dies, and what is left of its recording."""

import asyncio

import pytest

from tests.image.container import HARDENED, Container
from tests.image.stage import Stage, seconds_of

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


async def worker_out_of_memory(container: Container) -> None:
    """Use up the container's memory from a process beside, until the kernel has killed the bot."""
    await asyncio.to_thread(container.execute, "python", "-c", USE_UP_MEMORY)


async def test_out_of_memory(stage: Stage) -> None:
    """The kernel kills the bot over its memory limit: what it had stored plays, exit 137.

    Started again on the same volume the container is ready for its next job; of the dead run every
    event was told once.
    """
    await stage.start(*HARDENED, *MEMORY_LIMIT)
    await stage.records(10)
    await worker_out_of_memory(stage.container)
    assert await stage.exit_code() == 137
    assert seconds_of(await stage.stored_chunks()) > 5
    before = len(stage.orchestrator.of("ready"))
    await asyncio.to_thread(stage.container.start_again)
    await stage.heard(lambda: len(stage.orchestrator.of("ready")) > before)
    await stage.orchestrator.send("shutdown", {"id": "c-1"})
    assert await stage.exit_code() == 0
    told = [event["seq"] for event in stage.orchestrator.durable]
    assert told == list(range(1, len(told) + 1))

"""One long outage of the storage in mid-meeting, in real time: nothing may be missing."""

import asyncio
from pathlib import Path
from typing import Final
from uuid import uuid4

from tests.chaos.faults import LEFT, Ended, nothing
from tests.chaos.results import Row
from tests.chaos.runs import Job, judge
from tests.chaos.stage import staged
from tests.servers.faulty_proxy import Trouble

AROUND_S: Final = 60.0
"""Recorded before the outage, and after it."""


async def outage(minutes: float, folder: Path, s3_url: str) -> Row:
    """Record a minute, lose the storage for so long, record another minute, leave."""
    run = folder / "outage"
    run.mkdir()
    async with staged(run, str(uuid4()), s3_url, program="tests.chaos.victim") as stage:
        lived_to_s = await stage.recording()
        await asyncio.sleep(AROUND_S)
        with stage.s3.troubled(Trouble.REFUSED):
            await asyncio.sleep(minutes * 60)
        await asyncio.sleep(AROUND_S)
        lived_to_s = asyncio.get_running_loop().time()
        await stage.orchestrator.say("leave")
        await stage.orchestrator.ends()
        await stage.bot.ends()
        job = Job(0, f"storage out for {minutes:g} minutes", nothing, "", chromium=False)
        return await asyncio.to_thread(judge, job, stage, Ended(lived_to_s, LEFT), s3_url)

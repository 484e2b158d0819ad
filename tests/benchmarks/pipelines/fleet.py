"""How many bots this machine records at once, by us and by our peers' command line.

Each has a meeting of its own, so that every page looks the same however many there are; what the
meetings cost comes off the same processors. A running number on each page, one for every
thirtieth of a second, tells from the recording which of the page's pictures are in it.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.pipelines.known import Seen, numbers_in, recording_in
from tests.benchmarks.pipelines.numbers import distinct
from tests.benchmarks.pipelines.scenes import Order, Scene
from tests.benchmarks.pipelines.started import NOT_MEASURED, Run, Say, meeting_of, started

MOST: Final = 6
KEPT: Final = 0.99
"""Of the pictures that one bot alone records: what a bot among others must still record."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """`bots` at once: pictures of its page that each recorded, a second, and what all cost."""

    pipeline: str
    scene: Scene
    bots: int
    pictures_per_s: tuple[float, ...]
    cores: float
    machine_cores: float


def held(found: Sequence[Fleet]) -> int:
    """The most bots of which each still records enough, from one upwards."""
    return max((each.bots for each in found if holds(each, found[0])), default=0)


def holds(fleet: Fleet, alone: Fleet) -> bool:
    """Whether the worst of them still records enough."""
    return min(fleet.pictures_per_s) >= KEPT * min(alone.pictures_per_s)


async def fleets(name: str, scene: Scene, seconds: float, say: Say) -> list[Fleet]:
    """One bot, then one more each time, until one of them does not record enough."""
    found: list[Fleet] = []
    while len(found) < MOST:
        try:
            fleet = await fleet_of(name, scene, len(found) + 1, seconds)
        except (RuntimeError, TimeoutError, FileNotFoundError) as error:
            say(f"{NOT_MEASURED}: {len(found) + 1} bots at once, {scene}: {error}")
            break
        found.append(fleet)
        rates = " ".join(f"{rate:.1f}" for rate in fleet.pictures_per_s)
        say(f"fleet: {scene} {name:<8} {fleet.bots} bots: {rates} pictures/s")
        if not holds(fleet, found[0]):
            break
    return found


async def fleet_of(name: str, scene: Scene, bots: int, seconds: float) -> Fleet:
    """So many at once; all are measured from when the last one records."""
    async with AsyncExitStack() as stack:
        runs: list[tuple[Run, Path]] = []
        for _ in range(bots):
            url, browser_args = await stack.enter_async_context(meeting_of(scene))
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="meetbot-bench-"))
            order = Order(name, url, folder, seconds, numbered=True, browser_args=browser_args)
            runs.append((await stack.enter_async_context(started(order)), Path(folder)))
        for run, _ in runs:
            await run.recording()
        figures = await asyncio.gather(*(run.figures() for run, _ in runs))
        rates = [
            rate(await asyncio.to_thread(numbers_in, recording_in(folder)), seconds)
            for _, folder in runs
        ]
    return Fleet(
        pipeline=name,
        scene=scene,
        bots=bots,
        pictures_per_s=tuple(rates),
        cores=sum(sum(each["cores"].values()) for each in figures),
        machine_cores=max(each["machine_cores"] for each in figures),
    )


def rate(seen: Sequence[Seen], seconds: float) -> float:
    """Different pictures a second in the last `seconds` of a recording."""
    if not seen:
        return 0.0
    since_s = seen[-1].at_s - seconds
    return distinct([each.number for each in seen if each.at_s > since_s]) / seconds

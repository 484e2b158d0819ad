"""Scenes by pipelines in rounds, A B C A B C, each run in a process of its own."""

import json
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from platforms.simulator.client import fetch_info
from tests.benchmarks.pipelines.desktop import missing
from tests.benchmarks.pipelines.report import Comparison
from tests.benchmarks.pipelines.scenes import Order, Scene, meeting
from tests.benchmarks.pipelines.started import started
from tests.benchmarks.results import rows_of
from tests.benchmarks.simulator import simulator

PIPELINES: Final = ("page", "tab", "ffmpeg", "in-page", "socket")
"""In the order of each round."""
NEEDS: Final = ("ffmpeg",)
"""Pipelines that want programs of the system."""
NOT_MEASURED: Final = "not measured"

Say = Callable[[str], None]


@asynccontextmanager
async def meeting_of(scene: Scene) -> AsyncIterator[tuple[str, tuple[str, ...]]]:
    """The scene's meeting while the block runs: its address, and what a browser must be told."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(meeting(scene), file)
        file.flush()
        async with simulator(file.name) as (meeting_url, http_url):
            yield meeting_url, tuple((await fetch_info(http_url)).browser_args)


async def compare(seconds: float, rounds: int, say: Say) -> Comparison:
    """Every scene by every pipeline that can run here."""
    comparison = Comparison()
    absent = missing()
    names = [name for name in PIPELINES if name not in NEEDS or not absent]
    if absent:
        comparison.notes.append(f"Not installed, so not compared: {', '.join(absent)}.")

    def noted(text: str) -> None:
        say(text)
        if text.startswith(NOT_MEASURED):
            comparison.notes.append(text)

    for scene in Scene:
        lines = await compared(scene, names, seconds, rounds, noted)
        comparison.scenes[scene] = rows_of(lines)
    return comparison


async def compared(
    scene: Scene, names: Sequence[str], seconds: float, rounds: int, say: Say
) -> list[dict[str, Any]]:
    """A line of figures for each round of each pipeline.

    What did not run has no line: it is said, and the others go on.
    """
    lines: list[dict[str, Any]] = []
    async with meeting_of(scene) as (url, browser_args):
        for number in range(1, rounds + 1):
            for name in names:
                with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
                    order = Order(
                        name, url, folder, seconds, scene.pictures, browser_args=browser_args
                    )
                    line = await tried(order, say)
                if line is not None:
                    lines.append({"round": number, **line})
                    cores = sum(line["cores"].values())
                    say(f"{scene}: round {number}/{rounds}  {name:<8} {cores:.2f} cores")
    return lines


async def tried(order: Order, say: Say) -> dict[str, Any] | None:
    """The figures of one run, or None where it did not come to them."""
    try:
        async with started(order) as run:
            await run.recording()
            return await run.figures()
    except (RuntimeError, TimeoutError) as error:
        say(f"{NOT_MEASURED}: {error}")
        return None

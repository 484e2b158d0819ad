"""Scenes by pipelines in rounds, A B C A B C, each run in a process of its own."""

import tempfile
from collections.abc import Sequence
from typing import Any, Final

from tests.benchmarks.pipelines.desktop import missing
from tests.benchmarks.pipelines.fleet import fleets
from tests.benchmarks.pipelines.quality import qualities
from tests.benchmarks.pipelines.report import Comparison
from tests.benchmarks.pipelines.scenes import Order, Scene
from tests.benchmarks.pipelines.started import NOT_MEASURED, Say, meeting_of, tried
from tests.benchmarks.pipelines.targets import BASE, FLOOR, OURS
from tests.benchmarks.results import rows_of

PIPELINES: Final = ("page", "tab", "display", "ffmpeg", "in-page", "socket")
"""In the order of each round."""
NEEDS: Final = ("display", "ffmpeg")
"""Pipelines that want programs of the system."""
QUALITY_S: Final = 6.0
CROWDED: Final = (Scene.FOUR, Scene.TILE)


class Comparing:
    """Takes the parts of a comparison in turn; what could not be measured becomes a note."""

    def __init__(self, say: Say) -> None:
        self._say = say
        absent = missing()
        self.names = [name for name in PIPELINES if name not in NEEDS or not absent]
        self.found = Comparison()
        if absent:
            self.found.notes.append(f"Not installed, so not compared: {', '.join(absent)}.")

    def _noted(self, text: str) -> None:
        self._say(text)
        if text.startswith(NOT_MEASURED):
            self.found.notes.append(text)

    async def scenes(self, seconds: float, rounds: int) -> None:
        """What each pipeline costs in each scene, and how good its pictures are."""
        for scene in Scene:
            lines = await compared(scene, self.names, seconds, rounds, self._noted)
            self.found.scenes[scene] = rows_of(lines)
        recorders = [name for name in self.names if name != FLOOR]
        self.found.qualities = await qualities(recorders, QUALITY_S, self._noted)

    async def fleets(self, seconds: float) -> None:
        """How many at once, by us and by our peers' command line."""
        for scene in CROWDED:
            for name in (*OURS, BASE):
                if name in self.names:
                    self.found.fleets += await fleets(name, scene, seconds, self._noted)


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

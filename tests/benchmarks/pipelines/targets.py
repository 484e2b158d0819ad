"""What the comparison must show, and whether it does. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.pipelines.scenes import Scene
from tests.benchmarks.results import Row

BASE: Final = "ffmpeg"
"""What the ratios are to: our peers' command line."""
FLOOR: Final = "page"
AUDIO_CORES: Final = 0.10
MEMORY_RATIO: Final = 1.1
CORES_RATIO: Final[Mapping[tuple[str, Scene], float]] = {
    ("display", Scene.FOUR): 0.90,
    ("display", Scene.TILE): 0.80,
    ("display", Scene.STILL): 0.35,
    ("tab", Scene.FOUR): 1.20,
    ("tab", Scene.STILL): 0.45,
}
OURS: Final = ("tab", "display")
OWN, SOUND = "python", "sound"
WORTH_NAMING: Final = 0.002


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target beside what was measured; `measured` is None where it was not.

    `made_of` says in figures of the same run what it consists of.
    """

    what: str
    target: float
    measured: float | None
    unit: str
    made_of: str = ""

    @property
    def word(self) -> str:
        """Met or not, or neither."""
        if self.measured is None:
            return "not measured"
        return "met" if round(self.measured, 3) <= self.target else "**not met**"


def verdicts(scenes: Mapping[Scene, Sequence[Row]]) -> list[Verdict]:
    """Every target, in the order of the list, memory last."""
    rows = {(scene, row.variant): row for scene, found in scenes.items() for row in found}
    found = [
        Verdict(
            f"{name}, {scene.heading.lower()}: cores / {BASE}",
            target,
            quotient(cores(rows.get((scene, name))), cores(rows.get((scene, BASE)))),
            "x",
            parts_of_ratio(rows.get((scene, name)), rows.get((scene, BASE))),
        )
        for (name, scene), target in CORES_RATIO.items()
    ]
    found += [
        Verdict(
            f"{name}, audio_only: cores above the page alone",
            AUDIO_CORES,
            above(cores(rows.get((Scene.SOUND, name))), cores(rows.get((Scene.SOUND, FLOOR)))),
            "cores",
            parts_above(rows.get((Scene.SOUND, name)), rows.get((Scene.SOUND, FLOOR))),
        )
        for name in OURS
    ]
    found += [
        Verdict(
            f"{name}, {scene.heading.lower()}: memory / {BASE}",
            MEMORY_RATIO,
            quotient(memory(rows.get((scene, name))), memory(rows.get((scene, BASE)))),
            "x",
        )
        for name in OURS
        for scene in Scene
        if scene.pictures
    ]
    return found


def cores(row: Row | None) -> float | None:
    """Of the whole tree."""
    return None if row is None else row.total_cores


def memory(row: Row | None) -> float | None:
    """Proportional set size of the whole tree, bytes."""
    return None if row is None else float(sum(row.memory_bytes.values()))


def quotient(value: float | None, base: float | None) -> float | None:
    """None where one of the two is missing."""
    return None if value is None or not base else value / base


def above(value: float | None, base: float | None) -> float | None:
    """None where one of the two is missing."""
    return None if value is None or base is None else value - base


def parts_of_ratio(row: Row | None, base: Row | None) -> str:
    """What is not our own process, as a share of the base, and what our own process does."""
    if row is None or base is None:
        return ""
    sound, ours = row.cores.get(SOUND, 0.0), row.cores.get(OWN, 0.0)
    share = (row.total_cores - ours) / base.total_cores
    rest = f"browser {row.total_cores - ours - sound:.2f}"
    rest += f" and sound server {sound:.2f}" if sound else ""
    return f"{rest}, {share:.2f} x by themselves; {own_process(row)}"


def parts_above(row: Row | None, floor: Row | None) -> str:
    """What our own process does, and what the others use more than the page alone."""
    if row is None or floor is None:
        return ""
    sound, ours = row.cores.get(SOUND, 0.0), row.cores.get(OWN, 0.0)
    browser = row.total_cores - ours - sound
    more = browser - (floor.total_cores - floor.cores.get(OWN, 0.0))
    parts = [f"browser {more:+.2f}", *([f"sound server +{sound:.2f}"] if sound else [])]
    return f"{', '.join(parts)}; {own_process(row)}"


def own_process(row: Row) -> str:
    """Its cores by kind of work, the most first."""
    kinds = sorted(row.threads.items(), key=lambda each: -each[1])
    words = [f"{kind} {used:.3f}" for kind, used in kinds if used >= WORTH_NAMING]
    return f"our own process {row.cores.get(OWN, 0.0):.3f}: {', '.join(words)}"

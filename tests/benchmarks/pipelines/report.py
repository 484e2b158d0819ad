"""The comparison as a page of Markdown. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.benchmarks.pipelines.command_line import command
from tests.benchmarks.pipelines.desktop import Desktop
from tests.benchmarks.pipelines.fleet import KEPT, Fleet, held
from tests.benchmarks.pipelines.quality import Quality
from tests.benchmarks.pipelines.scenes import Scene
from tests.benchmarks.pipelines.targets import BASE, Verdict, memory, verdicts
from tests.benchmarks.results import PROCESSES, Row, ratio, table

MEANINGS: Final[Mapping[str, str]] = {
    "page": "the page alone, in front, recorded by nobody",
    "tab": "**ours**: tab capture, headless",
    "display": "**ours**: display capture",
    "ffmpeg": "(a) Xvfb, PulseAudio, headful kiosk browser, the ffmpeg command line",
    "in-page": "(b) MediaRecorder on the captured tab, through a page binding",
    "socket": "(c) raw pictures over a WebSocket, else as ours",
}
SPLIT: Final = (*PROCESSES, "screen", "sound")
"""Columns of their own; ffmpeg is in `other`."""
COMPARABLE: Final = 0.01
PEERS: Final = command(Desktop(":N", ""), Path("video.mp4"), pictures=True)
PLOT: Final = "benchmarks.png"
QUALITY: Final = """\
A page of four moving tiles whose every picture is known, 30 a second, recorded by each pipeline
with the settings it has above. SSIM of the luma of twenty recorded pictures to their sources.
"""
FLEETS: Final = f"""\
One bot, then one more at a time, each in a meeting of its own whose cost comes off the same
processors, until one of them records less than {KEPT:.0%} of the pictures that one alone does. A
running number on the page, 30 a second, tells which of them are in the recording.
"""


@dataclass(slots=True)
class Comparison:
    """All that was compared; a part that did not run is empty."""

    scenes: dict[Scene, list[Row]] = field(default_factory=dict)
    qualities: list[Quality] = field(default_factory=list)
    fleets: list[Fleet] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def as_markdown(comparison: Comparison, about: Mapping[str, str]) -> str:
    """The whole page."""
    parts = ["# Whole pipelines compared\n", table(["about", ""], items(about))]
    if comparison.scenes:
        parts += [f"\n![Cores and memory by pipeline]({PLOT})\n"]
        parts += ["\n## Targets\n", verdict_table(verdicts(comparison.scenes))]
    for scene, rows in comparison.scenes.items():
        parts += [f"\n## {scene.heading}\n", scene_table(rows)]
    if comparison.scenes:
        parts += ["\n## Our peers' command line\n", f"    {' '.join(PEERS)}\n"]
    if comparison.qualities:
        parts += ["\n## Quality of the pictures\n", QUALITY, quality_table(comparison.qualities)]
    if comparison.fleets:
        parts += ["\n## How many at once\n", FLEETS, fleet_table(comparison.fleets)]
    parts += [f"- {note}\n" for note in comparison.notes]
    return "\n".join(parts)


def items(pairs: Mapping[str, str]) -> list[list[str]]:
    """Rows of two cells."""
    return [[name, text] for name, text in pairs.items()]


def verdict_table(found: Sequence[Verdict]) -> str:
    """Each target beside what was measured."""
    lines = [
        [
            each.what,
            f"at most {each.target:.2f} {each.unit}",
            "-" if each.measured is None else f"{each.measured:.2f} {each.unit}",
            each.word,
            each.made_of,
        ]
        for each in found
    ]
    return table(["what", "target", "measured", "", "of it, in cores of the same run"], lines)


def scene_table(rows: Sequence[Row]) -> str:
    """Cores and memory of the whole process tree by pipeline."""
    base = next((row for row in rows if row.variant == BASE), None)
    head = ["pipeline", "cores", f"/ {BASE}", "memory", f"/ {BASE}", "pictures", "lost"]
    head += [*SPLIT, "other", "by round", "machine"]
    lines = []
    for row in rows:
        split = [row.cores.get(process, 0.0) for process in SPLIT]
        used_bytes = memory(row) or 0.0
        lines.append(
            [
                f"{row.variant}: {MEANINGS[row.variant]}",
                f"{row.total_cores:.2f}",
                ratio(row.total_cores, base.total_cores if base else None),
                f"{used_bytes / 1e6:.0f} MB",
                ratio(used_bytes, memory(base)),
                f"{row.frames_got / row.seconds:.1f}/s" if row.frames_got else "-",
                str(row.frames_dropped) if row.frames_got else "-",
                *(f"{value:.3f}" for value in [*split, row.total_cores - sum(split)]),
                " ".join(f"{cores:.2f}" for cores in row.cores_by_round),
                f"{row.machine_cores:.2f}",
            ]
        )
    return table(head, lines)


def quality_table(found: Sequence[Quality]) -> str:
    """SSIM beside our peers' and what it takes."""
    base = next((each.ssim for each in found if each.pipeline == BASE), None)
    lines = [
        [
            each.pipeline,
            f"{each.ssim:.4f}",
            f"{each.ssim_worst:.4f}",
            "-" if base is None else f"{each.ssim - base:+.4f}",
            "-" if base is None else likened(each.ssim - base),
            f"{each.bits_per_s / 1e6:.2f} Mbit/s",
            f"{each.pictures_per_s:.1f}/s",
        ]
        for each in found
    ]
    head = ["pipeline", "SSIM", "worst", f"to {BASE}", "within 0.01", "sound and pictures"]
    return table([*head, "different pictures"], lines)


def likened(difference: float) -> str:
    """Whether two pipelines are of comparable quality, and which is better where not."""
    if abs(difference) <= COMPARABLE:
        return "yes"
    return "better" if difference > 0 else "worse"


def fleet_table(found: Sequence[Fleet]) -> str:
    """By scene and pipeline: what each of so many bots recorded."""
    lines = []
    for each in found:
        same = [one for one in found if (one.pipeline, one.scene) == (each.pipeline, each.scene)]
        lines.append(
            [
                each.scene.heading,
                each.pipeline,
                str(each.bots),
                " ".join(f"{rate:.1f}" for rate in each.pictures_per_s),
                f"{each.cores:.2f}",
                f"{each.machine_cores:.2f}",
                f"**{each.bots}** hold" if each.bots == held(same) else "",
            ]
        )
    head = ["scene", "pipeline", "bots", "different pictures a second, by bot", "their cores"]
    return table([*head, "machine", ""], lines)

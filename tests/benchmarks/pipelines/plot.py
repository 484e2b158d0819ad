"""Bars of cores and memory, scene by scene; and the page they belong to, kept."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from tests.benchmarks.pipelines.report import PLOT, Comparison
from tests.benchmarks.pipelines.scenes import Scene
from tests.benchmarks.pipelines.targets import memory
from tests.benchmarks.results import Row

FOLDER: Final = Path(__file__).parents[1]
WIDTH: Final = 780
LINE_PX: Final = 22
LABEL_PX: Final = 90
BAR_PX: Final = 310
GAP_PX: Final = 70
MARGIN_PX: Final = 16
COLOURS: Final[Mapping[str, str]] = {
    "page": "#b8b8b8",
    "tab": "#1668b0",
    "display": "#0f8a6c",
    "ffmpeg": "#c2541b",
    "in-page": "#8a63b0",
    "socket": "#b0a03a",
}


def keep_comparison(comparison: Comparison, text: str) -> Path:
    """Write the page and its picture beside the other results."""
    plot(comparison.scenes).save(FOLDER / PLOT)
    path = FOLDER / "benchmarks.md"
    path.write_text(text)
    return path


def plot(scenes: Mapping[Scene, Sequence[Row]]) -> Image.Image:
    """Two columns, cores and megabytes, each bar as long as its share of the column's greatest."""
    lines = sum(2 + len(rows) for rows in scenes.values())
    image = Image.new("RGB", (WIDTH, 2 * MARGIN_PX + LINE_PX * max(1, lines)), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(14)
    rows = [row for found in scenes.values() for row in found]
    most_cores = max((row.total_cores for row in rows), default=1.0) or 1.0
    most_bytes = max((memory(row) or 0.0 for row in rows), default=1.0) or 1.0
    top = MARGIN_PX
    for scene, found in scenes.items():
        draw.text((MARGIN_PX, top), scene.heading, "black", font)
        draw.text((MARGIN_PX + LABEL_PX + BAR_PX + GAP_PX, top), "memory (PSS)", "black", font)
        top += LINE_PX
        for row in found:
            draw.text((MARGIN_PX, top), row.variant, "black", font)
            used_bytes = memory(row) or 0.0
            bars = (
                (row.total_cores / most_cores, f"{row.total_cores:.2f} cores"),
                (used_bytes / most_bytes, f"{used_bytes / 1e6:.0f} MB"),
            )
            for column, (share, text) in enumerate(bars):
                left = MARGIN_PX + LABEL_PX + column * (BAR_PX + GAP_PX)
                right = left + round(share * (BAR_PX - 2 * GAP_PX)) + 1
                colour = COLOURS[row.variant]
                draw.rectangle((left, top + 2, right, top + LINE_PX - 5), colour)
                draw.text((right + 6, top), text, "black", font)
            top += LINE_PX
        top += LINE_PX
    return image

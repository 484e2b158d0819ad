"""`report.png`: one look at a recording. People, speech, level, pictures, cores, over its time."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from PIL import Image, ImageDraw

from bot.fonts import Font, font_of
from bot.lanes import Lane, Span
from bot.preview import BACKGROUND, INK, caption, shortened
from media.curves import Sampled

WIDTH: Final = 1280
LEFT: Final = 190
RIGHT: Final = 24
PLOT: Final = WIDTH - LEFT - RIGHT
TOP: Final = 64
LANE: Final = 20
MAX_LANES: Final = 20
CURVE: Final = 90
BETWEEN: Final = 18
AXIS: Final = 30
FLOOR_DBFS: Final = -60.0
FULL_FPS: Final = 30.0

PANEL: Final = (34, 37, 43)
FAINT: Final = (130, 134, 142)
HERE: Final = (62, 72, 90)
SPOKE: Final = (122, 190, 255)
LEVEL: Final = (112, 200, 140)
PICTURES: Final = (236, 190, 96)
CORES: Final = (214, 132, 196)
GAP: Final = (232, 84, 72)
TICKS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
MAX_TICKS: Final = 10

Draw = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn. `peak` is the loudest sample (1.0 full scale), `cores` those of the tree."""

    title: str
    subtitle: str
    duration_s: float
    lanes: Sequence[Lane] = ()
    gaps: Sequence[Span] = ()
    peak: Sampled = field(default_factory=Sampled)
    pictures: Sampled = field(default_factory=Sampled)
    cores: Sampled = field(default_factory=Sampled)

    def x_of(self, at_s: float) -> int:
        """The column of a time of the recording."""
        return LEFT + round(PLOT * min(1.0, max(0.0, at_s / max(self.duration_s, 0.001))))


def report_picture(sheet: Sheet) -> bytes:
    """The picture as PNG, 1280 wide."""
    rows = min(len(sheet.lanes), MAX_LANES) + (len(sheet.lanes) > MAX_LANES)
    height = TOP + max(rows, 1) * LANE + 3 * (CURVE + BETWEEN) + AXIS
    image = Image.new("RGB", (WIDTH, height), BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = font_of(13)
    _headings(draw, sheet)
    bottom = _people(draw, sheet, font)
    for name, unit, curve, colour, height_of in _curves(sheet):
        top = bottom + BETWEEN
        bottom = top + CURVE
        draw.rectangle((LEFT, top, LEFT + PLOT, bottom), fill=PANEL)
        _curve(draw, sheet, curve, (top, bottom), colour, height_of)
        draw.text((16, top + 2), name, fill=INK, font=font)
        draw.text((16, top + 20), unit, fill=FAINT, font=font)
    for start_s, end_s in sheet.gaps:
        left = sheet.x_of(start_s)
        draw.rectangle((left, TOP - 6, max(left + 1, sheet.x_of(end_s)), TOP - 2), fill=GAP)
    _axis(draw, sheet, bottom, font)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def tick_s(duration_s: float) -> int:
    """The distance of the marks on the time axis: round, and at most ten of them."""
    return next((each for each in TICKS_S if duration_s / each <= MAX_TICKS), TICKS_S[-1])


def level_height(peak: float) -> float:
    """How high a level stands, 0 at -60 dBFS and 1 at full scale."""
    level_dbfs = 20 * math.log10(peak) if peak > 0 else FLOOR_DBFS
    return min(1.0, max(0.0, 1 - level_dbfs / FLOOR_DBFS))


CurveRow = tuple[str, str, Sampled, tuple[int, int, int], Callable[[float], float]]


def _curves(sheet: Sheet) -> tuple[CurveRow, ...]:
    full = FULL_FPS * sheet.pictures.step_s
    most = max(1.0, math.ceil(max(sheet.cores.values, default=0.0)))
    return (
        ("level", "-60 to 0 dBFS", sheet.peak, LEVEL, level_height),
        (
            "new pictures",
            "0 to 30 a second",
            sheet.pictures,
            PICTURES,
            lambda pictures: pictures / full,
        ),
        ("cores", f"0 to {most:.0f}", sheet.cores, CORES, lambda cores: cores / most),
    )


def _headings(draw: Draw, sheet: Sheet) -> None:
    for text, top, size, colour in ((sheet.title, 10, 18, INK), (sheet.subtitle, 34, 13, FAINT)):
        font = font_of(size)
        shown = _shortened(text, font, WIDTH - 32)
        draw.text((16, top), shown, fill=colour, font=font)


def _people(draw: Draw, sheet: Sheet, font: Font) -> int:
    shown = sheet.lanes[:MAX_LANES]
    bottom = TOP + max(1, len(shown)) * LANE
    draw.rectangle((LEFT, TOP, LEFT + PLOT, bottom), fill=PANEL)
    for row, lane in enumerate(shown):
        top = TOP + row * LANE
        draw.text((16, top + 2), _shortened(lane.name, font, LEFT - 24), fill=INK, font=font)
        for spans, colour, inset in ((lane.here, HERE, 3), (lane.spoke, SPOKE, 6)):
            for start_s, end_s in spans:
                left = sheet.x_of(start_s)
                right = max(left + 1, sheet.x_of(end_s))
                draw.rectangle((left, top + inset, right, top + LANE - inset), fill=colour)
    if len(sheet.lanes) > MAX_LANES:
        rest = f"and {len(sheet.lanes) - MAX_LANES} more"
        draw.text((16, bottom + 2), rest, fill=FAINT, font=font)
        bottom += LANE
    return bottom


def _curve(
    draw: Draw,
    sheet: Sheet,
    curve: Sampled,
    between: tuple[int, int],
    colour: tuple[int, int, int],
    height_of: Callable[[float], float],
) -> None:
    top, bottom = between
    for index, value in enumerate(curve.values):
        height = round((bottom - top) * min(1.0, max(0.0, height_of(value))))
        left = sheet.x_of(index * curve.step_s)
        right = max(left, sheet.x_of((index + 1) * curve.step_s) - 1)
        if height:
            draw.rectangle((left, bottom - height, right, bottom), fill=colour)


def _axis(draw: Draw, sheet: Sheet, bottom: int, font: Font) -> None:
    step_s = tick_s(sheet.duration_s)
    for at_s in range(0, int(sheet.duration_s) + 1, step_s):
        left = sheet.x_of(at_s)
        draw.line((left, bottom, left, bottom + 5), fill=FAINT)
        text = caption(at_s, ())
        left = min(left, WIDTH - round(font.getlength(text)) - 4)
        draw.text((left, bottom + 8), text, fill=FAINT, font=font)


def _shortened(text: str, font: Font, width: int) -> str:
    return shortened(text, lambda words: font.getlength(words) <= width)

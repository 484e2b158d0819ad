"""The report's picture shows what it is given, where it belongs."""

import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot import report_picture as picture
from bot.lanes import Lane
from bot.report_picture import MAX_LANES, Sheet, level_height, tick_s
from media.curves import Sampled

ADA = Lane("Ada", ((0.0, 60.0),), ((30.0, 45.0),))
SHEET = Sheet(
    title="Notes",
    subtitle="a minute",
    duration_s=60.0,
    lanes=(ADA, Lane("Ben", ((0.0, 15.0), (45.0, 60.0)))),
    gaps=((6.0, 12.0), (50.0, 50.0)),
    peak=Sampled(1.0, (0.0,) * 30 + (1.0,) * 30),
    pictures=Sampled(2.0, (60.0,) * 15 + (0.0,) * 15),
    cores=Sampled(10.0, (0.5,) * 3 + (2.0,) * 3),
)


def drawn(sheet: Sheet) -> NDArray[np.uint8]:
    """The picture's pixels, shape (height, 1280, 3)."""
    with Image.open(io.BytesIO(picture.report_picture(sheet))) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def share(pixels: NDArray[np.uint8], colour: tuple[int, int, int], part: slice) -> int:
    """How many pixels of this colour there are in a part of the plots' width, in quarters."""
    left, right = picture.LEFT + 2, picture.LEFT + picture.PLOT - 2
    columns = np.linspace(left, right, 5).astype(int)
    cut = pixels[:, columns[part.start] + 6 : columns[part.stop] - 6]
    return int((cut == np.array(colour)).all(axis=-1).sum())


def test_each_thing_stands_at_its_time() -> None:
    """Speech in the third quarter, sound in the second half, pictures in the first, gaps marked."""
    pixels = drawn(SHEET)
    quarters = [slice(n, n + 1) for n in range(4)]
    assert [bool(share(pixels, picture.SPOKE, each)) for each in quarters] == [0, 0, 1, 0]
    assert [bool(share(pixels, picture.LEVEL, each)) for each in quarters] == [0, 0, 1, 1]
    assert [bool(share(pixels, picture.PICTURES, each)) for each in quarters] == [1, 1, 0, 0]
    assert [bool(share(pixels, picture.GAP, each)) for each in quarters] == [1, 0, 0, 1]
    low, high = (share(pixels, picture.CORES, each) for each in (slice(0, 2), slice(2, 4)))
    assert high == pytest.approx(4 * low, rel=0.1)
    here = [share(pixels, picture.HERE, each) for each in quarters]
    assert here[1] < here[0] == pytest.approx(here[3], rel=0.05)


def test_more_people_than_there_is_room_for() -> None:
    """The picture grows with the rows up to its bound, and says that there are more."""
    heights = [
        drawn(replace(SHEET, lanes=(ADA,) * count)).shape[0]
        for count in (0, 1, MAX_LANES, MAX_LANES + 1, 200)
    ]
    assert heights[0] == heights[1] < heights[2] < heights[3] == heights[4]


def test_a_recording_of_nothing_can_be_drawn() -> None:
    """Without people, curves or length."""
    assert drawn(Sheet("", "", 0.0)).shape[1] == picture.WIDTH


def test_four_hours_are_drawn_within_the_picture() -> None:
    """Names and titles are cut to their room; what is beyond the end is drawn at it."""
    lane = Lane("Ada " * 40, ((0.0, 20_000.0),))
    peak = Sampled(16.0, (0.5,) * 901)
    pixels = drawn(Sheet("Notes " * 90, "", 14_400.0, (lane,), ((1.0, 2.0),), peak=peak))
    right = pixels[picture.TOP :, picture.LEFT + picture.PLOT + 1 :]
    assert not (right == np.array(picture.HERE)).all(axis=-1).any()
    assert not (right == np.array(picture.LEVEL)).all(axis=-1).any()


@pytest.mark.parametrize(
    ("duration_s", "step_s"), [(0.0, 1), (10.0, 1), (61.0, 10), (3600.0, 600), (1e6, 7200)]
)
def test_ticks_are_round_and_few(duration_s: float, step_s: int) -> None:
    """At most ten of the round steps, the longest where none suffices."""
    assert tick_s(duration_s) == step_s


@pytest.mark.parametrize(
    ("peak", "height"), [(0.0, 0.0), (0.0001, 0.0), (0.001, 0.0), (10**-1.5, 0.5), (1.5, 1.0)]
)
def test_levels_stand_between_silence_and_full_scale(peak: float, height: float) -> None:
    """-60 dBFS and below is the bottom, full scale and above the top."""
    assert level_height(peak) == pytest.approx(height)

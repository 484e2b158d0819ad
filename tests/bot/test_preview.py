"""The contact sheet."""

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from bot.preview import (
    CAPTION,
    HEIGHT,
    MAX_THUMBNAILS,
    WIDTH,
    Thumbnail,
    Thumbnails,
    caption,
    contact_sheet,
    shortened,
    small_rgb,
)
from media.types import VideoFrame


def frame(y: int, u: int = 128, v: int = 128) -> VideoFrame:
    """A picture of one colour, 1280x720."""
    planes = [np.full(1280 * 720, y), np.full(640 * 360, u), np.full(640 * 360, v)]
    return VideoFrame(0, 0, 1280, 720, np.concatenate(planes).astype(np.uint8))


@pytest.mark.parametrize(
    ("yuv", "rgb"),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (255, 255, 255)),
        ((81, 90, 240), (255, 0, 0)),
        ((145, 54, 34), (0, 255, 0)),
        ((41, 240, 110), (0, 0, 255)),
    ],
)
def test_colours(yuv: tuple[int, int, int], rgb: tuple[int, int, int]) -> None:
    """Black, white and the primaries of BT.601 come out as they are, a quarter of the size."""
    small = small_rgb(frame(*yuv))
    assert small.shape == (180, 320, 3)
    assert np.abs(small.astype(int) - np.array(rgb)).max() <= 3


@pytest.mark.parametrize("seconds", [1, 10, 24, 25, 300, 4_000])
def test_thumbnails_are_spread_over_any_length(seconds: int) -> None:
    """However long it was: at most `MAX_THUMBNAILS`, the first at the start, evenly apart."""
    thumbnails = Thumbnails()
    picture = frame(100)
    for at_s in range(seconds):
        if not thumbnails.kept() or at_s - thumbnails.kept()[-1].at_s >= thumbnails.step_s:
            thumbnails.take(picture, float(at_s))
    times = [thumbnail.at_s for thumbnail in thumbnails.kept()]
    assert times[0] == 0.0
    assert len(times) <= MAX_THUMBNAILS
    assert len(times) >= min(seconds, MAX_THUMBNAILS // 2)
    assert len({b - a for a, b in itertools.pairwise(times)}) <= 1


def test_too_soon_is_not_kept() -> None:
    """Between two steps nothing is kept."""
    thumbnails = Thumbnails()
    thumbnails.take(frame(1), 0.0)
    thumbnails.take(frame(1), 0.5)
    assert len(thumbnails.kept()) == 1


@pytest.mark.parametrize(
    ("at_s", "who", "text"),
    [
        (0.0, [], "00:00"),
        (65.9, ["Ada"], "01:05  Ada"),
        (3_661.0, ["Ada", "Ben"], "1:01:01  Ada, Ben"),
    ],
)
def test_captions(at_s: float, who: list[str], text: str) -> None:
    """Time and speakers, hours only where there are any."""
    assert caption(at_s, who) == text


def test_long_captions_are_cut_visibly() -> None:
    """What does not fit ends in an ellipsis; what fits stays as it is."""
    assert shortened("Ada", lambda words: len(words) <= 3) == "Ada"
    assert shortened("Adalbert", lambda words: len(words) <= 4) == "Ada…"
    assert shortened("Adalbert", lambda words: len(words) <= 0) == ""


def test_sheet_holds_each_picture_in_its_place() -> None:
    """Four to a row in reading order, each with a caption below."""
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]
    pictures = [
        Thumbnail(float(n), np.full((180, 320, 3), colour, dtype=np.uint8))
        for n, colour in enumerate(colours)
    ]
    sheet = Image.open(io.BytesIO(contact_sheet(pictures, lambda _: ["Ada " * 40])))
    assert sheet.size == (4 * WIDTH, 2 * (HEIGHT + CAPTION))
    for number, colour in enumerate(colours):
        left, top = number % 4 * WIDTH, number // 4 * (HEIGHT + CAPTION)
        pixel = np.array(sheet.getpixel((left + WIDTH // 2, top + HEIGHT // 2)))
        assert np.abs(pixel.astype(int) - np.array(colour)).max() < 20
        strip = np.array(sheet)[top + HEIGHT : top + HEIGHT + CAPTION, left : left + WIDTH]
        assert strip.max() > 150


def test_sheet_of_nothing() -> None:
    """No picture is a sheet of one empty place, not an error."""
    sheet = Image.open(io.BytesIO(contact_sheet([], lambda _: [])))
    assert sheet.size == (WIDTH, HEIGHT + CAPTION)

"""The screen's memory, in a file laid out as Xvfb lays it out."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from media.display.screen import HEADER, Screen, geometry
from media.errors import CaptureFailed

WIDTH, HEIGHT, MARGIN = 64, 48, 16
NAME_BYTES, COLOURS = 60, 3
ROW_BYTES = (WIDTH + MARGIN) * 4
WHITE, RED = (255, 255, 255, 0), (0, 0, 255, 0)  # blue, green, red, unused


def header(**changed: int) -> bytes:
    """An XWD header of a screen `MARGIN` larger than what is wanted of it."""
    words = [0] * 25
    words[0], words[1], words[4], words[5] = 100 + NAME_BYTES, 7, WIDTH + MARGIN, HEIGHT + MARGIN
    words[11], words[12], words[19] = 32, ROW_BYTES, COLOURS
    for name, value in changed.items():
        words[{"version": 1, "width": 4, "height": 5, "order": 7, "bits": 11}[name]] = value
    return HEADER.pack(*words)


class Drawing:
    """A screen's file that can be drawn into, black at first."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "Xvfb_screen0"
        start = header() + bytes(NAME_BYTES + COLOURS * 12)
        self.path.write_bytes(start + bytes(ROW_BYTES * (HEIGHT + MARGIN)))
        shape = (HEIGHT + MARGIN, WIDTH + MARGIN, 4)
        self.pixels = np.memmap(self.path, np.uint8, "r+", len(start), shape)


@pytest.fixture
def drawing(tmp_path: Path) -> Drawing:
    """A black screen."""
    return Drawing(tmp_path)


def planes(i420: NDArray[np.uint8]) -> tuple[set[int], ...]:
    """The values that occur in Y, U and V."""
    luma = WIDTH * HEIGHT
    return tuple(set(plane.tolist()) for plane in np.split(i420, (luma, luma + luma // 4)))


@pytest.mark.parametrize(
    ("colour", "expected"),
    [(WHITE, (235, 128, 128)), (RED, (63, 102, 240)), ((0, 0, 0, 0), (16, 128, 128))],
)
def test_colours_are_those_of_bt_709(
    drawing: Drawing, colour: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    """White, red and black come out as the standard has them, in the limited range."""
    drawing.pixels[:] = colour
    with Screen(drawing.path, WIDTH, HEIGHT) as screen:
        for plane, value in zip(planes(screen.picture()), expected, strict=True):
            assert all(abs(found - value) <= 1 for found in plane)


def test_a_screen_has_changed_until_its_picture_was_taken(drawing: Drawing) -> None:
    """At first, and after every stroke in the part that is looked at; a stroke outside is none."""
    with Screen(drawing.path, WIDTH, HEIGHT) as screen:
        assert screen.changed()
        screen.picture()
        assert not screen.changed()
        drawing.pixels[HEIGHT - 1, WIDTH - 1] = WHITE
        assert screen.changed()
        screen.picture()
        assert not screen.changed()
        drawing.pixels[HEIGHT:] = drawing.pixels[:, WIDTH:] = RED
        assert not screen.changed()


def test_what_was_drawn_in_places_is_as_if_looked_at_whole(drawing: Drawing) -> None:
    """Strokes of any size, across bands or within one: the same bytes as of a fresh look."""
    random = np.random.default_rng(7)
    with Screen(drawing.path, WIDTH, HEIGHT) as screen:
        for _ in range(60):
            top, left = random.integers(0, HEIGHT), random.integers(0, WIDTH)
            high, wide = random.integers(1, 24, 2)
            part = drawing.pixels[top : top + high, left : left + wide]
            part[:] = random.integers(0, 256, part.shape)
            with Screen(drawing.path, WIDTH, HEIGHT) as fresh:
                assert np.array_equal(screen.picture(), fresh.picture())


def test_a_picture_keeps_what_the_screen_showed(drawing: Drawing) -> None:
    """What is drawn later is not in it."""
    with Screen(drawing.path, WIDTH, HEIGHT) as screen:
        black = screen.picture()
        drawing.pixels[:] = WHITE
        assert planes(black) == ({16}, {128}, {128})
        assert len(black) == WIDTH * HEIGHT * 3 // 2


def test_a_closed_screen_is_told(drawing: Drawing) -> None:
    """Looking at it is an error with a name, not at memory that is gone."""
    with Screen(drawing.path, WIDTH, HEIGHT) as screen:
        screen.picture()
    with pytest.raises(CaptureFailed, match="not open"):
        screen.changed()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"bits": 16}, "16 bits"),
        ({"order": 1}, "byte order 1"),
        ({"version": 6}, "32 bits"),
        ({"width": WIDTH - 1}, "63x64, 64x48 are needed"),
        ({"height": HEIGHT - 1}, "80x47, 64x48 are needed"),
    ],
)
def test_another_kind_of_screen_is_refused(changed: dict[str, int], problem: str) -> None:
    """Colours and places would be read wrong."""
    with pytest.raises(CaptureFailed, match=problem):
        geometry(header(**changed), WIDTH, HEIGHT)
    assert geometry(header(), WIDTH, HEIGHT) == (160 + 36, ROW_BYTES, HEIGHT + MARGIN)


def test_a_file_that_is_refused_is_let_go(tmp_path: Path) -> None:
    """A screen that is too small is an error on opening."""
    with pytest.raises(CaptureFailed, match="are needed"):
        Screen(Drawing(tmp_path).path, WIDTH * 2, HEIGHT)

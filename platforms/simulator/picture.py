"""Moving pictures of the participants, drawn as YUV 4:2:0 planes (BT.601, limited range).

A figure sways before a soft background in a colour of its own while three lights drift by; one loop
is `LOOP_FRAMES` long and closes without a seam.
"""

import colorsys
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

WIDTH = 640
HEIGHT = 360
FPS = 30
LOOP_FRAMES = 120
FLASH_FRAMES = 3

Plane: TypeAlias = npt.NDArray[np.uint8]
_Field: TypeAlias = npt.NDArray[np.float32]


class Planes(NamedTuple):
    """One frame: luma (height, width), chroma half as high and wide."""

    y: Plane
    u: Plane
    v: Plane


class _Colour(NamedTuple):
    y: float
    u: float
    v: float


def hue(index: int) -> float:
    """Hue in [0, 1) of the participant at `index`; neighbours lie far apart."""
    return (0.58 + index * 0.381966) % 1.0


def colour_hex(index: int) -> str:
    """The participant's colour for its avatar, `#rrggbb`."""
    red, green, blue = colorsys.hls_to_rgb(hue(index), 0.42, 0.5)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def moving_frames(index: int) -> Iterator[Planes]:
    """One loop of the participant's picture, `LOOP_FRAMES` frames at `FPS`."""
    painter = _Painter(index)
    for number in range(LOOP_FRAMES):
        yield painter.frame(2 * np.pi * number / LOOP_FRAMES)


def small_frames(index: int) -> Iterator[Planes]:
    """The same loop at half the width and half the height."""
    return (Planes(*map(_halved, planes)) for planes in moving_frames(index))


def flash_frames() -> Iterator[Planes]:
    """One second: `FLASH_FRAMES` white frames, then black ones."""
    grey = np.full((HEIGHT // 2, WIDTH // 2), 128, dtype=np.uint8)
    for number in range(FPS):
        level = 235 if number < FLASH_FRAMES else 16
        yield Planes(np.full((HEIGHT, WIDTH), level, dtype=np.uint8), grey, grey)


def screen_frames() -> Iterator[Planes]:
    """One second of a shared screen: a page of dark lines on white, over which a pointer moves."""
    height, width = 2 * HEIGHT, 2 * WIDTH
    grey = np.full((HEIGHT, WIDTH), 128, dtype=np.uint8)
    page = np.full((height, width), 235, dtype=np.uint8)
    page[60:110, 80 : width // 2] = 40
    for line in range(10):
        page[180 + 48 * line : 196 + 48 * line, 80 : width - 80 - 37 * (line % 4)] = 90
    for number in range(FPS):
        shown = page.copy()
        left = 100 + number * (width - 240) // FPS
        shown[600:640, left : left + 24] = 16
        yield Planes(shown, grey, grey)


def _halved(plane: Plane) -> Plane:
    """Each pixel the mean of four."""
    height, width = plane.shape
    fours = plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    return np.asarray(fours.round(), dtype=np.uint8)


def _yuv(hue_: float, lightness: float, saturation: float) -> _Colour:
    red, green, blue = colorsys.hls_to_rgb(hue_ % 1.0, lightness, saturation)
    return _Colour(
        16 + 65.481 * red + 128.553 * green + 24.966 * blue,
        128 - 37.797 * red - 74.203 * green + 112.0 * blue,
        128 + 112.0 * red - 93.786 * green - 18.214 * blue,
    )


class _Painter:
    """Blends shapes over a background; masks are full size, chroma takes every second pixel."""

    def __init__(self, index: int) -> None:
        base = hue(index)
        self.rows, self.columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        self.lights = _yuv(base + 0.06, 0.72, 0.7)
        self.body = _yuv(base + 0.5, 0.38, 0.45)
        self.skin = _yuv(0.07, 0.45 + 0.07 * (index % 5), 0.45)
        self.hair = _yuv(0.07 + 0.1 * (index % 3), 0.16, 0.35)
        self.turn = 1 if index % 2 == 0 else -1
        top, bottom = _yuv(base, 0.62, 0.55), _yuv(base + 0.05, 0.28, 0.6)
        mix = np.clip(0.75 * self.rows / HEIGHT + 0.25 * self.columns / WIDTH, 0, 1)
        full = [a + (b - a) * mix for a, b in zip(top, bottom, strict=True)]
        self.background = (full[0], full[1][::2, ::2], full[2][::2, ::2])

    def frame(self, angle: float) -> Planes:
        planes = [plane.copy() for plane in self.background]
        for number, radius in enumerate((58, 40, 27)):
            phase = self.turn * angle + number * 2.1
            x = WIDTH * (0.5 + 0.4 * np.cos(phase))
            y = HEIGHT * (0.38 + 0.28 * np.sin(phase + number))
            self._ellipse(planes, (x, y), (radius, radius), self.lights, 14, 0.55)
        sway, nod = 16 * np.sin(angle), 5 * np.sin(2 * angle)
        x = WIDTH / 2 + sway
        shoulders_x = WIDTH / 2 + sway / 2
        self._ellipse(planes, (shoulders_x, HEIGHT * 1.08), (150, 132), self.body, 1.5, 1)
        self._ellipse(planes, (shoulders_x, HEIGHT * 0.71), (27, 34), self.skin, 1.5, 1)
        self._ellipse(planes, (x, HEIGHT * 0.43 + nod), (66, 80), self.hair, 1.5, 1)
        self._ellipse(planes, (x, HEIGHT * 0.47 + nod), (56, 68), self.skin, 1.5, 1)
        for side in (-1, 1):
            eye = (x + 20 * side + sway / 5, HEIGHT * 0.45 + nod)
            self._ellipse(planes, eye, (5, 7), self.hair, 1.5, 1)
        mouth_open = 5 + 3 * np.sin(8 * angle)
        self._ellipse(
            planes, (x + sway / 5, HEIGHT * 0.56 + nod), (15, mouth_open), self.hair, 1.5, 0.9
        )
        return Planes(*(np.clip(p, 16, 240).astype(np.uint8) for p in planes))

    def _ellipse(
        self,
        planes: list[_Field],
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: _Colour,
        softness_px: float,
        opacity: float,
    ) -> None:
        reach_x, reach_y = (r + softness_px + 2 for r in radii)
        left = max(0, int(centre[0] - reach_x)) & ~1
        top = max(0, int(centre[1] - reach_y)) & ~1
        box = np.s_[top : int(centre[1] + reach_y) + 2, left : int(centre[0] + reach_x) + 2]
        dx = (self.columns[box] - centre[0]) / radii[0]
        dy = (self.rows[box] - centre[1]) / radii[1]
        distance_px = (np.sqrt(dx * dx + dy * dy) - 1) * min(radii)
        mask = opacity * np.clip(0.5 - distance_px / softness_px, 0, 1)
        half = mask[::2, ::2]
        corner = np.s_[top // 2 : top // 2 + half.shape[0], left // 2 : left // 2 + half.shape[1]]
        planes[0][box] += mask * (colour.y - planes[0][box])
        planes[1][corner] += half * (colour.u - planes[1][corner])
        planes[2][corner] += half * (colour.v - planes[2][corner])

"""A page whose every picture is known: four moving tiles from the simulator's own drawings.

Blocks: draws, encodes PNGs, decodes recordings.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from platforms.simulator.picture import Planes, moving_frames
from tests.benchmarks.pipelines.numbers import BLOCK_PX, number_of
from tests.benchmarks.pipelines.ssim import likeness

PICTURES: Final = 30
TILES: Final = 4
PAGE: Final = "pictures.html"
JUDGED: Final = 20
"""Pictures of a recording that are compared to their source, evenly spread."""
RECORDED: Final = ("stored/bench/video.mp4", "command_line.mp4", "in_page.webm")
"""Where each pipeline leaves its pictures, below its folder."""


def picture_of(number: int) -> int:
    """Which picture the page shows at a running number: there and back again."""
    place = number % (2 * PICTURES)
    return place if place < PICTURES else 2 * PICTURES - 1 - place


def write_page(folder: Path) -> str:
    """The page and its pictures below `folder`; its address."""
    for index, rgb in enumerate(sources()):
        Image.fromarray(rgb).save(folder / f"{index:03}.png", compress_level=1)
    shutil.copy(Path(__file__).parent / PAGE, folder / PAGE)
    return (folder / PAGE).absolute().as_uri()


def sources() -> Iterator[NDArray[np.uint8]]:
    """The page's pictures, RGB, shape (720, 1280, 3)."""
    painters = [islice(moving_frames(index), PICTURES) for index in range(TILES)]
    for tiles in zip(*painters, strict=True):
        one, two, three, four = map(as_rgb, tiles)
        yield np.vstack([np.hstack([one, two]), np.hstack([three, four])])


def as_rgb(planes: Planes) -> NDArray[np.uint8]:
    """A drawing as RGB."""
    packed = np.concatenate([plane.ravel() for plane in planes])
    height, width = planes.y.shape
    frame = av.VideoFrame.from_ndarray(packed.reshape(-1, width), format="yuv420p")
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)[:height]


@dataclass(frozen=True, slots=True)
class Seen:
    """A recorded picture: when, and which running number it shows."""

    at_s: float
    number: int


def recording_in(folder: Path) -> Path:
    """The file with the pictures. Raises FileNotFoundError."""
    found = [folder / name for name in RECORDED if (folder / name).exists()]
    if not found:
        raise FileNotFoundError(folder)
    return found[0]


def lumas(path: Path) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Every recorded picture's time and luma, as they were encoded."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            plane = np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)
            yield float(frame.time or 0.0), plane[: frame.height]


def numbers_in(path: Path) -> list[Seen]:
    """What every picture of a recording shows."""
    return [Seen(at_s, number_of(luma)) for at_s, luma in lumas(path)]


def likenesses(path: Path, pictures: Sequence[NDArray[np.uint8]]) -> list[float]:
    """SSIM of some recorded pictures to their sources, the running number left out."""
    total = sum(1 for _ in lumas(path))
    every = max(1, total // JUDGED)
    found = []
    for index, (_, luma) in enumerate(lumas(path)):
        if index % every == every // 2:
            source = pictures[picture_of(number_of(luma))]
            found.append(likeness(luma[BLOCK_PX:], source[BLOCK_PX:]))
    return found

"""How good each pipeline's pictures are: a recording of a page whose every picture is known."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.pipelines.known import (
    likenesses,
    numbers_in,
    recording_in,
    sources,
    write_page,
)
from tests.benchmarks.pipelines.numbers import distinct
from tests.benchmarks.pipelines.scenes import Order
from tests.benchmarks.pipelines.started import Say, tried


@dataclass(frozen=True, slots=True)
class Quality:
    """One recording of the known page; SSIM is the mean and the worst over its pictures."""

    pipeline: str
    ssim: float
    ssim_worst: float
    pictures_per_s: float
    bits_per_s: float


async def qualities(names: Sequence[str], seconds: float, say: Say) -> list[Quality]:
    """One after the other; what does not record is said."""
    pictures = await asyncio.to_thread(lambda: list(sources()))
    found = []
    with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as page_folder:
        url = await asyncio.to_thread(write_page, Path(page_folder))
        for name in names:
            with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
                order = Order(name, url, folder, seconds, numbered=True)
                if await tried(order, say) is None:
                    continue
                quality = await asyncio.to_thread(judged, name, Path(folder), pictures)
            say(f"quality: {name:<8} SSIM {quality.ssim:.4f}")
            found.append(quality)
    return found


def judged(name: str, folder: Path, pictures: Sequence[NDArray[np.uint8]]) -> Quality:
    """The recording below `folder`."""
    path = recording_in(folder)
    seen = numbers_in(path)
    length_s = seen[-1].at_s - seen[0].at_s
    alike = likenesses(path, pictures)
    return Quality(
        pipeline=name,
        ssim=mean(alike),
        ssim_worst=min(alike),
        pictures_per_s=(distinct([each.number for each in seen]) - 1) / length_s,
        bits_per_s=8 * path.stat().st_size / length_s,
    )

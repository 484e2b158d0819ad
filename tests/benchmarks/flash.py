"""Flash and beep over many minutes: offset at the start and at the end, and what lies between.

One capture and one recorder in real time, as in the bot; the page's flashes and beeps follow
one clock, the sound card's, so that what differs in the file was made by capture or recorder.
"""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from media.encoder import Encoder, EncoderSettings
from media.recorder import Recorder
from media.summary import RecordingSummary
from tests.media.flash import (
    CALIBRATION_US,
    FLASH_PAGE,
    Decoded,
    captured,
    decode,
    flashes_s,
    offsets_s,
)

WINDOW_S: Final = 60.0
"""A median over so many flashes: one by one they are a picture apart."""
SETTLE_S: Final = 3.0
LOOK_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class LongFlash:
    """One recording. Offsets are how much later than its flash a beep is heard, in ms.

    `medians_ms` are of the recording's minutes in order; `spread_ms` from the 5th to the 95th
    percentile of all; `stretched_ms` what the recorder says it did to keep the tracks in step.
    """

    backend: str
    minutes: float
    pairs: int
    start_ms: float
    end_ms: float
    medians_ms: tuple[float, ...]
    spread_ms: tuple[float, float]
    stretched_ms: float
    gaps: int
    pictures_per_s: float
    dropped: int
    load: tuple[float, float]

    @property
    def drift_ms(self) -> float:
        """By how much the last minute differs from the first."""
        return self.end_ms - self.start_ms


async def long_flash(backend: str, minutes: float) -> LongFlash:
    """Record the flash-and-beep page for so long by `tab` or `display`, and look at the file."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="meetbot-flash-") as folder, ExitStack() as files:
        paths = [Path(folder) / name for name in ("video.mp4", "audio.mp3")]
        video, audio = (files.enter_context(path.open("wb")) for path in paths)
        summary = await recorded(backend, minutes, video, audio)
        files.close()
        found = await asyncio.to_thread(decode, paths[0])
    medians = medians_ms(found, minutes)
    offsets = offsets_s(found) * 1000
    low, high = np.percentile(offsets, [5, 95])
    return LongFlash(
        backend=backend,
        minutes=minutes,
        pairs=len(offsets),
        start_ms=medians[0],
        end_ms=medians[-1],
        medians_ms=medians,
        spread_ms=(round(float(low), 1), round(float(high), 1)),
        stretched_ms=summary.drift_ms,
        gaps=len(summary.gaps),
        pictures_per_s=round(summary.stats.pictures_encoded / summary.duration_s, 1),
        dropped=sum(summary.stats.dropped.values()),
        load=(round(before, 2), round(os.getloadavg()[0], 2)),
    )


async def recorded(
    backend: str, minutes: float, video: BinaryIO, audio: BinaryIO
) -> RecordingSummary:
    """The flash-and-beep page, recorded into both files."""
    async with captured(FLASH_PAGE, backend) as capture:
        with Recorder(
            capture,
            lambda: Encoder(video, audio, EncoderSettings()),
            calibration_us=CALIBRATION_US[backend],
        ) as recorder:
            await asyncio.sleep(SETTLE_S)
            recorder.begin()
            while recorder.stats().recorded_s < minutes * 60 and recorder.problem is None:  # noqa: ASYNC110 - a counter of another thread
                await asyncio.sleep(LOOK_EVERY_S)
            return await recorder.finish()


def medians_ms(found: Decoded, minutes: float) -> tuple[float, ...]:
    """The median offset of each minute, of the whole where it is shorter."""
    at_s, offsets = flashes_s(found), offsets_s(found) * 1000
    edges = np.arange(0.0, max(1.0, minutes)) * WINDOW_S
    windows = [offsets[(at_s >= edge) & (at_s < edge + WINDOW_S)] for edge in edges]
    return tuple(round(float(np.median(window)), 1) for window in windows if window.size)

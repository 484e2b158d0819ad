"""Loudness after EBU R128, by libavfilter's meter. Uses PyAV: not for the event loop."""

from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from numpy.typing import NDArray

from media.types import AUDIO_RATE_HZ

GATE_LUFS: Final = -70.0
"""The absolute gate of R128: what is below takes no part, and a meeting all below has no value."""
BLOCK_SAMPLES: Final = AUDIO_RATE_HZ // 2
"""Metered half a second at a time: 0.0007 of a core; packet by packet it was 0.0018."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness of the whole programme and its range (LRA); None below the gate."""

    integrated_lufs: float | None = None
    range_lu: float | None = None


class LoudnessMeter:
    """Measures 48 kHz stereo as it is laid. One thread feeds it; any may ask.

    `loudness` holds for all but the last half second.
    """

    def __init__(self) -> None:
        """Nothing has been heard."""
        self._graph = Graph()
        self._in, self._out = _metering(self._graph)
        self._waiting: list[NDArray[np.float32]] = []
        self._waiting_samples = self._fed_samples = 0
        self.loudness = Loudness()

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Take samples of shape (2, n)."""
        if not samples.shape[1]:
            return
        self._waiting.append(samples)
        self._waiting_samples += samples.shape[1]
        if self._waiting_samples >= BLOCK_SAMPLES:
            self._feed(np.concatenate(self._waiting, axis=1))
            self._waiting = []
            self._waiting_samples = 0

    def _feed(self, samples: NDArray[np.float32]) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "fltp", "stereo")
        frame.sample_rate = AUDIO_RATE_HZ
        frame.pts = self._fed_samples
        self._fed_samples += samples.shape[1]
        self._in.push(frame)
        while True:
            try:
                metered = self._out.pull()
            except av.error.BlockingIOError:  # it waits for more
                return
            self.loudness = _read(metered.metadata)


def _metering(graph: Graph) -> tuple[FilterContext, FilterContext]:
    source = graph.add(
        "abuffer",
        sample_rate=str(AUDIO_RATE_HZ),
        sample_fmt="fltp",
        channel_layout="stereo",
        time_base=f"1/{AUDIO_RATE_HZ}",
    )
    # its table goes to the log unless it is told to be quiet; the values come with each frame
    meter = graph.add("ebur128", "metadata=1:framelog=quiet")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    return source, sink


def _read(metadata: dict[str, str]) -> Loudness:
    integrated_lufs = float(metadata["lavfi.r128.I"])
    if not integrated_lufs > GATE_LUFS:
        return Loudness()
    return Loudness(round(integrated_lufs, 1), round(float(metadata["lavfi.r128.LRA"]), 1))

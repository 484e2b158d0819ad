"""The screen's memory: told whether it changed, and its pictures as packed I420."""

import mmap
import struct
import threading
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
from av.video.reformatter import Colorspace, VideoReformatter
from numpy.typing import NDArray

from media.errors import CaptureFailed

HEADER: Final = struct.Struct(">25I")
"""Of the XWD file that Xvfb keeps its screen in (`XWDFile.h`)."""
XWD_VERSION: Final = 7
LITTLE_ENDIAN: Final = 0
PIXEL_BITS: Final = 32
COLOUR_BYTES: Final = 12
BAND_ROWS: Final = 48
"""Compared at once: a page that moves differs in one of the first bands."""
DRAWN_TRIES: Final = 3
DRAWING_S: Final = 0.002
"""Chromium draws a picture in several strokes; so long they may lie apart."""


class Screen:
    """The upper left `width` x `height` of a screen, as pictures. One thread only.

    The memory is Xvfb's own: looking at it costs neither a request nor a copy until it changed.
    Raises `CaptureFailed` where the file is no screen of at least that size.
    """

    def __init__(self, framebuffer: Path, width: int, height: int) -> None:
        with framebuffer.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        try:
            offset, row_bytes, rows = geometry(self._map[: HEADER.size], width, height)
        except CaptureFailed:
            self._map.close()
            raise
        memory = np.frombuffer(self._map, np.uint8, rows * row_bytes, offset)
        words = memory.reshape(rows, row_bytes)[:height, : width * 4].view(np.uint64)
        self._now: NDArray[np.uint64] | None = words
        self._seen = np.zeros(words.shape, np.uint64)
        self._fresh = True
        self._width, self._height = width, height
        self._converter = VideoReformatter()
        self._stroke = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._now = None  # the last view of the memory, which else could not be let go
        self._map.close()

    def changed(self) -> bool:
        """Whether it differs from the last `picture`; at first it does."""
        return self._fresh or not self._is_seen()

    def picture(self) -> NDArray[np.uint8]:
        """What it shows now, as packed I420 in BT.709's limited range, as tab capture's is.

        A picture that is being drawn meanwhile is taken again, a few times.
        """
        for _ in range(DRAWN_TRIES):
            np.copyto(self._seen, self._words)
            if self._is_seen():
                break
            self._stroke.wait(DRAWING_S)
        self._fresh = False
        pixels = self._seen.view(np.uint8).reshape(self._height, self._width, 4)
        frame = av.VideoFrame.from_numpy_buffer(pixels, "bgra")
        # one converter, kept: a new one costs more than the conversion
        converted = self._converter.reformat(
            frame, format="yuv420p", dst_colorspace=Colorspace.ITU709, threads=1
        )
        return np.asarray(converted.to_ndarray(), np.uint8).ravel()

    @property
    def _words(self) -> NDArray[np.uint64]:
        if self._now is None:
            raise CaptureFailed("the screen is not open")
        return self._now

    def _is_seen(self) -> bool:
        now, seen = self._words, self._seen
        return all(
            np.array_equal(now[row : row + BAND_ROWS], seen[row : row + BAND_ROWS])
            for row in range(0, self._height, BAND_ROWS)
        )


def geometry(header: bytes, width: int, height: int) -> tuple[int, int, int]:
    """Where the pixels begin, bytes in a row, and rows. Pure.

    Raises `CaptureFailed` for a screen of another kind than B, G, R, unused, or a smaller one.
    """
    words = HEADER.unpack(header)
    header_bytes, version, _, _, wide, high, _, order = words[:8]
    pixel_bits, row_bytes, colours = words[11], words[12], words[19]
    if (version, order, pixel_bits) != (XWD_VERSION, LITTLE_ENDIAN, PIXEL_BITS):
        raise CaptureFailed(f"the screen has {pixel_bits} bits a pixel, byte order {order}")
    if wide < width or high < height:
        raise CaptureFailed(f"the screen is {wide}x{high}, {width}x{height} are needed")
    return header_bytes + colours * COLOUR_BYTES, row_bytes, high

"""The screen's memory: told whether it changed, and its pictures as packed I420.

A page changes in places. Rows are compared, copied and converted in bands, and a band that is as
it was costs its comparison alone.
"""

import ctypes
import mmap
import struct
import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from media.errors import CaptureFailed
from media.h264 import i420_planes

HEADER: Final = struct.Struct(">25I")
"""Of the XWD file that Xvfb keeps its screen in (`XWDFile.h`)."""
XWD_VERSION: Final = 7
LITTLE_ENDIAN: Final = 0
PIXEL_BITS: Final = 32
COLOUR_BYTES: Final = 12
BAND_ROWS: Final = 120
"""Even, and a divisor of 720 and 1080: one converter serves all bands."""
DRAWN_TRIES: Final = 3
DRAWING_S: Final = 0.002
"""Chromium draws a picture in several strokes; so long they may lie apart."""


Band: TypeAlias = tuple[int, int]
"""Its first row, and the one after its last."""

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


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
        self._now: NDArray[np.uint8] | None = memory.reshape(rows, row_bytes)[:height]
        self._seen = np.zeros((height, row_bytes), np.uint8)
        self._bands: tuple[Band, ...] = tuple(
            (top, min(top + BAND_ROWS, height)) for top in range(0, height, BAND_ROWS)
        )
        self._fresh = True
        self._width, self._height = width, height
        self._planes: Sequence[NDArray[np.uint8]] = ()
        # one converter a height, kept: a new one costs more than the conversion
        self._converters = {bottom - top: VideoReformatter() for top, bottom in self._bands}
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
        return self._fresh or any(map(self._shows_other, self._bands))

    def picture(self) -> NDArray[np.uint8]:
        """What it shows now, as packed I420 in BT.709's limited range, as tab capture's is.

        A picture that is being drawn meanwhile is taken again, a few times.
        """
        drawn = set(self._bands) if self._fresh else self._drawn_since()
        self._fresh = False
        stale: set[Band] = set()
        for _ in range(DRAWN_TRIES):
            for band in drawn:
                self._seen[slice(*band)] = self._shown[slice(*band)]
            stale |= drawn
            drawn = self._drawn_since()
            if not drawn:
                break
            self._stroke.wait(DRAWING_S)
        return self._converted(stale)

    def _converted(self, stale: AbstractSet[Band]) -> NDArray[np.uint8]:
        """The picture before this one with these bands anew, in memory of its own."""
        packed = np.empty(self._width * self._height * 3 // 2, np.uint8)
        before, self._planes = self._planes, i420_planes(packed, self._width, self._height)
        for band in self._bands:
            parts = self._convert(band) if band in stale else _rows(before, band)
            for plane, part in zip(_rows(self._planes, band), parts, strict=True):
                plane[:] = part
        return packed

    def _convert(self, band: Band) -> Sequence[NDArray[np.uint8]]:
        top, bottom = band
        pixels = self._seen[top:bottom].reshape(bottom - top, -1, 4)
        frame = av.VideoFrame.from_numpy_buffer(pixels, "bgra", width=self._width)
        # PyAV's planes are buffers, which its types do not say
        converted: Any = self._converters[bottom - top].reformat(
            frame,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            # of two rows and two columns, so that no band looks into the next one
            interpolation=Interpolation.AREA,
            threads=1,
        )
        return [
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width]
            for plane in converted.planes
        ]

    @property
    def _shown(self) -> NDArray[np.uint8]:
        if self._now is None:
            raise CaptureFailed("the screen is not open")
        return self._now

    def _drawn_since(self) -> set[Band]:
        """The bands whose memory differs from what was seen: beside what is looked at, perhaps."""
        return {band for band in self._bands if self._differs(band)}

    def _differs(self, band: Band) -> bool:
        now, seen = self._shown[slice(*band)], self._seen[slice(*band)]
        return bool(_memcmp(now.ctypes.data, seen.ctypes.data, now.nbytes))

    def _shows_other(self, band: Band) -> bool:
        if not self._differs(band):
            return False
        wide = self._width * 4
        now, seen = (each[slice(*band), :wide] for each in (self._shown, self._seen))
        return not np.array_equal(now.view(np.uint64), seen.view(np.uint64))


def _rows(planes: Sequence[NDArray[np.uint8]], band: Band) -> Sequence[NDArray[np.uint8]]:
    """A band of Y, U and V."""
    top, bottom = band
    luma, *chroma = planes
    return (luma[top:bottom], *(plane[top // 2 : bottom // 2] for plane in chroma))


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

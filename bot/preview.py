"""The contact sheet: what a recording shows at a glance, with times and who spoke."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bot.fonts import font_of
from media.glimpses import glimpses
from media.types import Storage, VideoFrame

COLUMNS: Final = 4
MAX_THUMBNAILS: Final = 24
WIDTH: Final = 320
HEIGHT: Final = 180
CAPTION: Final = 24
MARGIN: Final = 6
STRIDE: Final = 4
BACKGROUND: Final = (24, 26, 30)
INK: Final = (226, 228, 232)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small RGB picture of shape (height, width, 3) and its time in the recording."""

    at_s: float
    rgb: NDArray[np.uint8]


@dataclass(slots=True)
class Thumbnails:
    """At most `MAX_THUMBNAILS` pictures, evenly spread over a recording of unknown length.

    When full, every second one is thrown away and the distance doubles. Called from the encoder
    thread, read from another.
    """

    step_s: float = 1.0
    _kept: list[Thumbnail] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def take(self, frame: VideoFrame, at_s: float) -> None:
        """Keep the picture if it is time for one."""
        with self._lock:
            if self._kept and at_s - self._kept[-1].at_s < self.step_s * 0.99:
                return
            self._kept.append(Thumbnail(at_s, small_rgb(frame)))
            if len(self._kept) > MAX_THUMBNAILS:
                self._kept = self._kept[::2]
                self.step_s *= 2

    def kept(self) -> Sequence[Thumbnail]:
        """The pictures so far."""
        with self._lock:
            return tuple(self._kept)


def small_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    """Every fourth pixel of an I420 picture as RGB (BT.601, limited range), shape (h/4, w/4, 3)."""
    size = frame.width * frame.height
    luma = frame.i420[:size].reshape(frame.height, frame.width)[::STRIDE, ::STRIDE]
    half = (frame.height // 2, frame.width // 2)
    chroma = [
        frame.i420[size + i * size // 4 : size + (i + 1) * size // 4].reshape(half) for i in (0, 1)
    ]
    u, v = (plane[:: STRIDE // 2, :: STRIDE // 2].astype(np.float32) - 128 for plane in chroma)
    y = (luma.astype(np.float32) - 16) * 1.164
    rgb = np.stack([y + 1.596 * v, y - 0.392 * u - 0.813 * v, y + 2.017 * u], axis=-1)
    return rgb.clip(0, 255).astype(np.uint8)


def caption(at_s: float, speakers: Sequence[str]) -> str:
    """When, and who spoke: "12:05  Ada, Ben", with hours once there are any."""
    minutes, seconds = divmod(int(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    time = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"
    return f"{time}  {', '.join(speakers)}".rstrip()


def shortened(text: str, fits: Callable[[str], bool]) -> str:
    """As much of the text's beginning as fits, with an ellipsis where something was cut."""
    if fits(text):
        return text
    lengths = range(len(text) - 1, 0, -1)
    return next((f"{text[:n]}…" for n in lengths if fits(f"{text[:n]}…")), "")


def contact_sheet(
    thumbnails: Sequence[Thumbnail], spoke_at: Callable[[float], Sequence[str]]
) -> bytes:
    """The sheet as JPEG: thumbnails in reading order, each with its time and who spoke then."""
    rows = max(1, -(-len(thumbnails) // COLUMNS))
    columns = min(COLUMNS, max(1, len(thumbnails)))
    sheet = Image.new("RGB", (columns * WIDTH, rows * (HEIGHT + CAPTION)), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    font = font_of(14)
    for number, thumbnail in enumerate(thumbnails):
        left = number % COLUMNS * WIDTH
        top = number // COLUMNS * (HEIGHT + CAPTION)
        picture = Image.fromarray(thumbnail.rgb).resize((WIDTH, HEIGHT))
        sheet.paste(picture, (left, top))
        text = caption(thumbnail.at_s, spoke_at(thumbnail.at_s))
        text = shortened(text, lambda words: font.getlength(words) <= WIDTH - 2 * MARGIN)
        draw.text((left + MARGIN, top + HEIGHT + 3), text, fill=INK, font=font)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()


def contact_sheet_of(
    storage: Storage, video_key: str, spoke_at: Callable[[float], Sequence[str]]
) -> bytes:
    """The sheet of a recording that is stored, of a run that took no pictures along.

    Raises what `media.glimpses` raises.
    """
    found = glimpses(storage, video_key, at_most=MAX_THUMBNAILS, stride=STRIDE)
    return contact_sheet([Thumbnail(one.at_s, one.rgb) for one in found], spoke_at)

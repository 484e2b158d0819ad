"""What the bot's own camera and microphone deliver: a card with its name, and silence."""

import wave
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

CARD_SIZE: Final = (640, 360)
CARD_FRAMES: Final = 2
"""A file of one picture is not a film to every reader; two are."""
CARD_FPS: Final = 15
"""Half of the 30 at which Chromium plays an MJPEG file, for a picture that never changes: while a
page shows the camera before joining, a fifth of a core less. Many a camera is no faster."""
Y4M_HEADER: Final = f"YUV4MPEG2 W{CARD_SIZE[0]} H{CARD_SIZE[1]} F{CARD_FPS}:1 Ip A1:1 C420jpeg\n"
BACKGROUND: Final = (32, 33, 36)
DISC: Final = (26, 115, 232)
INK: Final = (255, 255, 255)
NAME_PX: Final = 40
INITIALS_PX: Final = 72
LONGEST_NAME: Final = 28
SILENCE_S: Final = 1
SILENCE_RATE_HZ: Final = 48_000


@dataclass(frozen=True, slots=True)
class DeviceFiles:
    """Files for Chromium's fake devices."""

    camera_y4m: Path
    microphone_wav: Path


def write_devices(folder: Path, name: str) -> DeviceFiles:
    """Write the card and the silence into `folder`. Blocks: some ten milliseconds."""
    camera, microphone = folder / "camera.y4m", folder / "silence.wav"
    frame = b"FRAME\n" + i420(name_card(name))
    camera.write_bytes(Y4M_HEADER.encode() + frame * CARD_FRAMES)
    with wave.open(str(microphone), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SILENCE_RATE_HZ)
        file.writeframes(bytes(2 * SILENCE_RATE_HZ * SILENCE_S))
    return DeviceFiles(camera, microphone)


def name_card(name: str) -> Image.Image:
    """A picture of `CARD_SIZE`: the initials on a disc, the name below."""
    card = Image.new("RGB", CARD_SIZE, BACKGROUND)
    draw = ImageDraw.Draw(card)
    centre, radius = CARD_SIZE[0] // 2, 80
    draw.ellipse((centre - radius, 50, centre + radius, 50 + 2 * radius), fill=DISC)
    draw.text((centre, 50 + radius), initials(name), INK, font(INITIALS_PX), anchor="mm")
    draw.text((centre, 280), shortened(name), INK, font(NAME_PX), anchor="mm")
    return card


def i420(picture: Image.Image) -> bytes:
    """The picture as planes of luma and halved chroma, BT.601 in limited range."""
    luma, *chroma = picture.convert("YCbCr").split()
    half = (picture.width // 2, picture.height // 2)
    planes = [luma.point([round(16 + level * 219 / 255) for level in range(256)])]
    for plane in chroma:
        limited = [round(128 + (level - 128) * 224 / 255) for level in range(256)]
        planes.append(plane.resize(half, Image.Resampling.BOX).point(limited))
    return b"".join(plane.tobytes() for plane in planes)


def initials(name: str) -> str:
    """The first letters of the first and the last word that begin with one."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0].upper() for word in ends(words))


def ends(words: list[str]) -> Iterable[str]:
    """The first and the last, once where they are the same."""
    return words if len(words) <= 1 else (words[0], words[-1])


def shortened(name: str) -> str:
    """The name on one line of the card."""
    line = " ".join(name.split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"


def font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own: what fonts a machine has is unknown."""
    return ImageFont.load_default(size_px)

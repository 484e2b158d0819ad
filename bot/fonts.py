"""The font that pictures are lettered with."""

from functools import cache

from PIL import ImageFont

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

WIDE = "DejaVuSans.ttf"
"""Has the letters of most of Europe. Pillow's own has little more than ASCII; it is what there is
where no font is installed."""


@cache
def font_of(size: int) -> Font:
    """The font of this size in pixels."""
    try:
        return ImageFont.truetype(WIDE, size)
    except OSError:
        return ImageFont.load_default(size=size)

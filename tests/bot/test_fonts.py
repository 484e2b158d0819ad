"""Pictures can be lettered on any machine."""

import pytest
from PIL import ImageFont

from bot import fonts
from bot.fonts import font_of


def test_a_font_has_its_size() -> None:
    """Twice the size is about twice as wide."""
    small, large = font_of(12).getlength("Ada Lovelace"), font_of(24).getlength("Ada Lovelace")
    assert 1.8 < large / small < 2.2


def test_without_an_installed_font_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's own."""
    monkeypatch.setattr(fonts, "WIDE", "no-such-font.ttf")
    font_of.cache_clear()
    own = font_of(13)
    font_of.cache_clear()
    assert own.getlength("Ada") == ImageFont.load_default(size=13).getlength("Ada")

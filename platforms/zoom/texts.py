"""What Zoom says, by language (`texts.json`)."""

from typing import Final

from platforms.phrases import Phrases

TEXTS: Final = Phrases("platforms.zoom")
phrases: Final = TEXTS.of

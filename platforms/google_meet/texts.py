"""What Google Meet says, by language (`texts.json`)."""

from typing import Final

from platforms.phrases import Phrases

TEXTS: Final = Phrases("platforms.google_meet")
phrases: Final = TEXTS.of
labels: Final = TEXTS.labels

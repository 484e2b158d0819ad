"""What Microsoft Teams says, by language (`texts.json`)."""

from typing import Final

from platforms.phrases import Phrases

TEXTS: Final = Phrases("platforms.teams")
phrases: Final = TEXTS.of
labels: Final = TEXTS.labels

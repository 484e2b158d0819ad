"""Which view the client is to show for a recording mode, and how often that is tried. Pure."""

from typing import Final

from bot.contract import RecordingMode
from platforms.types import View

MAX_TRIES: Final = 3
TRY_EVERY_S: Final = 10.0
VIEW_OF_MODE: Final = {
    RecordingMode.SPEAKER_VIEW: View.SPEAKER,
    RecordingMode.GALLERY_VIEW: View.GALLERY,
}


class ViewChoice:
    """One recording's view: tried a few times, for a client may offer it only once others came."""

    def __init__(self, mode: RecordingMode) -> None:
        self._view = VIEW_OF_MODE.get(mode)
        self._tries = 0
        self._tried_at_s = float("-inf")
        self._chosen = False

    def due(self, now_s: float) -> View | None:
        """The view to be chosen now, None when it is not the time, or no view is wanted."""
        over = self._chosen or self._tries >= MAX_TRIES
        if over or now_s - self._tried_at_s < TRY_EVERY_S:
            return None
        return self._view

    def tried(self, now_s: float, *, chosen: bool) -> None:
        """Note how a try that ended at `now_s` went."""
        self._tries += 1
        self._tried_at_s, self._chosen = now_s, chosen

    @property
    def warning(self) -> str | None:
        """What the report has to say: the recording may show another view than was asked for."""
        if self._view is None or self._chosen or self._tries == 0:
            return None
        return f"{self._view.value} view could not be chosen: the recording shows the client's own"

"""By how much later than its picture the page plays a sound, asked now and then. Pure."""

import statistics
from dataclasses import dataclass, field
from typing import Final

FIRST_AT_S: Final = 5.0
"""So often, too, it is asked at first, until it tells: its senders report every few seconds."""
EVERY_S: Final = 30.0
"""Of recorded time. A clock that drifts takes minutes to be noticed."""


@dataclass(slots=True)
class LipSync:
    """What the page told in the course of one recording, in milliseconds: below 0 is early."""

    _late_ms: list[float] = field(default_factory=list)
    _due_at_s: float = FIRST_AT_S

    def due(self, recorded_s: float) -> bool:
        """Whether the page is to be asked when so much is recorded; in a pause once at most."""
        return recorded_s >= self._due_at_s

    def note(self, recorded_s: float, late_ms: float | None) -> None:
        """Note an answer; None: the page did not tell."""
        if late_ms is not None:
            self._late_ms.append(late_ms)
        seldom = bool(self._late_ms) or recorded_s >= EVERY_S
        self._due_at_s = recorded_s + (EVERY_S if seldom else FIRST_AT_S)

    @property
    def usual_ms(self) -> float | None:
        """The median; None where the page never told."""
        return round(statistics.median(self._late_ms), 1) if self._late_ms else None

    @property
    def worst_ms(self) -> float | None:
        """The answer farthest from 0."""
        farthest_ms = max(self._late_ms, key=abs, default=None)
        return None if farthest_ms is None else round(farthest_ms, 1)

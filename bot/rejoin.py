"""How often a bot that lost its page in mid-call may ask to join again, and how that went. Pure.

Times without a mark are seconds of the caller's clock, which never runs backwards.
"""

from dataclasses import dataclass
from typing import Final

MAX_REJOINS: Final = 3
WINDOW_S: Final = 600.0
"""No more than `MAX_REJOINS` begin in any stretch of this length: what dies that often stays so."""
SETTLES_S: Final = 5.0
"""So long after its return a page may not show yet everybody who is there."""


@dataclass(slots=True)
class Rejoin:
    """One loss of the page: `cause` is what died, `recorded_s` where in the recording that was.

    `asked_after_s` and `back_after_s` count from the loss; None: that never came.
    """

    cause: str
    lost_at_s: float
    recorded_s: float
    asked_after_s: float | None = None
    back_after_s: float | None = None


class Rejoins:
    """Every loss of one meeting, the oldest first."""

    def __init__(self) -> None:
        self.all: list[Rejoin] = []

    @property
    def current(self) -> Rejoin | None:
        """The loss the bot is not back from, None while it is in the call or was never."""
        last = self.all[-1] if self.all else None
        return last if last is not None and last.back_after_s is None else None

    def settling(self, now_s: float) -> bool:
        """Whether the bot is back so short a time that the page may not show everybody yet."""
        last = self.all[-1] if self.all else None
        if last is None or last.back_after_s is None:
            return False
        return now_s < last.lost_at_s + last.back_after_s + SETTLES_S

    def allowed(self, now_s: float) -> bool:
        """Whether another may begin now."""
        return sum(now_s - one.lost_at_s < WINDOW_S for one in self.all) < MAX_REJOINS

    def lost(self, cause: str, now_s: float, recorded_s: float) -> None:
        """The page died. One that was to replace another counts like any."""
        self.all.append(Rejoin(cause, now_s, recorded_s))

    def asked(self, now_s: float) -> None:
        """The bot has asked to join again; told more than once, the first time counts."""
        if self.current is not None and self.current.asked_after_s is None:
            self.current.asked_after_s = now_s - self.current.lost_at_s

    def back(self, now_s: float) -> None:
        """The bot is in the call again, and recorded."""
        if self.current is not None:
            self.current.back_after_s = now_s - self.current.lost_at_s

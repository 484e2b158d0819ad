"""How fast messages are taken: a bound on rate that loses none. Pure: time is an argument."""

from typing import Final

TAKEN_PER_S: Final = 500.0
BURST: Final = 1_000
"""A whole outbox acknowledged event by event comes at once, and is not held up."""


class Pace:
    """A bucket of `burst` tokens, filled at `per_s`; each message takes one, if need be in debt.

    Who waits as long as it says reads `per_s` messages a second at most; what has come meanwhile
    fills ZeroMQ's queues, and then holds up its sender.
    """

    def __init__(self, per_s: float = TAKEN_PER_S, burst: int = BURST) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = float(burst)
        self._at_s = 0.0

    def take(self, now_s: float) -> float:
        """Count one message; seconds to wait before the next one is read, mostly 0."""
        filled = self._tokens + max(0.0, now_s - self._at_s) * self._per_s
        self._at_s = now_s
        self._tokens = min(float(self._burst), filled) - 1
        return max(0.0, -self._tokens / self._per_s)

"""Tells dead sound from a quiet room, by two probes. Pure.

The recording's own samples are the first ear; what the page says it receives is the second. Zeros
in the recording while the page receives sound are no silence: the way in between is dead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LISTEN_AFTER_S: Final = 2.0
"""The second ear is asked once nothing but zeros came for so long: pauses of speech are shorter."""
HEARD_ENERGY_PER_S: Final = 1e-5
"""-50 dBFS in the mean: speech is far above, a quiet room's noise below."""
RISES_NEEDED: Final = 2
"""Two looks apart in one run of zeros: the first alone may have met sound on its way."""
MEND_AFTER_S: Final = (0.0, 10.0, 30.0, 60.0, 120.0)
"""Waits before each re-capture; after the last one the sound is only said to be dead."""


Reading = tuple[float, Mapping[str, float]]
"""When the page was asked, and the energies it had received."""


@dataclass(slots=True)
class Hearing:
    """One recording's two ears. Feed it about once a second; the clock is any monotonic one."""

    dead: bool = False
    _rises: int = 0
    _mends: int = 0
    _mended_at_s: float = float("-inf")
    _last: Reading | None = None

    def note(self, now_s: float, zeros_s: float, energies: Mapping[str, float] | None) -> None:
        """Note for how long only zeros have come, and the energies the page has received.

        `energies` are read first and only grow (`platforms.receivers`); None tells nothing: what
        was found stays until sound comes.
        """
        if zeros_s < LISTEN_AFTER_S:
            self.dead, self._rises, self._last = False, 0, None
            return
        if energies is None:
            self._last = None
            return
        if self._last is not None and _rose(self._last, (now_s, energies)):
            self._rises += 1
        self._last = (now_s, energies)
        self.dead = self._rises >= RISES_NEEDED

    def mend_due(self, now_s: float) -> bool:
        """Whether the sound is dead and a re-capture is due."""
        if not self.dead or self._mends == len(MEND_AFTER_S):
            return False
        return now_s - self._mended_at_s >= MEND_AFTER_S[self._mends]

    def mended(self, now_s: float) -> None:
        """A re-capture was made: the ears begin anew."""
        self._mends += 1
        self._mended_at_s = now_s
        self.note(now_s, 0.0, None)


def _rose(before: Reading, after: Reading) -> bool:
    """Whether one receiver, known to both looks, got sound between them."""
    passed_s = after[0] - before[0]
    gained = [energy - before[1][name] for name, energy in after[1].items() if name in before[1]]
    return passed_s > 0 and max(gained, default=0.0) / passed_s > HEARD_ENERGY_PER_S

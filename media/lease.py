"""Who may write a bot's recording: the decisions. Pure; `media.fence` does what they say.

A lease is one small object that its holder renews and whoever replaces him takes over by a
conditional write, which raises the fencing number. No clock of two machines is ever compared: a
lease's age is told by the storage, which wrote it and says how late it is now; how long its
holder may go on without asking is told by his own clock, which runs on while he is suspended.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

RENEW_EVERY_S: Final = 30.0
GOOD_FOR_S: Final = 120.0
"""How long after asking for its last renewal a holder writes without asking again."""
TAKEN_OVER_AFTER_S: Final = 1_200.0
"""A lease that was not renewed for so long may be taken over. What its holder began to write
while it was good has had the difference, 18 minutes, to come to an end."""


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """What stands in the storage. `renewals` makes each writing differ from every other.

    `ended`: the holder has done what was to be done for this bot; nobody need follow.
    """

    holder: str
    fence: int
    renewals: int = 0
    ended: bool = False

    def encode(self) -> bytes:
        """As JSON."""
        return json.dumps(
            {
                "holder": self.holder,
                "fence": self.fence,
                "renewals": self.renewals,
                "ended": self.ended,
            }
        ).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read one. What is none stands for a holder without a name that is the first."""
        try:
            found: Any = json.loads(data)
            record = cls(found["holder"], found["fence"], found["renewals"], found["ended"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return cls(holder="", fence=1)
        types = (type(record.holder), type(record.fence), type(record.renewals), type(record.ended))
        return record if types == (str, int, int, bool) else cls(holder="", fence=1)


class Standing(StrEnum):
    """How a lease stands towards one who asks for it."""

    OURS = "ours"
    HELD = "held"
    LAPSED = "lapsed"
    ENDED = "ended"


def standing(record: LeaseRecord, age_s: float, holder: str) -> Standing:
    """How a lease of this age stands towards `holder`."""
    if record.ended:
        return Standing.ENDED
    if record.holder == holder:
        return Standing.OURS
    return Standing.HELD if age_s < TAKEN_OVER_AFTER_S else Standing.LAPSED


def renewed(record: LeaseRecord) -> LeaseRecord:
    """The same, by the same holder."""
    return replace(record, renewals=record.renewals + 1)


def taken_over(record: LeaseRecord, holder: str) -> LeaseRecord:
    """The same, by another: the fencing number is raised."""
    return LeaseRecord(holder, record.fence + 1)


def ended(record: LeaseRecord) -> LeaseRecord:
    """The last word on it."""
    return replace(record, renewals=record.renewals + 1, ended=True)

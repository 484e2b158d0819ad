"""How a run died, by what was seen of it and what it had noted."""

import pytest

from bot.contract import EndReason
from bot.deaths import AT_LIMIT, COUNTED, UNSEEN, death
from bot.vitals import Vitals

OOM, KILLED = EndReason.OOM_KILLED, EndReason.FORCE_KILLED
UNKNOWN = Vitals()
FAR = Vitals("g", oom_kills=0, used_bytes=600, limit_bytes=2000)
NEAR = Vitals("g", oom_kills=0, used_bytes=1900, limit_bytes=2000)
ONE_MORE = Vitals("g", oom_kills=1)
ELSEWHERE = Vitals("h", oom_kills=1)


@pytest.mark.parametrize(
    ("seen", "noted", "now", "reason", "row"),
    [
        (None, UNKNOWN, UNKNOWN, KILLED, UNSEEN),
        (None, FAR, FAR, KILLED, UNSEEN),
        (None, FAR, ONE_MORE, OOM, COUNTED),
        (None, FAR, ELSEWHERE, KILLED, UNSEEN),
        (None, NEAR, ELSEWHERE, OOM, AT_LIMIT),
        (OOM, FAR, ONE_MORE, OOM, "supervisor/OOM_KILLED"),
        (OOM, FAR, FAR, KILLED, "supervisor/FORCE_KILLED"),
        (OOM, UNKNOWN, ONE_MORE, OOM, "supervisor/OOM_KILLED"),
        (KILLED, NEAR, ONE_MORE, KILLED, "supervisor/FORCE_KILLED"),
        (EndReason.SIGTERM, NEAR, ONE_MORE, EndReason.SIGTERM, "supervisor/SIGTERM"),
    ],
)
def test_reason_and_its_evidence(
    seen: EndReason | None, noted: Vitals, now: Vitals, reason: EndReason, row: str
) -> None:
    """Out of memory only by a counter of the same group that rose, or by a note near the limit.

    A kill that was counted before the run's last note took another process.
    """
    died = death(seen, noted, now)
    assert (died.reason, died.row) == (reason, row)

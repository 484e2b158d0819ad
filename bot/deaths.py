"""How a run died: what its supervisor saw, held against what the run had noted.

A kill for want of memory is claimed on evidence only. Where a whole container dies at once nobody
sees it, a kubelet does not tell the next start, and the new container's counters are at zero: what
is left is the dead run's note, and a bot that was far below its limit is not said to have reached
it. Memory that is used up faster than notes are made is therefore FORCE_KILLED.
"""

from typing import Final

from bot.contract import EndReason
from bot.outcome import Outcome, outcome
from bot.vitals import Vitals

UNSEEN: Final = "next_run/process-gone"
"""A death that nobody saw: the process was gone at the next start."""
COUNTED: Final = "next_run/oom-kill-counted"
"""The same, and its control group has counted a kill for want of memory since its last note."""
AT_LIMIT: Final = "next_run/memory-at-limit"
"""The same, and by its last note memory was nearly used up."""
NEARLY_ALL: Final = 0.9
"""The share of its limit that a bot does not reach while all is well: a whole one needs half."""


def death(reason: EndReason | None, noted: Vitals, now: Vitals) -> Outcome:
    """How a run ended that died: by its supervisor's word, else (None) by what it left.

    `noted` is the run's last note, `now` is of the process that asks.
    """
    kills = _kills_since(noted, now)
    if reason is EndReason.OOM_KILLED and kills == 0:
        # the kernel's choice was another process, before: a renderer, say
        return _seen(EndReason.FORCE_KILLED)
    if reason is not None:
        return _seen(reason)
    if kills:
        detail = f"since its last note the kernel killed {kills} for want of memory"
        return outcome(EndReason.OOM_KILLED, COUNTED, detail)
    if noted.used_share >= NEARLY_ALL:
        detail = f"its last note: {noted.used_bytes} of {noted.limit_bytes} bytes of memory used"
        return outcome(EndReason.OOM_KILLED, AT_LIMIT, detail)
    return outcome(EndReason.FORCE_KILLED, UNSEEN, "the process was gone at the next start")


def _seen(reason: EndReason) -> Outcome:
    return outcome(reason, f"supervisor/{reason.value}")


def _kills_since(noted: Vitals, now: Vitals) -> int | None:
    """Kills for want of memory after the note; None where the two cannot be compared."""
    if noted.oom_kills is None or now.oom_kills is None or not noted.is_same_group(now):
        return None
    return now.oom_kills - noted.oom_kills

"""How a recording stands while it is made: the sections that a dead run's report takes over. Pure.

A run keeps them beside its turns (`bot.notes`); whoever ends it after its death cuts them where the
recording was cut off.
"""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from pydantic import BaseModel

from bot.report import (
    FROZEN,
    BusyReport,
    CaptureReport,
    CostReport,
    DegradedReport,
    GapReport,
    PauseReport,
    QualitySection,
    RejoinReport,
)
from media.pressure import Level

TOO_SLOW: Final = "this machine was too slow: pictures were reduced for {seconds:.1f} s (degraded)"


class Stretch(Protocol):
    """What has a beginning in the recording."""

    @property
    def start_seconds(self) -> float:
        """Where it begins."""


S = TypeVar("S", bound=Stretch)
Long = TypeVar("Long", GapReport, BusyReport)


class Standing(BaseModel):
    """A recording as it stood when `quality.known_until_seconds` of it were recorded."""

    model_config = FROZEN

    quality: QualitySection
    pauses: tuple[PauseReport, ...] = ()
    rejoins: tuple[RejoinReport, ...] = ()
    capture: CaptureReport | None = None
    cost: CostReport | None = None
    warnings: tuple[str, ...] = ()

    @property
    def losses(self) -> tuple[object, ...]:
        """What is missing from the recording, or was left out of it: two notes may differ else."""
        quality = self.quality
        dropped = tuple(sorted(quality.frames_dropped.items()))
        pauses, rejoins, degraded = self.pauses, self.rejoins, tuple(quality.degraded)
        return (tuple(quality.gaps), dropped, quality.frames_thinned, degraded, pauses, rejoins)

    def until(self, end_s: float) -> "Standing":
        """What of it lies before `end_s`, where the recording was cut off. Sums stay as they are.

        A pause lies in the recording where it begins.
        """
        quality = self.quality.model_copy(
            update={
                "gaps": _cut(self.quality.gaps, end_s),
                "busy_machine": _cut(self.quality.busy_machine, end_s),
                "degraded": [
                    _open_at(each, end_s)
                    for each in self.quality.degraded
                    if each.at_seconds < end_s
                ],
            }
        )
        return self.model_copy(
            update={
                "quality": quality,
                "pauses": tuple(_before(self.pauses, end_s)),
                "rejoins": tuple(_before(self.rejoins, end_s)),
            }
        )


def gave_way(degraded: Sequence[DegradedReport], end_s: float) -> list[str]:
    """In words, for how long less than everything was recorded; nothing where all was."""
    # levels are nested: the time given to the first of them holds the others'
    spans = [each for each in degraded if each.from_level is Level.FULL]
    ends_s = [end_s if each.until_seconds is None else each.until_seconds for each in spans]
    total_s = sum(until_s - each.at_seconds for each, until_s in zip(spans, ends_s, strict=True))
    return [TOO_SLOW.format(seconds=total_s)] if spans else []


def _before(stretches: Sequence[S], end_s: float) -> list[S]:
    return [each for each in stretches if each.start_seconds < end_s]


def _cut(stretches: Sequence[Long], end_s: float) -> list[Long]:
    return [
        each.model_copy(
            update={
                "duration_seconds": round(min(each.duration_seconds, end_s - each.start_seconds), 3)
            }
        )
        for each in _before(stretches, end_s)
    ]


def _open_at(each: DegradedReport, end_s: float) -> DegradedReport:
    """A level that was taken back later than this lasted to the end."""
    if each.until_seconds is None or each.until_seconds < end_s:
        return each
    return each.model_copy(update={"until_seconds": None})

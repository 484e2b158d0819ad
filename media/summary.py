"""How a recording stands, and what was recorded: the recorder's words for its callers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from media.measures import Curves
from media.pauses import Pause
from media.pressure import Degradation, Level
from media.quality import QualityReport
from media.timeline import Gap

FPS_OVER_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class RecorderStats:
    """How the recording stands.

    `recorded_s`, `heard_at_s` and `seen_at_s` are seconds of recorded time. The ages are seconds
    of wall time since the last packet came in, None before the first: sound flows also while it
    is silent, so an old `sound_age_s` means a dead capture; pictures come only when they change.
    Without `pictures` sound alone is recorded. For `zeros_s` nothing but zeros has come.
    `heard_age_s` is the age of the last packet that was no silence, since the recording began and
    in its pauses too.
    `dropped` counts pictures: `late` ones moved behind their time, `behind` lost to the encoder,
    `ring` lost in the page; and `ring_sound`, packets of sound lost in the page. `thinned` were
    left out on purpose, at a `level` that is not the full one.
    """

    recorded_s: float = 0.0
    pictures_in: int = 0
    pictures_encoded: int = 0
    repeats: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    packets_in: int = 0
    fps: float = 0.0
    heard_at_s: float | None = None
    seen_at_s: float | None = None
    sound_age_s: float | None = None
    heard_age_s: float | None = None
    picture_age_s: float | None = None
    captures: int = 1
    pictures: bool = True
    zeros_s: float = 0.0
    thinned: int = 0
    level: Level = Level.FULL


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What was recorded, once both files are closed. `drift_ms` as in `Assembly`."""

    start_time: datetime
    duration_s: float
    stats: RecorderStats
    quality: QualityReport
    gaps: tuple[Gap, ...]
    pauses: tuple[Pause, ...]
    audio_epochs: int
    drift_ms: float = 0.0
    curves: Curves = field(default_factory=Curves)
    degradations: tuple[Degradation, ...] = ()


def frame_rate(picture_at_s: Sequence[float], recorded_s: float) -> float:
    """New pictures per second over the last `FPS_OVER_S` recorded, or over what there is."""
    span_s = max(1.0, min(FPS_OVER_S, recorded_s))
    return round(sum(at_s > recorded_s - span_s for at_s in picture_at_s) / span_s, 1)

"""`report.json`: what was recorded, how, at what cost, and how it ended."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from bot.contract import EndReason
from bot.presentations import Presentation
from media.pressure import Cause, Level

FROZEN = ConfigDict(frozen=True, extra="forbid")


class CaptureReport(BaseModel):
    """How pixels and samples were taken from the browser."""

    model_config = FROZEN

    backend: Literal["tab", "display"] = "tab"
    transport: Literal["ring", "framebuffer"] = "ring"
    browser_mode: Literal["headless", "headful"] = "headless"
    browser: str = Field(description="Version of the browser.")
    sandbox: Literal["on", "off"] = Field(description="The browser's own sandbox.")
    width: int | None = Field(description="null where sound alone is recorded.")
    height: int | None


class GapReport(BaseModel):
    """A stretch in which something was missing and was filled."""

    model_config = FROZEN

    kind: str = Field(
        description="`hole`, `starved`, `jump`: no sound came; `overlap`: sound for a time already "
        "filled was thrown away; `recapture`: the capture was made anew; `dead`: zeros came while "
        "the page received sound."
    )
    start_seconds: float
    duration_seconds: float


class DegradedReport(BaseModel):
    """What was given up of the pictures because this machine was too slow. Sound never is."""

    model_config = FROZEN

    from_level: Level = Field(
        description="In this order: `full`, `cheap_preset` (a cheaper x264 preset), `half_rate` "
        "(15 pictures per second), `sound_first` (one picture per second)."
    )
    to_level: Level
    at_seconds: float
    until_seconds: float | None = Field(description="null: to the end of the recording.")
    why: Cause = Field(
        description="`encoder_behind`: by 0.3, 0.5 or 0.9 s; `pictures_lost`: in the ring."
    )


class BusyReport(BaseModel):
    """A stretch of at least 3 s in which other work took the processors."""

    model_config = FROZEN

    start_seconds: float
    duration_seconds: float
    waited_share: float = Field(
        description="Of the time in which the bot's own threads wanted to run."
    )


class PauseReport(BaseModel):
    """A stretch left out by command: it takes no room in the recording."""

    model_config = FROZEN

    start_seconds: float = Field(description="Where in the recording it was.")
    duration_seconds: float


class PresentationReport(BaseModel):
    """A stretch in which somebody's screen was shown in the call."""

    model_config = FROZEN

    presenter: str
    user_id: str
    start_seconds: float
    end_seconds: float

    @classmethod
    def of(cls, presentation: Presentation) -> Self:
        """The presentation's row."""
        return cls(
            presenter=presentation.presenter,
            user_id=presentation.user_id,
            start_seconds=round(presentation.start_s, 2),
            end_seconds=round(presentation.end_s, 2),
        )


class QualitySection(BaseModel):
    """What the recording holds. Seconds of recorded time."""

    model_config = FROZEN

    frames_got: int = Field(description="Pictures captured, before and during the recording.")
    frames_encoded: int
    frames_repeated: int = Field(description="The last picture written again, nothing had changed.")
    frames_dropped: dict[str, int] = Field(
        description="Pictures lost, by the queue that lost them."
    )
    frames_thinned: int = Field(0, description="Left out on purpose, while `degraded`.")
    degraded: list[DegradedReport] = Field(
        [], description="What was given up when this machine was too slow, in order."
    )
    audio_packets: int
    audio_epochs: int = Field(description="How often the sound's timestamps jumped back.")
    av_calibration_ms: float = Field(description="Constant taken off the sound's times.")
    av_drift_ms: float = Field(
        0.0,
        description="Stretched (+) or cut (-) from the sound, sample by sample, to stay in step.",
    )
    av_offset_ms: float | None = Field(
        None,
        description="How much later than its picture (before it: below 0) the page itself played "
        "a sound, by its senders' clocks (RTCP sender reports): the median of a look every 30 s. "
        "null where its WebRTC receivers do not tell: Chromium's do where sound and picture come "
        "as one stream.",
    )
    av_offset_worst_ms: float | None = Field(None, description="The look farthest from 0.")
    busy_machine: list[BusyReport] = Field(
        [],
        description="Less than 3 % of the processors was idle, or the bot's own threads waited "
        "for one longer than they ran.",
    )
    silent_seconds: float = Field(description="Sound below -60 dBFS. No fault by itself.")
    digital_silence_seconds: float = Field(
        description="Of them, every sample 0: nobody sends sound, or what was missing was filled."
    )
    digital_silence_holes: int = Field(
        0, description="Runs of zeros of at most 2 s with sound right before and after."
    )
    digital_silence_hole_seconds: float = Field(0.0, description="Their length in all.")
    black_seconds: float = Field(description="Every looked-at pixel darker than luma 20.")
    frozen_seconds: float = Field(
        description="Stretches of more than 2 s in which no new picture came. No fault by itself."
    )
    frame_rate_seconds: dict[str, int] = Field(
        default={}, description="Whole seconds by how many new pictures they brought."
    )
    peak_dbfs: float | None = Field(description="The loudest sample; null when all were 0.")
    clipped_samples: int = Field(description="Samples at full scale, in either channel.")
    clipped_seconds: float = Field(
        0.0, description="Length of the blocks, 10 ms as a rule, that hold one."
    )
    loudness_lufs: float | None = Field(
        None, description="Integrated loudness (EBU R128); null where nothing was above -70 LUFS."
    )
    loudness_range_lu: float | None = Field(
        None, description="Loudness range (EBU Tech 3342), in LU."
    )
    measuring_cores: float = Field(0.0, description="What measuring all this cost, in cores.")
    first_look: str | None = Field(
        None,
        description="What the file so far showed when it was opened after 10 s of recording: "
        "'it plays', or what was wrong; null when it ended before.",
    )
    gaps: list[GapReport]
    known_until_seconds: float | None = Field(
        None,
        description="null: all of this is of the whole recording. Else its files were not closed: "
        "sums and counts are of so many recorded seconds, after which nothing is known; stretches "
        "end with what stands of the recording.",
    )


class RejoinReport(BaseModel):
    """One loss of page or browser in mid-call, after which the bot asked to join again."""

    model_config = FROZEN

    cause: str = Field(
        description="What died: 'page-crashed', 'page-frozen' (it answered nothing any more, "
        "though its browser did), or 'gone' for the whole browser."
    )
    start_seconds: float = Field(description="When, in the recording.")
    asked_after_seconds: float | None = Field(
        description="From the loss to the request to join again; null where none was made."
    )
    back_after_seconds: float | None = Field(
        description="From the loss to the recording's going on; null where it did not."
    )


class UploadReport(BaseModel):
    """How the files went out."""

    model_config = FROZEN

    storage: str
    video_bytes: int
    audio_bytes: int
    chunks: int
    parts: int
    retries: int
    bytes_after_leaving: int = Field(
        description="Uploaded after the recording ended, index and all."
    )
    seconds_after_leaving: float = Field(
        description="From the end of the recording to the stored and verified file."
    )


class ArtifactRow(BaseModel):
    """One expected artifact. A failed one has a key where something of it is in storage."""

    model_config = FROZEN

    name: str
    key: str | None
    size_bytes: int | None = Field(description="null for what is written on after the report.")
    state: Literal["stored", "absent", "failed"]
    note: str = ""


class CostReport(BaseModel):
    """What the whole process tree used."""

    model_config = FROZEN

    cpu_seconds: float
    cores_average: float
    memory_peak_bytes: int
    cores_by_process: dict[str, float]


class CallbackReport(BaseModel):
    """How the callback went. `problem` is null exactly when it was delivered."""

    model_config = FROZEN

    delivered: bool
    status: int | None = Field(description="HTTP status of the last answer.")
    tries: int
    problem: str | None


class Report(BaseModel):
    """Everything there is to know about one run."""

    model_config = FROZEN

    schema_version: str
    version: str
    bot_id: str
    run_id: str
    platform: str
    bot_name: str
    bot_name_shown: str
    end_reason: EndReason
    end_row: str = Field(description="The evidence row or rule that proved the end.")
    end_detail: str = ""
    platform_verdict: str | None = Field(
        None, description="The platform's own word about the bot, where it could be read."
    )
    start_time: datetime | None = Field(None, description="Time 0 of every artifact.")
    duration_seconds: float | None
    pauses: list[PauseReport] = Field([], description="Left out by command.")
    rejoins: list[RejoinReport] = Field([], description="In the order of the losses.")
    joined_at: datetime | None
    exited_at: datetime | None
    participants: list[str]
    speakers: list[str]
    presentations: list[PresentationReport] = Field([], description="Screens that were shown.")
    capture: CaptureReport | None
    quality: QualitySection | None
    upload: UploadReport | None
    cost: CostReport | None
    callback: CallbackReport | None = Field(
        None, description="Added after the last event; null where none was asked for."
    )
    timings_seconds: dict[str, float] = Field(description="Length of each phase.")
    artifacts: list[ArtifactRow]
    warnings: list[str]

"""What a job's recording is made of: which files, of what size, from a page of what size."""

from dataclasses import dataclass
from typing import Final

from bot.artifacts import AUDIO, FLAC_AUDIO, VIDEO
from bot.contract import AudioFormat, RecordingMode, Resolution
from bot.job import Job
from media.tab.capture import CaptureSettings

Size = tuple[int, int]
SIZES: Final[dict[Resolution, Size]] = {
    Resolution.HD: (1280, 720),
    Resolution.FULL_HD: (1920, 1080),
}
JOINING_UNSEEN: Final = SIZES[Resolution.HD]
"""Joining takes a page on which everything has its place, recorded or not."""
UNSEEN: Final[Size] = (320, 180)
"""Of a page that nobody looks at, as little as possible is laid out and drawn."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One recording's files and sizes. `video_name` is None where sound alone is recorded."""

    capture: CaptureSettings
    joining_size: Size
    video_name: str | None
    audio_name: str

    @property
    def names(self) -> tuple[str, ...]:
        """The files that are expected, the video first."""
        return (self.audio_name,) if self.video_name is None else (self.video_name, self.audio_name)


ANY_SHAPE: Final = Shape(CaptureSettings(*JOINING_UNSEEN), JOINING_UNSEEN, VIDEO, AUDIO)
"""Of a browser that is to record nothing in particular."""


def shape_of(job: Job) -> Shape:
    """The shape of a job's recording."""
    audio_name = FLAC_AUDIO if job.audio_format is AudioFormat.FLAC else AUDIO
    if job.recording_mode is RecordingMode.AUDIO_ONLY:
        return Shape(CaptureSettings(*UNSEEN, video=False), JOINING_UNSEEN, None, audio_name)
    size = SIZES[job.resolution]
    return Shape(CaptureSettings(*size), size, VIDEO, audio_name)

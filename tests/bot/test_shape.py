"""Which files a job's recording has, and of what size."""

import pytest

from bot.contract import AudioFormat, RecordingMode, Resolution
from bot.job import Job, parse_job
from bot.shape import SIZES, shape_of
from media.tab.capture import CaptureSettings


def job(**fields: object) -> Job:
    """A job with these fields."""
    url = "https://meet.google.com/abc-defg-hij"
    return parse_job({"meeting_url": url, "bot_name": "Notes", **fields}, local_run=True)


def test_a_plain_job_is_recorded_in_720p() -> None:
    """The page is as large as the picture; a video and an MP3 are made."""
    shape = shape_of(job())
    assert shape.capture == CaptureSettings(1280, 720)
    assert shape.joining_size == (1280, 720)
    assert shape.names == ("video.mp4", "audio.mp3")


def test_full_hd() -> None:
    """Both page and capture are 1920x1080."""
    shape = shape_of(job(resolution="1080p"))
    assert (shape.capture.width, shape.capture.height) == shape.joining_size == (1920, 1080)


@pytest.mark.parametrize("resolution", ["720p", "1080p"])
def test_sound_alone_has_no_picture_of_any_size(resolution: str) -> None:
    """It joins on a page of full size, then 320x180 is enough; the sound's format is as asked."""
    shape = shape_of(job(recording_mode="audio_only", audio_format="flac", resolution=resolution))
    assert shape.capture == CaptureSettings(320, 180, video=False)
    assert shape.joining_size == (1280, 720)
    assert (shape.video_name, shape.names) == (None, ("audio.flac",))


def test_every_word_of_the_contract_has_a_shape() -> None:
    """No mode, resolution or format is left out."""
    assert set(SIZES) == set(Resolution)
    for mode in RecordingMode:
        for audio in AudioFormat:
            names = shape_of(job(recording_mode=mode.value, audio_format=audio.value)).names
            assert names[-1] == f"audio.{audio.value}"

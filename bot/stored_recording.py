"""What is stored of a recording, opened and looked at: early on, and when it is done."""

from typing import Final

from bot.shape import Shape
from media.errors import CaptureFailed, StorageError
from media.live import stored_chunks
from media.summary import RecordingSummary
from media.types import Storage
from media.uploader import UploadResult
from media.verify import Expectation, Verified, unplayable, verify_audio, verify_recording

LENGTH_TOLERANCE_S: Final = 1.0
HEARD_SPOT_S: Final = 0.1
SURELY_HEARD: Final = 0.01
"""-40 dBFS: no encoder makes nothing of it."""


def look_at_chunks(
    storage: Storage, key_prefix: str, summary: RecordingSummary, shape: Shape
) -> str | None:
    """What is wrong with the chunks stored so far; None when they play. Blocks.

    What they hold is compared to what was measured. A storage that is down is no fault of the
    capture: None.
    """
    peak = summary.curves.peak
    heard_at_s = [n * peak.step_s for n, each in enumerate(peak.values) if each > SURELY_HEARD]
    try:
        keys = stored_chunks(storage, f"{key_prefix}chunks/")
        joined = b"".join(storage.get(key) for key in keys)
    except StorageError:
        return None
    return unplayable(joined, heard_at_s, pictures=shape.capture.video) if joined else None


def verify_stored(
    storage: Storage, summary: RecordingSummary, upload: UploadResult, shape: Shape
) -> Verified:
    """Open what was stored and hold it against what was measured. Blocks.

    Raises `media.errors.VerificationFailed` where it does not hold, `StorageError` where it cannot
    be read, and `CaptureFailed` where nothing was recorded.
    """
    pictures = shape.capture.video
    if upload.audio_key is None or (pictures and upload.video_key is None):
        raise CaptureFailed("nothing was recorded")
    heard_at_s = summary.stats.heard_at_s
    expect = Expectation(
        duration_s=summary.duration_s,
        tolerance_s=LENGTH_TOLERANCE_S,
        width=shape.capture.width,
        height=shape.capture.height,
        must_have_sound=heard_at_s is not None,
        # of a mostly silent meeting evenly spread looks would hear nothing
        sound_at_s=() if heard_at_s is None else (max(0.0, heard_at_s - HEARD_SPOT_S),),
    )
    sound = verify_audio(storage, upload.audio_key, expect)
    if upload.video_key is None:
        return sound
    return verify_recording(storage, upload.video_key, expect)

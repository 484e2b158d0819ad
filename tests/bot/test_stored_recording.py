"""What is stored is opened and held against what was measured."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.launch import new_browser, new_recording
from bot.shape import shape_of
from bot.stored_recording import verify_stored
from media.errors import CaptureFailed, VerificationFailed
from tests.bot.rig import rig
from tests.bot.test_recording import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_a_short_file_fails_its_verification(tmp_path: Path) -> None:
    """A stored file that is not what was recorded is found out, and one that is not there."""
    with rig(tmp_path) as parts:
        async with (
            new_browser(parts.context, ()) as browser,
            new_recording(parts.context, browser) as recording,
        ):
            recording.begin()
            await until(lambda: recording.recorded_s > 2)
            await recording.finish(deadline_s=30)
            (parts.folder / "video.mp4").write_bytes(b"torn")
            assert recording.summary is not None
            assert recording.stored is not None
            shape, found = shape_of(parts.context.job), (recording.summary, recording.stored)
            with pytest.raises(VerificationFailed):
                verify_stored(parts.context.shelf.storage, *found, shape)
            assert await recording.look() is None, "its chunks are whole"
            nothing = replace(recording.stored, audio_key=None)
            with pytest.raises(CaptureFailed):
                verify_stored(parts.context.shelf.storage, recording.summary, nothing, shape)

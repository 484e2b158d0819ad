"""Zoom from job to file, in real Chromium against the test meeting."""

from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from tests.e2e.harness import bot_at
from tests.e2e.lending import Lender
from tests.e2e.listening import sound_of, voice_most_heard

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

ZOOM: dict[str, object] = {"platform": "zoom"}
VOICE_LIMIT_S = 60.0


async def test_recorded_from_the_waiting_room_to_the_host_s_end(
    tmp_path: Path, lent: Lender
) -> None:
    """A Zoom meeting is joined, heard, recorded and told truthfully, with nobody's help.

    The sound has to be joined by hand there, and it plays only then.
    """
    scenario = {
        **ZOOM,
        "variants": ["audio_not_joined"],
        "admission_gap_s": 0.0,
        "participants": [{"name": "Ada", "picture": "small"}, {"name": "Bob", "picture": "still"}],
    }
    async with bot_at(tmp_path, scenario, lent=lent, entry_message="Hello") as (meeting, bot):
        assert meeting.meeting_url == "https://zoom.us/j/98765432101?pwd=Sim7code"
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("admit")
        await bot.reaches(Status.IN_CALL_RECORDING)
        await bot.until(lambda: bot.session.snapshot().people == 2)
        await meeting.command("speak", {"who": "Ada", "for_s": VOICE_LIMIT_S})
        await bot.until(lambda: "Ada" in bot.session.snapshot().speaking)
        began_s = bot.session.snapshot().recorder.recorded_s
        await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > began_s + 2)
        await meeting.command("end")
        ended = await bot.ends()
        state = meeting.state()
    assert ended.outcome.row == "zoom/ended-dialog"
    assert ended.outcome.reason in {EndReason.BOT_REMOVED, EndReason.BOT_REMOVED_TOO_EARLY}
    assert ended.statuses[:5] == [
        "queued",
        "joining_call",
        "in_waiting_room",
        "in_call_not_recording",
        "in_call_recording",
    ]
    assert [message.text for message in state.chat] == ["Hello"]
    assert voice_most_heard(sound_of(ended.folder / "video.mp4"), 2) == 0
    assert (ended.last["participants"], ended.last["speakers"]) == (["Ada", "Bob"], ["Ada"])


async def test_the_host_never_comes(tmp_path: Path, lent: Lender) -> None:
    """Past the waiting room's limit a meeting without a host is WAITING_FOR_HOST_TIMEOUT."""
    async with bot_at(tmp_path, {**ZOOM, "variants": ["host_absent"]}, lent=lent) as (
        _meeting,
        bot,
    ):
        await bot.reaches(Status.IN_WAITING_FOR_HOST)
        seen = bot.session.looks
        await bot.until(lambda: bot.session.looks >= seen + 2)
        bot.clock.push(601)
        ended = await bot.ends()
    assert (ended.outcome.reason, ended.outcome.row) == (
        EndReason.WAITING_FOR_HOST_TIMEOUT,
        "leave/host-never-came",
    )

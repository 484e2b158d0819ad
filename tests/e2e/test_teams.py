"""A Microsoft Teams meeting from its link to its file, on the replica; and how else it can end."""

import json
from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from tests.e2e.harness import Bot, bot_at
from tests.e2e.lending import Lender
from tests.e2e.listening import sound_of, voice_most_heard

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
RECORDED_S = 4.0
ENOUGH_S = 3.0
ENDLESS_S = 600.0
TWO = [{"name": "Grace", "picture": "still"}, {"name": "Ada", "picture": "small"}]
ADA = 1
"""Her voice's number: the order of the scenario."""


def presenters(bot: Bot) -> list[str]:
    """Whose screen is shown, by the last event about people."""
    events = [json.loads(line) for line in bot.stream.getvalue().splitlines()]
    people = [e["data"]["participants"] for e in events if e["event"] == "bot.participants"]
    return [one["name"] for one in people[-1] if one["is_presenting"]] if people else []


async def test_recorded_to_the_end(
    tmp_path: Path, lent: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Admitted from the lobby, Ada heard and named, ended by the host: a completed recording.

    Grace shows a screen meanwhile: from when to when stands in the report.
    """
    monkeypatch.setattr("bot.outcome.MIN_RECORDED_S", ENOUGH_S)
    scenario: dict[str, object] = {
        "platform": "microsoft_teams",
        "admission_gap_s": 0.0,
        "participants": TWO,
        "events": [{"do": "speak", "who": "Ada", "at_s": 1, "for_s": ENDLESS_S}],
    }
    async with bot_at(tmp_path, scenario, lent=lent, bot_name="Notes (bot)") as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("admit")
        await bot.reaches(Status.IN_CALL_RECORDING)
        await meeting.command("share_screen", {"who": "Grace"})
        await bot.until(lambda: presenters(bot) == ["Grace"])
        await meeting.command("stop_sharing", {"who": "Grace"})
        await bot.until(lambda: presenters(bot) == [])
        await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > RECORDED_S)
        shown = [person.name for person in meeting.state().in_call]
        await meeting.command("end")
        ended = await bot.ends()
    assert (ended.outcome.reason, ended.outcome.row) == (
        EndReason.BOT_REMOVED,
        "microsoft_teams/end-screen",
    )
    assert ended.statuses == [
        "queued",
        "joining_call",
        "in_waiting_room",
        "in_call_not_recording",
        "in_call_recording",
        "call_ended",
        "completed",
    ]
    assert shown == ["Grace", "Ada", "Notes bot"], "the client would refuse brackets"
    assert sorted(ended.last["participants"]) == ["Ada", "Grace"]
    sound = sound_of(ended.folder / "video.mp4")
    assert voice_most_heard(sound, len(TWO)) == ADA
    turns = [
        json.loads(line) for line in (ended.folder / "diarization.jsonl").read_text().splitlines()
    ]
    assert {turn["speaker"] for turn in turns} == {"Ada"}
    (screen,) = ended.report["presentations"]
    assert screen["presenter"] == "Grace"
    assert 0 <= screen["start_seconds"] < screen["end_seconds"] < ended.report["duration_seconds"]


async def test_not_admitted(tmp_path: Path, lent: Lender) -> None:
    """A refusal in the lobby is BOT_NOT_ACCEPTED, by the row that proved it."""
    scenario: dict[str, object] = {"platform": "microsoft_teams"}
    async with bot_at(tmp_path, scenario, lent=lent) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("deny")
        ended = await bot.ends()
    assert (ended.outcome.reason, ended.outcome.row) == (
        EndReason.BOT_NOT_ACCEPTED,
        "microsoft_teams/denied-text",
    )
    assert ended.statuses[-2:] == ["call_ended", "failed"]
    assert "in_waiting_room" in ended.statuses

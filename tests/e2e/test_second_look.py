"""Each platform's client a generation later: a whole bot meets a look nobody told it of."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from tests.e2e.harness import bot_at
from tests.e2e.lending import Lender

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
TWO = [{"name": "Ada", "picture": "small"}, {"name": "Bob", "picture": "still"}]
ENDLESS_S = 3600.0


@dataclass(frozen=True)
class Case:
    """A client in its second look; what ends it there, and the row that is left to prove it."""

    platform: str
    lang: str
    end: str
    row: str


CASES = (
    # its sentence is a new one: what is left says that the call is over, not by whom
    Case("google_meet", "de", "remove", "google_meet/final-screen"),
    Case("microsoft_teams", "fr", "remove", "microsoft_teams/retry-screen-after-call"),
    Case("zoom", "es", "end", "zoom/ended-dialog"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.platform)
async def test_a_whole_bot(case: Case, tmp_path: Path, lent: Lender) -> None:
    """It waits, is let in, sees who is there and who speaks, and knows when it is over."""
    scenario: dict[str, object] = {
        "platform": case.platform,
        "lang": case.lang,
        "variants": ["second_layout"],
        "cta_delay_s": 0.0,
        "admission_gap_s": 0.0,
        "participants": TWO,
    }
    async with bot_at(tmp_path, scenario, lent=lent) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        assert [(p.name, p.mic, p.camera) for p in meeting.state().waiting] == [
            ("Notes", False, False)
        ]
        await meeting.command("admit")
        await bot.reaches(Status.IN_CALL_RECORDING)
        await bot.until(lambda: bot.session.snapshot().people == len(TWO))
        await meeting.command("speak", {"who": "Ada", "for_s": ENDLESS_S})
        await bot.until(lambda: "Ada" in bot.session.snapshot().speaking)
        await meeting.command(case.end)
        ended = await bot.ends()
    assert ended.outcome.row == case.row
    assert ended.outcome.reason in {EndReason.BOT_REMOVED, EndReason.BOT_REMOVED_TOO_EARLY}
    assert (ended.last["participants"], ended.last["speakers"]) == (["Ada", "Bob"], ["Ada"])

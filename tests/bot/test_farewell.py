"""What follows a meeting; a whole ending is in tests/bot/test_session.py and tests/e2e."""

from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from bot.farewell import page_is_evidence, part
from bot.outcome import Outcome, outcome, outcome_of_sigterm
from platforms.types import FailureBundle, PageState
from tests.bot.rig import rig
from tests.bot.test_meeting import Script, seen

LEFT = outcome(EndReason.API_REQUEST, "command/leave")
EARLY = outcome(EndReason.EXITING_MEETING_BEFORE_RECORD, "command/leave")
DENIED = outcome(EndReason.BOT_NOT_ACCEPTED, "google_meet/host-refused")
LOST = outcome(EndReason.INTERNAL_ERROR, "browser/gone")


@pytest.mark.parametrize(
    ("ended", "evidence"),
    [(None, False), (LEFT, False), (EARLY, False), (outcome_of_sigterm(), False), (DENIED, True)],
)
def test_page_is_evidence(ended: Outcome | None, evidence: bool) -> None:
    """Of a failure of the meeting or of ours, not where somebody told the bot to go."""
    assert page_is_evidence(ended) is evidence


@pytest.mark.parametrize(
    ("ended", "alive", "left", "kept"),
    [
        (DENIED, True, ["leave"], True),
        (LEFT, True, ["leave"], False),
        (LOST, False, [], False),
    ],
)
async def test_parting(
    tmp_path: Path, ended: Outcome, alive: bool, left: list[str], kept: bool
) -> None:
    """A living page is left by its button and shows a failure's evidence; a dead one is let be."""
    script = Script([seen(PageState.IN_CALL)])
    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        parts.context.gate.settle(ended)
        await part(parts.context, script, alive=alive)
        facts = parts.context.facts
        assert parts.context.reporter.status is Status.CALL_ENDED
    assert script.done == left
    assert (facts.bundle is not None) is kept
    assert facts.exited_at is not None


async def test_a_client_that_fails_holds_nobody(tmp_path: Path) -> None:
    """Whatever the page does, the call is said to have ended."""

    class Broken(Script):
        async def bundle(self) -> FailureBundle:
            raise RuntimeError("no page")

    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        parts.context.gate.settle(DENIED)
        await part(parts.context, Broken([seen(PageState.IN_CALL)]), alive=True)
        assert parts.context.reporter.status is Status.CALL_ENDED

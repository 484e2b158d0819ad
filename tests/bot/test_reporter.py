"""What the bot says of itself."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from bot.contract import Status
from bot.errors import IllegalTransition
from bot.outbox import Outbox
from bot.run import LocalEmit
from platforms.types import Person
from tests.bot.rig import rig


async def test_accepted_then_queued(tmp_path: Path) -> None:
    """The first event echoes the job, the second is the status queued."""
    with rig(tmp_path, extra={"ticket": 7}) as parts:
        await parts.context.reporter.accepted()
    first, second = parts.events
    assert first["event"] == "accepted"
    assert first["data"]["platform"] == "google_meet"
    assert first["extra"] == {"ticket": 7}
    assert second["data"]["status"]["code"] == "queued"
    assert parts.context.reporter.events == [first, second]


async def test_a_status_is_said_once(tmp_path: Path) -> None:
    """The same status again says nothing; start_time and error_message come where they belong."""
    with rig(tmp_path) as parts:
        reporter = parts.context.reporter
        await reporter.advance(Status.JOINING_CALL)
        await reporter.advance(Status.JOINING_CALL)
        await reporter.advance(Status.IN_CALL_NOT_RECORDING)
        start = datetime.fromtimestamp(1_700_000_000.9, UTC)
        await reporter.advance(Status.IN_CALL_RECORDING, start_time=start)
        await reporter.advance(Status.FAILED, error_message="why")
    codes = [event["data"]["status"]["code"] for event in parts.events]
    assert codes == ["joining_call", "in_call_not_recording", "in_call_recording", "failed"]
    assert parts.events[2]["data"]["status"]["start_time"] == 1_700_000_000
    assert parts.events[3]["data"]["status"]["error_message"] == "why"
    assert "error_message" not in parts.events[2]["data"]["status"]


async def test_call_ended_is_never_said_from_queued(tmp_path: Path) -> None:
    """A bot that never went anywhere has no call to end."""
    with rig(tmp_path) as parts, pytest.raises(IllegalTransition):
        await parts.context.reporter.advance(Status.CALL_ENDED)
    assert parts.events == []


async def test_people_are_not_worth_a_bot(tmp_path: Path) -> None:
    """Participants are said; where the outbox has no room for them that is logged, not raised."""
    with rig(tmp_path) as parts:
        await parts.context.reporter.people(
            [Person("a", "Ada", is_host=True, presenting=True)], 1.234
        )
        (event,) = parts.events
        assert event["data"]["participants"] == [
            {"id": "a", "name": "Ada", "is_host": True, "is_presenting": True}
        ]
        assert event["data"]["at_seconds"] == 1.23
    job = parts.context.job
    with Outbox(tmp_path / "small", str(job.bot_id), "r", max_bytes=10) as small:
        storage = parts.context.shelf.storage
        parts.context.reporter._emit = LocalEmit(small, job, storage, 60, None)
        with structlog.testing.capture_logs() as captured:
            await parts.context.reporter.people([Person("a", "Ada")], 2.0)
    assert [line["event"] for line in captured] == ["participants_not_said"]

"""What the worker says and does not store."""

import pytest
from pydantic import ValidationError

from bot.contract import SCHEMA_VERSION, Status, TranscriptionStatus
from bot.transient import Ready, Reply, StatusReport
from tests.bot.test_events import AT, BOT, EXAMPLES, RUN, WHEN, body_of


def test_a_worker_without_a_job_says_so_by_saying_nothing() -> None:
    """`ready` leaves out bot_id, status and last_seq while there is no job."""
    assert set(body_of(EXAMPLES[6])) == {
        *("worker_id", "run_id", "version", "schema_version", "capabilities")
    }
    ready = Ready(
        worker_id="w",
        run_id=RUN,
        version="0.1.0",
        capabilities=(),
        bot_id=BOT,
        status=Status.QUEUED,
        last_seq=0,
    )
    assert body_of(ready)["last_seq"] == 0
    assert ready.schema_version == SCHEMA_VERSION


def test_a_reply_says_one_thing() -> None:
    """An error exactly when it is not ok."""
    assert body_of(Reply(id=7, ok=False, error="no")) == {"id": 7, "ok": False, "error": "no"}
    for wrong in ({"ok": True, "error": "no"}, {"ok": False}):
        with pytest.raises(ValidationError, match="exactly when"):
            Reply.model_validate({"id": "1", **wrong})


def test_a_status_report_is_the_products() -> None:
    """get_status answers with the product's four fields."""
    report = StatusReport(
        bot_id=BOT,
        status=Status.IN_CALL_RECORDING,
        transcription_status=TranscriptionStatus.NOT_APPLICABLE,
        updated_at=AT,
    )
    assert report.model_dump(mode="json") == {
        "bot_id": str(BOT),
        "status": "in_call_recording",
        "transcription_status": "not-applicable",
        "updated_at": WHEN,
    }

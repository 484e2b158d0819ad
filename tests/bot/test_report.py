"""The form of `report.json`."""

import pytest
from pydantic import ValidationError

from bot.report import ArtifactRow, CallbackReport, Report


def test_unknown_fields_are_refused() -> None:
    """What the schema does not have cannot be written."""
    with pytest.raises(ValidationError):
        ArtifactRow.model_validate(
            {"name": "x", "key": None, "size_bytes": None, "state": "absent", "more": 1}
        )
    with pytest.raises(ValidationError):
        ArtifactRow.model_validate({"name": "x", "key": None, "size_bytes": 1, "state": "lost"})


def test_the_callback_is_optional() -> None:
    """A report without a callback has null; one with it says how it went."""
    assert Report.model_fields["callback"].default is None
    row = CallbackReport(delivered=True, status=200, tries=1, problem=None)
    assert row.model_dump() == {"delivered": True, "status": 200, "tries": 1, "problem": None}

"""Tables changed by a file: what it can do, and how it says what is wrong with it."""

import json
import re
from pathlib import Path

import pytest

from platforms.errors import EvidenceInvalid, Fault
from platforms.evidence import Css, Text
from platforms.evidence_file import parse_evidence
from platforms.google_meet.adapter import ADAPTER
from platforms.types import PageState

NEW_CSS = {"kind": "css", "selector": "[data-new]"}
NEW_TEXT = {"kind": "text", "phrases": ["not this time"], "within": "main"}


def of_meet(**change: object) -> bytes:
    """A file that changes Google Meet's table."""
    return json.dumps({"google_meet": change}).encode()


def test_a_file_without_the_platform_changes_nothing() -> None:
    """Only what is named is touched."""
    assert parse_evidence(b"{}").changed(ADAPTER) is ADAPTER
    assert parse_evidence(b'{"zoom": {}}').changed(ADAPTER) is ADAPTER


def test_clues_are_added_wherever_the_sign_is_used() -> None:
    """An added clue comes first, in rows, form and ask alike; its source says where it is from."""
    changed = parse_evidence(of_meet(signs={"join": {"add": [NEW_CSS]}})).changed(ADAPTER)
    assert changed.join.clues == (Css("[data-new]"), *ADAPTER.join.clues)
    assert changed.join.sources[0] == "evidence file"
    used = [s for row in changed.rows for s in (*row.needs, *row.refuted_by) if s.name == "join"]
    assert used
    assert all(each == changed.join for each in used)


def test_clues_are_replaced() -> None:
    """What was looked for is looked for no more."""
    changes = {"denied-text": {"replace": [NEW_TEXT]}}
    changed = parse_evidence(of_meet(signs=changes)).changed(ADAPTER)
    denied = next(row for row in changed.rows if row.name == "host-refused").needs[0]
    assert denied.clues == (Text(("not this time",), within="main"),)


def test_rows_are_replaced_in_place_and_added_where_wanted() -> None:
    """A known name keeps its rank; a new row stands before the one it names, or last."""
    rows = [
        {"state": "denied", "name": "host-refused", "needs": ["denied-text"], "looks": 3},
        {"state": "blocked", "name": "sad-face", "needs": ["sad"], "before": "cannot-join",
         "refuted_by": ["tile"], "after": ["prejoin"], "settle_s": 1.5},
        {"state": "ended", "name": "last", "needs": ["sad"]},
    ]  # fmt: skip
    signs = {"sad": {"replace": [NEW_CSS]}}
    changed = parse_evidence(of_meet(signs=signs, rows=rows)).changed(ADAPTER)
    names = [row.name for row in changed.rows]
    assert names.index("host-refused") == [row.name for row in ADAPTER.rows].index("host-refused")
    assert names[names.index("cannot-join") - 1] == "sad-face"
    assert names[-1] == "last"
    added = changed.rows[names.index("sad-face")]
    assert (added.state, added.settle_s) == (PageState.BLOCKED, 1.5)
    assert added.after == {PageState.PREJOIN}
    assert changed.rows[names.index("host-refused")].looks == 3


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"[]", ""),
        (b"{", ""),
        (of_meet(sings={}), "google_meet.sings"),
        (of_meet(signs={"join": {"add": [{"kind": "css"}]}}), ".selector"),
        (of_meet(signs={"join": {"add": [{"kind": "xpath"}]}}), "google_meet.signs.join.add.0"),
        (of_meet(signs={"join": {"add": [{**NEW_CSS, "visibel": True}]}}), ".visibel"),
        (of_meet(signs={"join": {"add": [{**NEW_CSS, "visible": "yes"}]}}), ".visible"),
        (of_meet(signs={"join": {"replace": []}}), "google_meet.signs.join"),
        (of_meet(rows=[{"state": "gone", "name": "x", "needs": ["join"]}]), "rows.0.state"),
        (of_meet(rows=[{"state": "ended", "name": "x", "needs": ["nojn"]}]), "rows.0.needs"),
        (of_meet(rows=[{"state": "ended", "name": "x", "needs": []}]), "rows.0.needs"),
        (
            of_meet(rows=[{"state": "ended", "name": "x", "needs": ["join"], "before": "y"}]),
            "rows.0.before",
        ),
    ],
)
def test_errors_name_the_field(text: bytes, field: str) -> None:
    """Whatever is wrong is refused with its place in the file; it is the caller's to mend."""
    with pytest.raises(EvidenceInvalid) as error:
        parse_evidence(text).changed(ADAPTER)
    assert field in error.value.field
    assert error.value.fault is Fault.CALLER
    assert str(error.value).startswith("evidence file: ")


def test_the_readme_s_example() -> None:
    """What the README shows is a file that works."""
    text = (Path(__file__).parents[2] / "README.md").read_text()
    (example,) = re.findall(r"```json\n(\{\"google_meet\".*?)```", text, flags=re.DOTALL)
    changed = parse_evidence(example.encode()).changed(ADAPTER)
    assert "sad-face" in [row.name for row in changed.rows]

"""The tables with a file's changes."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Page

from bot.errors import SettingError
from bot.tables import check_tables, driven_platforms, refuse_bad_selectors, table_of
from platforms.errors import EvidenceInvalid
from platforms.google_meet.adapter import ADAPTER

JOIN = {"signs": {"join": {"add": [{"kind": "css", "selector": "#enter"}]}}}


def evidence(folder: Path, content: object) -> Path:
    """A file with this content."""
    path = folder / "evidence.json"
    path.write_text(json.dumps(content))
    return path


def test_without_a_file() -> None:
    """The adapter's own table, and nothing to check."""
    assert table_of("google_meet", None) is ADAPTER
    check_tables(None)
    assert "google_meet" in driven_platforms()


def test_with_a_file(tmp_path: Path) -> None:
    """The file's changes are made."""
    path = evidence(tmp_path, {"google_meet": JOIN})
    check_tables(path)
    assert table_of("google_meet", path).join.sources[0] == "evidence file"


@pytest.mark.parametrize(
    ("content", "error", "match"),
    [
        ({"google_met": JOIN}, EvidenceInvalid, "google_met: is none of google_meet"),
        ({"google_meet": {"rows": [{}]}}, EvidenceInvalid, "google_meet.rows.0.state"),
        ({"zoom": {"rows": "x"}}, EvidenceInvalid, "zoom.rows"),
    ],
)
def test_a_bad_file_is_refused_before_a_job(
    tmp_path: Path, content: object, error: type[Exception], match: str
) -> None:
    """Each platform's changes are judged at the start, with the place of what is wrong."""
    with pytest.raises(error, match=match):
        check_tables(evidence(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is the setting that is wrong."""
    with pytest.raises(SettingError, match="No such file"):
        check_tables(tmp_path / "none.json")


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_bad_selectors(page: Page, tmp_path: Path) -> None:
    """A selector this browser does not understand is named; the adapters' own are understood."""
    for platform in driven_platforms():
        await refuse_bad_selectors(page, table_of(platform, None))
    bad = {"signs": {"join": {"add": [{"kind": "css", "selector": "#a["}]}}}
    table = table_of("google_meet", evidence(tmp_path, {"google_meet": bad}))
    with pytest.raises(EvidenceInvalid, match=r"google_meet.signs.join: '#a\[' is no selector"):
        await refuse_bad_selectors(page, table)

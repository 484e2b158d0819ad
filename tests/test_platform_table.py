"""The table of platforms names tests that are there and run in a browser."""

import pytest

from tests.platform_table import TABLE, No, named_tests


def test_every_cell_is_a_test_in_a_browser(request: pytest.FixtureRequest) -> None:
    """Each named test is collected beside this one, with the mark of those that start a Chromium.

    Of a narrower run only the files that are part of it are judged.
    """
    items = {item.nodeid: item for item in request.session.items}
    files = {name.partition("::")[0] for name in items}
    wanted = {name for name in named_tests() if name.partition("::")[0] in files}
    assert wanted - set(items) == set()
    assert [name for name in wanted if not items[name].get_closest_marker("browser")] == []


def test_no_cell_is_empty() -> None:
    """A cell without a test has a sentence."""
    for cells in TABLE.values():
        for cell in cells:
            assert len(cell.sentence.split()) > 3 if isinstance(cell, No) else cell

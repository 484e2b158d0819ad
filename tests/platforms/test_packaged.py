"""Data files inside the packages."""

import pytest

from platforms.packaged import packaged_text


def test_packaged_text() -> None:
    """A file beside the code is read as text; one that is not there is an error."""
    assert "({ signs, neverIn })" in packaged_text("platforms", "probe.js")
    with pytest.raises(FileNotFoundError):
        packaged_text("platforms", "no_such_file")

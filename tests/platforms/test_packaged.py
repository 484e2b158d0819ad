"""Data files inside the packages."""

import pytest

from platforms.packaged import packaged_text, searching_script


def test_packaged_text() -> None:
    """A file beside the code is read as text; one that is not there is an error."""
    assert "({ signs, neverIn })" in packaged_text("platforms", "probe.js")
    with pytest.raises(FileNotFoundError):
        packaged_text("platforms", "no_such_file")


def test_searching_script() -> None:
    """A script that searches shadow roots is bound to the one search for them."""
    script = searching_script("platforms", "locate.js")
    assert (script[0], script[-1]) == ("(", ")")
    assert script.count("if (element.shadowRoot)") == 1
    assert packaged_text("platforms", "roots.js") in script

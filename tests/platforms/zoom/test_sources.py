"""Who saw the client."""

import re

from platforms.zoom import sources


def test_each_source_is_dated() -> None:
    """A source names who it is and a year, or the version of the code that was read; once each."""
    told = [value for name, value in vars(sources).items() if re.fullmatch(r"[A-Z]\d?", name)]
    assert len(told) == len(set(told)) > 5
    assert all(re.search(r"\w{3,}.* 20\d\d|\d+\.\d+\.\d+, its code", each) for each in told)

"""The source that shows every loss shows it."""

import io

from tests.media.numbered import CODES, Numbered, codes_in, missing, numbers_in


def test_everything_fed_is_found_again() -> None:
    """Each number and each code, through the real encoder and back."""
    mp4, mp3 = io.BytesIO(), io.BytesIO()
    source = Numbered(mp4, mp3)
    source.record(30)
    source.end()
    assert missing(numbers_in(mp4.getvalue()), 300) == []
    assert missing(codes_in(mp4.getvalue()), 150, CODES) == []
    assert missing(codes_in(mp3.getvalue()), 148, CODES) == []


def test_a_hole_is_seen() -> None:
    """One that is not at its place is named, and so is the end that was cut."""
    assert missing([0, 1, 3], 4) == [2, 3]
    assert missing([0, 1], 2) == []

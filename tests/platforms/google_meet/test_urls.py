"""Which links are Google Meet's meetings."""

import pytest

from platforms.errors import InvalidMeetingUrl
from platforms.google_meet.urls import is_code
from platforms.registry import parse_meeting_url
from platforms.types import MeetingUrl, Platform

MEETING = MeetingUrl(
    Platform.GOOGLE_MEET, "abc-defg-hij", "https://meet.google.com/abc-defg-hij?hl=en"
)


@pytest.mark.parametrize(
    "text",
    [
        "https://meet.google.com/abc-defg-hij",
        "https://meet.google.com/abc-defg-hij/",
        "https://meet.google.com/ABC-defg-HIJ",
        "https://meet.google.com/abc-defg-hij?authuser=0",
        "https://meet.google.com/abc-defg-hij?authuser=x%40y.z&hs=178&pli=1#frag",
        "https://meet.google.com/abc-defg-hij?arjcm=1&arra=x",
        "meet.google.com/abc-defg-hij",
        "jhttps://www.meet.google.com/abc-defg-hij>",
        "https://www.google.com/url?q=https%3A%2F%2Fmeet.google.com%2Fabc-defg-hij",
    ],
)
def test_canonical_form(text: str) -> None:
    """Every way of writing a meeting's link ends in one address, its language pinned."""
    assert parse_meeting_url(text) == MEETING


def test_nickname() -> None:
    """A Workspace nickname is kept: it redirects to a code after sign-in."""
    meeting = parse_meeting_url("https://meet.google.com/lookup/team-standup?authuser=1")
    assert meeting.meeting_id == "lookup/team-standup"
    assert meeting.url == "https://meet.google.com/lookup/team-standup?hl=en"
    assert not is_code(meeting.meeting_id)
    assert is_code(MEETING.meeting_id)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/landing",
        "/new",
        "/home",
        "/abc-defg-hi1",
        "/abcd-efgh-ijkl",
        "/abcdefghij",
        "/abc-defg-hij/extra",
        "/lookup/",
        "/lookup/../abc",
        "/\u0430bc-defg-hij",
        "/\u212abc-defg-hij",
        "/abc%2Ddefg-hij",
    ],
)
def test_paths_without_a_meeting(path: str) -> None:
    """A path that is no code is refused, letters that only look like Latin ones included."""
    with pytest.raises(InvalidMeetingUrl, match="no Google Meet code"):
        parse_meeting_url(f"https://meet.google.com{path}")


@pytest.mark.parametrize(
    "host",
    [
        "meet.google.com.evil.example",
        "meet-google.com",
        "meet.googIe.com",
        "tel.meet",
        "g.co",
        "evil.meet.google.com",
        "google.com",
    ],
)
def test_hosts_that_are_not_meet(host: str) -> None:
    """Look-alike hosts, the dial-in host and short links are nobody's."""
    with pytest.raises(InvalidMeetingUrl, match="is not of Google Meet"):
        parse_meeting_url(f"https://{host}/abc-defg-hij")

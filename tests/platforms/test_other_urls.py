"""Teams links are known for what they are."""

import pytest

from platforms.errors import InvalidMeetingUrl
from platforms.registry import parse_meeting_url
from platforms.types import Platform


@pytest.mark.parametrize(
    ("url", "platform", "meeting_id"),
    [
        (
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_a%40thread.v2/0?context=%7b%7d",
            Platform.TEAMS,
            "19%3ameeting_a%40thread.v2",
        ),
        (
            "https://teams.microsoft.com/v2/?meetingjoin=true#/l/meetup-join/19:x@thread.v2/0?context=1",
            Platform.TEAMS,
            "19:x@thread.v2",
        ),
        ("https://teams.microsoft.com/meet/2345678901?p=x", Platform.TEAMS, "2345678901"),
        ("https://teams.microsoft.com/v2/#/meet/2345678901?p=x", Platform.TEAMS, "2345678901"),
        ("https://teams.live.com/meet/9312345678901?p=x", Platform.TEAMS, "9312345678901"),
        (
            "https://teams.microsoft.com/dl/launcher/launcher.html?url=%2F_%23%2Fl%2Fmeetup-join",
            Platform.TEAMS,
            "launcher",
        ),
    ],
)
def test_known(url: str, platform: Platform, meeting_id: str) -> None:
    """The platform and its meeting are recognised and the address is kept as it is."""
    meeting = parse_meeting_url(url)
    assert (meeting.platform, meeting.meeting_id, meeting.url) == (platform, meeting_id, url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://teams.microsoft.com/123", "has no Microsoft Teams meeting in its path"),
        ("https://teams.microsoft.com/meet/abc", "has no Microsoft Teams meeting in its path"),
        ("https://teams.microsoft.com/v2/#/home", "has no Microsoft Teams meeting in its path"),
        (
            "https://teams.microsoft.com/dl/launcher/launcher.html",
            "has no Microsoft Teams meeting in its path",
        ),
        (
            "https://teams.microsoft.com.evil.example/l/meetup-join/x/0",
            "is not of Google Meet, Microsoft Teams or Zoom",
        ),
    ],
)
def test_refused(url: str, reason: str) -> None:
    """An address without a meeting in it is refused, a look-alike host is nobody's."""
    with pytest.raises(InvalidMeetingUrl) as refused:
        parse_meeting_url(url)
    assert refused.value.reason == reason

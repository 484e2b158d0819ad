"""Which links are Microsoft Teams' meetings, and the address each is opened at."""

import base64
import json
from urllib.parse import quote

import pytest

from platforms.errors import InvalidMeetingUrl
from platforms.registry import parse_meeting_url
from platforms.types import Platform

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ORGANISER = "0f3c1a52-0000-4000-8000-00000000abcd"
CONTEXT = json.dumps({"Tid": TENANT, "Oid": ORGANISER}, separators=(",", ":"))
THREAD = "19:meeting_MzJhYjQ0@thread.v2"
LONG = f"/l/meetup-join/{quote(THREAD, safe='')}/0?context={quote(CONTEXT)}"
OPENED_LONG = f"https://teams.microsoft.com/v2/?meetingjoin=true#{LONG}&anon=true"
OPENED_SHORT = (
    "https://teams.microsoft.com/v2/?meetingjoin=true#/meet/2345678901234?p=aB3&anon=true"
)
OPENED_PERSONAL = "https://teams.live.com/meet/9312345678901?p=aB3&anon=true"


def coords(**fields: str) -> str:
    """The light page's address of a meeting."""
    text = base64.b64encode(json.dumps(fields).encode()).decode()
    return f"light-meetings/launch?anon=true&coords={quote(text, safe='')}"


LIGHT_LONG = coords(
    conversationId=THREAD, tenantId=TENANT, organizerId=ORGANISER, messageId="0", other="x"
)
LIGHT_SHORT = coords(meetingCode="9312345678901", passcode="aB3", meetingUrl="https://x.example")
LIGHT_URL = coords(meetingUrl="https://teams.microsoft.com/meet/2345678901234?p=aB3")
LAUNCHER = (
    "dl/launcher/launcher.html?type=meetup-join&deeplinkId=7&directDl=true&msLaunch=true&url="
)


@pytest.mark.parametrize(
    "text",
    [
        f"https://teams.microsoft.com{LONG}",
        f"https://teams.microsoft.com/l/meetup-join/{THREAD}/0?context={CONTEXT}".replace(
            '"', "%22"
        ),
        f"https://teams.microsoft.com{LONG}&anon=true",
        f"https://teams.microsoft.com/v2/?meetingjoin=true#{LONG}",
        f"https://teams.microsoft.com/_#{LONG}",
        f"https://teams.microsoft.com/{LAUNCHER}{quote(f'/_#{LONG}', safe='')}",
        f"https://teams.microsoft.com/{LIGHT_LONG}",
        "https://eur01.safelinks.protection.outlook.com/?url="
        + quote(f"https://teams.microsoft.com{LONG}", safe=""),
        quote(f"https://teams.microsoft.com{LONG}", safe=""),
        f"<https://teams.microsoft.com{LONG}>",
    ],
)
def test_long_link(text: str) -> None:
    """Every way of writing thread and context opens the client itself, as a guest."""
    meeting = parse_meeting_url(text)
    assert (meeting.platform, meeting.meeting_id) == (Platform.TEAMS, THREAD)
    assert meeting.url == OPENED_LONG


@pytest.mark.parametrize(
    "text",
    [
        "https://teams.microsoft.com/meet/2345678901234?p=aB3",
        "https://teams.microsoft.com/meet/2345678901234/?p=aB3&launchAgent=x",
        "https://teams.microsoft.com/v2/meet/2345678901234?p=aB3&anon=true",
        "https://teams.microsoft.com/v2/?meetingjoin=true#/meet/2345678901234?p=aB3",
        f"https://teams.microsoft.com/{LAUNCHER}%2F_%23%2Fmeet%2F2345678901234%3Fp%3DaB3",
        f"https://teams.microsoft.com/{LIGHT_URL}",
    ],
)
def test_short_link(text: str) -> None:
    """Number and passcode of a work meeting open the client past its launcher."""
    assert parse_meeting_url(text).url == OPENED_SHORT


@pytest.mark.parametrize(
    "text",
    [
        "https://teams.live.com/meet/9312345678901?p=aB3",
        f"https://teams.live.com/{LAUNCHER}%2F_%23%2Fmeet%2F9312345678901%3Fp%3DaB3",
        f"https://teams.live.com/{LIGHT_SHORT}",
    ],
)
def test_personal_link(text: str) -> None:
    """A personal meeting keeps its own host and its plain form."""
    assert parse_meeting_url(text).url == OPENED_PERSONAL


def test_without_a_passcode() -> None:
    """A link without a passcode is one: the client may ask, or not need it."""
    assert parse_meeting_url("https://teams.live.com/meet/9312345678901").url.endswith(
        "/meet/9312345678901?anon=true"
    )


@pytest.mark.parametrize(
    "host",
    [
        "teams.cloud.microsoft",
        "teams.microsoft.us",
        "gov.teams.microsoft.us",
        "dod.teams.microsoft.us",
        "teams.microsoftonline.cn",
        "teams.sovcloud.fr",
    ],
)
def test_other_clouds(host: str) -> None:
    """Each cloud's host is kept."""
    assert parse_meeting_url(f"https://{host}{LONG}").url == OPENED_LONG.replace(
        "teams.microsoft.com", host
    )


def test_channel_and_webinar() -> None:
    """A channel's thread needs no organiser; what a webinar's link adds is kept."""
    context = quote(json.dumps({"Tid": TENANT}, separators=(",", ":")))
    thread = "19%3Aabc123%40thread.tacv2"
    meeting = parse_meeting_url(
        f"https://teams.microsoft.com/l/meetup-join/{thread}/1700000000000?context={context}"
        "&registrationId=r7&msLaunch=true"
    )
    assert meeting.url == (
        f"https://teams.microsoft.com/v2/?meetingjoin=true#/l/meetup-join/{thread}/1700000000000"
        f"?context={context}&registrationId=r7&anon=true"
    )


NO_MEETING = "has no Microsoft Teams meeting in its path"
NO_TENANT = "has a context that names no Microsoft Teams tenant"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://teams.microsoft.com/123", NO_MEETING),
        ("https://teams.microsoft.com/", NO_MEETING),
        ("https://teams.microsoft.com/meet/abc", NO_MEETING),
        ("https://teams.microsoft.com/meet/123456789", NO_MEETING),
        ("https://teams.microsoft.com/meet/١٢٣٤٥٦٧٨٩٠١", NO_MEETING),
        ("https://teams.microsoft.com/v2/#/home", NO_MEETING),
        ("https://teams.microsoft.com/dl/launcher/launcher.html", NO_MEETING),
        ("https://teams.microsoft.com/dl/launcher/launcher.html?url=https://x.example", NO_MEETING),
        ("https://teams.microsoft.com/light-meetings/launch", NO_MEETING),
        (f"https://teams.microsoft.com/{coords(meetingUrl='https://x.example/a')}", NO_MEETING),
        (
            "https://teams.microsoft.com/light-meetings/launch?coords=W10",
            "has coordinates of a meeting that cannot be read",
        ),
        (
            "https://teams.microsoft.com/light-meetings/launch?coords=%25%25",
            "has coordinates of a meeting that cannot be read",
        ),
        (
            f"https://teams.microsoft.com/l/meetup-join/{THREAD}/0",
            "lacks the context of its Microsoft Teams meeting",
        ),
        (f"https://teams.microsoft.com/l/meetup-join/{THREAD}/0?context=%7b%7d", NO_TENANT),
        (f"https://teams.microsoft.com/l/meetup-join/{THREAD}/0?context=x", NO_TENANT),
        (f"https://teams.microsoft.com/l/meetup-join/29:x/0?context={quote(CONTEXT)}", NO_MEETING),
        (
            f"https://events.teams.microsoft.com/event/{ORGANISER}@{TENANT}",
            "is a registration page; the meeting's link comes by mail",
        ),
        (
            f"https://teams.microsoft.com.evil.example{LONG}",
            "is not of Google Meet, Microsoft Teams or Zoom",
        ),
        (
            f"https://xteams.microsoft.com{LONG}",
            "is not of Google Meet, Microsoft Teams or Zoom",
        ),
        ("https://tinyurl.com/abc", "is not of Google Meet, Microsoft Teams or Zoom"),
    ],
)
def test_refused(url: str, reason: str) -> None:
    """What names no meeting is refused with what it lacks; a look-alike host is nobody's."""
    with pytest.raises(InvalidMeetingUrl) as refused:
        parse_meeting_url(url)
    assert refused.value.reason == reason


def test_launchers_in_launchers() -> None:
    """A launcher that wraps itself for ever is given up."""
    target = "/meet/2345678901234"
    for _ in range(4):
        target = f"/dl/launcher/launcher.html?url={quote(target, safe='')}"
    with pytest.raises(InvalidMeetingUrl, match="too many launcher links"):
        parse_meeting_url(f"https://teams.microsoft.com{target}")


def test_the_passcode_stays_out_of_sight() -> None:
    """Neither a meeting's representation nor a refusal repeats the passcode."""
    assert "aB3" not in repr(parse_meeting_url("https://teams.live.com/meet/9312345678901?p=aB3"))
    with pytest.raises(InvalidMeetingUrl) as refused:
        parse_meeting_url("https://teams.live.com/meet/x?p=aB3")
    assert "aB3" not in str(refused.value)

"""Zoom links: every form becomes the web client's address; what names no meeting is refused."""

import pytest

from platforms.errors import InvalidMeetingUrl
from platforms.types import Platform
from platforms.urls import read_address
from platforms.zoom.urls import owns, parse, typed_passcode

CLIENT = "https://app.zoom.us/wc/12345678901/join"
TOKEN = "aBcD3fGhIjKlMnOpQrStUv.1"


@pytest.mark.parametrize(
    ("text", "url", "meeting_id"),
    [
        ("https://zoom.us/j/12345678901", CLIENT, "12345678901"),
        (
            f"https://us02web.zoom.us/j/12345678901?pwd={TOKEN}#success",
            f"{CLIENT}?pwd={TOKEN}",
            "12345678901",
        ),
        ("https://acme.zoom.us/j/12345678901?pwd=123456", f"{CLIENT}?pwd=123456", "12345678901"),
        ("https://acme.zoom.us/s/12345678901/", CLIENT, "12345678901"),
        ("us05web.zoom.us/j/123456789", "https://app.zoom.us/wc/123456789/join", "123456789"),
        ("https://zoom.com/j/12345678901", CLIENT, "12345678901"),
        ("https://acme.zoom.de/j/12345678901?pwd=x", f"{CLIENT}?pwd=x", "12345678901"),
        (
            "https://zoom.us/w/12345678901?tk=Tick3t.x&pwd=abc&uuid=WN_1",
            f"{CLIENT}?pwd=abc&tk=Tick3t.x&uuid=WN_1",
            "12345678901",
        ),
        (
            "https://app.zoom.us/wc/12345678901/join?fromPWA=1&pwd=x",
            f"{CLIENT}?pwd=x&fromPWA=1",
            "12345678901",
        ),
        ("https://app.zoom.us/wc/12345678901/start?pwd=x", f"{CLIENT}?pwd=x", "12345678901"),
        ("https://app.zoom.us/wc/12345678901", CLIENT, "12345678901"),
        ("https://us02web.zoom.us/wc/join/12345678901?pwd=x", f"{CLIENT}?pwd=x", "12345678901"),
        (
            "https://zoom.us/join?action=join&confno=12345678901&pwd=x",
            f"{CLIENT}?pwd=x&action=join",
            "12345678901",
        ),
        ("https://zoom.us/j/12345678901#pwd=abc", f"{CLIENT}?pwd=abc", "12345678901"),
        ("https://zoom.us/j/12345678901#success&passcode=7", f"{CLIENT}?pwd=7", "12345678901"),
        ("https://zoom.us/j/12345678901?pwd%3Dabc.1", f"{CLIENT}?pwd=abc.1", "12345678901"),
        ("<https://zoom.us/j/12345678901>", CLIENT, "12345678901"),
        (
            "https://www.google.com/url?q=https%3A%2F%2Fzoom.us%2Fj%2F12345678901%3Fpwd%3Dx&sa=D",
            f"{CLIENT}?pwd=x",
            "12345678901",
        ),
        (
            "https://a.safelinks.protection.outlook.com/?url=https%3A%2F%2Fzoom.us%2Fj%2F12345678901%3Fpwd%3Dx%23a",
            f"{CLIENT}?pwd=x",
            "12345678901",
        ),
        (
            "https://acme.zoomgov.com/j/1234567890?pwd=x",
            "https://acme.zoomgov.com/wc/join/1234567890?pwd=x",
            "1234567890",
        ),
        ("https://acme.zoom.us/my/ada.l?pwd=x", "https://acme.zoom.us/my/ada.l?pwd=x", "my/ada.l"),
        ("https://zoomgov.com/my/ada", "https://zoomgov.com/my/ada", "my/ada"),
        ("https://events.zoom.us/ejl/AbC-1_2", "https://events.zoom.us/ejl/AbC-1_2", "ejl/AbC-1_2"),
        (
            "https://zoom-lfx.platform.linuxfoundation.org/meeting/92345678901?password=q-w",
            "https://zoom-lfx.platform.linuxfoundation.org/meeting/92345678901?password=q-w",
            "92345678901",
        ),
    ],
)
def test_accepted(text: str, url: str, meeting_id: str) -> None:
    """Each form leads to the web client, ticket and passcode kept; nameless ones stay."""
    address = read_address(text)
    meeting = parse(address)
    assert owns(address.host)
    assert (meeting.platform, meeting.meeting_id, meeting.url) == (Platform.ZOOM, meeting_id, url)


@pytest.mark.parametrize(
    "text",
    [
        "https://zoom.us/",
        "https://zoom.us/j/",
        "https://zoom.us/j/12345",
        "https://zoom.us/j/1234567890123",
        "https://zoom.us/j/12345678901/x",
        "https://zoom.us/j/٠١٢٣٤٥٦٧٨٩",
        "https://zoom.us/wc/home",
        "https://zoom.us/wc",
        "https://zoom.us/join?confno=12",
        "https://zoom.us/other?confno=12345678901",
        "https://zoom.us/ejl/AbC",
        "https://zoom.us/my/",
        "https://events.zoom.us/j/12345678901",
        "https://zoom-lfx.platform.linuxfoundation.org/j/92345678901",
        "https://zoom.us/webinar/register/WN_1",
    ],
)
def test_refused(text: str) -> None:
    """An address on Zoom's hosts that names no meeting is refused, without repeating it."""
    with pytest.raises(InvalidMeetingUrl) as refused:
        parse(read_address(text))
    assert refused.value.reason == "has no Zoom meeting number in its path"


@pytest.mark.parametrize(
    "host", ["evilzoom.us", "zoom.us.evil.example", "zoom.example", "azoomgov.com", "zoom-lfx.com"]
)
def test_look_alikes_are_nobody_s(host: str) -> None:
    """A host that only looks like Zoom's is not Zoom's."""
    assert not owns(host)


def test_a_country_host_learns_no_passcode() -> None:
    """A meeting of any commercial domain is opened at Zoom's one client host."""
    assert parse(read_address("https://zoom.fr/j/123456789?pwd=x")).url.startswith(
        "https://app.zoom.us/"
    )


def test_only_a_short_passcode_is_typed() -> None:
    """What a person could type goes into the box; a token works in the address alone."""
    assert typed_passcode(f"{CLIENT}?pwd=123456&tk=a") == "123456"
    assert typed_passcode(f"{CLIENT}?tk=a&pwd=1234567890#x") == "1234567890"
    assert typed_passcode(f"{CLIENT}?pwd={TOKEN}") is None
    assert typed_passcode(CLIENT) is None

"""Which texts are one honest https address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platforms.errors import InvalidMeetingUrl
from platforms.urls import MAX_CHARACTERS, Address, read_address

MEET = "https://meet.google.com/abc-defg-hij"


@pytest.mark.parametrize(
    "text",
    [
        MEET,
        f"  {MEET}\n",
        f'"{MEET}"',
        f"<{MEET}>",
        f"{MEET}>",
        f"j{MEET}",
        f"“{MEET}”",
        "meet.google.com/abc-defg-hij",
        "www.meet.google.com/abc-defg-hij",
        "HTTPS://MEET.GOOGLE.COM/abc-defg-hij",
        "https://www.google.com/url?q=https%3A%2F%2Fmeet.google.com%2Fabc-defg-hij&sa=D",
        "https://google.com/url?sa=t&url=https://meet.google.com/abc-defg-hij",
        "https%3A%2F%2Fmeet.google.com%2Fabc-defg-hij",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmeet.google.com%2Fabc-defg-hij",
    ],
)
def test_reads_the_address(text: str) -> None:
    """Wrapping, a missing scheme, glued characters and forwarding links are seen through."""
    assert read_address(text) == Address("meet.google.com", "/abc-defg-hij")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (' "" ', "is empty"),
        ("x" * (MAX_CHARACTERS + 1), "is longer than 2048 characters"),
        ("http://meet.google.com/abc-defg-hij", "must be an https address"),
        ("ftp://meet.google.com/abc-defg-hij", "must be an https address"),
        ("javascript:alert(1)", "must be an https address"),
        ("https:meet.google.com/abc-defg-hij", "must be an https address"),
        ("https://meet.google.com:443/abc-defg-hij", "must not name a port"),
        ("https://meet.google.com:/abc-defg-hij", "must not name a port"),
        ("meet.google.com:8443/abc-defg-hij", "must not name a port"),
        ("https://meet.google.com:99999/abc", "is not an address"),
        ("https://[::1/abc", "is not an address"),
        ("https://user@meet.google.com/abc-defg-hij", "must not carry credentials"),
        ("https://meet.google.com:x@evil.example/abc", "must not carry credentials"),
        (
            "https://m\u0435\u0435t.google.com/abc-defg-hij",
            "has a host of other than plain letters",
        ),
        ("https://meet\u3002google.com/abc", "has a host of other than plain letters"),
        ("https:///abc-defg-hij", "has no valid host name"),
        ("https://meet.google.com./abc-defg-hij", "has no valid host name"),
        ("https://-meet.google.com/abc", "has no valid host name"),
        ("https://localhost/abc-defg-hij", "has no valid host name"),
        ("https://meet%2egoogle.com/abc", "has no valid host name"),
        ("https://google.com/url?sa=t", "is a forwarding link without a target"),
        ("https://google.com/url?q=http://meet.google.com/abc", "must be an https address"),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    """What is no plain https address is refused, and the reason says what is wrong with it."""
    with pytest.raises(InvalidMeetingUrl) as refused:
        read_address(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize("mark", ["\\", " ", "\t", "\n", "\u200b", "\x00"])
def test_refuses_marks_browsers_read_otherwise(mark: str) -> None:
    """Backslashes, white space and invisible characters inside an address are refused."""
    with pytest.raises(InvalidMeetingUrl, match="must not contain"):
        read_address(f"https://meet.google.com{mark}@evil.example/abc-defg-hij")


def test_refuses_endless_forwarding() -> None:
    """Links that forward to links are followed three times, no more."""
    text = "https://google.com/url?q=" * 5 + MEET
    with pytest.raises(InvalidMeetingUrl, match="too many"):
        read_address(text)


def test_keeps_query_and_fragment_out_of_its_repr() -> None:
    """An address printed by mistake shows no passcode."""
    address = read_address("https://zoom.us/j/123456789?pwd=secret#more")
    assert (address.query, address.fragment) == ("pwd=secret", "more")
    assert "secret" not in repr(address)
    assert "more" not in repr(address)


def test_parameter() -> None:
    """Parameters are decoded, the first given name wins, a missing one is None."""
    address = Address("h", "/", "b=2&a=x%20y")
    assert address.parameter("z", "a", "b") == "x y"
    assert address.parameter("z") is None


@given(st.text(max_size=60))
def test_never_raises_anything_else(text: str) -> None:
    """Whatever is pasted, the answer is an address with a plain host, or the one error."""
    try:
        address = read_address(text)
    except InvalidMeetingUrl:
        return
    assert address.host.isascii()
    assert "." in address.host

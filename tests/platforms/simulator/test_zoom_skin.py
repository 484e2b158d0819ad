"""What each address of the Zoom replica shows."""

import json
import re
from html import unescape
from typing import Any

import pytest

from platforms.registry import parse_meeting_url
from platforms.simulator.pageview import Answer, Html, NoAnswer, Redirect, Visit
from platforms.simulator.scenario import Scenario, parse_scenario
from platforms.simulator.zoom_skin import ZOOM

CLIENT = "/wc/98765432101/join"


def answer(path: str, query: dict[str, str] | None = None, **scenario: object) -> Answer:
    """What the skin answers at a real host."""
    visit = Visit(ZOOM.hosts[0], path, query or {})
    return ZOOM.answer(visit, parse_scenario({"platform": "zoom", **scenario}))


def text_of(found: Answer) -> str:
    """A page's markup."""
    assert isinstance(found, Html)
    return found.text


def config_of(found: Answer) -> dict[str, Any]:
    """The data block of a client's page."""
    block = re.search(r'name="config" content="([^"]*)"', text_of(found))
    assert block is not None
    config = json.loads(unescape(block[1]))
    assert isinstance(config, dict)
    return config


def test_the_link_is_an_invitation_that_our_parser_takes() -> None:
    """The address a job carries is what people paste; rewritten it leads to the client."""
    link = ZOOM.meeting_url(Scenario())
    assert link == "https://zoom.us/j/98765432101?pwd=Sim7code"
    assert parse_meeting_url(link).url == f"https://app.zoom.us{CLIENT}?pwd=Sim7code"
    assert "Join from your browser" in text_of(answer("/j/98765432101"))
    assert answer("/my/host") == Redirect("/j/98765432101?pwd=Sim7code#success")


@pytest.mark.parametrize("path", [CLIENT, "/wc/join/98765432101"])
def test_the_client(path: str) -> None:
    """Both of its addresses open it; another number is a meeting that has not begun."""
    assert config_of(answer(path))["page"] == "normal"
    assert "(3,001)" in text_of(answer("/wc/11111111111/join"))


def test_in_a_frame() -> None:
    """The variant puts the client into a frame, and only once."""
    outer = answer(CLIENT, {"pwd": "x"}, variants=["in_iframe"])
    assert 'src="/wc/98765432101/join?pwd=x&amp;fromPWA=1"' in text_of(outer)
    assert config_of(answer(CLIENT, {"fromPWA": "1"}, variants=["in_iframe"]))["page"] == "normal"


def test_walls() -> None:
    """What comes before the client is another page; what comes after the press is told to it."""
    assert answer(CLIENT, page="login") == Redirect("https://app.zoom.us/signin")
    assert answer(CLIENT, page="never_load") == NoAnswer()
    assert "(3,001)" in text_of(answer(CLIENT, page="invalid"))
    assert "Invalid meeting ID" in text_of(answer(CLIENT, page="expired"))
    for wall in ("blocked", "full", "locked", "captcha", "passcode"):
        config = config_of(answer(CLIENT, page=wall))
        assert (config["page"], config["wall"]) == ("normal", wall)
        assert config["asksPasscode"] is (wall == "passcode")


@pytest.mark.parametrize("path", ["/", "/wc/home", "/signin", "/postattendee"])
def test_places_that_are_no_meeting(path: str) -> None:
    """The shell's own pages are plain."""
    assert "config" not in text_of(answer(path))

import json
import re
from html import unescape
from typing import Any

import pytest

from platforms.simulator.meet_skin import MEET
from platforms.simulator.pageview import Answer, Html, NoAnswer, Redirect, Visit
from platforms.simulator.scenario import Scenario, parse_scenario

CODE = "/abc-defg-hij"


def answer(path: str, scenario: Scenario | None = None, host: str = MEET.hosts[0]) -> Answer:
    """What the skin answers at a real host."""
    return MEET.answer(Visit(host, path), scenario or Scenario())


def config_of(found: Answer) -> dict[str, Any]:
    """The data block of a client's page."""
    assert isinstance(found, Html)
    block = re.search(r'name="config" content="([^"]*)"', found.text)
    assert block is not None
    config = json.loads(unescape(block[1]))
    assert isinstance(config, dict)
    return config


def test_the_link_is_a_code() -> None:
    """The address a job carries is the code alone."""
    assert MEET.meeting_url(Scenario()) == "https://meet.google.com/abc-defg-hij"


def test_the_meeting_and_any_other_code() -> None:
    """The scenario's code opens the client, another one its refusal."""
    assert config_of(answer(CODE))["page"] == "normal"
    assert config_of(answer("/xyz-defg-hij"))["page"] == "invalid"


@pytest.mark.parametrize(
    ("lang", "hl", "shown"), [(None, "de", "de"), (None, "tlh", "en"), ("ja", "de", "ja")]
)
def test_the_language(lang: str | None, hl: str, shown: str) -> None:
    """The scenario's language wins over `hl`, and an unknown one is English."""
    visit = Visit(MEET.hosts[0], CODE, {"hl": hl})
    assert config_of(MEET.answer(visit, parse_scenario({"lang": lang})))["lang"] == shown


def test_walls() -> None:
    """A sign-in wall leads to the accounts host, a dead page answers nothing."""
    login = answer(CODE, Scenario(page="login"))
    assert login == Redirect("https://accounts.google.com/v3/signin/identifier")
    assert answer(CODE, Scenario(page="never_load")) == NoAnswer()
    local = MEET.answer(Visit("localhost", CODE, local=True), Scenario(page="login"))
    assert local == Redirect("/signin")


@pytest.mark.parametrize(
    ("host", "path", "holds"),
    [
        ("accounts.google.com", "/v3/signin/identifier", "identifierId"),
        ("workspace.google.com", "/products/meet/", "Video conferencing"),
        ("meet.google.com", "/landing", "<h1>Google Meet</h1>"),
        ("meet.google.com", "/a/b", "<h1>Google Meet</h1>"),
    ],
)
def test_pages_beside_the_meeting(host: str, path: str, holds: str) -> None:
    """Sign-in, the product's page and the landing are pages of their own."""
    found = answer(path, host=host)
    assert isinstance(found, Html)
    assert holds in found.text
    assert "require-trusted-types-for" in found.headers["Content-Security-Policy"]

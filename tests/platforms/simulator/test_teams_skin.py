import pytest

from platforms.simulator.pageview import Answer, Html, NoAnswer, Redirect, Visit
from platforms.simulator.scenario import Scenario
from platforms.simulator.teams_skin import TEAMS
from tests.platforms.simulator.test_meet_skin import config_of

HOST = "teams.microsoft.com"
NUMBER = "/meet/98765432101"


def answer(path: str, scenario: Scenario | None = None, host: str = HOST) -> Answer:
    """What the skin answers at a real host."""
    query = {"p": "Sim7code"} if path.startswith("/meet/") else {}
    return TEAMS.answer(Visit(host, path, query), scenario or Scenario())


def test_the_link_has_number_and_passcode() -> None:
    """The address a job carries."""
    assert TEAMS.meeting_url(Scenario()) == f"https://{HOST}{NUMBER}?p=Sim7code"


def test_a_plain_work_link_leads_to_the_launcher() -> None:
    """It prefers its app; the web client behind it knows the meeting still."""
    found = answer(NUMBER)
    assert isinstance(found, Redirect)
    assert found.url.startswith("/dl/launcher/launcher.html?url=%2F_%23%2Fmeet%2F9876")
    launcher = Visit(HOST, "/dl/launcher/launcher.html", {"url": f"/_#{NUMBER}?p=Sim7code"})
    config = config_of(TEAMS.answer(launcher, Scenario()))
    assert config["variants"] == ["launcher"]
    assert config["route"] == f"/_#{NUMBER}?p=Sim7code"


@pytest.mark.parametrize(
    ("host", "path"), [(HOST, "/v2/"), ("teams.live.com", NUMBER), (HOST, "/light-meetings/launch")]
)
def test_addresses_of_the_client(host: str, path: str) -> None:
    """What the bot opens is the client itself, no launcher before it."""
    config = config_of(answer(path, host=host))
    assert (config["page"], config["variants"]) == ("normal", [])
    assert (config["number"], config["passcode"]) == ("98765432101", "Sim7code")


def test_a_passcode_may_be_asked_for() -> None:
    """The form then has a box for it."""
    assert config_of(answer("/v2/", Scenario(page="passcode")))["asksPasscode"] is True


def test_walls() -> None:
    """A sign-in wall leads to the sign-in host, a dead page answers nothing."""
    login = answer(NUMBER, Scenario(page="login"))
    assert login == Redirect("https://login.microsoftonline.com/oauth2/authorize")
    assert answer("/v2/", Scenario(page="never_load")) == NoAnswer()
    form = answer("/oauth2/authorize", host="login.microsoftonline.com")
    assert isinstance(form, Html)
    assert 'name="loginfmt"' in form.text
    blank = answer("/v2/", Scenario(page="blank"))
    assert isinstance(blank, Html)
    assert "teams.js" not in blank.text

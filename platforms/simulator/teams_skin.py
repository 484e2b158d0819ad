"""The replica of Microsoft Teams: what each of its addresses shows. Pure but for its pages."""

from typing import Final
from urllib.parse import urlencode

from platforms.simulator.pageview import (
    Answer,
    NoAnswer,
    Redirect,
    Skin,
    Visit,
    client_config,
    client_page,
    page,
)
from platforms.simulator.scenario import Scenario
from platforms.teams.evidence import SIGN_IN_HOSTS
from platforms.teams.urls import HOSTS, PERSONAL_HOST
from platforms.types import Platform

THREAD: Final = "19:meeting_TWVldGJvdFRlc3Q@thread.v2"
"""The test meeting's thread, for the long form of its link."""
LANGUAGES: Final = ("en", "de", "es", "fr", "ja", "pt")
SIGN_IN_PATH: Final = "/oauth2/authorize"
_LAUNCHER: Final = "/dl/launcher/launcher.html"


def _answer(visit: Visit, scenario: Scenario) -> Answer:
    if visit.host in SIGN_IN_HOSTS or visit.path == SIGN_IN_PATH:
        return page("teams_signin.html", lang="en")
    if scenario.page == "never_load":
        return NoAnswer()
    if scenario.page == "login":
        host = "" if visit.local else f"https://{SIGN_IN_HOSTS[0]}"
        return Redirect(f"{host}{SIGN_IN_PATH}")
    if scenario.page == "blank":
        return page("plain.html", lang="en", title="Microsoft Teams", heading="", text="")
    work = not visit.local and visit.host != PERSONAL_HOST
    if work and visit.path.startswith(("/meet/", "/l/")):
        return Redirect(_launcher(visit))
    return _client(visit, scenario, launcher=visit.path == _LAUNCHER)


def _launcher(visit: Visit) -> str:
    """Where a plain link of the work product leads to: the page that prefers its app."""
    target = f"/_#{visit.path}?{urlencode(visit.query)}"
    return f"{_LAUNCHER}?{urlencode({'url': target, 'type': 'meet', 'directDl': 'true'})}"


def _client(visit: Visit, scenario: Scenario, *, launcher: bool) -> Answer:
    lang = scenario.lang or "en"
    config = client_config(
        scenario,
        lang=lang,
        host=visit.query.get("host") == "1",
        number=scenario.meeting_number,
        passcode=scenario.passcode,
        thread=THREAD,
        asksPasscode=scenario.page == "passcode",
    )
    if scenario.page == "passcode":
        config["page"] = "normal"
    if launcher:
        config["variants"] = [*config["variants"], "launcher"]
        config["route"] = visit.query.get("url", "")
    return client_page("teams.html", config, lang=lang)


TEAMS: Final = Skin(
    Platform.TEAMS,
    hosts=(*HOSTS, *SIGN_IN_HOSTS),
    path=lambda scenario: f"/meet/{scenario.meeting_number}",
    query=lambda scenario: f"p={scenario.passcode}",
    answer=_answer,
)

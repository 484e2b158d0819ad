"""The replica of Google Meet: what each of its addresses shows. Pure but for reading its pages."""

from typing import Final

from platforms.simulator.pageview import (
    Answer,
    Html,
    NoAnswer,
    Redirect,
    Skin,
    Visit,
    client_config,
    client_page,
    page,
)
from platforms.simulator.scenario import Scenario
from platforms.types import Platform

HOST: Final = "meet.google.com"
SIGN_IN_HOST: Final = "accounts.google.com"
OTHER_HOST: Final = "workspace.google.com"
LANGUAGES: Final = ("en", "de", "ja")


def _answer(visit: Visit, scenario: Scenario) -> Answer:
    if visit.host == SIGN_IN_HOST or visit.path == "/signin":
        return page("signin.html", lang="en")
    if visit.host == OTHER_HOST or visit.path == "/workspace":
        heading = "Video conferencing for everyone"
        return page("plain.html", lang="en", title="Google Workspace", heading=heading, text="")
    if visit.path in ("/", "/landing") or visit.path.count("/") > 1:
        return page("plain.html", lang="en", title="Google Meet", heading="Google Meet", text="")
    return _meeting(visit, scenario)


def _meeting(visit: Visit, scenario: Scenario) -> Answer:
    if scenario.page == "never_load":
        return NoAnswer()
    if scenario.page == "login":
        return Redirect(
            "/signin" if visit.local else f"https://{SIGN_IN_HOST}/v3/signin/identifier"
        )
    if scenario.page == "blank":
        return page("plain.html", lang="en", title="Meet", heading="", text="")
    return _client(visit, scenario)


def _client(visit: Visit, scenario: Scenario) -> Html:
    wanted = visit.query.get("hl", "en")[:2]
    lang = scenario.lang or (wanted if wanted in LANGUAGES else "en")
    config = client_config(
        scenario,
        lang=lang,
        host=visit.query.get("host") == "1",
        code=scenario.meeting_code,
        landingAfterS=scenario.landing_after_s,
        leavesGoogleAfterS=scenario.leaves_google_after_s,
    )
    if visit.path != f"/{scenario.meeting_code}":
        config["page"] = "invalid"
    return client_page("meet.html", config, lang=lang, code=scenario.meeting_code)


MEET: Final = Skin(
    Platform.GOOGLE_MEET,
    hosts=(HOST, SIGN_IN_HOST, OTHER_HOST),
    path=lambda scenario: f"/{scenario.meeting_code}",
    query=lambda _: "",
    answer=_answer,
)

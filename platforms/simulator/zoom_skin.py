"""The replica of Zoom's web client: what each of its addresses shows. Pure but for its pages."""

from typing import Final
from urllib.parse import urlencode

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

INVITATION_HOST: Final = "zoom.us"
CLIENT_HOST: Final = "app.zoom.us"
LANGUAGES: Final = frozenset({"en", "de", "es", "fr", "ja", "pt"})
PERSONAL_NAME: Final = "host"
_PLAIN: Final = {"/": "Zoom", "/wc/home": "Home", "/postattendee": "Thanks", "/signin": "Sign In"}
_AFTER_THE_PRESS: Final = frozenset({"blocked", "full", "locked", "captcha", "passcode"})
"""What the client says only once somebody pressed Join."""


def _answer(visit: Visit, scenario: Scenario) -> Answer:
    if visit.path in _PLAIN:
        return page("plain.html", lang="en", title="Zoom", heading=_PLAIN[visit.path], text="")
    if visit.path == f"/my/{PERSONAL_NAME}":
        return Redirect(f"{_path(scenario)}?{_query(scenario)}#success")
    if scenario.page == "never_load":
        return NoAnswer()
    number = scenario.meeting_number
    if visit.path in (f"/wc/{number}/join", f"/wc/join/{number}"):
        return _client(visit, scenario)
    return _launcher(visit, scenario) if visit.path == _path(scenario) else _not_begun()


def _launcher(visit: Visit, scenario: Scenario) -> Html:
    query = urlencode(visit.query)
    return page(
        "zoom_launcher.html",
        lang="en",
        heading="Click Launch Meeting below",
        launch="Launch Meeting",
        browser="Join from your browser",
        client=f"/wc/join/{scenario.meeting_number}{'?' if query else ''}{query}",
    )


def _client(visit: Visit, scenario: Scenario) -> Answer:
    if scenario.page == "login":
        return Redirect("/signin" if visit.local else f"https://{CLIENT_HOST}/signin")
    if scenario.page == "blank":
        return page("plain.html", lang="en", title="Zoom", heading="", text="")
    if scenario.page == "invalid":
        return _not_begun()
    lang = scenario.lang if scenario.lang in LANGUAGES else "en"
    if scenario.page == "expired":
        return page("plain.html", lang="en", title="Zoom", heading="Invalid meeting ID", text="")
    if "in_iframe" in scenario.variants and "fromPWA" not in visit.query:
        inner = urlencode({**visit.query, "fromPWA": "1"})
        return page("zoom_frame.html", lang=lang, src=f"{visit.path}?{inner}")
    config = client_config(
        scenario,
        lang=lang,
        host=visit.query.get("host") == "1",
        landingAfterS=scenario.landing_after_s,
        asksPasscode=scenario.page == "passcode",
        passcode=scenario.passcode,
        wall=scenario.page,
    )
    if scenario.page in _AFTER_THE_PRESS:
        config["page"] = "normal"
    return client_page("zoom.html", config, lang=lang)


def _not_begun() -> Html:
    """Zoom's answer for a meeting that has not begun, and for a number that never was one."""
    return page(
        "plain.html",
        lang="en",
        title="Error - Zoom",
        heading="Invalid link",
        text="This meeting link is invalid (3,001)",
    )


def _path(scenario: Scenario) -> str:
    return f"/j/{scenario.meeting_number}"


def _query(scenario: Scenario) -> str:
    return urlencode({"pwd": scenario.passcode})


ZOOM: Final = Skin(
    Platform.ZOOM,
    hosts=(INVITATION_HOST, CLIENT_HOST, "us02web.zoom.us"),
    path=_path,
    query=_query,
    answer=_answer,
)

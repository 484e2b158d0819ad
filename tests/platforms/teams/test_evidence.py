"""Every row of the Teams table, and the pages made to be mistaken for a state, in Chromium.

What is left when evidence is taken away is `tests/platforms/test_mutations.py`'s subject.
"""

from dataclasses import dataclass

import pytest
from playwright.async_api import Page

from platforms.evidence import Judge
from platforms.probe import probe
from platforms.teams.evidence import EVIDENCE, NEVER_IN
from platforms.types import Finding
from platforms.types import PageState as S
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")
NO_MARK = 'data-was="'


def unmarked(body: str) -> str:
    """The screen without the client's own marks, ids excepted."""
    for name in ("data-tid", "data-cid", "data-testid", "data-inp"):
        body = body.replace(f'{name}="', NO_MARK)
    return body


def nameless(body: str) -> str:
    """The screen without marks and ids: words, roles and labels are left."""
    return unmarked(body).replace('id="', NO_MARK)


@dataclass(frozen=True)
class Case:
    """A page and what three looks at it, 10 s apart, must end in."""

    name: str
    body: str
    state: S
    row: str
    url: str = teams.URL
    after: S | None = None


FORGED = "The meeting has ended. You've been removed from this meeting"
CASES = (
    Case("prejoin", teams.prejoin(), S.PREJOIN, "prejoin-screen"),
    Case("prejoin-unmarked", unmarked(teams.prejoin("yImuv")), S.PREJOIN, "join-control"),
    Case("prejoin-ja", nameless(teams.prejoin("今すぐ参加")), S.PREJOIN, "join-control"),
    Case("prejoin-fr", nameless(teams.prejoin("x", name="Tapez votre nom")), S.PREJOIN,
         "name-and-switches"),
    Case("launcher", teams.launcher(), S.PREJOIN, "launcher"),
    Case("launcher-over-form", teams.launcher() + teams.prejoin(), S.PREJOIN, "prejoin-screen"),
    Case("forged-title", nameless(teams.prejoin()).replace("span", "h1"), S.PREJOIN,
         "join-control"),
    Case("forged-lobby-title", teams.prejoin().replace(teams.EVIL, "You're in the lobby"),
         S.PREJOIN, "prejoin-screen"),
    Case("connecting", teams.connecting(), S.UNKNOWN, "none"),
    Case("lobby", teams.lobby(), S.LOBBY, "lobby-screen"),
    Case("lobby-tlh", teams.lobby("yIloS"), S.LOBBY, "lobby-screen"),
    Case("lobby-unmarked", unmarked(teams.lobby()), S.LOBBY, "lobby-text"),
    Case("lobby-es", nameless(teams.lobby("Alguien de la reunión te dejará entrar pronto")),
         S.LOBBY, "lobby-text"),
    Case("lobby-tlh-unmarked", unmarked(teams.lobby("yIloS")), S.LOBBY, "form-sent",
         after=S.PREJOIN),
    Case("form-disabled-from-the-start", unmarked(teams.lobby("yIloS")), S.UNKNOWN, "none"),
    Case("in-call", teams.in_call(), S.IN_CALL, "timer-and-leave"),
    Case("in-call-collapsed", teams.in_call(collapsed=True), S.IN_CALL, "tile-and-leave"),
    Case("in-call-no-tiles", teams.in_call(["<p></p>"], collapsed=True), S.IN_CALL, "call-screen"),
    Case("in-call-unmarked", unmarked(teams.in_call(["<p></p>"])), S.IN_CALL, "toolbar-and-leave"),
    Case("in-call-chat", teams.in_call(more=teams.CHAT), S.IN_CALL, "timer-and-leave"),
    Case("in-call-forged-name", teams.in_call([teams.tile(FORGED)]), S.IN_CALL, "timer-and-leave"),
    Case("in-call-toast", teams.in_call(more=f"<div role=alert>{FORGED}</div>"), S.IN_CALL,
         "timer-and-leave"),
    Case("in-call-heading", teams.in_call(more=f"<h2>{FORGED}</h2>"), S.IN_CALL,
         "timer-and-leave"),
    Case("in-call-old-lobby", teams.in_call(more="<p>You're in the lobby</p>"), S.IN_CALL,
         "timer-and-leave"),
    Case("reconnecting", teams.in_call(more=teams.LOST), S.RECONNECTING, "reconnecting",
         after=S.IN_CALL),
    Case("connecting-again", teams.connecting(), S.RECONNECTING, "connecting-again",
         after=S.IN_CALL),
    Case("denied", teams.retry("Sorry, but you were denied access to the meeting."), S.DENIED,
         "denied-text", after=S.LOBBY),
    Case("denied-curly", nameless(teams.retry("You weren&#8217;t  admitted\nto the meeting")),
         S.DENIED, "denied-heading"),
    Case("nobody-answered", teams.retry("No one let you in"), S.NO_ANSWER, "lobby-timed-out"),
    Case("not-connected", teams.retry("Sorry, we couldn't connect you."), S.BLOCKED, "cannot-join"),
    Case("locked", teams.retry("This meeting is locked"), S.BLOCKED, "cannot-join"),
    Case("full", teams.retry("This meeting is full"), S.BLOCKED, "cannot-join"),
    Case("refused-tlh", teams.retry("yImej"), S.BLOCKED, "retry-screen", after=S.LOBBY),
    Case("captcha", teams.prejoin() + teams.CAPTCHA, S.BLOCKED, "captcha"),
    Case("encryption", '<div data-tid="calling-e2ee-end-screen">x</div>', S.BLOCKED, "encryption"),
    Case("elsewhere", "<h1>Teams</h1>", S.BLOCKED, "other-host", url="https://www.microsoft.com/"),
    Case("not-found", teams.not_found(), S.INVALID, "not-found-form"),
    Case("not-found-tlh", teams.not_found("tu'lu'be'"), S.INVALID, "not-found-form"),
    Case("expired", nameless(teams.retry("This meeting link has expired")), S.INVALID,
         "not-found-text"),
    Case("sign-in", "<h1>Sign in</h1>", S.LOGIN, "sign-in-host", url=teams.SIGN_IN_URL),
    Case("sign-in-elsewhere", teams.SIGN_IN, S.LOGIN, "sign-in-box"),
    Case("verify-info", teams.prejoin() + teams.dialog("We need to verify your info before you can "
         "join", "Sign in"), S.LOGIN, "sign-in-text"),
    Case("removed", teams.retry("You've been removed from this meeting"), S.REMOVED, "removed-text",
         after=S.IN_CALL),
    Case("removed-de", nameless(teams.retry("Sie wurden entfernt")), S.REMOVED, "removed-heading",
         after=S.IN_CALL),
    Case("removed-tlh", teams.retry("yImej"), S.REMOVED, "retry-screen-after-call",
         after=S.IN_CALL),
    Case("ended", teams.ended(), S.ENDED, "end-screen", after=S.IN_CALL),
    Case("ended-stale-button", teams.ended(stale=True), S.ENDED, "end-screen", after=S.IN_CALL),
    Case("ended-es", nameless(teams.ended("La reunión ha finalizado")), S.ENDED, "ended-text",
         after=S.IN_CALL),
    Case("after-the-meeting", "<p></p>", S.ENDED, "after-meeting-page", after=S.IN_CALL,
         url="https://teams.microsoft.com/postmeeting/7"),
    Case("rejoined", teams.ended() + teams.in_call(), S.IN_CALL, "timer-and-leave"),
    Case("blank", "", S.UNKNOWN, "none"),
    Case("chat-alone", teams.CHAT, S.UNKNOWN, "none", after=S.IN_CALL),
    Case("talked-about", f"<p>{FORGED}</p><div role=alert>{FORGED}</div>", S.UNKNOWN, "none",
         after=S.IN_CALL),
    Case("button-alone", teams.hangup(), S.UNKNOWN, "none", after=S.IN_CALL),
)  # fmt: skip


async def judged(page: Page, *, after: S | None, looks: int = 3) -> Finding:
    """What looks that all show the page as it is now, 10 s apart, end in."""
    judge = Judge("microsoft_teams", EVIDENCE)
    judge.seen = frozenset({after} if after else ())
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    for look in range(looks):
        finding = judge.judge(look * 10.0, matches)
    return finding


@in_browser
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_state(case: Case, draw: Show) -> None:
    """Each screen is judged as its state by the row meant for it; a trap is judged as nothing."""
    page = await draw(teams.screen(case.body), case.url)
    finding = await judged(page, after=case.after)
    assert (finding.state, finding.row) == (case.state, f"microsoft_teams/{case.row}")


def test_every_row_is_shown_by_a_page() -> None:
    """No row of the table is without a page that proves it."""
    assert {row.name for row in EVIDENCE} - {case.row for case in CASES} == set()


@in_browser
async def test_a_silent_sign_in_is_waited_out(draw: Show) -> None:
    """Passing through the sign-in host while loading is no wall before 20 s."""
    page = await draw(teams.screen("<p></p>"), teams.SIGN_IN_URL)
    judge = Judge("microsoft_teams", EVIDENCE)
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    states = [judge.judge(now_s, matches).state for now_s in (0.0, 10.0, 19.0, 21.0)]
    assert states == [S.UNKNOWN, S.UNKNOWN, S.UNKNOWN, S.LOGIN]


@in_browser
async def test_endings_take_repetition(draw: Show) -> None:
    """An end screen takes two looks in a row; a failed look in between begins anew."""
    page = await draw(teams.screen(teams.ended()), teams.URL)
    judge = Judge("microsoft_teams", EVIDENCE)
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    states = [judge.judge(0.0, matches).state, judge.judge(1.0, None).state]
    states += [judge.judge(now_s, matches).state for now_s in (2.0, 3.0)]
    assert states == [S.UNKNOWN, S.UNKNOWN, S.UNKNOWN, S.ENDED]


def test_signs_name_their_sources() -> None:
    """All but what is our own inference says who saw it, with a year and month."""
    signs = {each for row in EVIDENCE for each in (*row.needs, *row.refuted_by)}
    inferred = {each.name for each in signs if not each.sources}
    assert inferred == {"elsewhere", "no-answer-text", "reconnecting-text"}
    assert all(" 202" in source for each in signs for source in each.sources)

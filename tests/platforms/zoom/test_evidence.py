"""Every state of the client, and the pages made to be mistaken for it, in a real Chromium."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route

from platforms.evidence import Judge, signs_of
from platforms.probe import probe
from platforms.types import PageState as S
from platforms.zoom.evidence import EVIDENCE, NEVER_IN, PASSCODE_ASKED
from platforms.zoom.texts import TEXTS
from tests.pages import zoom

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")

HOME = "https://app.zoom.us/wc/home"
SAY = "text => { document.querySelector('.said, .zm-modal-body-title').textContent = text; }"
ALL_SIGNS = signs_of(EVIDENCE)
CAPTCHA = '<iframe src="/recaptcha/api2/bframe" style="width:400px;height:500px"></iframe>'


@dataclass(frozen=True)
class Case:
    """A page and what three looks at it, 10 s apart, must end in."""

    name: str
    body: str
    state: S
    row: str
    url: str = zoom.URL
    after: S | None = None
    title: str = "Zoom"
    lang: str = "en"


LOBBY_DE = "Bitte warten, der Meeting-Host lässt Sie in Kürze eintreten."
CASES = (
    Case("prejoin", zoom.prejoin(), S.PREJOIN, "join-control"),
    Case("prejoin-ja", zoom.prejoin("参加"), S.PREJOIN, "join-control", lang="ja"),
    Case("prejoin-signed-in", zoom.prejoin(named=False), S.PREJOIN, "join-control"),
    Case("prejoin-classic", zoom.classic(), S.PREJOIN, "join-control"),
    Case("prejoin-passcode", zoom.prejoin(passcode=True), S.BLOCKED, PASSCODE_ASKED),
    Case(
        "prejoin-buttonless",
        zoom.prejoin().replace("preview-join-button", "zzz"),
        S.PREJOIN,
        "name-box",
    ),
    Case("launcher", zoom.launcher(), S.PREJOIN, "launcher", url="https://zoom.us/j/98765432101"),
    Case("loading", zoom.loading(), S.UNKNOWN, "none"),
    Case("lobby", zoom.lobby(), S.LOBBY, "waiting-room"),
    Case("lobby-footerless", zoom.lobby(count=None), S.LOBBY, "waiting-room"),
    Case("lobby-de", zoom.lobby(LOBBY_DE), S.LOBBY, "waiting-room", lang="de"),
    Case("lobby-tlh", zoom.lobby("yIloS"), S.LOBBY, "waiting-room", lang="tlh"),
    Case("lobby-text-alone", f"<p>{LOBBY_DE}</p>", S.LOBBY, "lobby-text"),
    Case("lobby-evil-topic", zoom.lobby(topic=zoom.EVIL), S.LOBBY, "waiting-room"),
    Case("on-hold", zoom.lobby(), S.LOBBY, "waiting-room", after=S.IN_CALL),
    Case(
        "host-absent",
        zoom.lobby("Waiting for the host to start the meeting."),
        S.WAITING_FOR_HOST,
        "host-absent",
    ),
    Case(
        "host-elsewhere",
        zoom.lobby("The host has another meeting in progress"),
        S.WAITING_FOR_HOST,
        "host-absent",
    ),
    Case("link-code", zoom.link_error(), S.WAITING_FOR_HOST, "link-code-3001"),
    Case("error-page", "<p>x</p>", S.WAITING_FOR_HOST, "error-page", title="Error - Zoom"),
    Case("in-call", zoom.in_call(), S.IN_CALL, "people-counted"),
    Case("in-call-alone", zoom.in_call(count=1), S.IN_CALL, "people-counted"),
    Case("in-call-footer-hidden", zoom.in_call(hidden=True), S.IN_CALL, "people-counted"),
    Case("in-call-crowd", zoom.in_call(count="99+"), S.IN_CALL, "people-counted"),
    Case("in-call-chat", zoom.in_call(more=zoom.CHAT), S.IN_CALL, "people-counted"),
    Case("in-call-evil-name", zoom.in_call([zoom.tile(zoom.EVIL)]), S.IN_CALL, "people-counted"),
    Case("in-call-stale-lobby", zoom.in_call(more=zoom.lobby()), S.IN_CALL, "people-counted"),
    Case("in-call-countless", zoom.in_call(count=None), S.IN_CALL, "people-on-stage"),
    Case("joining-stage", zoom.in_call(count=0), S.UNKNOWN, "none"),
    Case(
        "in-call-consent",
        zoom.in_call(more=zoom.modal("x", "This meeting is being recorded", "Got it")),
        S.IN_CALL,
        "people-counted",
    ),
    Case(
        "in-call-talk-of-ending",
        zoom.in_call(more=f'<div class="zm-modal" role="dialog">{zoom.EVIL}</div>'),
        S.UNKNOWN,
        "none",
    ),
    Case(
        "bot-wall",
        zoom.modal("BotDetectedDialog", "Anmelden, um teilzunehmen", "Schließen"),
        S.BLOCKED,
        "bot-wall",
    ),
    Case(
        "bot-wall-text",
        zoom.modal("x", "Automated bots aren&#8217;t allowed to join this meeting or webinar"),
        S.BLOCKED,
        "bot-wall-text",
    ),
    Case("locked", zoom.modal("Meeting is locked", "Gesperrt"), S.BLOCKED, "locked"),
    Case("locked-text", zoom.modal("x", "Meeting is locked"), S.BLOCKED, "locked-text"),
    Case("full", zoom.modal("Meeting is full", "Voll"), S.BLOCKED, "full"),
    Case("full-text", zoom.modal("x", "La réunion est complète"), S.BLOCKED, "full-text"),
    Case("blocked-dialog", zoom.modal("BlockErrorDialog", "x"), S.BLOCKED, "blocked-dialog"),
    Case(
        "client-blocked",
        "<h1>The Zoom Meetings Web Client is blocked by your organizational policy</h1>",
        S.BLOCKED,
        "client-blocked",
    ),
    Case("captcha", zoom.prejoin() + CAPTCHA, S.BLOCKED, "captcha"),
    Case(
        "captcha-invisible",
        zoom.prejoin() + '<iframe src="/recaptcha/x" style="width:60px;height:20px"></iframe>',
        S.PREJOIN,
        "join-control",
    ),
    Case(
        "passcode-wrong",
        zoom.prejoin(passcode=True, error="Falsch"),
        S.BLOCKED,
        "passcode-wrong",
    ),
    Case(
        "registration",
        "<h1>Register</h1>",
        S.BLOCKED,
        "registration",
        url="https://us02web.zoom.us/webinar/register/WN_1",
    ),
    Case("sign-in", "<h1>x</h1>", S.LOGIN, "sign-in-page", url="https://app.zoom.us/signin#/login"),
    Case(
        "sign-in-with-password",
        "<input type=password>",
        S.LOGIN,
        "sign-in-page",
        url="https://zoom.us/signin",
    ),
    Case(
        "sign-in-button",
        '<div id="login"><button class="login-btn-zoom">x</button></div>',
        S.LOGIN,
        "sign-in-button",
    ),
    Case(
        "sign-in-text",
        '<div id="prompt">Sign in to join this meeting</div>',
        S.LOGIN,
        "sign-in-text",
    ),
    Case("no-such-meeting", "<h1>Invalid meeting ID</h1>", S.INVALID, "no-such-meeting"),
    Case("removed", zoom.modal("You have been removed", "Entfernt"), S.REMOVED, "removed-dialog"),
    Case(
        "removed-over-call",
        zoom.in_call(more=zoom.modal("You have been removed", "Entfernt")),
        S.REMOVED,
        "removed-dialog",
        after=S.IN_CALL,
    ),
    Case(
        "removed-before",
        zoom.modal("Has been Removed dialog", "You are unable to rejoin"),
        S.REMOVED,
        "removed-dialog",
    ),
    Case("removed-text", zoom.modal("x", "Vous avez été exclu"), S.REMOVED, "removed-text"),
    Case("ended", zoom.modal("Meeting is end now", "yIjaH"), S.ENDED, "ended-dialog"),
    Case(
        "ended-over-call",
        zoom.in_call(more=zoom.modal("Meeting is end now", "Beendet")),
        S.ENDED,
        "ended-dialog",
        after=S.IN_CALL,
    ),
    Case(
        "ended-text",
        zoom.modal("x", "El anfitrión ha finalizado esta reunión"),
        S.ENDED,
        "ended-text",
    ),
    Case("home-later", "<h1>x</h1>", S.ENDED, "home", url=HOME, after=S.IN_CALL),
    Case("home-at-once", "<h1>x</h1>", S.BLOCKED, "home-at-once", url=HOME),
    Case("left-zoom", "x", S.ENDED, "left-zoom", url="https://example.com/", after=S.LOBBY),
    Case("other-host", "x", S.BLOCKED, "other-host", url="https://example.com/"),
    Case(
        "reconnecting",
        zoom.in_call(more=zoom.modal("Reconnect server dialog", "x")),
        S.RECONNECTING,
        "reconnect-dialog",
        after=S.IN_CALL,
    ),
    Case(
        "reconnecting-text",
        zoom.in_call(more=zoom.modal("x", "Meeting connected timeout.")),
        S.RECONNECTING,
        "reconnecting",
        after=S.IN_CALL,
    ),
    Case("blank", "", S.UNKNOWN, "none"),
    Case("spinner", "<div class='spinner'></div>", S.UNKNOWN, "none"),
    Case("written-by-people", zoom.CHAT, S.UNKNOWN, "none"),
    Case("talked-about", f"<p>{zoom.EVIL.partition('. Auto')[0]}</p>", S.UNKNOWN, "none"),
)


DRAW = """([html, title]) => {
  document.documentElement.innerHTML = html;
  document.title = title;
}"""
Draw = Callable[[str, str, str], Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def draw(module_page: Page) -> Draw:
    """Call it with markup, an address and a title: the module's one page shows that.

    The address is loaded only where it is another one; that looks need no leave of a page's policy
    is tested elsewhere.
    """

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/html; charset=utf-8", body="<!doctype html>")

    await module_page.route("**/*", answer)

    async def drawn(html: str, url: str, title: str = "Zoom") -> Page:
        if module_page.url != url:
            await module_page.goto(url)
        await module_page.evaluate(DRAW, [html, title])
        return module_page

    return drawn


@in_browser
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_state(case: Case, draw: Draw) -> None:
    """Each screen is judged as its state by the row meant for it; a trap is judged as nothing."""
    page = await draw(zoom.screen(case.body, lang=case.lang), case.url, case.title)
    judge = Judge("zoom", EVIDENCE)
    if case.after is not None:
        judge.seen = frozenset({case.after})
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    for look in range(3):
        finding = judge.judge(look * 10.0, matches)
    assert (finding.state, finding.row) == (case.state, f"zoom/{case.row}")


def test_every_row_is_shown_by_a_page() -> None:
    """No row of the table is without a page that proves it."""
    assert {row.name for row in EVIDENCE} == {case.row for case in CASES} - {"none"}


@in_browser
async def test_admission_takes_two_looks(draw: Draw) -> None:
    """A count of people is believed the second time; a failed look between starts again."""
    page = await draw(zoom.screen(zoom.in_call()), zoom.URL, "Zoom")
    judge = Judge("zoom", EVIDENCE)
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    looks = (matches, None, matches, matches)
    states = [judge.judge(float(second), look).state for second, look in enumerate(looks)]
    assert states == [S.UNKNOWN, S.UNKNOWN, S.UNKNOWN, S.IN_CALL]


@in_browser
@pytest.mark.parametrize("term", ["host_absent", "lobby", "ended", "removed"])
async def test_every_language(term: str, draw: Draw) -> None:
    """Each sentence Zoom was seen to say is known as the state it belongs to, whoever reads it."""
    wanted = {
        "host_absent": S.WAITING_FOR_HOST,
        "lobby": S.LOBBY,
        "ended": S.ENDED,
        "removed": S.REMOVED,
    }
    body = zoom.modal("", "x") if term in {"ended", "removed"} else '<p class="said">x</p>'
    page = await draw(zoom.screen(body), zoom.URL, "Zoom")
    for phrase in TEXTS.of(term):
        await page.evaluate(SAY, f"{phrase}.")
        matches = await probe(page, ALL_SIGNS, never_in=NEVER_IN)
        judge = Judge("zoom", EVIDENCE)
        states = [judge.judge(now_s, matches).state for now_s in (0.0, 10.0)]
        assert states[-1] is wanted[term], phrase

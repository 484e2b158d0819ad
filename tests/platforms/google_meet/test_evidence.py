"""Every state of the client, and the pages made to be mistaken for it, in a real Chromium."""

from dataclasses import dataclass

import pytest

from platforms.evidence import Judge, Row
from platforms.google_meet.evidence import EVIDENCE, NEVER_IN
from platforms.probe import probe
from platforms.types import PageState as S
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")

EVIL = "Someone in the call denied your request to join, removed from the meeting"


@dataclass(frozen=True)
class Case:
    """A page and what three looks at it, 10 s apart, must end in."""

    name: str
    body: str
    state: S
    row: str
    url: str = "https://meet.google.com/abc-defg-hij?hl=en"
    after: S | None = None
    lang: str = "en"


REASONS = {
    "removed": ("You&#8217;ve been removed from the meeting", S.REMOVED, "removed-screen"),
    "removed-by": ("Someone removed you from the meeting", S.REMOVED, "removed-screen"),
    "ended": ("Your host ended the meeting for everyone", S.ENDED, "final-screen"),
    "left": ("You left the meeting", S.ENDED, "final-screen"),
}
CASES = (
    Case("prejoin", meet.prejoin(), S.PREJOIN, "join-control"),
    Case("prejoin-open", meet.prejoin("Join now"), S.PREJOIN, "join-control"),
    Case("prejoin-signed-in", meet.prejoin(named=False), S.PREJOIN, "join-control"),
    Case("prejoin-de", meet.prejoin("Teilnahme erbitten"), S.PREJOIN, "join-control", lang="de"),
    Case("prejoin-ja", meet.prejoin("今すぐ参加", jsname=False), S.PREJOIN, "join-control"),
    Case("prejoin-no-jsname", meet.prejoin(jsname=False), S.PREJOIN, "join-control"),
    Case("prejoin-tlh", meet.prejoin("yImuv", jsname=False), S.PREJOIN, "name-and-toggles"),
    Case("prejoin-evil-title", meet.prejoin(meeting=EVIL), S.PREJOIN, "join-control"),
    Case("lobby", meet.lobby(), S.LOBBY, "asking"),
    Case("lobby-no-jsname", meet.lobby(jsname=False), S.LOBBY, "asking"),
    Case("lobby-tlh", meet.lobby("yIloS"), S.LOBBY, "leave-without-call", lang="tlh"),
    Case("lobby-tlh-no-jsname", meet.lobby("yIloS", jsname=False), S.LOBBY, "leave-without-call"),
    Case(
        "lobby-de",
        meet.lobby("Bitte warten Sie, bis Sie vom Organisator hinzugefügt werden"),
        S.LOBBY,
        "asking",
    ),
    Case(
        "host-absent", meet.lobby("Waiting for the host to join"), S.WAITING_FOR_HOST, "host-absent"
    ),
    Case("in-call", meet.in_call(), S.IN_CALL, "tile-and-panel"),
    Case(
        "in-call-bar-hidden",
        meet.in_call(bar_style="visibility:hidden"),
        S.IN_CALL,
        "tile-and-panel",
    ),
    Case(
        "in-call-stale-lobby",
        meet.in_call(more="<p>Asking to be let in</p>"),
        S.IN_CALL,
        "tile-and-panel",
    ),
    Case("in-call-chat", meet.in_call(more=meet.CHAT), S.IN_CALL, "tile-and-panel"),
    Case(
        "in-call-evil-name",
        meet.in_call([meet.tile(1, EVIL, me=True)]),
        S.IN_CALL,
        "tile-and-panel",
    ),
    Case(
        "in-call-consent",
        meet.in_call(more=meet.dialog("This call is being recorded", "Leave", "Join now")),
        S.IN_CALL,
        "tile-and-panel",
    ),
    Case("in-call-no-panel", meet.in_call(panel=False), S.IN_CALL, "tile-and-leave"),
    Case("in-call-no-jsname", meet.in_call(jsname=False), S.IN_CALL, "tile-and-panel"),
    Case(
        "in-call-unmarked",
        meet.in_call([meet.tile(1, "Me", me=True, media=False)], panel=False, marks=False),
        S.IN_CALL,
        "unmarked-tile",
    ),
    Case(
        "in-call-captions",
        meet.in_call(
            [
                meet.tile(1, "Me", me=True, media=False),
                f'<div role="region" tabindex="0">{EVIL}</div><h2>{EVIL}</h2>',
            ]
        ),
        S.IN_CALL,
        "unmarked-tile",
    ),
    Case("in-call-tileless", meet.in_call(["<p></p>"]), S.IN_CALL, "call-mark"),
    Case("in-call-bare", meet.in_call(["<p></p>"], marks=False), S.IN_CALL, "leave-and-panel"),
    Case("lobby-over-tiles", meet.lobby() + meet.tile(1, "Ada"), S.LOBBY, "asking"),
    Case(
        "denied",
        meet.refused("Someone in the call denied your request to join"),
        S.DENIED,
        "host-refused",
    ),
    Case(
        "no-answer",
        meet.refused("No one responded to your request to join the call"),
        S.NO_ANSWER,
        "nobody-answered",
    ),
    Case(
        "no-answer-de",
        meet.refused("Niemand hat auf Ihre Teilnahmeanfrage geantwortet"),
        S.NO_ANSWER,
        "nobody-answered",
    ),
    Case("blocked", meet.refused("You can't join this video call"), S.BLOCKED, "cannot-join"),
    Case(
        "blocked-curly", meet.refused("You can&#8217;t  join\nthis call"), S.BLOCKED, "cannot-join"
    ),
    Case("invalid", meet.refused("Check your meeting code"), S.INVALID, "no-such-meeting"),
    Case("problem", meet.refused("We encountered a problem joining"), S.BLOCKED, "problem-joining"),
    Case(
        "credentials",
        meet.refused("Your sign-in credentials might have changed"),
        S.LOGIN,
        "credentials-changed",
    ),
    Case(
        "sign-in",
        "<h1>Sign in</h1>",
        S.LOGIN,
        "sign-in-host",
        url="https://accounts.google.com/v3/signin",
    ),
    Case(
        "elsewhere",
        "<h1>Meet</h1>",
        S.BLOCKED,
        "other-host",
        url="https://workspace.google.com/meet/",
    ),
    Case(
        "landing-at-once",
        "<h1>Meetings</h1>",
        S.INVALID,
        "landing-at-once",
        url="https://meet.google.com/landing",
    ),
    Case(
        "landing-later",
        "<h1>Meetings</h1>",
        S.ENDED,
        "landing",
        url="https://meet.google.com/landing?hl=en",
        after=S.IN_CALL,
    ),
    Case(
        "captcha",
        '<iframe src="/recaptcha/api2/bframe" style="width:400px;height:500px"></iframe>',
        S.BLOCKED,
        "captcha",
    ),
    Case(
        "captcha-invisible",
        meet.prejoin() + '<iframe src="/recaptcha/anchor" style="width:60px;height:20px"></iframe>',
        S.PREJOIN,
        "join-control",
    ),
    Case(
        "reconnecting",
        meet.in_call(["<p></p>"], more="<div role=alert>Trying to reconnect...</div>"),
        S.RECONNECTING,
        "reconnecting",
        after=S.IN_CALL,
    ),
    *(
        Case(name, meet.final(text), state, row, after=S.IN_CALL)
        for name, (text, state, row) in REASONS.items()
    ),
    Case("ended-no-jsname", meet.final("yIjaH", jsname=False), S.ENDED, "final-screen"),
    Case(
        "ended-heading",
        meet.final("yIjaH", ended=False).replace("WIVZEd", "zzz"),
        S.ENDED,
        "reason-heading",
        after=S.IN_CALL,
    ),
    Case(
        "removed-heading",
        meet.final("You've been removed from the meeting", ended=False).replace("WIVZEd", "zzz"),
        S.REMOVED,
        "removed-heading",
        after=S.LOBBY,
    ),
    Case("rejoined", meet.final("You left the meeting") + meet.tile(1, "Ada"), S.UNKNOWN, "none"),
    Case("blank", "", S.UNKNOWN, "none"),
    Case("spinner", "<main><div class='spinner'></div></main>", S.UNKNOWN, "none"),
    Case("written-by-people", meet.CHAT, S.UNKNOWN, "none"),
    Case("talked-about", f"<p>{EVIL}</p>", S.UNKNOWN, "none"),
)


@in_browser
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_state(case: Case, draw: Show) -> None:
    """Each screen is judged as its state by the row meant for it; a trap is judged as nothing."""
    page = await draw(meet.screen(case.body, lang=case.lang), case.url)
    judge = Judge("google_meet", EVIDENCE)
    if case.after is not None:
        judge.seen = frozenset({case.after})
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    for look in range(3):
        finding = judge.judge(look * 10.0, matches)
    assert (finding.state, finding.row) == (case.state, f"google_meet/{case.row}")


def test_every_row_is_shown_by_a_page() -> None:
    """No row of the table is without a page that proves it (but the one for an e-mail box)."""
    shown = {case.row for case in CASES}
    assert {row.name for row in EVIDENCE} - shown == {"sign-in-box"}


@in_browser
async def test_sign_in_box(draw: Show) -> None:
    """The sign-in form is known even where its host is not the one we know."""
    page = await draw(meet.screen('<input type="email" id="identifierId">'))
    judge = Judge("google_meet", EVIDENCE)
    for now_s in (0.0, 1.0):
        finding = judge.judge(now_s, await probe(page, judge.signs, never_in=NEVER_IN))
    assert finding.state is S.LOGIN


@in_browser
async def test_endings_need_the_table_s_looks(draw: Show) -> None:
    """An ended call takes two looks in a row, a removal (two witnesses) one."""
    page = await draw(meet.screen(meet.final("Your host ended the meeting for everyone")))
    judge = Judge("google_meet", EVIDENCE)
    matches = await probe(page, judge.signs, never_in=NEVER_IN)
    states = [judge.judge(0.0, matches).state]
    states += [judge.judge(1.0, None).state, judge.judge(2.0, matches).state]
    states += [judge.judge(3.0, matches).state]
    assert states == [S.UNKNOWN, S.UNKNOWN, S.UNKNOWN, S.ENDED]


def _row(name: str) -> Row:
    return next(row for row in EVIDENCE if row.name == name)


def test_weaker_admissions_take_longer() -> None:
    """A tile with a media id is believed at once, one without later, mere marks last."""
    settles_s = [_row(name).settle_s for name in ("tile-and-panel", "unmarked-tile", "call-mark")]
    assert settles_s == [0.0, 3.0, 8.0]

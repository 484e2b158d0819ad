"""The client in the test meeting: real Chromium, real WebRTC, the replica's own clocks."""

from typing import Any
from urllib.parse import quote

import pytest

from platforms.simulator.state import Status
from platforms.simulator.teams_skin import THREAD
from platforms.types import PageState, View
from tests.platforms.conftest import Visiting
from tests.platforms.visits import NAME, Visit, shares_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
S = PageState
TEAMS: dict[str, Any] = {"platform": "microsoft_teams"}
TWO: list[dict[str, Any]] = [{"name": "Ada", "host": True}, {"name": "Bob", "picture": "still"}]
STILL = [{**each, "picture": "still"} for each in TWO]
"""Pictures cost a browser most: only the whole meeting has some."""
TILES = '[data-stream-type="Video"]'
CONTEXT = quote('{"Tid":"72f988bf-86f1-41af-91ab-2d7cd011db47"}')
PERSONAL = "https://teams.live.com/meet/98765432101?p=Sim7code"
LONG = f"https://teams.cloud.microsoft/l/meetup-join/{quote(THREAD, safe='')}/0?context={CONTEXT}"


async def admitted(visit: Visit) -> None:
    """Ask, wait, be let in."""
    await visit.asks()
    await visit.sees(S.LOBBY)
    await visit.sim.command("admit")
    await visit.sees(S.IN_CALL)


async def test_a_whole_meeting(visiting: Visiting) -> None:
    """Ask, wait, be let in, see who is there and who speaks, chat, be removed: all as it was."""
    async with visiting(**TEAMS, participants=TWO) as visit:
        await visit.asks()
        await visit.sees(S.LOBBY)
        assert await visit.client.ask_to_join(NAME), "asking again is no second ask"
        waiting = await visit.state(lambda state: len(state.waiting) == 1)
        assert [(one.name, one.mic, one.camera) for one in waiting.waiting] == [
            (NAME, False, False)
        ]
        await visit.sim.command("admit")
        look = await visit.sees(S.IN_CALL)
        assert look.finding.row == "microsoft_teams/timer-and-leave"
        people = {person.name: person.is_self for person in look.people or ()}
        assert people == {"Ada": False, "Bob": False, NAME: True}
        await visit.client.tidy()
        listed = await visit.until(
            lambda look: None not in {p.is_host for p in look.people or ()}, tidy=True
        )
        assert [p.name for p in listed.people or () if p.is_host] == ["Ada"]

        await visit.client.watch()
        assert await visit.client.show(View.SPEAKER)
        assert max(await shares_of(visit.page, TILES)) > 0.6
        assert await visit.watches_a_screen("Bob", '[data-stream-type="ScreenSharing"]') > 0.6
        assert await visit.client.show(View.GALLERY)
        assert max(await shares_of(visit.page, TILES)) < 0.5
        await visit.hears("Ada")

        text = "I am a recorder. You've been removed from this meeting. The meeting has ended"
        assert await visit.client.say(text)
        chatted = await visit.state(lambda state: len(state.chat) == 1)
        assert chatted.chat[0].text == text
        await visit.sees(S.IN_CALL)
        await visit.sim.command("say", {"who": "Ada", "text": "Hi, all"})
        assert await visit.reads(text, "Hi, all") == [NAME, "Ada"]
        await visit.loses_the_connection()

        for who in ("Ada", "Bob"):
            await visit.sim.command("leave", {"who": who})
        await visit.until(lambda look: {p.name for p in look.people or ()} == {NAME})
        await visit.sim.command("remove")
        removed = await visit.sees(S.REMOVED, S.ENDED)
        assert removed.finding.row == "microsoft_teams/removed-text"


@pytest.mark.parametrize(
    ("url", "scenario"),
    [
        (LONG, {"lang": "fr", "device_dialog": "always", "variants": ["cookie_banner"]}),
        (None, {"lang": "ja", "variants": ["launcher", "no_tids"]}),
        (PERSONAL, {"lang": "pt", "variants": ["signed_in"]}),
    ],
    ids=["long-link-fr", "launcher-unmarked-ja", "personal-signed-in-pt"],
)
async def test_variants(visiting: Visiting, url: str | None, scenario: dict[str, Any]) -> None:
    """Links, languages and builds change nothing: ask, admission, chat, polite leaving."""
    async with visiting(url, **TEAMS, participants=STILL, **scenario) as visit:
        await visit.sees(S.PREJOIN)
        await visit.client.tidy()
        await admitted(visit)
        assert await visit.client.show(View.SPEAKER)
        await visit.client.leave(10)
        left = await visit.state(lambda state: not state.waiting and len(state.in_call) == 2)
        assert [p.status for p in left.people if p.name not in {"Ada", "Bob"}] == [Status.LEFT]


async def test_collapsed_toolbar_and_stale_button(visiting: Visiting) -> None:
    """Without toolbar, badge and timer the call is a call; a button left behind is no call.

    And opening the same address, fragment and all, loads the page anew.
    """
    variants = ["toolbar_collapsed", "hangup_stays"]
    async with visiting(**TEAMS, participants=STILL, open=True, variants=variants) as visit:
        await visit.asks()
        look = await visit.sees(S.IN_CALL)
        assert look.finding.row == "microsoft_teams/tile-and-leave"
        for who in ("Ada", "Bob"):
            await visit.sim.command("leave", {"who": who})
        await visit.until(lambda look: look.finding.state is S.IN_CALL and look.people is not None)
        await visit.sim.command("end")
        assert (await visit.sees(S.ENDED, S.REMOVED)).finding.state is S.ENDED
        await visit.client.open(30)
        await visit.sees(S.PREJOIN)


@pytest.mark.parametrize(
    ("page", "row"),
    [("captcha", "captcha"), ("expired", "not-found-form")],
)
async def test_pages_that_let_nobody_ask(visiting: Visiting, page: str, row: str) -> None:
    """A wall before the ask is known for what it is."""
    async with visiting(**TEAMS, page=page) as visit:
        found = await visit.sees(*set(S) - {S.UNKNOWN, S.LOBBY, S.PREJOIN})
        assert found.finding.row == f"microsoft_teams/{row}"

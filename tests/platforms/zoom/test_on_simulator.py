"""The client in the test meeting: real Chromium, real WebRTC, the replica's own clocks."""

from typing import Any

import pytest

from platforms.simulator.state import MeetingState, Status
from platforms.types import PageState, View
from tests.platforms.conftest import Visiting
from tests.platforms.visits import NAME, Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
S = PageState
ZOOM: dict[str, Any] = {"platform": "zoom"}
TWO: list[dict[str, Any]] = [{"name": "Ada", "host": True}, {"name": "Bob", "picture": "still"}]
STILL = [{**each, "picture": "still"} for each in TWO]
"""Pictures cost a browser most: only the whole meeting has some."""


def me(state: MeetingState) -> Status | None:
    """Where the bot is."""
    person = state.person(NAME)
    return person.status if person else None


async def admitted(visit: Visit) -> None:
    """Ask, wait, be let in."""
    await visit.asks()
    await visit.sees(S.LOBBY)
    await visit.sim.command("admit")
    await visit.sees(S.IN_CALL)


async def test_a_whole_meeting(visiting: Visiting) -> None:
    """Ask, wait, be let in, see who is there and who speaks, chat, be removed: all as it was."""
    async with visiting(**ZOOM, participants=TWO) as visit:
        await visit.asks()
        await visit.sees(S.LOBBY)
        assert await visit.client.ask_to_join(NAME), "asking again is no second ask"
        waiting = await visit.state(lambda state: len(state.waiting) == 1)
        assert [(one.name, one.mic, one.camera) for one in waiting.waiting] == [
            (NAME, False, False)
        ]
        await visit.sim.command("admit")
        look = await visit.sees(S.IN_CALL)
        assert look.finding.row == "zoom/people-counted"
        people = {person.name: person.is_self for person in look.people or ()}
        assert people == {"Ada": False, "Bob": False, NAME: True}

        await visit.client.watch()
        assert await visit.client.show(View.GALLERY)
        assert await visit.page.locator(".gallery-video-container__video-frame").count() == 2
        assert await visit.client.show(View.SPEAKER)
        assert await visit.page.locator(".single-main-container__video-frame").count() == 1
        listed = await visit.until(lambda look: None not in {p.is_host for p in look.people or ()})
        assert [(p.name, p.is_host) for p in listed.people or ()] == [
            ("Ada", True),
            ("Bob", False),
            (NAME, False),
        ]
        assert await visit.watches_a_screen("Bob", "#sharee-container") > 0.6
        await visit.hears_begin("Bob")
        await visit.has_the_picture_free("#wc-footer")

        text = "I am a recorder, You have been removed, This meeting has been ended by host"
        assert await visit.client.say(text)
        chatted = await visit.state(lambda state: len(state.chat) == 1)
        assert chatted.chat[0].text == text
        await visit.sees(S.IN_CALL)
        await visit.sim.command("say", {"who": "Ada", "text": "Hi, all"})
        assert await visit.reads(text, "Hi, all") == [NAME, "Ada"]

        await visit.sim.command("leave", {"who": "Ada"})
        await visit.until(lambda look: {p.name for p in look.people or ()} == {"Bob", NAME})
        await visit.sim.command("remove")
        removed = await visit.sees(S.REMOVED, S.ENDED)
        assert removed.finding.row == "zoom/removed-dialog"


async def test_in_a_frame_behind_a_passcode(visiting: Visiting) -> None:
    """In a frame, in Japanese, cookies first, then a passcode: ask, people, chat, leaving."""
    variants = ["in_iframe", "cookie_banner"]
    scenario: dict[str, Any] = {"lang": "ja", "variants": variants, "page": "passcode"}
    async with visiting(**ZOOM, participants=STILL, **scenario) as visit:
        await admitted(visit)
        await visit.client.watch()
        look = await visit.until(lambda look: look.people is not None)
        assert [person.name for person in look.people or () if person.is_self] == [NAME]
        assert len(look.people or ()) == 3
        assert await visit.client.say("Hello")
        await visit.state(lambda state: [message.text for message in state.chat] == ["Hello"])
        await visit.client.leave(10)
        await visit.state(lambda state: me(state) is Status.LEFT)

"""The client in the test meeting: real Chromium, real WebRTC, the replica's own clocks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio

from platforms import probe
from platforms.google_meet import views
from platforms.simulator.state import MeetingState, Status
from platforms.types import PageState, View
from tests.platforms.conftest import Visiting
from tests.platforms.visits import LIMIT_S, NAME, Visit, shares_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]
S = PageState
TWO: list[dict[str, Any]] = [{"name": "Ada"}, {"name": "Bob", "picture": "still"}]
STILL = [{**each, "picture": "still"} for each in TWO]
"""Pictures cost a browser most: only the whole meeting has some."""
TILES = "[data-tile-media-id]"
IN_VAIN_S = 1.0
"""How long to wait for an answer that is known not to come."""


Enter = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture(loop_scope="session")
async def enter(visiting: Visiting) -> AsyncIterator[Enter]:
    """Starts a meeting and a browser, and opens the one in the other."""
    async with AsyncExitStack() as stack:

        async def entered(
            *,
            devices: bool = True,
            **scenario: Any,  # noqa: ANN401 - any scenario field
        ) -> Visit:
            return await stack.enter_async_context(visiting(devices=devices, **scenario))

        yield entered


def me(state: MeetingState) -> Status | None:
    """Where the bot is."""
    person = state.person(NAME)
    return person.status if person else None


async def test_a_whole_meeting(enter: Enter) -> None:
    """Ask, wait, be let in, see who is there and who speaks, chat, be removed: all as it was."""
    visit = await enter(participants=TWO)
    await visit.asks()
    await visit.sees(S.LOBBY)
    assert await visit.client.ask_to_join(NAME), "asking again is no second ask"
    waiting = await visit.state(lambda state: len(state.waiting) == 1)
    assert [(one.name, one.mic, one.camera) for one in waiting.waiting] == [(NAME, False, False)]
    await visit.sim.command("admit")
    admitted = await visit.sees(S.IN_CALL)
    assert admitted.finding.row == "google_meet/tile-and-panel"
    people = {person.name: person.is_self for person in admitted.people or ()}
    assert people == {"Ada": False, "Bob": False, NAME: True}

    await visit.client.watch()
    assert await visit.client.show(View.SPEAKER)
    assert max(await shares_of(visit.page, TILES)) > 0.6
    assert await visit.watches_a_screen("Bob", f'{TILES}:has([data-layout="roi-crop"])') > 0.6
    assert await visit.client.show(View.GALLERY)
    assert max(await shares_of(visit.page, TILES)) < 0.5
    assert await visit.page.locator("[role=dialog], [role=menu]").count() == 0
    await visit.hears("Ada")
    await visit.has_the_picture_free('[role="region"][aria-label="Call controls"]')

    assert await visit.client.say("I am a recorder, removed from the meeting on request")
    chatted = await visit.state(lambda state: len(state.chat) == 1)
    assert chatted.chat[0].text == "I am a recorder, removed from the meeting on request"
    assert (await visit.client.look(asyncio.get_running_loop().time())).finding.state is S.IN_CALL
    await visit.sim.command("say", {"who": "Ada", "text": "Hi, all"})
    assert await visit.reads(chatted.chat[0].text, "Hi, all") == [NAME, "Ada"]

    await visit.sim.command("leave", {"who": "Bob"})
    await visit.until(lambda look: {p.name for p in look.people or ()} == {"Ada", NAME})
    await visit.sim.command("remove")
    removed = await visit.sees(S.REMOVED, S.ENDED)
    assert removed.finding.row == "google_meet/removed-screen"


async def test_a_frozen_page_proves_nothing_and_a_choice_keeps_nobody_from_leaving(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the page answers nothing a look is UNKNOWN, and then the call is there again.

    A choice of view that is stopped closes its dialog, which lies over the Leave button.
    """
    visit = await enter(participants=STILL, open=True)
    await visit.asks()
    await visit.sees(S.IN_CALL)
    await visit.sim.command("freeze", {"for_s": 3 * IN_VAIN_S})
    with monkeypatch.context() as patched:
        patched.setattr(probe, "LOOK_LIMIT_S", IN_VAIN_S)
        frozen = await visit.sees(S.UNKNOWN)
    assert frozen.finding.detail == "the page did not answer"
    thawed = await visit.until(lambda look: look.finding.state is not S.UNKNOWN)
    assert thawed.finding.state is S.IN_CALL

    opened = asyncio.Event()

    async def held(*_: object) -> None:
        opened.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(views, "find", held)  # the dialog is open when this is first asked
    choosing = asyncio.create_task(visit.client.show(View.GALLERY))
    await opened.wait()
    choosing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await choosing
    await visit.client.leave(30)
    await visit.state(lambda state: me(state) is Status.LEFT)


LOBBY_ENDINGS = {
    "deny": S.DENIED,
    "no_answer": S.NO_ANSWER,
    "block": S.BLOCKED,
    "end": S.ENDED,
}


async def test_the_lobby_and_its_endings(enter: Enter) -> None:
    """Devices that the client switches on again there are switched off again.

    The bot takes its ask back by the client's own button, and each way of not being let in is told
    apart, one visit after another.
    """
    visit = await enter(variants=["lobby_reenables_devices"])
    await visit.asks()
    await visit.sees(S.LOBBY)
    await visit.state(lambda state: any(one.mic and one.camera for one in state.waiting))
    await visit.client.tidy()
    await visit.state(lambda state: not any(one.mic or one.camera for one in state.waiting))
    await visit.client.leave(10)
    await visit.state(lambda state: me(state) is Status.LEFT)
    for command, state in LOBBY_ENDINGS.items():
        await visit.client.open(LIMIT_S)
        await visit.asks()
        await visit.sees(S.LOBBY)
        await visit.sim.command(command)
        assert (await visit.sees(*set(S) - {S.UNKNOWN, S.LOBBY})).finding.state is state


async def test_ended_by_the_host_after_a_consent_dialog(enter: Enter) -> None:
    """A recording notice is accepted, a lost network held, and the end for all is an end."""
    visit = await enter(participants=STILL, open=True, consent_dialog=True)
    await visit.asks()
    await visit.sees(S.IN_CALL)
    await visit.client.tidy()
    await visit.state(lambda state: any(one.consented for one in state.people))
    await visit.loses_the_connection()
    await visit.sim.command("end")
    assert (await visit.sees(S.REMOVED, S.ENDED, S.LOBBY)).finding.state is S.ENDED


@pytest.mark.parametrize(
    "scenario",
    [
        {"variants": ["no_tile_ids"], "lang": "de"},
        {"variants": ["no_jsname"], "lang": "ja"},
        {"variants": ["no_panel_ids", "toolbar_starts_hidden"], "lang": "de"},
        {"variants": ["signed_in"]},
    ],
    ids=lambda scenario: "-".join([*scenario.get("variants", []), scenario.get("lang", "")]),
)
async def test_variants(enter: Enter, scenario: dict[str, Any]) -> None:
    """Languages and builds change nothing: ask, admission, people, chat, polite leaving."""
    visit = await enter(participants=STILL, **scenario)
    await visit.asks()
    await visit.sees(S.LOBBY)
    await visit.sim.command("admit")
    look = await visit.sees(S.IN_CALL)
    assert len(look.people or ()) == 3
    assert [person.is_self for person in look.people or ()].count(True) == 1
    assert await visit.client.show(View.SPEAKER)
    assert await visit.client.say("Hello")
    await visit.state(lambda state: [message.text for message in state.chat] == ["Hello"])
    await visit.client.leave(10)
    left = await visit.state(
        lambda state: (
            not any(
                p.status is Status.IN_CALL and p.name not in {"Ada", "Bob"} for p in state.people
            )
        )
    )
    assert [p.status for p in left.people if p.name not in {"Ada", "Bob"}] == [Status.LEFT]


async def test_no_devices(enter: Enter) -> None:
    """The dialog about missing devices is answered and does not keep the bot out."""
    visit = await enter(devices=False, device_dialog="always")
    await visit.asks()
    await visit.sees(S.LOBBY)


@pytest.mark.parametrize(
    ("page", "state", "row"),
    [
        ("blocked", S.BLOCKED, "cannot-join"),
        ("captcha", S.BLOCKED, "captcha"),
        ("invalid", S.INVALID, "no-such-meeting"),
        ("login", S.LOGIN, "sign-in-host"),
    ],
)
async def test_pages_that_let_nobody_ask(
    enter: Enter, page: str, state: PageState, row: str
) -> None:
    """A wall before the green room is known for what it is."""
    visit = await enter(page=page)
    found = (await visit.sees(*set(S) - {S.UNKNOWN})).finding
    assert (found.state, found.row) == (state, f"google_meet/{row}")

"""The side panel, on static pages: who organises, and the chat left open beside the picture."""

import pytest
from playwright.async_api import Page

from platforms.teams import panel
from platforms.teams.evidence import CALL_SCREEN, TIMER
from platforms.teams.panel import MAX_VAIN_TRIES, tend_panel
from platforms.teams.people import SCRIPT, people_of
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
IN_CALL = {CALL_SCREEN.name: True, TIMER.name: True}
OUTSIDE = {CALL_SCREEN.name: False, TIMER.name: False}
SIDE = """<div data-tid="calling-right-side-panel" hidden><div class="people">
<div data-cid="roster-participant" aria-label="Ada, Organizer, Muted">
<span id="roster-avatar-img-1">Ada</span><span data-tid="ts-roster-organizer-status">x</span></div>
<div data-tid="participantsInCall-Notes" aria-label="Notes, Muted"></div></div>
<div class="chat"><div data-tid="ckeditor"><div contenteditable="true" style="width:9em">_</div>
</div></div></div>"""
SCRIPT_OF_PANEL = """
document.body.dataset.log = '';
const side = document.querySelector('[data-tid="calling-right-side-panel"]');
const panes = { people: side.children[0], chat: side.children[1] };
side.replaceChildren();
const toggle = (which) => () => {
  const open = side.firstChild === panes[which] ? null : panes[which];
  side.replaceChildren(...(open ? [open] : []));
  side.hidden = !open;
  document.body.dataset.log += `${open ? which : 'nothing'}@${side.getBoundingClientRect().x} `;
};
document.querySelector('#roster-button').addEventListener('click', toggle('people'));
document.querySelector('#chat-button').addEventListener('click', toggle('chat'));
"""


async def hosts(page: Page) -> dict[str, bool | None]:
    """Who is taken for the host."""
    people = people_of(await page.evaluate(SCRIPT, {"follow": False, "name": "Notes"}))
    return {person.name: person.is_host for person in people or ()}


async def log_of(page: Page) -> list[str]:
    """What the panel showed, and where, in order."""
    return str(await page.evaluate("() => document.body.dataset.log")).split()


async def test_organiser_is_read_and_the_chat_left_open(show_to_all: Show) -> None:
    """Out of the picture the people are opened and read once, then the chat stays there."""
    page = await show_to_all(
        teams.screen(teams.in_call(more=SIDE), script=SCRIPT_OF_PANEL), teams.URL
    )
    await tend_panel(page, OUTSIDE)
    assert await log_of(page) == []
    assert await hosts(page) == {"Notes": None, "Ada": None}
    await tend_panel(page, IN_CALL)
    assert await log_of(page) == ["people@1280", "chat@1280"]
    assert await hosts(page) == {"Notes": False, "Ada": True}
    await tend_panel(page, IN_CALL)
    assert await log_of(page) == ["people@1280", "chat@1280"]


async def test_a_newcomer_has_the_list_read_again(
    show_to_all: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody on the stage who was not in the list has it opened once more, and the chat back."""
    monkeypatch.setattr(panel, "AGAIN_AFTER_MS", 0)
    page = await show_to_all(
        teams.screen(teams.in_call(more=SIDE), script=SCRIPT_OF_PANEL), teams.URL
    )
    await tend_panel(page, IN_CALL)
    await page.evaluate(
        "() => { document.querySelector('[data-stream-type=Video]').dataset.tid = 'Bob'; }"
    )
    await tend_panel(page, IN_CALL)
    assert await log_of(page) == ["people@1280", "chat@1280"] * 2


async def test_a_page_without_panel(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no such list it is given up soon, and nobody is said to be host or not."""
    monkeypatch.setattr(panel, "AGAIN_AFTER_MS", 0)
    monkeypatch.setattr(panel, "SHOWN_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(teams.screen(teams.in_call()), teams.URL)
    for _ in range(MAX_VAIN_TRIES + 1):
        await tend_panel(page, IN_CALL)
    assert await page.evaluate("() => window[Symbol.for('roster-tries')].count") == MAX_VAIN_TRIES
    assert await hosts(page) == {"Notes": None, "Ada": None}

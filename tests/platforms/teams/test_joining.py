"""The page before the call, on static pages."""

import pytest
from playwright.async_api import Page

from platforms.registry import parse_meeting_url
from platforms.teams import joining
from platforms.teams.joining import passcode_in, press_join, switch_devices_off
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MEETING = parse_meeting_url("https://teams.microsoft.com/meet/98765432101?p=aB3")
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
TAKEN = """
const join = document.querySelector('#prejoin-join-button');
join.addEventListener('click', () => {
  document.body.dataset.clicks = Number(document.body.dataset.clicks ?? 0) + 1;
  if (document.body.dataset.lost) { delete document.body.dataset.lost; return; }
  setTimeout(() => { join.disabled = true; }, 50);
});
"""


async def on(page: Page) -> int:
    """How many switches are on."""
    return await page.locator("[role=switch]:checked").count()


async def test_switches_devices_off(show_to_all: Show) -> None:
    """Both switches end off, however they are drawn; with none on nothing is to be done."""
    drawn_by_label = teams.switches().replace(
        'data-tid="toggle-mute"', 'data-tid="toggle-mute" style="width:0;height:0;margin:0"'
    )
    page = await show_to_all(teams.screen(drawn_by_label), teams.URL)
    assert await switch_devices_off(page)
    assert await on(page) == 0
    assert await switch_devices_off(page)


async def test_devices_that_stay_on(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A switch that turns itself on again is given up, and the answer is honest."""
    monkeypatch.setattr(joining, "FLIP_LIMIT_S", IN_VAIN_S)
    script = """
    for (const input of document.querySelectorAll('[role=switch]')) {
      input.addEventListener('click', (event) => event.preventDefault());
    }"""
    page = await show_to_all(teams.screen(teams.switches(), script=script), teams.URL)
    assert not await switch_devices_off(page)


@pytest.mark.parametrize("lost", [False, True])
async def test_asks(show_to_all: Show, *, lost: bool) -> None:
    """Name and passcode are typed, devices off, join pressed, again where the click was lost."""
    script = ("document.body.dataset.lost = '1';" if lost else "") + TAKEN
    page = await show_to_all(teams.screen(teams.prejoin(passcode=True), script=script), teams.URL)
    assert await press_join(page, "Ada's notes", MEETING)
    assert await page.input_value('[data-tid="prejoin-display-name-input"]') == "Ada's notes"
    assert await page.input_value('[data-tid="prejoin-passcode-input"]') == "aB3"
    assert await on(page) == 0
    assert await page.evaluate("() => document.body.dataset.clicks") == ("2" if lost else "1")


async def test_a_press_that_is_not_taken(
    show_to_all: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control that stays as it was was pressed in vain: a dialog may want an answer first."""
    monkeypatch.setattr(joining, "TAKEN_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(teams.screen(teams.prejoin()), teams.URL)
    assert not await press_join(page, "Ada", MEETING)


async def test_a_signed_in_form_has_no_name(show_to_all: Show) -> None:
    """Without a name box the account's name is taken."""
    page = await show_to_all(teams.screen(teams.prejoin(named=False), script=TAKEN), teams.URL)
    assert await press_join(page, "Ada", MEETING)


async def test_name_not_taken(show_to_all: Show) -> None:
    """A box that does not keep the name means no ask."""
    body = teams.prejoin().replace('type="text"', 'type="text" maxlength="2"')
    page = await show_to_all(teams.screen(body, script=TAKEN), teams.URL)
    assert not await press_join(page, "Ada Lovelace", MEETING)
    assert await page.evaluate("() => document.body.dataset.clicks ?? null") is None


async def test_nothing_to_press(show_to_all: Show) -> None:
    """In the lobby the form cannot be sent again."""
    page = await show_to_all(teams.screen(teams.lobby()), teams.URL)
    assert not await press_join(page, "Ada", MEETING)


async def test_passcode_in() -> None:
    """The passcode is found in the query and in the fragment's query, or nowhere."""
    assert passcode_in(MEETING) == "aB3"
    assert (
        passcode_in(parse_meeting_url("https://teams.live.com/meet/9312345678901?p=x%2By")) == "x+y"
    )
    assert passcode_in(parse_meeting_url("https://teams.live.com/meet/9312345678901")) is None

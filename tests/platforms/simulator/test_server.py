import pytest
from playwright.async_api import expect

from platforms.simulator.errors import WaitTimedOutError
from platforms.simulator.scenario import Scenario, parse_scenario
from platforms.simulator.state import Status
from tests.platforms.conftest import WAIT_S
from tests.platforms.simulator.conftest import OpenPage, StartSimulator
from tests.platforms.simulator.helpers import (
    JOIN,
    LEAVE,
    LOBBY,
    OPEN,
    TILE,
    join,
    status_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_lobby_has_its_traps(start: StartSimulator, open_page: OpenPage) -> None:
    """Leave, toggles, a chat button and a tile with an id are there before any admission."""
    sim = await start(parse_scenario(LOBBY))
    page = await open_page(sim)
    await join(page)
    await expect(page.get_by_text("Asking to be let in")).to_be_visible()
    await expect(page.locator(LEAVE)).to_be_visible()
    await expect(page.locator("[jsname=hw0c9]")).to_have_count(1)
    trap = page.locator("[data-participant-id][aria-label='Backgrounds and effects']")
    await expect(trap).to_have_text("visual_effects")
    await expect(page.locator("button[aria-label='Chat with everyone']")).to_be_visible()
    await expect(page.locator(f"{TILE}, {JOIN}, [data-panel-id]")).to_have_count(0)
    await page.click(LEAVE)
    await sim.wait_for(status_of("Notes", Status.LEFT), WAIT_S)
    await expect(page.locator("h1.roSPhc")).to_have_text("You left the meeting")


async def test_the_count_and_the_list_follow_the_people(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """The badge counts the bot too; the list has one row each; closed rows stay without size."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator("[data-avatar-count='3']")).to_have_count(1)
    button = page.locator("nav > button[data-panel-id='1']")
    await expect(button).to_have_attribute("aria-label", "People - 3 joined")
    await page.mouse.move(200, 200)
    await button.click()
    rows = page.locator("[role=list][aria-label=Participants] > [role=listitem]")
    await expect(rows).to_have_count(3)
    await sim.command("join", {"who": "Linus"})
    await expect(rows).to_have_count(4)
    assert [await r.get_attribute("aria-label") for r in await rows.all()] == [
        "Ada",
        "Grace",
        "Notes",
        "Linus",
    ]
    await page.mouse.move(210, 210)
    await button.click()
    await expect(rows).to_have_count(4)
    box = await rows.first.bounding_box()
    assert box is None or (box["width"], box["height"]) == (0, 0)


async def test_reconnecting_comes_and_goes_and_layouts_rearrange_the_tiles(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """The overlay hides the tiles for its time; then they are back.

    Spotlight shows one tile over the whole stage.
    """
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await sim.command("reconnect", {"for_s": 3600})
    await expect(page.get_by_text("Trying to reconnect")).to_be_visible()
    await expect(page.locator(TILE)).to_have_count(0)
    await sim.command("reconnect", {"for_s": 0.02})
    await expect(page.locator(TILE)).to_have_count(3)
    await expect(page.get_by_text("Trying to reconnect")).to_have_count(0)

    await page.mouse.move(300, 300)
    await page.click("[jsname=NakZHc]")
    await page.click("[jsname=WZerud]")
    await page.get_by_label("Spotlight").check()
    await page.click("[role=dialog] button[aria-label=Close]")
    await expect(page.locator(f"{TILE}:not(:has(.hL7Fz)):visible")).to_have_count(1)


async def test_the_toolbar_hides_and_returns(start: StartSimulator, open_page: OpenPage) -> None:
    """Without a pointer the leave control is in the tree and invisible; a move shows it."""
    sim = await start(parse_scenario({**OPEN, "toolbar_hides_after_s": 0.5}))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(LEAVE)).to_be_hidden()
    await expect(page.locator(LEAVE)).to_have_count(1)
    await page.mouse.move(300, 300)
    await expect(page.locator(LEAVE)).to_be_visible()


async def test_the_console_admits_and_ends(start: StartSimulator, open_page: OpenPage) -> None:
    """A person drives the meeting from the page at `/`."""
    sim = await start(parse_scenario(LOBBY))
    page = await open_page(sim)
    await join(page)
    console = await open_page(sim, url=f"{sim.http_url}/")
    await console.locator("#waiting").get_by_role("button", name="Admit").click()
    await expect(page.locator(TILE)).to_have_count(3)
    await console.locator("li", has_text="Ada").get_by_role("button", name="Speak 4 s").click()
    await sim.wait_for(lambda s: any(p.speaking for p in s.people), WAIT_S)
    await console.get_by_role("button", name="End for everyone").click()
    await expect(page.locator("h1.roSPhc")).to_have_text("Your host ended the meeting for everyone")


async def test_waiting_in_vain_says_what_was_there(start: StartSimulator) -> None:
    """The error of `wait_for` carries the last state."""
    sim = await start(Scenario())
    with pytest.raises(WaitTimedOutError, match='"phase":"idle"'):
        await sim.wait_for(lambda s: s.phase == "ended", 0.05)

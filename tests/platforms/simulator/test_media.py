import pytest
from playwright.async_api import expect

from platforms.simulator.scenario import parse_scenario
from platforms.simulator.voice import voice_hz
from tests.platforms.simulator.conftest import OpenPage, StartSimulator
from tests.platforms.simulator.helpers import (
    LISTEN,
    MOVING,
    TILE,
    decoded,
    join,
    loud,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_pictures_move_and_each_voice_is_heard(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """H.264 of both participants is decoded; who speaks is found by pitch, and their tile glows."""
    sim = await start(parse_scenario(MOVING))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await page.wait_for_function(decoded(2))
    await page.evaluate(LISTEN)
    for index, name in enumerate(("Ada", "Grace")):
        await sim.command("speak", {"who": name, "for_s": 15})
        tile = page.locator(TILE, has_text=name)
        await expect(tile.locator("[jsname=QgSmzd]:not(.gjg47c)")).to_have_count(1)
        near = f"() => Math.abs(peakHz() - {voice_hz(index)}) < 3"
        await page.wait_for_function(near, polling=100)
        await sim.command("leave", {"who": name})
        await expect(tile).to_have_count(0)


async def test_people_see_and_hear_each_other(start: StartSimulator, open_page: OpenPage) -> None:
    """A host at localhost admits a guest; both get the other's camera and microphone."""
    sim = await start(parse_scenario({"admission_gap_s": 0.1, "toolbar_hides_after_s": 3600}))
    host = await open_page(sim, url=f"{sim.http_url}/abc-defg-hij?host=1")
    await join(host, "Host")
    await expect(host.locator(TILE)).to_have_count(1)
    guest = await open_page(sim, url=f"{sim.http_url}/abc-defg-hij")
    await join(guest, "Guest")
    await host.mouse.move(300, 300)
    await host.click("[data-panel-id='1']")
    await host.get_by_role("button", name="Admit").click()
    for page in (host, guest):
        await expect(page.locator(TILE)).to_have_count(2)
        await page.wait_for_function(decoded(1))
        await page.wait_for_function(loud(1))
    await host.get_by_role("button", name="Remove").click()
    await expect(guest.locator("h1.roSPhc")).to_contain_text("removed from the meeting")

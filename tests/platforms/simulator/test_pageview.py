import pytest
from playwright.async_api import TimeoutError as PlaywrightTimeout
from playwright.async_api import expect

from platforms.simulator.scenario import Scenario, parse_scenario
from tests.platforms.conftest import WAIT_S
from tests.platforms.simulator.conftest import OpenPage, StartSimulator
from tests.platforms.simulator.helpers import (
    JOIN,
    LEAVE,
    LOBBY,
    OPEN,
    TILE,
    join,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_green_room_wants_a_name(start: StartSimulator, open_page: OpenPage) -> None:
    """Toggles, a name box and a join button that is disabled until somebody is named."""
    sim = await start(parse_scenario(LOBBY))
    page = await open_page(sim)
    await expect(page.locator(JOIN)).to_be_disabled()
    await expect(page.locator(JOIN)).to_have_text("Ask to join")
    await expect(page.locator("[jsname=hw0c9][data-is-muted=false]")).to_have_count(1)
    await page.click("[jsname=psRWwc]")
    await expect(page.locator("[jsname=psRWwc][data-is-muted=true]")).to_have_count(1)
    await page.fill("input[aria-label='Your name']", "Notes")
    await expect(page.locator(JOIN)).to_be_enabled()
    assert await page.title() == "Meet - abc-defg-hij"
    assert page.url == "https://meet.google.com/abc-defg-hij?hl=en"


async def test_without_devices_the_page_asks(start: StartSimulator, open_page: OpenPage) -> None:
    """No camera, no microphone: the dialog appears, the toggles are off, joining works."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim, devices=False)
    await page.get_by_text("Continue without microphone and camera").click()
    await expect(page.locator("[jsname=hw0c9][data-is-muted=true]")).to_have_count(1)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)


@pytest.mark.parametrize(
    ("page_kind", "text"),
    [
        ("invalid", "Check your meeting code"),
        ("blocked", "You can't join this video call"),
    ],
)
async def test_pages_that_let_nobody_in(
    start: StartSimulator, open_page: OpenPage, page_kind: str, text: str
) -> None:
    """An invalid code and a block have words of their own."""
    sim = await start(parse_scenario({"page": page_kind, "leaves_google_after_s": 3600}))
    page = await open_page(sim)
    await expect(page.locator("main > h1")).to_have_text(text)
    assert page.url == "https://meet.google.com/abc-defg-hij?hl=en"


async def test_a_block_leads_elsewhere(start: StartSimulator, open_page: OpenPage) -> None:
    """Whoever is blocked is thrown out to another host."""
    sim = await start(parse_scenario({"page": "blocked", "leaves_google_after_s": 0.1}))
    page = await open_page(sim)
    await page.wait_for_url("https://workspace.google.com/**")


async def test_a_wall_asks_to_sign_in(start: StartSimulator, open_page: OpenPage) -> None:
    """`login` redirects to the accounts host."""
    sim = await start(Scenario(page="login"))
    page = await open_page(sim)
    assert page.url.startswith("https://accounts.google.com/")
    await expect(page.locator("input[type=email]#identifierId")).to_have_count(1)


@pytest.mark.parametrize(
    ("lang", "text"), [("de", "Teilnahme erbitten"), ("ja", "参加をリクエスト")]
)
async def test_the_page_speaks_other_languages(
    start: StartSimulator, open_page: OpenPage, lang: str, text: str
) -> None:
    """A fixed language wins over `hl`; the structure is the same."""
    sim = await start(parse_scenario({**LOBBY, "lang": lang}))
    page = await open_page(sim)
    await expect(page.locator(JOIN)).to_have_text(text)
    await join(page)
    await expect(page.locator(LEAVE)).to_be_visible()


async def test_variants_drop_their_attributes(start: StartSimulator, open_page: OpenPage) -> None:
    """No jsname, no tile ids, no panel ids; the call works all the same."""
    variants = ["no_jsname", "no_tile_ids", "no_panel_ids", "no_audio_elements"]
    sim = await start(parse_scenario({**OPEN, "variants": variants}))
    page = await open_page(sim)
    await page.fill("input[type=text]", "Notes")
    await page.get_by_text("Join now").click()
    await expect(page.locator("[data-participant-id] span.notranslate")).to_have_count(3)
    await expect(page.locator("[jsname], [data-tile-media-id], [data-panel-id]")).to_have_count(0)


async def test_a_page_that_never_loads(start: StartSimulator, open_page: OpenPage) -> None:
    """`never_load` answers no byte; `blank` answers a page with nothing to press."""
    sim = await start(Scenario(page="never_load"))
    with pytest.raises(PlaywrightTimeout):
        await open_page(sim, timeout_ms=1000)
    blank = await start(Scenario(page="blank"))
    page = await open_page(blank)
    await expect(page.locator("button, input")).to_have_count(0)


async def test_devices_may_come_back_on_in_the_lobby(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """What was switched off in the green room is on again: an adapter must look twice."""
    sim = await start(parse_scenario({**LOBBY, "variants": ["lobby_reenables_devices"]}))
    page = await open_page(sim)
    await page.click("[jsname=psRWwc]")
    await join(page)
    await expect(page.locator(f"{LEAVE}")).to_be_visible()
    await expect(page.locator("[jsname=psRWwc][data-is-muted=false]")).to_have_count(1)
    await sim.wait_for(lambda s: any(p.camera for p in s.waiting), WAIT_S)


async def test_a_signed_in_green_room_has_no_name_box(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """The account's name is used; joining takes one press."""
    sim = await start(parse_scenario({**OPEN, "variants": ["signed_in", "lobby_text_lingers"]}))
    page = await open_page(sim)
    await page.click(JOIN)
    await expect(page.locator("input[type=text]")).to_have_count(0)
    await expect(page.locator(TILE)).to_have_count(3)
    await expect(page.get_by_text("when someone lets you in")).to_be_visible()

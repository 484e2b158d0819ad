import pytest
from playwright.async_api import expect

from platforms.simulator.scenario import parse_scenario
from platforms.simulator.state import Status
from tests.platforms.conftest import WAIT_S
from tests.platforms.simulator.conftest import OpenPage, StartSimulator, load
from tests.platforms.simulator.helpers import (
    LEAVE,
    LOBBY,
    OPEN,
    TILE,
    join,
    status_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WATCH_THREAD = """() => {
  window.longestPauseMs = 0;
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    longestPauseMs = Math.max(longestPauseMs, now - last);
    last = now;
  }, 50);
}"""


async def test_chat_goes_both_ways(start: StartSimulator, open_page: OpenPage) -> None:
    """What the page writes reaches the state; what a participant writes reaches the page."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await sim.command("say", {"who": "Ada", "text": "Welcome"})
    await page.keyboard.press("Shift")
    chat = page.locator("button[data-panel-id='2']")
    await expect(chat).to_have_attribute("aria-label", "Chat with everyone - New message")
    await chat.click()
    await expect(page.locator("div[data-message-id]")).to_have_text("AdaWelcome")
    await page.fill("aside textarea[aria-label='Send a message']", "Recording now")
    await page.keyboard.press("Enter")
    state = await sim.wait_for(lambda s: len(s.chat) == 2, WAIT_S)
    assert (state.chat[1].who, state.chat[1].text) == ("Notes", "Recording now")


REFUSALS = (
    ("deny", Status.DENIED, "Someone in the call denied your request to join"),
    ("no_answer", Status.NO_ANSWER, "No one responded to your request to join the call"),
    ("block", Status.BLOCKED, "You can't join this video call"),
)


async def test_refusals_from_the_lobby(start: StartSimulator, open_page: OpenPage) -> None:
    """Each refusal has its words, and no leave control is left; one visit after another."""
    sim = await start(parse_scenario(LOBBY))
    page = await open_page(sim)
    for command, status, text in REFUSALS:
        await join(page, command)
        await sim.wait_for(lambda s: len(s.waiting) == 1, WAIT_S)
        await sim.command(command)
        await expect(page.locator("main > h1")).to_have_text(text)
        await expect(page.locator(LEAVE)).to_have_count(0)
        await sim.wait_for(status_of(command, status), WAIT_S)
        await load(page, f"{sim.meeting_url}?hl=en", WAIT_S * 1000)


ENDINGS = {
    "remove": "You've been removed from the meeting",
    "end": "Your host ended the meeting for everyone",
}


async def test_the_call_is_over(start: StartSimulator, open_page: OpenPage) -> None:
    """The final screen has its words, and keeps the address for a while."""
    sim = await start(parse_scenario({**OPEN, "landing_after_s": 3600}))
    page = await open_page(sim)
    for command, text in ENDINGS.items():
        await join(page, command)
        await expect(page.locator(TILE)).to_have_count(3)
        await sim.command(command)
        final = page.locator("[data-call-ended=true] h1[jsname=r4nke].roSPhc")
        await expect(final).to_have_text(text)
        await expect(page.locator("[data-is-muted]")).to_have_count(0)
        assert page.url.startswith("https://meet.google.com/abc-defg-hij")
        await load(page, f"{sim.meeting_url}?hl=en", WAIT_S * 1000)


async def test_after_the_call_the_page_goes_to_its_landing(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """The final screen does not stay."""
    sim = await start(parse_scenario({**OPEN, "landing_after_s": 0.1}))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await sim.command("remove")
    await page.wait_for_url("https://meet.google.com/landing")


async def test_consent_is_asked_for_and_known(start: StartSimulator, open_page: OpenPage) -> None:
    """The dialog lies over the call until it is agreed to; the state says who agreed."""
    sim = await start(parse_scenario({**OPEN, "consent_dialog": True}))
    page = await open_page(sim)
    await join(page)
    await page.click("div[role=dialog][aria-modal=true] button[data-mdc-dialog-action=ok]")
    await expect(page.locator("[role=dialog]")).to_have_count(0)
    state = await sim.wait_for(lambda s: any(p.consented for p in s.people), WAIT_S)
    assert state.phase == "in_call"


async def test_a_page_that_freezes_and_dies(start: StartSimulator, open_page: OpenPage) -> None:
    """Frozen its own thread stands still for that long, and then goes on.

    The state tells a page that died from one that left.
    """
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await page.evaluate(WATCH_THREAD)
    await sim.command("freeze", {"for_s": 2})
    await page.wait_for_function("() => longestPauseMs >= 1900")
    assert await page.evaluate("1 + 1") == 2
    await sim.wait_for(status_of("Notes", Status.IN_CALL), WAIT_S)
    await page.close()
    await sim.wait_for(status_of("Notes", Status.GONE), WAIT_S)


async def test_the_lobby_can_ask_again(start: StartSimulator, open_page: OpenPage) -> None:
    """An absent host has words of its own, and the long wait its dialog."""
    sim = await start(parse_scenario({**LOBBY, "variants": ["host_absent"]}))
    page = await open_page(sim)
    await join(page)
    await expect(page.get_by_text("Waiting for the host to join")).to_be_visible()
    await sim.command("keep_waiting_dialog")
    await page.get_by_role("button", name="Keep waiting").click()
    await expect(page.get_by_text("waiting a long time")).to_have_count(0)
    await expect(page.locator(LEAVE)).to_be_visible()

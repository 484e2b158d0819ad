import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Page, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout

from platforms.simulator.errors import WaitTimedOutError
from platforms.simulator.scenario import Scenario, parse_scenario
from platforms.simulator.state import MeetingState, Status
from platforms.simulator.voice import voice_hz
from tests.platforms.simulator.conftest import OpenPage, StartSimulator

pytestmark = pytest.mark.browser

JOIN = "[jsname=Qx7uuf] button"
LEAVE = "[jsname=CQylAd]"
TILE = "[data-participant-id][data-tile-media-id]"
OPEN = {"open": True, "participants": [{"name": "Ada"}, {"name": "Grace"}], "admission_gap_s": 0.1}
LOBBY = {**OPEN, "open": False}

COUNT = """async (field, least) => {
  const reports = await Promise.all(connections.map((c) => c.getStats()));
  const streams = reports.flatMap((r) => [...r.values()]).filter((s) => s.type === "inbound-rtp");
  return streams.filter((s) => s[field] > least).length;
}"""
LISTEN = """() => {
  const context = new AudioContext({ sampleRate: 48000 });
  const analyser = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 });
  for (const receiver of connections[0].getReceivers()) {
    if (receiver.track.kind !== "audio") continue;
    context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
  }
  const bins = new Float32Array(analyser.frequencyBinCount);
  window.peakHz = () => {
    analyser.getFloatFrequencyData(bins);
    const top = bins.indexOf(Math.max(...bins));
    return bins[top] > -60 ? (top * 48000) / analyser.fftSize : 0;
  };
}"""


async def join(page: Page, name: str = "Notes") -> None:
    """Types the name and presses the join button."""
    await page.fill("input[type=text]", name)
    await page.click(JOIN)


def decoded(streams: int) -> str:
    """So many video streams have come to a second of pictures."""
    return f"async () => await ({COUNT})('framesDecoded', 30) === {streams}"


def loud(streams: int) -> str:
    """So many audio streams have been heard."""
    return f"async () => await ({COUNT})('totalAudioEnergy', 0.001) === {streams}"


def status_of(name: str, status: Status) -> Callable[[MeetingState], bool]:
    """A state in which the named person has the status."""

    def holds(state: MeetingState) -> bool:
        person = state.person(name)
        return person is not None and person.status is status

    return holds


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
    await sim.wait_for(status_of("Notes", Status.LEFT), 10)
    await expect(page.locator("h1.roSPhc")).to_have_text("You left the meeting")


async def test_pictures_move_and_each_voice_is_heard(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """H.264 of both participants is decoded; who speaks is found by pitch, and their tile glows."""
    sim = await start(parse_scenario(OPEN))
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
    state = await sim.wait_for(lambda s: len(s.chat) == 2, 10)
    assert (state.chat[1].who, state.chat[1].text) == ("Notes", "Recording now")


@pytest.mark.parametrize(
    ("command", "status", "text"),
    [
        ("deny", Status.DENIED, "Someone in the call denied your request to join"),
        ("no_answer", Status.NO_ANSWER, "No one responded to your request to join the call"),
        ("block", Status.BLOCKED, "You can't join this video call"),
    ],
)
async def test_refusals_from_the_lobby(
    start: StartSimulator, open_page: OpenPage, command: str, status: Status, text: str
) -> None:
    """Each refusal has its words, and no leave control is left."""
    sim = await start(parse_scenario({**LOBBY, "events": [{"at_s": 0.1, "do": command}]}))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator("main > h1")).to_have_text(text)
    await expect(page.locator(LEAVE)).to_have_count(0)
    await sim.wait_for(status_of("Notes", status), 10)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("remove", "You've been removed from the meeting"),
        ("end", "Your host ended the meeting for everyone"),
    ],
)
async def test_the_call_is_over(
    start: StartSimulator, open_page: OpenPage, command: str, text: str
) -> None:
    """The final screen keeps the address for a while, then the page goes to its landing."""
    sim = await start(parse_scenario({**OPEN, "landing_after_s": 1.5}))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await sim.command(command)
    await expect(page.locator("[data-call-ended=true] h1[jsname=r4nke].roSPhc")).to_have_text(text)
    await expect(page.locator("[data-is-muted]")).to_have_count(0)
    assert page.url.startswith("https://meet.google.com/abc-defg-hij")
    await page.wait_for_url("https://meet.google.com/landing")


async def test_reconnecting_comes_and_goes(start: StartSimulator, open_page: OpenPage) -> None:
    """The overlay hides the tiles for its time; then they are back."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    await sim.command("reconnect", {"for_s": 1})
    await expect(page.get_by_text("Trying to reconnect")).to_be_visible()
    await expect(page.locator(TILE)).to_have_count(0)
    await expect(page.locator(TILE)).to_have_count(3)
    await expect(page.get_by_text("Trying to reconnect")).to_have_count(0)


async def test_consent_is_asked_for_and_known(start: StartSimulator, open_page: OpenPage) -> None:
    """The dialog lies over the call until it is agreed to; the state says who agreed."""
    sim = await start(parse_scenario({**OPEN, "consent_dialog": True}))
    page = await open_page(sim)
    await join(page)
    await page.click("div[role=dialog][aria-modal=true] button[data-mdc-dialog-action=ok]")
    await expect(page.locator("[role=dialog]")).to_have_count(0)
    state = await sim.wait_for(lambda s: any(p.consented for p in s.people), 10)
    assert state.phase == "in_call"


async def test_without_devices_the_page_asks(start: StartSimulator, open_page: OpenPage) -> None:
    """No camera, no microphone: the dialog appears, the toggles are off, joining works."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim, devices=False)
    await page.get_by_text("Continue without microphone and camera").click()
    await expect(page.locator("[jsname=hw0c9][data-is-muted=true]")).to_have_count(1)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)


async def test_the_toolbar_hides_and_returns(start: StartSimulator, open_page: OpenPage) -> None:
    """Without a pointer the leave control is in the tree and invisible; a move shows it."""
    sim = await start(parse_scenario({**OPEN, "toolbar_hides_after_s": 0.5}))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(LEAVE)).to_be_hidden()
    await expect(page.locator(LEAVE)).to_have_count(1)
    await page.mouse.move(300, 300)
    await expect(page.locator(LEAVE)).to_be_visible()


@pytest.mark.parametrize(
    ("page_kind", "text", "leads_to"),
    [
        ("invalid", "Check your meeting code", "https://meet.google.com/abc-defg-hij?hl=en"),
        ("blocked", "You can't join this video call", "https://workspace.google.com/**"),
    ],
)
async def test_pages_that_let_nobody_in(
    start: StartSimulator, open_page: OpenPage, page_kind: str, text: str, leads_to: str
) -> None:
    """An invalid code stays, a block is thrown out to another host."""
    sim = await start(parse_scenario({"page": page_kind, "leaves_google_after_s": 0.5}))
    page = await open_page(sim)
    await expect(page.locator("main > h1")).to_have_text(text)
    await page.wait_for_url(leads_to)


async def test_a_wall_asks_to_sign_in(start: StartSimulator, open_page: OpenPage) -> None:
    """`login` redirects to the accounts host."""
    sim = await start(Scenario(page="login"))
    page = await open_page(sim)
    assert page.url.startswith("https://accounts.google.com/")
    await expect(page.locator("input[type=email]#identifierId")).to_have_count(1)


async def test_people_see_and_hear_each_other(start: StartSimulator, open_page: OpenPage) -> None:
    """A host at localhost admits a guest; both get the other's camera and microphone."""
    sim = await start(parse_scenario({"admission_gap_s": 0.1}))
    host = await open_page(sim, url=f"{sim.http_url}/abc-defg-hij?host=1")
    await join(host, "Host")
    await expect(host.locator(TILE)).to_have_count(1)
    guest = await open_page(sim, url=f"{sim.http_url}/abc-defg-hij", beside=host)
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


async def test_a_crashed_page_is_gone(start: StartSimulator, open_page: OpenPage) -> None:
    """The state tells a page that died from one that left."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await sim.wait_for(status_of("Notes", Status.IN_CALL), 10)
    await page.close()
    await sim.wait_for(status_of("Notes", Status.GONE), 10)


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


async def test_layouts_rearrange_the_tiles(start: StartSimulator, open_page: OpenPage) -> None:
    """Spotlight shows one tile over the whole stage."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await page.mouse.move(300, 300)
    await page.click("[jsname=NakZHc]")
    await page.click("[jsname=WZerud]")
    await page.get_by_label("Spotlight").check()
    await page.click("[role=dialog] button[aria-label=Close]")
    await expect(page.locator(f"{TILE}:not(:has(.hL7Fz)):visible")).to_have_count(1)


async def test_a_frozen_page_answers_nothing_for_its_time(
    start: StartSimulator, open_page: OpenPage
) -> None:
    """While the page hangs nothing can be evaluated in it; afterwards it can."""
    sim = await start(parse_scenario(OPEN))
    page = await open_page(sim)
    await join(page)
    await expect(page.locator(TILE)).to_have_count(3)
    async with page.expect_request("**/_/hold?for_s=2.5"):
        await sim.command("freeze", {"for_s": 2.5})
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await page.evaluate("1")
    assert await page.evaluate("1 + 1") == 2


async def test_a_page_that_never_loads(start: StartSimulator, open_page: OpenPage) -> None:
    """`never_load` answers no byte; `blank` answers a page with nothing to press."""
    sim = await start(Scenario(page="never_load"))
    with pytest.raises(PlaywrightTimeout):
        await open_page(sim, timeout_ms=1000)
    blank = await start(Scenario(page="blank"))
    page = await open_page(blank)
    await expect(page.locator("button, input")).to_have_count(0)


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
    await sim.wait_for(lambda s: any(p.camera for p in s.waiting), 10)


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


async def test_the_console_admits_and_ends(start: StartSimulator, open_page: OpenPage) -> None:
    """A person drives the meeting from the page at `/`."""
    sim = await start(parse_scenario(LOBBY))
    page = await open_page(sim)
    await join(page)
    console = await open_page(sim, url=f"{sim.http_url}/", beside=page)
    await console.locator("#waiting").get_by_role("button", name="Admit").click()
    await expect(page.locator(TILE)).to_have_count(3)
    await console.locator("li", has_text="Ada").get_by_role("button", name="Speak 4 s").click()
    await sim.wait_for(lambda s: any(p.speaking for p in s.people), 10)
    await console.get_by_role("button", name="End for everyone").click()
    await expect(page.locator("h1.roSPhc")).to_have_text("Your host ended the meeting for everyone")


async def test_waiting_in_vain_says_what_was_there(start: StartSimulator) -> None:
    """The error of `wait_for` carries the last state."""
    sim = await start(Scenario())
    with pytest.raises(WaitTimedOutError, match='"phase":"idle"'):
        await sim.wait_for(lambda s: s.phase == "ended", 0.05)

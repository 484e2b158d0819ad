"""The common client's promises, kept with Meet's adapter; and that looks never raise."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from playwright.async_api import Page, Route

from platforms import probe, web_client
from platforms.errors import PageLost
from platforms.google_meet.adapter import ADAPTER
from platforms.registry import adapter_of, parse_meeting_url
from platforms.types import PageState, Platform, View
from platforms.web_client import WebClient
from tests.pages import meet, teams, zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MEETING = parse_meeting_url("https://meet.google.com/abc-defg-hij")
LIMIT_S = 30.0
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
ADDRESSES: dict[str, str] = {
    Platform.GOOGLE_MEET: "https://meet.google.com/abc-defg-hij",
    Platform.TEAMS: "https://teams.microsoft.com/meet/98765432101?p=Sim7code",
    Platform.ZOOM: "https://app.zoom.us/wc/98765432101/join?pwd=Sim7code",
}
SCREENS: dict[str, str] = {
    Platform.GOOGLE_MEET: meet.screen(meet.prejoin()),
    Platform.TEAMS: teams.screen(teams.prejoin()),
    Platform.ZOOM: zoom.screen(zoom.prejoin()),
}
MUTED = meet.prejoin().replace('data-is-muted="false"', 'data-is-muted="true"')
"""The green room, in which nothing is to be switched off."""
HOLD = """() => {
  const request = new XMLHttpRequest();
  request.open('GET', '/hold', false);
  request.send();
}"""
ClientOf = Callable[[Page], WebClient]
every_client = pytest.mark.parametrize("client_of", list(Platform), indirect=True)


@pytest.fixture
def client_of(request: pytest.FixtureRequest) -> ClientOf:
    """Makes the client of the platform the test is run for."""
    platform: Platform = request.param
    url = parse_meeting_url(ADDRESSES[platform])
    return partial(WebClient, url=url, adapter=adapter_of(platform))


def serving(body: str, status: int = 200) -> Callable[[Route], Awaitable[None]]:
    """A route that answers everything with one page."""

    async def serve(route: Route) -> None:
        await route.fulfill(status=status, content_type="text/html; charset=utf-8", body=body)

    return serve


async def test_open_and_look(page: Page) -> None:
    """The page is loaded with its language pinned, and the next looks say what it shows."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.route("**/*", serving(meet.screen(meet.prejoin())))
    client = WebClient(page, MEETING, ADAPTER)
    await client.open(20)
    assert asked[0] == "https://meet.google.com/abc-defg-hij?hl=en"
    await page.wait_for_load_state()
    look = await client.look(0.0)
    assert (look.finding.state, look.people, client.verdict) == (PageState.PREJOIN, None, None)


@every_client
async def test_a_frozen_page_proves_nothing(
    page: Page, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While its thread is held a look is UNKNOWN; then the page shows what it showed before."""
    released = asyncio.Event()
    held = asyncio.Event()
    client = client_of(page)
    screen = SCREENS[client.platform]

    async def serve(route: Route) -> None:
        if route.request.url.endswith("/hold"):
            held.set()
            await released.wait()
        await route.fulfill(content_type="text/html; charset=utf-8", body=screen)

    await page.route("**/*", serve)
    await client.open(LIMIT_S)
    await page.wait_for_load_state()
    assert (await client.look(0.0)).finding.state is PageState.PREJOIN
    await page.evaluate(f"() => {{ setTimeout({HOLD}); }}")
    async with asyncio.timeout(LIMIT_S):
        await held.wait()
    with monkeypatch.context() as patched:
        patched.setattr(probe, "LOOK_LIMIT_S", IN_VAIN_S)
        frozen = (await client.look(1.0)).finding
    released.set()
    assert (frozen.state, frozen.detail) == (PageState.UNKNOWN, "the page did not answer")
    async with asyncio.timeout(LIMIT_S):
        while (await client.look(2.0)).finding.state is not PageState.PREJOIN:
            pass


@every_client
async def test_a_crashed_page_proves_nothing(page: Page, client_of: ClientOf) -> None:
    """A page whose renderer died shows nothing, takes no action, and cannot be loaded again."""
    client = client_of(page)
    await page.route("**/*", serving(SCREENS[client.platform]))
    await client.open(LIMIT_S)
    crashed = asyncio.Event()
    page.on("crash", lambda _: crashed.set())
    devtools = await page.context.new_cdp_session(page)
    dying = asyncio.ensure_future(devtools.send("Page.crash"))
    async with asyncio.timeout(LIMIT_S):
        await crashed.wait()
    dying.cancel()
    look = await client.look(0.0)
    assert (look.finding.state, look.people) == (PageState.UNKNOWN, None)
    assert not await client.ask_to_join("Ada")
    assert not await client.show(View.GALLERY)
    assert await client.chat() == ()
    with pytest.raises(PageLost):
        await client.open(LIMIT_S)


async def test_closed_page(page: Page) -> None:
    """A page that is gone cannot be loaded, and everything else on it is quietly nothing."""
    client = WebClient(page, MEETING, ADAPTER)
    await page.close()
    with pytest.raises(PageLost):
        await client.open(5)
    look = await client.look(0.0)
    assert (look.finding.state, look.people) == (PageState.UNKNOWN, None)
    assert not await client.ask_to_join("Ada")
    assert not await client.say("Hello")
    assert await client.people() is None
    await client.watch()
    await client.tidy()
    await client.leave(1)
    assert (await client.bundle()).screenshot_jpeg is None


async def test_ask_is_true_only_once_made(
    show_to_all: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ask whose form still stands was not made; when the form goes, it was."""
    script = """
    document.addEventListener('click', (event) => {
      if (!event.target.closest('main div button') || !window.works) return;
      document.querySelector('main').remove();
    });"""
    page = await show_to_all(meet.screen(MUTED, script=script))
    client = WebClient(page, MEETING, ADAPTER)
    with monkeypatch.context() as patched:
        patched.setattr(web_client, "ASKED_LIMIT_S", IN_VAIN_S)
        assert not await client.ask_to_join("Ada")
    await page.evaluate("() => { window.works = true; }")
    assert await client.ask_to_join("Ada")
    assert await client.ask_to_join("Ada"), "the ask stands while the page shows no form"


@pytest.mark.parametrize("body", [meet.lobby(), meet.in_call()], ids=["lobby", "in-call"])
async def test_ask_where_there_is_nothing_to_ask(show_to_all: Show, body: str) -> None:
    """In the lobby and in the call the ask has been made, and nothing is pressed."""
    page = await show_to_all(meet.screen(body, script=meet.PRESSED))
    assert await WebClient(page, MEETING, ADAPTER).ask_to_join("Ada")
    assert await page.evaluate("() => document.body.dataset.pressed") == ""


async def test_no_form_no_ask(show_to_all: Show) -> None:
    """On a page that shows neither form nor meeting nothing was asked."""
    page = await show_to_all(meet.screen("<p>Loading</p>"))
    assert not await WebClient(page, MEETING, ADAPTER).ask_to_join("Ada")


HIDING = """
const bar = document.querySelector('[role=region]');
addEventListener('pointermove', () => { bar.style.visibility = 'visible'; });
addEventListener('click', (event) => {
  if (!event.isTrusted) return;
  const text = event.target.closest('button')?.textContent.trim();
  if (text === 'call_end' && !window.hosting) bar.querySelector('[jsname="CQylAd"]').remove();
  if (text === 'call_end' && window.hosting) document.querySelector('.ask').style.display = '';
  if (text === 'Just leave the call') document.querySelector('[jsname="CQylAd"]').remove();
  window.report(text);
});
"""


@pytest.mark.parametrize("hosting", [False, True], ids=["guest", "host"])
async def test_leave(page: Page, show: Show, *, hosting: bool) -> None:
    """The hidden toolbar is called back, its own button pressed, a host's question answered."""
    pressed: list[str] = []

    def report(text: str) -> None:
        pressed.append(text)

    await page.expose_function("report", report)
    ask = meet.dialog("Leave or end?", "Just leave the call", "End the call for everyone")
    ask = ask.replace("position:fixed;inset:0", "display:none;position:fixed;top:0;left:0")
    ask = ask.replace('class="box"', 'class="box ask"')
    await show(meet.screen(meet.in_call(bar_style="visibility:hidden", more=ask), script=HIDING))
    await page.evaluate("hosting => { window.hosting = hosting; }", hosting)
    await WebClient(page, MEETING, ADAPTER).leave(20)
    assert pressed == ["call_end", *(["Just leave the call"] if hosting else [])]
    assert page.url == "about:blank"


LATE = """
const bar = document.querySelector('[role=region]');
let first;
addEventListener('pointermove', (event) => {
  first ??= event.timeStamp;
  if (event.timeStamp > first + 3000) bar.style.visibility = 'visible';
});
bar.querySelector('[jsname="CQylAd"]').addEventListener('click', (event) => {
  event.currentTarget.remove();
  window.report('left');
});
"""


async def test_leave_calls_back_a_toolbar_that_hid_itself_again(page: Page, show: Show) -> None:
    """Where the button cannot be clicked for so long, the pointer is moved once more."""
    pressed: list[str] = []

    def report(text: str) -> None:
        pressed.append(text)

    await page.expose_function("report", report)
    await show(meet.screen(meet.in_call(bar_style="visibility:hidden"), script=LATE))
    await WebClient(page, MEETING, ADAPTER).leave(30)
    assert pressed == ["left"]
    assert page.url == "about:blank"


async def test_leave_has_an_end(show_to_all: Show) -> None:
    """A page whose Leave button does nothing is unloaded all the same."""
    page = await show_to_all(meet.screen(meet.in_call()))
    async with asyncio.timeout(30):
        await WebClient(page, MEETING, ADAPTER).leave(6)
    assert page.url == "about:blank"


async def test_bundle_tells_the_last_look(show_to_all: Show) -> None:
    """A bundle carries what the last look matched, and the page without its chat."""
    page = await show_to_all(meet.screen(meet.in_call(more=meet.CHAT)))
    client = WebClient(page, MEETING, ADAPTER)
    await client.look(0.0)
    bundle = await client.bundle()
    assert bundle.matches["tile"]
    assert not bundle.matches["join"]
    assert bundle.html is not None
    assert "data-tile-media-id" in bundle.html
    assert "removed from the meeting. Asking" not in bundle.html


IN_A_FRAME = dataclasses.replace(ADAPTER, owns_frame=lambda frame: frame.name == "app")


async def test_a_client_in_a_frame(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of the page and of the client's frame count together; actions go to the frame."""
    green_room = meet.screen(MUTED, script=meet.PRESSED)
    outside = '<iframe name="app" src="/app" style="width:1000px;height:600px"></iframe>'

    async def serve(route: Route) -> None:
        body = green_room if route.request.url.endswith("/app") else outside
        await route.fulfill(content_type="text/html; charset=utf-8", body=body)

    await page.route("**/*", serve)
    client = WebClient(page, MEETING, IN_A_FRAME)
    await client.open(30)
    await page.wait_for_load_state()
    assert (await client.look(0.0)).finding.state is PageState.PREJOIN
    monkeypatch.setattr(web_client, "ASKED_LIMIT_S", IN_VAIN_S)
    assert not await client.ask_to_join("Ada"), "the form of this page never goes"
    frame = page.frames[1]
    assert await frame.input_value("input") == "Ada"
    assert "[Ask to join]" in str(await frame.evaluate("() => document.body.dataset.pressed"))
    bundle = await client.bundle()
    assert bundle.html is not None
    assert "Other ways to join" in bundle.html

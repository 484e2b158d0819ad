"""The Zoom client as the common client drives it: where it lives, what proves its ask."""

from collections.abc import Callable

import pytest
from playwright.async_api import Page, Route

from platforms.registry import make_client, parse_meeting_url
from platforms.types import PageState
from platforms.zoom.adapter import ADAPTER
from platforms.zoom.evidence import PASSCODE_ASKED
from tests.pages import zoom
from tests.platforms.conftest import CSP, Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MEETING = parse_meeting_url(zoom.URL)
TAKES = """
document.querySelector('.preview-join-button').addEventListener('click', () => {
  document.querySelector('.preview-root').remove();
  document.body.append(Object.assign(document.createElement('div'), NEXT));
});"""
WALL = "{textContent: 'x', role: 'dialog', ariaLabel: 'BotDetectedDialog'}"
LOBBY = "{textContent: 'x', className: 'waiting-room-container'}"


@pytest.mark.parametrize(
    ("after", "asked", "state"),
    [(WALL, False, PageState.BLOCKED), (LOBBY, True, PageState.LOBBY)],
    ids=["wall", "lobby"],
)
async def test_what_proves_an_ask(
    page: Page, show: Show, after: str, asked: bool, state: PageState
) -> None:
    """A press that a wall answers was no ask; the waiting room proves one."""
    await show(zoom.screen(zoom.prejoin(live=False), script=TAKES.replace("NEXT", after)), zoom.URL)
    client = make_client(MEETING, page)
    assert await client.ask_to_join("Ada") is asked
    assert (await client.look(0.0)).finding.state is state


def framed(body: str) -> Callable[[Route], object]:
    """A page that is only a frame, and the client inside it."""
    outer = '<iframe id="webclient" src="/wc/98765432101/join?fromPWA=1" width="900" height="600">'

    async def serve(route: Route) -> None:
        inner = "fromPWA" in route.request.url
        await route.fulfill(
            content_type="text/html; charset=utf-8",
            body=zoom.screen(body) if inner else zoom.screen(outer),
            headers={"Content-Security-Policy": CSP + "; frame-src 'self'"},
        )

    return serve


async def test_a_client_in_a_frame(page: Page) -> None:
    """What the frame shows is what the page shows, people included."""
    await page.route("**/*", framed(zoom.in_call()))
    client = make_client(MEETING, page)
    await client.open(30)
    await page.frame_locator("#webclient").locator("#wc-footer").wait_for(state="attached")
    await client.look(0.0)
    look = await client.look(1.0)
    assert look.finding.row == "zoom/people-counted"
    assert [person.name for person in look.people or ()] == ["Meetbot", "Ada", ""]


async def test_a_passcode_in_the_address_is_waited_for() -> None:
    """Only a job without a passcode that could be typed ends at the box for one."""

    def asked_for(url: str) -> bool:
        rows = ADAPTER.rows_for(parse_meeting_url(url))
        return PASSCODE_ASKED in {row.name for row in rows}

    assert asked_for("https://zoom.us/j/98765432101")
    assert asked_for("https://zoom.us/j/98765432101?pwd=aBcD3fGhIjKlMnOpQrStUv.1")
    assert not asked_for("https://zoom.us/j/98765432101?pwd=123456")

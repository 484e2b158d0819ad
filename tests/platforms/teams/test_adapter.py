"""The adapter as the common client drives it, on static pages."""

import pytest
from playwright.async_api import Page

from platforms.registry import adapter_of, parse_meeting_url
from platforms.teams.adapter import ADAPTER
from platforms.types import PageState, Platform
from platforms.web_client import WebClient
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MEETING = parse_meeting_url("https://teams.microsoft.com/meet/98765432101?p=aB3")


async def test_it_is_the_platform_s() -> None:
    """The platform's plugin leads to this adapter."""
    assert adapter_of(Platform.TEAMS) is ADAPTER


async def test_people_and_chat_of_a_call(show_to_all: Show) -> None:
    """A look at a call says who is there; a bundle of it has no chat in it."""
    page = await show_to_all(teams.screen(teams.in_call(more=teams.CHAT)), teams.URL)
    client = WebClient(page, MEETING, ADAPTER)
    for now_s in (0.0, 1.0):
        look = await client.look(now_s)
    assert look.finding.state is PageState.IN_CALL
    assert [person.name for person in look.people or ()] == ["Notes", "Ada"]
    bundle = await client.bundle()
    assert bundle.html is not None
    assert 'data-tid="hangup-main-btn"' in bundle.html, "what a row is repaired from"
    assert "connection was lost" not in bundle.html


@pytest.mark.parametrize("body", [teams.lobby(), teams.in_call()], ids=["lobby", "in-call"])
async def test_ask_where_there_is_nothing_to_ask(show_to_all: Show, body: str) -> None:
    """In the lobby, whose form is still drawn, and in the call the ask was made already."""
    page = await show_to_all(teams.screen(body, script=teams.PRESSED), teams.URL)
    assert await WebClient(page, MEETING, ADAPTER).ask_to_join("Ada")
    assert await page.evaluate("() => document.body.dataset.pressed") == ""


@pytest.mark.parametrize(
    "body",
    [teams.launcher(), teams.retry("x"), "<p></p>", teams.lobby().replace("lobby", "x")],
    ids=["launcher", "refused", "blank", "form-disabled"],
)
async def test_no_ask_is_reported_that_was_not_made(show_to_all: Show, body: str) -> None:
    """No form, no ask; nor is a form that cannot be sent one that was."""
    html = body.replace("Someone in the meeting should let you in soon", "x")
    page = await show_to_all(teams.screen(html, script=teams.PRESSED), teams.URL)
    assert not await WebClient(page, MEETING, ADAPTER).ask_to_join("Ada")


@pytest.mark.parametrize(
    ("body", "expected"),
    [(teams.in_call(), "[Leave]"), (teams.lobby(), "[Cancel]")],
    ids=["in-call", "lobby"],
)
async def test_leaves_by_the_client_s_own_button(
    page: Page, show: Show, body: str, expected: str
) -> None:
    """The hang-up button in the call, the cancel button in the lobby; then the page is closed."""
    pressed: list[str] = []

    def report(text: str) -> None:
        pressed.append(text)

    await page.expose_function("report", report)
    script = """
    addEventListener('click', (event) => {
      const button = event.target.closest('button');
      window.report(`[${button.textContent}]`);
      button.remove();
    });"""
    await show(teams.screen(body, script=script), teams.URL)
    await WebClient(page, MEETING, ADAPTER).leave(20)
    assert pressed == [expected]
    assert page.url == "about:blank"

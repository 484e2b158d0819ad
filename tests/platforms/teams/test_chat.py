"""The chat, on static pages."""

import pytest
from playwright.async_api import Page

from platforms.teams import chat
from platforms.teams.chat import MAX_CHARACTERS, say
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
PANEL = """
document.body.dataset.sent = '';
const side = document.querySelector('#side');
const box = side.querySelector('[contenteditable]');
document.querySelector('#chat-button').addEventListener('click', () => {
  if (side.isConnected) side.remove(); else document.body.append(side);
});
const send = () => {
  document.body.dataset.sent += `[${box.innerText.trim()}]`;
  box.textContent = '';
};
"""
CLOSED = "side.remove();"
BY_BUTTON = "side.querySelector('button').addEventListener('click', send);"
BY_CHORD = """
box.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.ctrlKey) { event.preventDefault(); send(); }
});
"""


def room() -> str:
    """A call with a chat panel."""
    panel = (
        '<div id="side"><div data-tid="ckeditor"><div contenteditable="true" role="textbox" '
        'style="width:9em;min-height:2em"></div></div>'
        '<button data-tid="newMessageCommands-send">Send</button></div>'
    )
    return teams.in_call() + panel


async def sent(page: Page) -> str:
    """What the chat has taken."""
    return str(await page.evaluate("() => document.body.dataset.sent"))


@pytest.mark.parametrize("how", [BY_BUTTON, BY_CHORD], ids=["button", "chord"])
async def test_say(show_to_all: Show, how: str) -> None:
    """The panel is opened, the text arrives once, in its lines, and the panel is closed again."""
    page = await show_to_all(teams.screen(room(), script=PANEL + how + CLOSED), teams.URL)
    assert await say(page, "  Hello, ça va?\nAda ")
    assert await sent(page) == "[Hello, ça va?\nAda]"
    assert await page.locator("#side").count() == 0


async def test_an_open_panel_stays_and_long_texts_are_cut(show_to_all: Show) -> None:
    """A panel that was open is left open; more than fits is cut; nothing at all is not sent."""
    page = await show_to_all(teams.screen(room(), script=PANEL + BY_BUTTON), teams.URL)
    assert await say(page, "x" * 999)
    assert await sent(page) == f"[{'x' * MAX_CHARACTERS}]"
    assert await page.locator("#side").count() == 1
    assert not await say(page, "   ")


async def test_chat_that_takes_nothing(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that keeps its text has not sent it."""
    monkeypatch.setattr(chat, "SENT_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(teams.screen(room(), script=PANEL), teams.URL)
    assert not await say(page, "Hello")


async def test_no_chat(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A meeting whose chat is switched off is told from a sent message."""
    monkeypatch.setattr(chat, "PANEL_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(teams.screen('<button id="chat-button">Chat</button>'), teams.URL)
    assert not await say(page, "Hello")

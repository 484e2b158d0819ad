"""The chat, on static pages."""

import pytest
from playwright.async_api import Page

from platforms.google_meet import chat
from platforms.google_meet.chat import MAX_CHARACTERS, say
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.2
"""How long to wait for what is known not to come."""
PANEL = """
document.body.dataset.sent = '';
const chat = document.querySelector('[data-panel-id="2"]');
const side = document.querySelector('aside');
const box = side.querySelector('textarea, [role=textbox]');
chat.addEventListener('click', () => { side.hidden = !side.hidden; });
const send = () => {
  document.body.dataset.sent += `[${box.value ?? box.textContent}]`;
  if (box.value === undefined) box.textContent = ''; else box.value = '';
};
"""
BY_RETURN = """
box.addEventListener('keydown', (e) => { if (e.key === 'Enter') { e.preventDefault(); send(); } });
"""
BY_BUTTON = (
    "box.addEventListener('keydown', (e) => { if (e.key === 'Enter') e.preventDefault(); });"
)
BY_BUTTON += "side.querySelector('button').addEventListener('click', send);"
TEXTAREA = '<textarea aria-label="Nachricht senden" maxlength="600"></textarea>'
EDITABLE = '<div role="textbox" contenteditable="true" style="width:9em;height:2em"></div>'


def room(box: str, *, hidden: bool = True) -> str:
    """A call with a side panel."""
    send = f"<button>{meet.ICON.format('send')}</button>"
    attribute = "hidden" if hidden else ""
    return meet.in_call() + f"<aside {attribute}>{box}{send}</aside>"


async def sent(page: Page) -> str:
    """What the chat has taken."""
    return str(await page.evaluate("() => document.body.dataset.sent"))


@pytest.mark.parametrize("box", [TEXTAREA, EDITABLE], ids=["textarea", "editable"])
@pytest.mark.parametrize("how", [BY_RETURN, BY_BUTTON], ids=["return", "button"])
async def test_say(show_to_all: Show, box: str, how: str) -> None:
    """The panel is opened, the text arrives once, and the panel is closed again."""
    page = await show_to_all(meet.screen(room(box), script=PANEL + how))
    assert await say(page, "  Hello, ça va? ")
    assert await sent(page) == "[Hello, ça va?]"
    assert await page.locator("aside").is_hidden()


async def test_an_open_panel_stays(show_to_all: Show) -> None:
    """A panel that was open before is left open."""
    page = await show_to_all(meet.screen(room(TEXTAREA, hidden=False), script=PANEL + BY_RETURN))
    assert await say(page, "Hello")
    assert await page.locator("aside").is_visible()


async def test_cut(show_to_all: Show) -> None:
    """More than fits is cut; nothing at all is not sent."""
    page = await show_to_all(meet.screen(room(TEXTAREA), script=PANEL + BY_RETURN))
    assert await say(page, "x" * 999)
    assert await sent(page) == f"[{'x' * MAX_CHARACTERS}]"
    assert not await say(page, "   ")


async def test_no_chat(show_to_all: Show) -> None:
    """A meeting without chat is told from a sent message."""
    page = await show_to_all(meet.screen(meet.in_call()))
    assert not await say(page, "Hello")


async def test_chat_that_takes_nothing(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that keeps its text has not sent it."""
    monkeypatch.setattr(chat, "SENT_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(meet.screen(room(TEXTAREA), script=PANEL))
    assert not await say(page, "Hello")

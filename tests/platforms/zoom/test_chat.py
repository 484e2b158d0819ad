"""The chat, on static pages."""

import pytest

from platforms.zoom import chat
from platforms.zoom.chat import MAX_CHARACTERS, say
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PANEL = """
document.body.dataset.sent = '';
const side = document.querySelector('.chat-rtf-box');
const box = side.querySelector('[contenteditable]');
const closed = document.createElement('i');
side.replaceWith(closed);
document.querySelector('[feature-type=chat] button').addEventListener('click', () => {
  if (side.isConnected) side.replaceWith(closed); else closed.replaceWith(side);
});
const send = () => { document.body.dataset.sent += `[${box.textContent}]`; box.textContent = ''; };
"""
BY_RETURN = """
box.addEventListener('keydown', (e) => { if (e.key === 'Enter') { e.preventDefault(); send(); } });
"""
TAKES_NOTHING = """
const note = (what) => { document.body.dataset.sent += `[${what}]`; };
box.addEventListener('keydown', (e) => {
  if (e.key !== 'Enter') return;
  e.preventDefault();
  note(e.key);
});
side.querySelector('button').addEventListener('click', (e) => note(e.target.textContent));
"""
ROOM = zoom.in_call() + (
    '<div class="chat-rtf-box"><div contenteditable="true" style="height:2em"></div>'
    '<button class="chat-rtf-box__send">x</button></div>'
)


async def test_say(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel is opened, the text arrives once, cut, and the panel is closed again."""
    monkeypatch.setattr(chat, "PANEL_LIMIT_S", 60.0)
    monkeypatch.setattr(chat, "SENT_LIMIT_S", 60.0)
    page = await show_to_all(zoom.screen(ROOM, script=PANEL + BY_RETURN), zoom.URL)
    assert await say(page, f"  ça va? {'x' * 999}")
    sent = str(await page.evaluate("() => document.body.dataset.sent"))
    assert (sent[:8], len(sent)) == ("[ça va? ", MAX_CHARACTERS + 2)
    assert await page.locator(".chat-rtf-box").count() == 0


async def test_no_chat(show_to_all: Show) -> None:
    """Nothing to say is not sent; nor is anything without a chat."""
    page = await show_to_all(zoom.screen("<p>x</p>"), zoom.URL)
    assert not await say(page, "   ")


async def test_chat_that_takes_nothing(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box that keeps its text has not sent it, though Return and the button were pressed."""
    monkeypatch.setattr(chat, "SENT_LIMIT_S", 0.2)
    page = await show_to_all(zoom.screen(ROOM, script=PANEL + TAKES_NOTHING), zoom.URL)
    assert not await chat.say(page, "Hello")
    assert await page.evaluate("() => document.body.dataset.sent") == "[Enter][x]"

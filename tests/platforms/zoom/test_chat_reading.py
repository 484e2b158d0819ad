"""The chat's messages, on static pages; the replica's own are in test_on_simulator.py."""

import pytest

from platforms.chat import lines_of
from platforms.zoom import chat_reading
from platforms.zoom.chat_reading import read_chat
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MESSAGES = """<div id="chat-list-content" role="application"><div aria-label="Chat Message List">
<div id="chat-message-1"><div id="chat-message-content-1"
 aria-label="Ada to Everyone, 10:00 AM, Hello to all">Hello to all</div></div>
<div id="chat-message-2"><div id="chat-message-content-2">and again</div></div></div></div>"""
SCRIPT = """
document.body.dataset.log = '';
const chat = document.querySelector('#chat-list-content');
const list = document.querySelector('#participants-ul');
chat.remove();
const button = (selector) => document.querySelector(selector);
button('[feature-type=chat] button').addEventListener('click', () => {
  list.replaceWith(chat);
  document.body.dataset.log += 'chat ';
});
button('#participant button').addEventListener('click', () => {
  chat.replaceWith(list);
  document.body.dataset.log += 'people ';
});
"""
SAID = [("Ada", "Hello to all"), ("Ada", "and again")]


async def test_an_open_list_is_read(show_to_all: Show) -> None:
    """The sender stands in a message's label; one without is the sender's before it."""
    page = await show_to_all(zoom.screen(zoom.in_call(more=MESSAGES)), zoom.URL)
    lines = lines_of(await read_chat(page), "Notes")
    assert [(line.sender, line.text) for line in lines] == SAID
    assert [line.id for line in lines] == ["chat-message-content-1", "chat-message-content-2"]


async def test_one_panel_at_a_time(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat is opened for a moment, now and then; the list of participants is put back."""
    panel = zoom.people_panel(zoom.person_row(1, "Ada"))
    body = zoom.in_call(panel=panel, more=MESSAGES)
    page = await show_to_all(zoom.screen(body, script=SCRIPT), zoom.URL)
    lines = lines_of(await read_chat(page), "Notes")
    assert [(line.sender, line.text) for line in lines] == SAID
    assert lines_of(await read_chat(page), "Notes") == ()
    assert await page.evaluate("() => document.body.dataset.log") == "chat people "
    monkeypatch.setattr(chat_reading, "PEEK_EVERY_MS", 0)
    assert len(lines_of(await read_chat(page), "Notes")) == 2


async def test_no_chat(show_to_all: Show) -> None:
    """A meeting without chat has nothing to read."""
    page = await show_to_all(zoom.screen(zoom.in_call()), zoom.URL)
    assert lines_of(await read_chat(page), "Notes") == ()

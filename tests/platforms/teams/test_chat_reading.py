"""The chat's messages, on static pages; the replica's own are in test_on_simulator.py."""

import pytest

from platforms.chat import lines_of
from platforms.teams.chat_reading import read_chat
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
PANE = """<div data-tid="message-pane-list-viewport">
<div data-tid="chat-pane-item"><span data-tid="message-author-name">Ada (Guest)</span>
<div data-tid="chat-pane-message" data-mid="1"><div id="content-1">Hello
 there</div><button>React</button></div></div>
<div data-tid="chat-pane-item"><div data-tid="chat-pane-message" data-mid="2">
<div data-message-content>and again</div></div></div>
<div data-tid="chat-pane-message" data-mid="3"><span data-tid="message-author-name">Notes</span>
<div id="content-3">I record</div></div></div>"""


async def test_messages_in_the_page(show_to_all: Show) -> None:
    """A message belongs to the name over it, beside it or within; buttons are no text of it."""
    page = await show_to_all(teams.screen(teams.in_call(more=PANE)), teams.URL)
    lines = lines_of(await read_chat(page), "Notes")
    assert [(line.id, line.sender, line.text, line.is_self) for line in lines] == [
        ("1", "Ada", "Hello there", False),
        ("2", "Ada", "and again", False),
        ("3", "Notes", "I record", True),
    ]


async def test_no_chat(show_to_all: Show) -> None:
    """A call whose panel is closed has nothing to read."""
    page = await show_to_all(teams.screen(teams.in_call()), teams.URL)
    assert lines_of(await read_chat(page), "Notes") == ()

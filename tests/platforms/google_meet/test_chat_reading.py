"""The chat's messages, on static pages; the replica's own are in test_on_simulator.py."""

import pytest

from platforms.chat import lines_of
from platforms.google_meet import chat_reading
from platforms.google_meet.chat_reading import read_chat
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
PANEL = """<aside aria-label="Side panel" hidden>
<div data-message-id="m1"><span class="poVWob">Ada</span><div jsname="dTKtvb">Hello
 there</div></div>
<div data-message-id="m2"><div jsname="dTKtvb">and again</div></div>
<div data-message-id="m3"><span class="poVWob">Bob</span><div>unmarked</div></div></aside>"""
ADA_AND_BOB = [("Ada", "Hello there"), ("Ada", "and again"), ("Bob", "unmarked")]
OPENS = """
const panel = document.querySelector('aside');
const button = document.querySelector('[data-panel-id="2"]');
const rows = [...panel.children];
panel.replaceChildren();
button.addEventListener('click', () => {
  panel.hidden = !panel.hidden;
  document.body.dataset.presses = Number(document.body.dataset.presses ?? 0) + 1;
  if (!panel.hidden) panel.replaceChildren(...rows);
  document.body.dataset.left = panel.getBoundingClientRect().x;
  button.setAttribute('aria-label', 'Chat with everyone');
});
window.news = () => button.setAttribute('aria-label', 'Chat - Neue Nachricht');
"""


async def test_messages_in_the_page(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message belongs to the name over it; a closed panel is read as well as an open one."""
    monkeypatch.setattr(chat_reading, "SHOWN_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(meet.screen(meet.in_call(more=PANEL)))
    lines = lines_of(await read_chat(page), "Notes")
    assert [(line.sender, line.text) for line in lines] == ADA_AND_BOB
    assert [line.id for line in lines] == ["m1", "m2", "m3"]


async def test_news_open_the_panel_for_a_moment(show_to_all: Show) -> None:
    """At first, and when the label changed, the panel is opened aside, read and closed again."""
    page = await show_to_all(meet.screen(meet.in_call(more=PANEL), script=OPENS))
    lines = lines_of(await read_chat(page), None)
    assert [(line.sender, line.text) for line in lines] == ADA_AND_BOB
    assert await page.locator("aside").is_hidden()
    assert await page.evaluate("document.body.dataset.presses") == "2"
    assert len(lines_of(await read_chat(page), None)) == 3
    assert await page.evaluate("document.body.dataset.presses") == "2"
    await page.evaluate("window.news()")
    assert len(lines_of(await read_chat(page), None)) == 3
    assert await page.evaluate("document.body.dataset.presses") == "4"


async def test_news_that_do_not_come(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A panel without messages costs a moment, and is closed all the same."""
    monkeypatch.setattr(chat_reading, "SHOWN_LIMIT_S", IN_VAIN_S)
    empty = '<aside aria-label="Side panel" hidden></aside>'
    page = await show_to_all(meet.screen(meet.in_call(more=empty), script=OPENS))
    await read_chat(page)
    await page.evaluate("window.news()")
    assert lines_of(await read_chat(page), None) == ()
    assert await page.locator("aside").is_hidden()


async def test_news_that_could_not_be_read(show_to_all: Show) -> None:
    """A button that takes no key is pressed the next time: the news are not forgotten with it."""
    page = await show_to_all(meet.screen(meet.in_call(more=PANEL), script=OPENS))
    disable = "(off) => { document.querySelector('[data-panel-id=\"2\"]').disabled = off; }"
    await page.evaluate(disable, True)
    assert lines_of(await read_chat(page), None) == ()
    await page.evaluate(disable, False)
    assert len(lines_of(await read_chat(page), None)) == 3

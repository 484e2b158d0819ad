"""The list of participants, on static pages."""

import pytest

from platforms.zoom.adapter import ADAPTER
from platforms.zoom.panel import open_people_list, reopen_people_list
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
OPENS = """
document.querySelector('#participant button').addEventListener('click', () => {
  document.querySelector('#wc-container-right').append(
    Object.assign(document.createElement('div'), {id: 'participants-ul', textContent: 'Ada'}));
});"""
LEFT = "() => document.querySelector('#wc-container-right').getBoundingClientRect().left"


async def test_opened_once_beside_the_picture(show_to_all: Show) -> None:
    """The list is opened and stays, out of the picture; it is not pressed shut again."""
    page = await show_to_all(zoom.screen(zoom.in_call(), script=OPENS), zoom.URL)
    assert await open_people_list(page)
    assert await open_people_list(page)
    assert await page.locator("#participants-ul").count() == 1
    assert await page.evaluate(LEFT) == 1280


async def test_a_webinar_has_none(show_to_all: Show) -> None:
    """Where there is no list, nothing is pressed and the answer is no."""
    page = await show_to_all(zoom.screen("<p>x</p>"), zoom.URL)
    assert not await open_people_list(page)


async def test_opened_again_where_it_was_closed(show_to_all: Show) -> None:
    """A list that was read once and went is opened again; one that cannot be is left at that."""
    listed = zoom.people_panel(zoom.person_row(0, "Ada"))
    page = await show_to_all(zoom.screen(zoom.in_call(panel=listed), script=OPENS), zoom.URL)
    rows = page.locator("#participants-ul")
    await rows.evaluate("list => list.remove()")
    await reopen_people_list(page)
    assert await rows.count() == 0, "never read, never reopened"
    page = await show_to_all(zoom.screen(zoom.in_call(panel=listed), script=OPENS), zoom.URL)
    await page.evaluate(ADAPTER.people_script, {"follow": True})
    await rows.evaluate("list => list.remove()")
    await reopen_people_list(page)
    assert await rows.count() == 1
    await rows.evaluate("list => list.remove()")
    await page.locator("#participant").evaluate("button => button.remove()")
    await reopen_people_list(page)
    assert await page.evaluate("() => Symbol.for('listed') in window") is False

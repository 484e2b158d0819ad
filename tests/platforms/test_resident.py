"""Scripts that stay in a page: sent once for a document, gone with it."""

import pytest
from playwright.async_api import Page

from platforms.resident import Resident
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
COUNTING = """step => {
  window.made = (window.made ?? 0) + 1;
  let sum = 0;
  return (times) => ({ sum: sum += step * times, made: window.made });
}"""
LIMIT_S = 30.0


async def test_it_is_sent_once_for_a_document(show_to_all: Show) -> None:
    """It keeps what it knows from call to call; another document gets it anew."""
    counting = Resident(COUNTING, 2)
    page = await show_to_all("<p>one</p>")
    assert await counting.ask(page, 1, limit_s=LIMIT_S) == {"sum": 2, "made": 1}
    assert await counting.ask(page, 3, limit_s=LIMIT_S) == {"sum": 8, "made": 1}
    await page.reload()
    assert await counting.ask(page, 1, limit_s=LIMIT_S) == {"sum": 2, "made": 1}


async def test_each_frame_has_its_own(show_to_all: Show) -> None:
    """A page and the frame in it do not share what the script knows."""
    counting = Resident(COUNTING, 1)
    page = await show_to_all("<iframe srcdoc='<p>inner</p>'></iframe>")
    frame = page.frames[1]
    assert await counting.ask(page, 5, limit_s=LIMIT_S) == {"sum": 5, "made": 1}
    assert await counting.ask(frame, 1, limit_s=LIMIT_S) == {"sum": 1, "made": 1}
    assert await counting.ask(page, 1, limit_s=LIMIT_S) == {"sum": 6, "made": 1}


async def test_what_cannot_be_answered_is_none(show_to_all: Show) -> None:
    """A script that throws answers None, and may answer the next time; nothing is nothing."""
    page = await show_to_all("<p>x</p>")
    moody = Resident("() => (sad) => { if (sad) throw new Error('no'); return 'well'; }", None)
    assert await moody.ask(page, argument=True, limit_s=LIMIT_S) is None
    assert await moody.ask(page, argument=False, limit_s=LIMIT_S) == "well"
    assert await Resident("() => () => undefined", None).ask(page, limit_s=LIMIT_S) is None


async def test_promises_are_awaited_but_not_for_ever(show_to_all: Show) -> None:
    """A promise's value is the answer; one that nobody keeps is none."""
    page = await show_to_all("<p>x</p>")
    later = Resident("() => async () => 'later'", None)
    assert await later.ask(page, limit_s=LIMIT_S) == "later"
    assert await Resident("() => () => new Promise(() => {})", None).ask(page, limit_s=0.2) is None


async def test_half_characters_do_not_pass(show_to_all: Show) -> None:
    """A name cut in the middle of a character can be written down; a whole one stays as it is."""
    page = await show_to_all("<p>x</p>")
    names = Resident("() => () => ['Ada \\ud83d', 'Grace \\ud83d\\ude00', '\\\\ud83d']", None)
    answer = await names.ask(page, limit_s=LIMIT_S)
    assert answer == ["Ada ?", "Grace \U0001f600", "\\ud83d"]


async def test_a_closed_page_does_not_answer(page: Page) -> None:
    """Nor does one that answered before."""
    counting = Resident(COUNTING, 1)
    assert await counting.ask(page, 1, limit_s=LIMIT_S) == {"sum": 1, "made": 1}
    await page.close()
    assert await counting.ask(page, 1, limit_s=LIMIT_S) is None

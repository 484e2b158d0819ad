"""Speaker or gallery view, on static pages; the replica's own menu is in test_on_simulator.py."""

import pytest
from playwright.async_api import Page

from platforms.types import View
from platforms.zoom.views import choose_view
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MENU = (
    '<div id="full-screen-dropdown"><button class="full-screen-widget__button">Vue</button><ul '
    'class="full-screen-widget__pop-menu"><li>Multi</li><li data-to="single-main-container">{}</li>'
    '<li data-to="gallery-video-container">{}</li></ul></div>'
)
SWITCH = """
document.body.dataset.opened = '';
document.addEventListener('click', ({ target }) => {
  if (target.matches('.full-screen-widget__button')) document.body.dataset.opened += '!';
  if (!target.dataset.to) return;
  for (const frame of document.querySelectorAll('[class$=__video-frame]')) {
    frame.className = `${target.dataset.to}__video-frame`;
  }
});"""


async def shown_in(show_to_all: Show, frame: str, *texts: str) -> Page:
    """A call in some view, with a menu of these two texts."""
    body = zoom.in_call([zoom.tile("Ada", frame=frame)], more=MENU.format(*texts))
    return await show_to_all(zoom.screen(body, script=SWITCH), zoom.URL)


@pytest.mark.parametrize(
    ("frame", "view", "opened", "chosen"),
    [
        ("gallery-video-container", View.SPEAKER, "!", True),
        ("single-main-container", View.GALLERY, "!", True),
        ("single-main-container", View.SPEAKER, "", True),
        ("somewhere-else", View.SPEAKER, "", False),
    ],
)
async def test_choose(
    show_to_all: Show, frame: str, view: View, opened: str, *, chosen: bool
) -> None:
    """The other view is chosen from the menu in its language; the menu stays shut otherwise."""
    page = await shown_in(show_to_all, frame, "Intervenant", "Galerie")
    assert await choose_view(page, view) is chosen
    assert await page.evaluate("() => document.body.dataset.opened") == opened


async def test_a_menu_in_words_nobody_knows(show_to_all: Show) -> None:
    """An item that is not known is not guessed at."""
    page = await shown_in(show_to_all, "gallery-video-container", "jatlhwI'", "HaSta")
    assert not await choose_view(page, View.SPEAKER)

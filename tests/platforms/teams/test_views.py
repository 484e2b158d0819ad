"""The view menu, on static pages; the replica's own is in test_on_simulator.py."""

import pytest
from playwright.async_api import Page

from platforms.teams import views
from platforms.teams.views import choose_view
from platforms.types import View
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
BUTTON = '<button id="view-mode-button">View</button>'
MENU = (
    '<div role="menu" hidden>'
    '<div role="menuitem" {speaker}>{texts[1]}</div>'
    '<div role="menuitem" {gallery}>{texts[2]}</div></div>'
)
SCRIPT = """
const menu = document.querySelector('[role=menu]');
const button = document.querySelector('.view');
button.addEventListener('click', () => { menu.hidden = false; });
for (const item of menu.children) {
  item.addEventListener('click', () => {
    document.body.dataset.chosen = item.textContent;
    menu.hidden = true;
  });
}
document.addEventListener('keydown', ({ key }) => { if (key === 'Escape') menu.hidden = true; });
"""
OLD = {"button": 'id="view-mode-button"', "speaker": 'id="SpeakerView-button"'}
OLD["gallery"] = 'id="MixedGridView-button"'
NEW = {"button": 'id="custom-view-button"', "gallery": 'id="custom-view-button-MixedGridButton"'}
NEW["speaker"] = 'id="custom-view-button-SpeakerViewButton"'
PLAIN = {"button": 'id="opens"', "speaker": "", "gallery": ""}
ENGLISH = ("View", "Speaker", "Gallery")
KLINGON = ("legh", "jatlhwI'", "HaSta")


async def call_with(show_to_all: Show, marks: dict[str, str], texts: tuple[str, str, str]) -> Page:
    """A call with such a menu."""
    button = f'<button class="view" {marks["button"]}>{texts[0]}</button>'
    body = teams.in_call().replace(BUTTON, button) + MENU.format(texts=texts, **marks)
    return await show_to_all(teams.screen(body, script=SCRIPT), teams.URL)


@pytest.mark.parametrize(
    ("marks", "texts", "view", "wanted"),
    [
        (OLD, KLINGON, View.GALLERY, "HaSta"),
        (NEW, KLINGON, View.SPEAKER, "jatlhwI'"),
        (PLAIN, ENGLISH, View.GALLERY, "Gallery"),
    ],
    ids=["old", "new", "words"],
)
async def test_choose(
    show_to_all: Show, marks: dict[str, str], texts: tuple[str, str, str], view: View, wanted: str
) -> None:
    """The item is found by either generation of its mark, or by its word."""
    page = await call_with(show_to_all, marks, texts)
    assert await choose_view(page, view)
    assert await page.evaluate("() => document.body.dataset.chosen") == wanted
    assert await page.locator("[role=menu]:visible").count() == 0


async def test_words_nobody_knows(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that is not known is not guessed at, and the menu is closed."""
    monkeypatch.setattr(views, "MENU_LIMIT_S", IN_VAIN_S)
    marks = PLAIN | {"button": OLD["button"]}
    page = await call_with(show_to_all, marks, KLINGON)
    assert not await choose_view(page, View.GALLERY)
    assert await page.locator("[role=menu]:visible").count() == 0


async def test_no_menu(show_to_all: Show) -> None:
    """A page without the menu, as the light one is, answers so."""
    body = teams.in_call().replace(BUTTON, "")
    page = await show_to_all(teams.screen(body), teams.URL)
    assert not await choose_view(page, View.SPEAKER)

"""The layout dialog, on static pages; the replica's own is in test_on_simulator.py."""

import pytest
from playwright.async_api import Page

from platforms.google_meet import views
from platforms.google_meet.views import choose_view
from platforms.types import View
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.3
"""How long to wait for what is known not to come."""
LAYOUTS = (
    '<button {more}><i class="google-symbols">more_vert</i></button><div role="menu" hidden>'
    '<div role="menuitem">Cast</div><div role="menuitem" {item}>{adjust}</div></div>'
    '<div role="dialog" id="layouts" hidden><h2>{adjust}</h2>'
    '<label><input type="radio" name="preferences" checked>Auto</label>'
    '<label><input type="radio" name="preferences">{tiled}</label>'
    '<label><input type="radio" name="preferences">{sidebar}</label>'
    '<button aria-label="Close"><i class="google-symbols">close</i></button></div>'
)
SCRIPT = """
const menu = document.querySelector('[role=menu]');
const dialog = document.querySelector('#layouts');
menu.previousElementSibling.addEventListener('click', () => { menu.hidden = false; });
menu.lastElementChild.addEventListener('click', () => {
  menu.hidden = true;
  dialog.hidden = false;
});
dialog.querySelector('button').addEventListener('click', () => { dialog.hidden = true; });
"""
MARKED = {"more": 'jsname="NakZHc"', "item": 'jsname="WZerud"'}
ENGLISH = {"adjust": "Adjust view", "tiled": "Tiled", "sidebar": "Sidebar"}
JAPANESE = {"adjust": "表示の調整", "tiled": "タイル表示", "sidebar": "サイドバー"}
UNKNOWN = {"adjust": "qay'", "tiled": "HaSta", "sidebar": "jatlhwI'"}


async def call_with(show_to_all: Show, texts: dict[str, str], marks: dict[str, str]) -> Page:
    """A call whose layouts have these texts."""
    marks = {"more": 'aria-label="More options"', "item": ""} | marks
    controls = f'<div role="region">{LAYOUTS.format(**texts, **marks)}</div>'
    tile = meet.tile(1, "Ada", extra='<button aria-label="More options">more</button>')
    return await show_to_all(meet.screen(tile + controls + meet.leave(), script=SCRIPT))


async def chosen(page: Page) -> str:
    """The layout that is chosen, and whether anything is left open."""
    checked = await page.locator("label:has(:checked)").first.text_content()
    left = await page.locator("[role=dialog]:visible, [role=menu]:visible").count()
    return f"{checked}, {left} open"


@pytest.mark.parametrize(
    ("texts", "marks", "view", "wanted"),
    [
        (ENGLISH, MARKED, View.GALLERY, "Tiled, 0 open"),
        (ENGLISH, {}, View.SPEAKER, "Sidebar, 0 open"),
        (JAPANESE, MARKED, View.SPEAKER, "サイドバー, 0 open"),
        (JAPANESE, {"more": 'class="x"'}, View.GALLERY, "タイル表示, 0 open"),
    ],
    ids=["marked", "unmarked", "ja", "icon-ja"],
)
async def test_choose(
    show_to_all: Show, texts: dict[str, str], marks: dict[str, str], view: View, wanted: str
) -> None:
    """The layout is chosen in its dialog by mark or by word; dialog and menu are closed again."""
    page = await call_with(show_to_all, texts, marks)
    assert await choose_view(page, view)
    assert await chosen(page) == wanted


@pytest.mark.parametrize("marks", [MARKED, {}], ids=["dialog", "menu"])
async def test_words_nobody_knows(
    show_to_all: Show, monkeypatch: pytest.MonkeyPatch, marks: dict[str, str]
) -> None:
    """A layout that is not known is not guessed at, and no dialog stays in the picture."""
    monkeypatch.setattr(views, "MENU_LIMIT_S", IN_VAIN_S)
    page = await call_with(show_to_all, UNKNOWN, marks)
    assert not await choose_view(page, View.GALLERY)
    assert (await chosen(page)).startswith("Auto")
    assert await page.locator("[role=dialog]:visible").count() == 0


async def test_no_control(show_to_all: Show) -> None:
    """A page without the control answers so; a tile's own menu is not opened."""
    tile = meet.tile(1, "Ada", extra='<button aria-label="More options">more</button>')
    page = await show_to_all(meet.screen(tile + meet.leave()))
    assert not await choose_view(page, View.SPEAKER)

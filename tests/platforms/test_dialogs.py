"""A table of dialogs answered on a page: in its order, a few at a time, never for ever."""

import pytest
from playwright.async_api import Page

from platforms.dialogs import MAX_FAILED_ANSWERS, Dialogs
from platforms.google_meet.dialogs import DIALOGS
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def pressed(page: Page) -> str:
    """The buttons that were pressed, in order."""
    return str(await page.evaluate("() => document.body.dataset.pressed"))


async def test_gives_up_on_a_stubborn_dialog(page: Page, show: Show) -> None:
    """A dialog that does not go is tried three times, and again once it has been away."""
    script = meet.PRESSED.replace("button.closest('[role=dialog]')?.remove();", "")
    await show(meet.screen(meet.dialog("Others may see you", "Got it"), script=script))
    dialogs = Dialogs(DIALOGS)
    only = [dialog.name for dialog in DIALOGS if "Got it" in dialog.target.texts]
    for _ in range(MAX_FAILED_ANSWERS * len(only) + 3):
        await dialogs.answer(page)
    tried = (await pressed(page)).count("[Got it]")
    assert 0 < tried <= MAX_FAILED_ANSWERS * len(only)
    await page.evaluate("() => { window.box = document.querySelector('.box'); box.remove(); }")
    await dialogs.answer(page)
    await page.evaluate("() => document.body.append(box)")
    await dialogs.answer(page)
    assert (await pressed(page)).count("[Got it]") == tried + 1

"""Our style sheets in a page with a strict policy."""

import pytest
from playwright.async_api import Page

from platforms.aside import adopt, drop
from platforms.google_meet import chat_reading
from platforms.teams import panel as teams_panel
from platforms.types import Platform
from platforms.zoom import panel as zoom_panel
from tests.pages import meet, teams, zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ASIDE = "aside { position: fixed !important; left: 100vw !important; }"


async def left_px(page: Page) -> float:
    """Where the panel begins."""
    return float(await page.evaluate("document.querySelector('aside').getBoundingClientRect().x"))


async def test_adopted_and_dropped(show_to_all: Show) -> None:
    """The rules hold in spite of the page's policy, once adopted and until they are dropped."""
    page = await show_to_all(meet.screen("<aside>chat</aside>"))
    before = await left_px(page)
    for _ in range(2):
        await adopt(page, "chat", ASIDE)
    assert await left_px(page) == 1280
    await drop(page, "chat")
    assert await left_px(page) == before
    await drop(page, "chat")
    await adopt(page, "chat", ASIDE)
    assert await left_px(page) == 1280


NOTICE = (
    '<div class="notification-message-wrap" role="alert" aria-live="polite" '
    'data-tid="callingAlert-recording">This meeting is being recorded</div>'
)
SHEETS = {
    Platform.GOOGLE_MEET: (chat_reading.ASIDE, meet.screen(meet.in_call(more=NOTICE))),
    Platform.TEAMS: (teams_panel.ASIDE, teams.screen(teams.in_call(more=NOTICE))),
    Platform.ZOOM: (zoom_panel.ASIDE, zoom.screen(zoom.in_call(more=NOTICE))),
}
SEEN = """notice => {
  const box = notice.getBoundingClientRect();
  const seen = notice.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  return [seen, box.left, box.width];
}"""


@pytest.mark.parametrize("platform", list(Platform))
async def test_no_notice_is_moved(show_to_all: Show, platform: Platform) -> None:
    """What is taken out of the picture are panels; a client's notices lie where they lay."""
    rules, call = SHEETS[platform]
    page = await show_to_all(call)
    shown = page.get_by_role("alert")
    before = await shown.evaluate(SEEN)
    await adopt(page, "panel", rules)
    assert await shown.evaluate(SEEN) == before
    assert before[0]

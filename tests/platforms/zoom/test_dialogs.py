"""Which button answers which dialog."""

import pytest

from platforms.dialogs import Dialogs
from platforms.zoom.dialogs import DIALOGS
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
WITHOUT = "Continue without microphone and camera"
DISCLAIMER = "zm-modal recording-disclaimer-dialog"


@pytest.mark.parametrize(
    ("body", "pressed"),
    [
        (zoom.classic(), "[Accept Cookies]"),
        ('<button id="disclaimer_agree">I Agree</button>', "[I Agree]"),
        (f'<div role="dialog"><button>Allow</button><button>{WITHOUT}</button></div>', "[Allow]"),
        (
            '<div role="dialog"><button>マイクとカメラなしで続行</button></div>',
            "[マイクとカメラなしで続行]",
        ),
        (zoom.modal("x", "yIqon", "luq", classes=DISCLAIMER), "[luq]"),
        (zoom.modal("x", "This meeting is being recorded", "Stay"), "[Stay]"),
        (zoom.modal("x", "Language interpretation is here", "Got it"), "[Got it]"),
        ('<div class="relative-tooltip"><button>Verstanden</button></div>', "[Verstanden]"),
        (zoom.modal("x", "Your mic is muted", "OK"), "[OK]"),
        (zoom.modal("Meeting is end now", "x", "OK"), ""),
        (zoom.modal("BotDetectedDialog", "x", "Close"), ""),
        (zoom.modal("x", "Do you want to leave?", "Leave Meeting", "End"), ""),
        (zoom.in_call(more=zoom.CHAT), ""),
    ],
    ids=range(13),
)
async def test_answers(show_to_all: Show, body: str, pressed: str) -> None:
    """Each known dialog gets its answer and goes; endings, walls and questions get none."""
    page = await show_to_all(zoom.screen(body, script=zoom.PRESSED), zoom.URL)
    await Dialogs(DIALOGS).answer(page)
    taken = str(await page.evaluate("() => document.body.dataset.pressed"))
    assert taken.partition("]")[0] + ("]" if taken else "") == pressed

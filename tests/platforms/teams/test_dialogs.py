"""What stands in the way is answered by its own button, and nothing else is touched."""

import pytest
from playwright.async_api import Page

from platforms.dialogs import Dialogs
from platforms.teams.dialogs import DIALOGS
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")


async def pressed(page: Page) -> str:
    """The buttons that were pressed, in order."""
    return str(await page.evaluate("() => document.body.dataset.pressed"))


CLOSE_ICON = '<button aria-label="Close">x</button>'


@in_browser
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            teams.dialog("Are you sure you don't want audio or video?",
                         "Continue without audio or video"),
            "[Continue without audio or video]",
        ),
        (teams.dialog("?", "Ohne Audio oder Video fortfahren"),
         "[Ohne Audio oder Video fortfahren]"),
        (teams.dialog("Select Allow to let Teams use your mic and camera", "OK"), "[OK]"),
        (teams.dialog("Privacy and cookies", "Next", "Close"), "[Close]"),
        (teams.dialog("Privacy and cookies", "Accept", "Close"), "[Accept]"),
        (teams.dialog("This meeting is being recorded", "Leave", "Accept"), "[Accept]"),
        (teams.dialog("Esta reunión se está grabando", "Salir", "Continuar"), "[Continuar]"),
        (teams.dialog("Something new", "Learn more", "Dismiss"), "[Dismiss]"),
        (teams.dialog("Notifications").replace("</h2>", f"</h2>{CLOSE_ICON}"), "[x]"),
        ("<button>Join as a guest</button><button>Sign in</button>", "[Join as a guest]"),
        (teams.launcher(), "[Continue on this browser]"),
        (teams.CAPTCHA, ""),
        (teams.dialog("Leave the meeting?", "Cancel", "Leave"), ""),
        (teams.dialog("Open Microsoft Teams?", "Open"), ""),
        ('<div data-tid="chat-pane-message"><button>Close</button></div>', ""),
        (teams.dialog("Hidden", "OK").replace("position:fixed", "display:none"), ""),
        (teams.in_call(more='<div data-tid="callingAlert-rec" role="alert">Recording has started'
                            "</div>"), ""),
    ],
)  # fmt: skip
async def test_answers(show_to_all: Show, body: str, expected: str) -> None:
    """Each dialog gets the answer the table has for it; what it does not know is left alone."""
    page = await show_to_all(teams.screen(body, script=teams.PRESSED), teams.URL)
    await Dialogs(DIALOGS).answer(page)
    # a launcher stays on a static page: it is pressed until it is given up
    assert (await pressed(page)).removeprefix(expected).replace(expected, "") == ""
    assert (await pressed(page)).startswith(expected)


def test_names_are_unique() -> None:
    """A dialog that fails is remembered by its name."""
    names = [dialog.name for dialog in DIALOGS]
    assert len(names) == len(set(names))

"""What stands in the way is answered by its own button, and nothing else is touched."""

import pytest
from playwright.async_api import Page

from platforms.google_meet.adapter import ADAPTER
from platforms.google_meet.dialogs import DIALOGS
from platforms.registry import parse_meeting_url
from platforms.web_client import WebClient
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")
MEETING = parse_meeting_url("https://meet.google.com/abc-defg-hij")
OK = 'data-mdc-dialog-action="ok"'


async def pressed(page: Page) -> str:
    """The buttons that were pressed, in order."""
    return str(await page.evaluate("() => document.body.dataset.pressed"))


@in_browser
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            meet.dialog(
                "Do you want people to see you?",
                "Allow microphone and camera",
                "Continue without microphone and camera",
            ),
            "[Continue without microphone and camera]",
        ),
        (
            meet.dialog("Mikrofon?", "Zulassen", "Ohne Mikrofon und Kamera fortfahren"),
            "[Ohne Mikrofon und Kamera fortfahren]",
        ),
        (
            meet.dialog("This video call is being recorded", "Leave", "Dismiss", "Join now"),
            "[Join now]",
        ),
        (meet.dialog("Gemini is taking notes", "Leave", "Join now"), "[Join now]"),
        (meet.dialog("録画されています", "退出") + meet.dialog("x", "今", attributes=OK), "[今]"),
        (meet.dialog("You've been waiting a long time", "Leave", "Keep waiting"), "[Keep waiting]"),
        (meet.dialog("Others may see your video differently", "Got it"), "[Got it]"),
        (meet.dialog("Microphone not found", "Settings", "Close"), "[Close]"),
        (meet.dialog("Something new", "Learn more", "Dismiss"), "[Dismiss]"),
        ("<button>Use without an account</button>", "[Use without an account]"),
        ("<p>Sign in with your account<button>Got it</button></p>", "[Got it]"),
        (
            meet.dialog("First", "OK") + meet.dialog("Others may see more", "Got it"),
            "[Got it][OK]",
        ),
        (meet.dialog("You are in this call already", "Switch here", "Join here too"), ""),
        (meet.dialog("Leave the call?", "Cancel", "Leave"), ""),
        ("<div data-message-id=1><button>Got it</button></div>", ""),
        (meet.dialog("Hidden", "OK").replace("position:fixed", "display:none"), ""),
        (meet.dialog("Vous attendez", "Quitter", "Continuer à attendre"), "[Continuer à attendre]"),
        (
            meet.dialog("Esta videollamada se está grabando", "Salir", "Unirse ahora"),
            "[Unirse ahora]",
        ),
    ],
)
async def test_answers(body: str, expected: str, show_to_all: Show) -> None:
    """Each known dialog is answered with a trusted click inside it, unknown ones are left."""
    page = await show_to_all(meet.screen(body, script=meet.PRESSED))
    await WebClient(page, MEETING, ADAPTER).tidy()
    assert await pressed(page) == expected


@in_browser
async def test_hover_card_is_escaped(show_to_all: Show) -> None:
    """The card over the people is closed with Escape."""
    card = '<div role="dialog" aria-label="2 people in the call">Ada, Bob</div>'
    script = "addEventListener('keydown', (e) => { if (e.key === 'Escape') document.querySelector("
    script += "'[role=dialog]').remove(); });"
    page = await show_to_all(meet.screen(card, script=script))
    await WebClient(page, MEETING, ADAPTER).tidy()
    assert await page.locator("[aria-label*='people in the call']").count() == 0


def test_specific_before_generic() -> None:
    """The generic rows are the last ones, and no row can press what harms."""
    assert [dialog.name for dialog in DIALOGS][-2:] == ["generic", "hint"]
    texts = {text.lower() for dialog in DIALOGS for text in dialog.target.texts}
    assert texts.isdisjoint({"switch here", "leave", "cancel", "end", "join here too"})

"""Each control is found on the screen that has it, with and without the client's own names."""

import pytest

from platforms.actions import Target, are_there
from platforms.google_meet import controls
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
FADED = "visibility:hidden"
CHAT_BY_ICON = f"<nav><button>{meet.ICON.format('chat_bubble')}</button></nav>"


@pytest.mark.parametrize(
    ("target", "body", "there"),
    [
        (controls.JOIN, meet.prejoin("yImuv"), True),
        (controls.JOIN, meet.prejoin("Jetzt teilnehmen", jsname=False), True),
        (controls.JOIN, meet.prejoin("Join and use a phone for audio", jsname=False), False),
        (controls.JOIN, meet.dialog("This call is being recorded", "Join now"), False),
        (controls.JOIN, meet.refused("You can't join this call"), False),
        (controls.NAME_BOX, meet.prejoin(jsname=False), True),
        (controls.NAME_BOX, meet.prejoin(named=False), False),
        (controls.LIVE_DEVICE, meet.toggles(jsname=False), True),
        (controls.LIVE_DEVICE, meet.toggles("true"), False),
        (
            controls.LIVE_DEVICE,
            f'<div data-participant-id="x">{meet.toggles(jsname=False)}</div>',
            False,
        ),
        (controls.LEAVE, meet.in_call(bar_style=FADED), True),
        (controls.LEAVE, meet.leave(jsname=False, label="Anruf verlassen"), True),
        (controls.LEAVE, meet.leave(jsname=False, label="yImej"), True),
        (controls.LEAVE, meet.prejoin(), False),
        (controls.JUST_LEAVE, meet.dialog("Leave?", "Just leave the call", "End"), True),
        (controls.JUST_LEAVE, meet.in_call(), False),
        (controls.CHAT_BUTTON, meet.in_call(bar_style=FADED), True),
        (controls.CHAT_BUTTON, CHAT_BY_ICON, True),
        (controls.CHAT_BUTTON, meet.prejoin(), False),
        (controls.CHAT_BOX, meet.CHAT, True),
        (controls.CHAT_BOX, meet.prejoin(), False),
        (controls.CHAT_SEND, f"<button>{meet.ICON.format('send')}</button>", True),
    ],
)
async def test_control(target: Target, body: str, draw: Show, *, there: bool) -> None:
    """A control is there exactly where a person would say so."""
    page = await draw(meet.screen(body))
    assert await are_there(page, [target]) == (there,)

"""Each control is found on the screen that has it, with and without the client's own marks."""

import pytest

from platforms.actions import Target, are_there
from platforms.teams import controls
from tests.pages import teams
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("target", "body", "there"),
    [
        (controls.JOIN, teams.prejoin("yImuv"), True),
        (controls.JOIN, teams.second(teams.prejoin()), True),
        (controls.JOIN, "<button>Jetzt teilnehmen</button>", True),
        (controls.JOIN, teams.lobby(), False),
        (controls.JOIN, teams.dialog("Join?", "Join now"), False),
        (controls.NAME_BOX, teams.prejoin(name="yIpong"), True),
        (controls.NAME_BOX, '<input placeholder="Tapez votre nom">', True),
        (controls.NAME_BOX, teams.prejoin(named=False), False),
        (controls.PASSCODE_BOX, teams.prejoin(passcode=True), True),
        (controls.IN_BROWSER, teams.launcher("yIghoS"), True),
        (controls.IN_BROWSER, "<button>Continuar neste navegador</button>", True),
        (controls.IN_BROWSER, '<button data-tid="joinInApp">Join on the Teams app</button>', False),
        (controls.LIVE_DEVICE, teams.switches(), True),
        (controls.LIVE_DEVICE, teams.switches(on=False), False),
        (controls.LIVE_DEVICE, teams.in_call(mic="on"), True),
        (controls.LIVE_DEVICE, teams.in_call(), False),
        (controls.LEAVE, teams.in_call(), True),
        (controls.LEAVE, teams.second(teams.in_call()), True),
        (controls.LEAVE, '<button aria-label="Verlassen">x</button>', True),
        (controls.LEAVE, teams.dialog("Leave the meeting?", "Leave"), False),
        (controls.LEAVE, teams.prejoin(), False),
        (controls.CANCEL, teams.lobby(), True),
        (controls.CHAT_BUTTON, teams.in_call(), True),
        (controls.CHAT_BOX, teams.in_call(more=teams.CHAT), True),
        (controls.CHAT_BOX, teams.in_call(), False),
        (controls.CHAT_SEND, teams.CHAT, True),
    ],
)
async def test_control(target: Target, body: str, draw: Show, *, there: bool) -> None:
    """A control is there exactly where a person would say so."""
    page = await draw(teams.screen(body), teams.URL)
    assert await are_there(page, [target]) == (there,)

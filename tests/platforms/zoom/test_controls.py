"""Which controls are found on the replica's screens."""

import pytest
from playwright.async_api import Page

from platforms.actions import Target, are_there
from platforms.zoom import controls
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
ALL = {name: value for name, value in vars(controls).items() if isinstance(value, Target)}
IN_CALL = {"LEAVE", "PEOPLE_BUTTON", "CHAT_BUTTON"}


@pytest.mark.parametrize(
    ("body", "there"),
    [
        (zoom.prejoin(), {"JOIN", "NAME_BOX", "LIVE_DEVICE"}),
        (zoom.prejoin(passcode=True, live=False), {"JOIN", "NAME_BOX", "PASSCODE_BOX"}),
        (zoom.prejoin().replace("preview-join-button", "preview-join-button disabled"), None),
        (zoom.classic(), {"JOIN", "NAME_BOX"}),
        (zoom.lobby(), IN_CALL),
        (zoom.in_call(hidden=True), IN_CALL),
        (zoom.in_call(more=zoom.CHAT), IN_CALL | {"CHAT_BOX"}),
        (zoom.in_call(panel=zoom.people_panel("<b>x</b>")), IN_CALL | {"PEOPLE_LIST"}),
        (zoom.in_call().replace("SvgAudioUnmute", "SvgAudioJoin"), IN_CALL | {"JOIN_AUDIO"}),
        (zoom.in_call().replace("SvgAudioUnmute", "SvgAudioMute"), IN_CALL | {"LIVE_DEVICE"}),
        (zoom.launcher(), {"FROM_BROWSER"}),
    ],
    ids=range(11),
)
async def test_controls(draw: Show, body: str, there: set[str] | None) -> None:
    """Each screen has its controls and no others; a hidden footer's count, a disabled join not."""
    page: Page = await draw(zoom.screen(body), zoom.URL)
    found = await are_there(page, list(ALL.values()))
    names = {name for name, is_there in zip(ALL, found, strict=True) if is_there}
    assert names == ({"NAME_BOX", "LIVE_DEVICE"} if there is None else there)


async def test_a_host_s_choice_is_not_pressed(draw: Show) -> None:
    """Where two ways of leaving are offered, one of them ends the meeting for everybody."""
    option = '<button class="leave-meeting-options__btn {}">{}</button>'
    one = option.format("leave-meeting-options__btn--danger", "Quitter")
    two = one + option.format("", "Mettre fin pour tous")
    for options, found in ((one, True), (two, False)):
        body = zoom.in_call(more=f'<div class="leave-meeting-options">{options}</div>')
        page = await draw(zoom.screen(body), zoom.URL)
        assert await are_there(page, [controls.LEAVE_MEETING]) == (found,)

"""The green room, on static pages."""

import pytest
from playwright.async_api import Page

from platforms.google_meet import joining
from platforms.google_meet.joining import press_join, switch_devices_off
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
IN_VAIN_S = 0.2
"""How long to wait for what is known not to come."""
FLIP = """
document.addEventListener('click', (event) => {
  const toggle = event.target.closest('[data-is-muted]');
  if (!toggle || !event.isTrusted) return;
  setTimeout(() => { toggle.dataset.isMuted = String(toggle.dataset.isMuted !== 'true'); }, 150);
});
"""
ENABLE = """
const join = document.querySelector('main div button');
join.disabled = true;
document.querySelector('input').addEventListener('input', () => { join.disabled = false; });
"""
RETURN = """
document.querySelector('input').addEventListener('keydown', (event) => {
  if (event.key === 'Enter') document.body.dataset.pressed += '[Return]';
});
"""


async def muted(page: Page) -> list[str]:
    """The state of both toggles."""
    return [
        str(await toggle.get_attribute("data-is-muted"))
        for toggle in await page.query_selector_all("[data-is-muted]")
    ]


@pytest.mark.parametrize("jsname", [True, False])
async def test_switches_devices_off(show_to_all: Show, *, jsname: bool) -> None:
    """Both devices end muted, each pressed once, though the client answers late."""
    page = await show_to_all(meet.screen(meet.toggles(jsname=jsname), script=FLIP))
    assert await switch_devices_off(page)
    assert await muted(page) == ["true", "true"]


async def test_leaves_muted_devices_alone(show_to_all: Show) -> None:
    """What is off stays off: nothing is pressed."""
    page = await show_to_all(meet.screen(meet.toggles("true"), script=FLIP))
    assert await switch_devices_off(page)
    assert await muted(page) == ["true", "true"]


async def test_devices_that_stay_on(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A toggle that does nothing is given up, and the answer is honest."""
    monkeypatch.setattr(joining, "FLIP_LIMIT_S", IN_VAIN_S)
    page = await show_to_all(meet.screen(meet.toggles()))
    assert not await switch_devices_off(page)


async def test_asks(show_to_all: Show) -> None:
    """The name is typed, which enables the button, both devices are off, and it is pressed."""
    page = await show_to_all(meet.screen(meet.prejoin(), script=FLIP + ENABLE + meet.PRESSED))
    assert await press_join(page, "Ada's notes")
    assert await page.input_value("input") == "Ada's notes"
    assert await muted(page) == ["true", "true"]
    pressed = await page.evaluate("() => document.body.dataset.pressed")
    assert str(pressed).endswith("[Ask to join]")


async def test_asks_with_return(show_to_all: Show) -> None:
    """Where the join button cannot be known, Return in the name box sends the form."""
    body = meet.prejoin("yImuv", jsname=False)
    page = await show_to_all(meet.screen(body, script=FLIP + meet.PRESSED + RETURN))
    assert await press_join(page, "Ada")
    assert str(await page.evaluate("() => document.body.dataset.pressed")).endswith("[Return]")


async def test_name_not_taken(show_to_all: Show) -> None:
    """A box that does not keep the name means no ask."""
    body = meet.prejoin().replace('type="text"', 'type="text" maxlength="2"')
    page = await show_to_all(meet.screen(body, script=FLIP + meet.PRESSED))
    assert not await press_join(page, "Ada Lovelace")
    assert await page.evaluate("() => document.body.dataset.pressed") == ""


async def test_nothing_to_press(show_to_all: Show) -> None:
    """A page without the form is not asked on."""
    page = await show_to_all(meet.screen("<p>Loading</p>"))
    assert not await press_join(page, "Ada")

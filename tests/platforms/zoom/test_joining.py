"""The preview page, on static pages."""

import pytest
from playwright.async_api import Page

from platforms.registry import parse_meeting_url
from platforms.zoom import joining
from platforms.zoom.joining import fill_in, join_audio, switch_devices_off
from tests.pages import zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
MEETING = parse_meeting_url("https://zoom.us/j/98765432101?pwd=123456")
WITHOUT = parse_meeting_url("https://zoom.us/j/98765432101")
FLIP = """
const FLIPPED = {
  SvgAudioMute: 'SvgAudioUnmute', SvgVideoOn: 'SvgVideoOff', SvgAudioJoin: 'SvgAudioMute',
};
document.addEventListener('click', (event) => {
  const svg = event.target.closest('button')?.querySelector('svg');
  const flip = () => svg.setAttribute('class', FLIPPED[svg.getAttribute('class')]);
  if (svg && event.isTrusted) setTimeout(flip, 100);
});
"""
FORM = """
const join = document.querySelector('.preview-join-button');
join.classList.add('disabled');
document.addEventListener('keyup', () => join.classList.remove('disabled'));
join.addEventListener('click', (event) => {
  const inputs = [...document.querySelectorAll('.preview-root input')];
  document.body.dataset.sent = event.isTrusted + inputs.map(({ value }) => `|${value}`).join('');
});
"""


async def classes(page: Page) -> list[str | None]:
    """The icons' classes: what each device is."""
    return [await icon.get_attribute("class") for icon in await page.query_selector_all("svg")]


@pytest.mark.parametrize("covered", [False, True])
async def test_asks(show_to_all: Show, *, covered: bool) -> None:
    """Name and passcode are typed, devices are off, join is pressed, also under other texts."""
    cover = '<div class="preview-meeting-info" style="position:fixed;inset:0;opacity:0"></div>'
    body = zoom.prejoin(passcode=True, live=not covered) + (cover if covered else "")
    lifted = "document.querySelector('input').focus();" if covered else ""
    style = "<style>input{position:relative;z-index:9}</style>"
    page = await show_to_all(zoom.screen(body + style, script=FLIP + FORM + lifted), zoom.URL)
    assert await fill_in(page, "Ada", MEETING)
    assert await page.evaluate("() => document.body.dataset.sent") == "true|Ada|123456"
    assert await classes(page) == ["SvgAudioUnmute", "SvgVideoOff"]


async def test_a_passcode_nobody_gave(show_to_all: Show) -> None:
    """Nothing is pressed where the client wants a passcode that the address does not tell."""
    page = await show_to_all(zoom.screen(zoom.prejoin(passcode=True), script=FLIP + FORM), zoom.URL)
    assert not await fill_in(page, "Ada", WITHOUT)
    assert await page.evaluate("() => document.body.dataset.sent") is None


async def test_no_form(show_to_all: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without a join control was not asked."""
    monkeypatch.setattr(joining, "ENABLED_LIMIT_S", 0.2)
    page = await show_to_all(zoom.screen("<p>Loading</p>"), zoom.URL)
    assert not await fill_in(page, "Ada", WITHOUT)


async def test_sound_is_joined_and_the_microphone_muted(show_to_all: Show) -> None:
    """Without joining nothing sounds; joining switches the microphone on, which goes off again."""
    body = zoom.in_call().replace("SvgAudioUnmute", "SvgAudioJoin")
    page = await show_to_all(zoom.screen(body, script=FLIP), zoom.URL)
    assert await join_audio(page)
    await page.wait_for_selector("svg.SvgAudioMute", state="attached")
    assert not await join_audio(page)
    assert await switch_devices_off(page)
    assert await classes(page) == ["SvgAudioUnmute"]

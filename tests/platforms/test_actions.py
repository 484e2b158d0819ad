"""Acting as a person does: trusted events, the right element, and an end to every wait."""

import pytest
from playwright.async_api import Page

from bot.names import shown_name
from platforms import actions
from platforms.actions import (
    Target,
    are_there,
    click,
    find,
    move_pointer,
    press,
    press_by_key,
    press_key,
    press_surely,
    type_into,
    until,
)
from platforms.registry import adapter_of, plugin_of
from platforms.types import Platform
from tests.bot.test_names import ODD_NAMES
from tests.pages import meet, teams, zoom
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
NOTES = """
document.body.dataset.events = '';
for (const type of ['click', 'keydown', 'pointermove']) {
  document.addEventListener(type, (event) => {
    const what = event.key ?? event.target.id;
    if (event.isTrusted) document.body.dataset.events += `[${type} ${what}]`;
  });
}
"""


async def events(page: Page) -> str:
    """The trusted events the page has noted."""
    return str(await page.evaluate("() => document.body.dataset.events"))


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        (Target("t", selectors=("#none", ".b")), "shown"),
        (Target("t", icons=("send",)), "iconic"),
        (Target("t", texts=("got IT",)), "worded"),
        (Target("t", texts=("Send",)), "iconic-worded"),
        (Target("t", selectors=(".b",), outside="main"), "other"),
        (Target("t", selectors=("#hidden",), hidden=True), "hidden"),
        (Target("t", selectors=("#hidden",)), None),
        (Target("t", selectors=("#disabled",)), None),
        (Target("t", texts=("Switch here",)), None),
        (Target("t", texts=("Got",)), None),
        (Target("t", texts=("OK",), within="[role=dialog]"), "top"),
        (Target("t", texts=("OK",), within="[role=dialog]", mentions=("first's",)), "low"),
        (Target("t", texts=("OK",), within="[role=dialog]", mentions=("third",)), None),
        (Target("t", selectors=("#deep",)), "deep"),
    ],
)
async def test_find(target: Target, wanted: str | None, show_to_all: Show) -> None:
    """A target is the first enabled, shown element of its first fitting description."""
    html = f"""<!doctype html><meta charset=utf-8><main>
    <button class=b style="display:none">x</button><button class=b id=shown>x</button>
    <button id=iconic>{meet.ICON.format("send")}</button>
    <button id=worded> Got  it </button><button id=disabled disabled>x</button>
    <button id=iconic-worded>{meet.ICON.format("mail")}<span>Send</span></button>
    <button id=hidden style="visibility:hidden">x</button><button id=switch>Switch here</button>
    </main><button class=b id=other>x</button>
    <div role=dialog><p>The first\u2019s</p><button id=low>OK</button></div>
    <div role=dialog><p>The second</p><button id=top>OK</button></div>
    <div role=dialog style="display:none"><p>The third</p><button>OK</button></div>
    <p id=host></p><script nonce=page>
    document.querySelector('#host').attachShadow({{mode: 'open'}}).append(
      Object.assign(document.createElement('button'), {{id: 'deep', textContent: 'x'}}));
    </script>"""
    page = await show_to_all(html)
    element = await find(page, target)
    assert (await element.get_attribute("id") if element else None) == wanted
    assert await are_there(page, [target, Target("never")]) == (wanted is not None, False)


async def test_press_is_a_persons_click(show_to_all: Show) -> None:
    """A press arrives as a trusted click after pointer moves; keys are trusted too."""
    html = "<body><button id=a>x</button></body>"
    page = await show_to_all(f"{html}<script nonce=page>{NOTES}</script>")
    assert await press(page, Target("a", selectors=("#a",)))
    assert await press_key(page, "Enter")
    assert await move_pointer(page)
    assert (await events(page)).startswith("[pointermove a][click a][keydown Enter]")


async def test_press_that_cannot_be(show_to_all: Show) -> None:
    """What is covered or missing is not pressed, within the limit, and nothing is raised."""
    cover = "<p style='position:fixed;inset:0;margin:0'>cover</p>"
    page = await show_to_all(f"<button id=a>x</button>{cover}")
    assert not await press(page, Target("a", selectors=("#a",)), limit_s=0.3)
    assert not await press(page, Target("b", selectors=("#b",)), limit_s=0.3)


async def test_press_of_what_is_covered(show_to_all: Show) -> None:
    """Under something the keyboard reaches it; what cannot have the focus is not pressed at all."""
    cover = "<p style='position:fixed;inset:0;margin:0'>cover</p>"
    buttons = "<button id=a>x</button><button id=b style='visibility:hidden'>x</button>"
    page = await show_to_all(f"<body>{buttons}{cover}<script nonce=page>{NOTES}</script>")
    covered = await find(page, Target("a", selectors=("#a",)))
    hidden = await find(page, Target("b", selectors=("#b",), hidden=True))
    assert covered is not None
    assert hidden is not None
    assert await press_surely(page, covered, "a", limit_s=0.3)
    once = "[keydown Enter][click a]"
    assert await events(page) == once
    assert not await press_surely(page, hidden, "b", limit_s=0.3)
    assert await events(page) == once
    assert await press_by_key(page, Target("a", selectors=("#a",)))
    assert await events(page) == once * 2


async def test_type_into(show_to_all: Show) -> None:
    """Typing replaces what was there, key by key; a box that already holds it is left alone."""
    html = "<body><input id=a value=old></body>"
    page = await show_to_all(f"{html}<script nonce=page>{NOTES}</script>")
    box = await find(page, Target("a", selectors=("#a",)))
    assert box is not None
    assert await type_into(page, box, "Ada")
    assert await events(page) != ""
    typed = await events(page)
    assert "[keydown A][keydown d][keydown a]" in typed
    assert await type_into(page, box, "Ada")
    assert await events(page) == typed


@pytest.mark.parametrize(
    ("platform", "html"),
    [
        (Platform.GOOGLE_MEET, meet.screen(meet.prejoin())),
        (Platform.TEAMS, teams.screen(teams.prejoin())),
        (Platform.ZOOM, zoom.screen(zoom.prejoin())),
    ],
)
async def test_odd_names_are_typed(
    show_to_all: Show, platform: Platform, html: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is left of an odd name for a client, its box holds that once it was typed."""
    monkeypatch.setattr(actions, "KEY_DELAY_MS", 0.0)
    page = await show_to_all(html)
    (target,) = (each for each in adapter_of(platform).targets if each.name == "name-box")
    for name in ODD_NAMES.values():
        box = await find(page, target)
        assert box is not None
        shown = shown_name(name[:255], plugin_of(platform).name_rules)
        assert await type_into(page, box, shown), name
        assert await box.input_value() == shown


async def test_type_into_a_box_that_refuses(show_to_all: Show) -> None:
    """A box that keeps less than was typed did not take the name."""
    page = await show_to_all("<input id=a maxlength=3>")
    box = await find(page, Target("a", selectors=("#a",)))
    assert box is not None
    assert not await type_into(page, box, "Adalovelace")


async def test_until(show_to_all: Show) -> None:
    """A condition is waited for, not longer than the limit."""
    page = await show_to_all("<p id=a>x</p>")
    element = await find(page, Target("a", selectors=("#a",)))
    assert await until(page, "element => element.isConnected", element, limit_s=5)
    assert not await until(page, "element => !element.isConnected", element, limit_s=0.2)


async def test_a_closed_page(page: Page, show: Show) -> None:
    """On a page that is gone every action answers False and none raises."""
    await show("<input id=a>")
    target = Target("a", selectors=("#a",))
    element = await find(page, target)
    assert element is not None
    await page.close()
    assert await find(page, target) is None
    assert await are_there(page, [target]) == (False,)
    assert not await press(page, target)
    assert not await click(element, "a")
    assert not await press_key(page, "Enter")
    assert not await move_pointer(page)
    assert not await type_into(page, element, "x")
    assert not await until(page, "() => true", None, limit_s=1)

"""One look at a real page: what counts as seen, and what a page that does not answer is."""

import asyncio
from dataclasses import dataclass

import pytest
from playwright.async_api import Page

from platforms.evidence import Clue, Count, Css, Icon, Place, Text, Title, sign
from platforms.probe import Glance, Looker, evaluate, probe
from tests.pages import meet
from tests.platforms.conftest import Show

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
URL = "https://meet.google.com/landing/?x=1"
NEVER_IN = "aside, [contenteditable], textarea"
SHADOW = """
const host = document.querySelector('#host');
host.attachShadow({mode: 'open'}).append(
  Object.assign(document.createElement('b'), {textContent: 'Deep in the shadow', id: 'deep'}));
"""


@dataclass(frozen=True)
class Case:
    """A clue, a page, and whether the one is found in the other."""

    name: str
    clue: Clue
    html: str
    seen: bool


DENIED = Text(("You can't join this call",))
CASES = (
    Case("shown", Css("#a"), "<p id=a>x</p>", seen=True),
    Case("absent", Css("#a"), "<p>x</p>", seen=False),
    Case("display-none", Css("#a"), "<p id=a style='display:none'>x</p>", seen=False),
    Case("invisible", Css("#a"), "<p id=a style='visibility:hidden'>x</p>", seen=False),
    Case("parent-invisible", Css("#a"), "<div style='visibility:hidden'><p id=a>x", seen=False),
    Case("no-box", Css("#a"), "<p id=a style='width:0;height:0'></p>", seen=False),
    Case("faded", Css("#a"), "<p id=a style='opacity:0'>x</p>", seen=True),
    Case("attached", Css("#a", visible=False), "<p id=a style='display:none'>x</p>", seen=True),
    Case("in-template", Css("#a", visible=False), "<template><p id=a>x</p></template>", seen=False),
    Case("large", Css("#a", min_width_px=100), "<p id=a style='width:99px'>x</p>", seen=False),
    Case("tall", Css("#a", min_height_px=9), "<p id=a style='height:9px'>x</p>", seen=True),
    Case("text", DENIED, "<h1>You can't join this call.</h1>", seen=True),
    Case("curly", DENIED, "<h1>YOU CAN\u2019T\n  join <b>this</b>\u00a0call</h1>", seen=True),
    Case(
        "text-hidden", DENIED, "<h1 style='display:none'>You can't join this call</h1>", seen=False
    ),
    Case("text-faded", DENIED, "<div style='opacity:0'><p>You can't join this call", seen=False),
    Case("text-in-template", DENIED, "<template>You can't join this call</template>", seen=False),
    Case("text-in-script", DENIED, "<script>`You can't join this call`</script>", seen=False),
    Case("text-in-chat", DENIED, "<aside><p>You can't join this call</p></aside>", seen=False),
    Case(
        "text-being-written", DENIED, "<p contenteditable>You can't join this call</p>", seen=False
    ),
    Case(
        "hidden-and-shown",
        DENIED,
        "<p style='display:none'>You can't join this call</p><p>You can't join this call</p>",
        seen=True,
    ),
    Case("in-a-long-story", DENIED, f"<p>{'bla ' * 99} You can't join this call</p>", seen=False),
    Case(
        "whole", Text(("Join now",), whole=True), "<button><i> Join  now </i></button>", seen=True
    ),
    Case("part", Text(("Join",), whole=True), "<button>Join and use a phone</button>", seen=False),
    Case("within", Text(("x",), within="main"), "<main><div><p>x</p></div></main>", seen=True),
    Case("not-within", Text(("x",), within="main"), "<p>x</p>", seen=False),
    Case("outside", Text(("x",), outside="main"), "<main><p>x</p></main>", seen=False),
    Case("icon", Icon("call_end"), meet.CALL_END, seen=True),
    Case("icon-word", Icon("call_end"), "<p>call_end</p>", seen=False),
    Case("icon-hidden", Icon("call_end"), f"<p style='display:none'>{meet.CALL_END}", seen=False),
    Case(
        "icon-attached",
        Icon("call_end", visible=False),
        f"<p style='display:none'>{meet.CALL_END}</p>",
        seen=True,
    ),
    Case("host", Place(hosts=("meet.google.com",)), "", seen=True),
    Case("other-host", Place(hosts=("google.com",)), "", seen=False),
    Case("elsewhere", Place(elsewhere_than=("google.com",)), "", seen=True),
    Case("at-home", Place(elsewhere_than=("meet.google.com",)), "", seen=False),
    Case("path", Place(paths=("/landing",)), "", seen=True),
    Case("other-path", Place(paths=("/", "/land")), "", seen=False),
    Case("path-beginning", Place(paths=("/land*",)), "", seen=True),
    Case("other-beginning", Place(paths=("/sign*",)), "", seen=False),
    Case("domain", Place(hosts=(".google.com",)), "", seen=True),
    Case("domain-itself", Place(hosts=(".meet.google.com",)), "", seen=True),
    Case("domain-look-alike", Place(hosts=(".eet.google.com",)), "", seen=False),
    Case("within-domain", Place(elsewhere_than=(".google.com",)), "", seen=False),
    Case("count", Count("#a"), "<p id=a hidden><b> 12 </b></p>", seen=True),
    Case("count-plus", Count("#a", at_least=99), "<p id=a>99+</p>", seen=True),
    Case("count-too-small", Count("#a"), "<p id=a>0</p>", seen=False),
    Case("count-zero", Count("#a", at_least=0, at_most=0), "<p id=a>0</p>", seen=True),
    Case("count-too-large", Count("#a", at_least=0, at_most=0), "<p id=a>7</p>", seen=False),
    Case("no-count", Count("#a", at_least=0), "<p id=a>7 people</p>", seen=False),
    Case("title", Title(("meet",)), "<title>Ada: MEET</title>", seen=True),
    Case("other-title", Title(("Zoom",)), "<title>Meet</title>", seen=False),
    Case("shadow-css", Css("#deep"), "<p id=host></p>", seen=True),
    Case("shadow-text", Text(("deep in the shadow",)), "<p id=host></p>", seen=True),
    Case("shadow-in-chat", Text(("deep in",)), "<aside><p id=host></p></aside>", seen=False),
    Case("shadow-within", Text(("deep in",), within="main"), "<main id=host></main>", seen=True),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_clue(case: Case, draw: Show) -> None:
    """Each kind of clue is found where a person would see it, and nowhere else."""
    code = f'<script nonce="page">{SHADOW}</script>' if "host" in case.html else ""
    page = await draw(f"<!doctype html><body>{case.html}</body>{code}", URL)
    looked_for = [sign("it", Css("#never"), case.clue), sign("nothing")]
    assert await probe(page, looked_for, never_in=NEVER_IN) == {"it": case.seen, "nothing": False}


async def test_no_web_page_is_nowhere(page: Page) -> None:
    """An empty tab or the browser's own error page is not "another host"."""
    assert await probe(page, [sign("away", Place(elsewhere_than=("x",)))]) == {"away": False}


async def test_every_look_sees_the_page_as_it_is_now(show_to_all: Show) -> None:
    """What stays in the page between looks remembers nothing that has changed meanwhile."""
    page = await show_to_all("<h1>Waiting</h1><p id=a>x</p>")
    signs = [sign("denied", Text(("denied",))), sign("a", Css("#a"))]
    looker = Looker(signs, never_in=NEVER_IN, people_script="({ name }) => [name]")
    seen = []
    for words in ("Waiting", "Denied", "Denied", "Waiting"):
        await page.evaluate("w => { document.querySelector('h1').textContent = w; }", words)
        seen.append((await looker.look([page])).matches)
    assert seen == [{"denied": said, "a": True} for said in (False, True, True, False)]
    hide = "() => { document.querySelector('h1').hidden = true; }"
    await page.evaluate("() => { document.querySelector('h1').textContent = 'Denied'; }")
    await page.evaluate(hide)
    glance = await looker.look([page], {"name": "Ada"})
    assert glance == Glance({"denied": False, "a": True}, ["Ada"])


async def test_people_that_cannot_be_told_take_no_sign_with_them(show: Show) -> None:
    """A people script that throws leaves the look as it is; a page that is silent leaves none."""
    page = await show("<p id=a>x</p>")
    throwing = Looker([sign("a", Css("#a"))], never_in="", people_script="() => { throw 1; }")
    assert await throwing.look([page], {}) == Glance({"a": True}, None)
    await page.close()
    assert await throwing.look([page], {}) == Glance(None, None)


async def test_a_busy_page_is_no_answer(show_to_all: Show) -> None:
    """A page whose thread is held is given up after the limit, and answers later again."""
    html = "<p id=a>x</p><script nonce=page>window.hold = ms => setTimeout(() => {"
    html += "const end = Date.now() + ms; while (Date.now() < end); }, 0)</script>"
    page = await show_to_all(html)
    await page.evaluate("() => hold(1500)")
    assert await probe(page, [sign("a", Css("#a"))], limit_s=0.3) is None
    assert await probe(page, [sign("a", Css("#a"))], limit_s=20) == {"a": True}


async def test_a_throwing_look_is_no_answer(show_to_all: Show) -> None:
    """A selector the page refuses, or a look that throws, proves nothing."""
    page = await show_to_all("<p>x</p>")
    assert await probe(page, [sign("a", Css("p:::"))]) is None
    assert await evaluate(page, "() => { throw new Error('no'); }") is None


async def test_a_look_that_never_ends_is_no_answer(show_to_all: Show) -> None:
    """A promise nobody keeps is given up after the limit."""
    page = await show_to_all("<p>x</p>")
    assert await evaluate(page, "() => new Promise(() => {})", limit_s=0.2) is None


async def test_a_crashed_or_closed_page_is_no_answer(page: Page) -> None:
    """A dead renderer and a closed page prove nothing."""
    crashed = asyncio.Event()
    page.on("crash", lambda _: crashed.set())
    navigation = asyncio.ensure_future(page.goto("chrome://crash"))
    async with asyncio.timeout(20):
        await crashed.wait()
    assert await probe(page, [sign("a", Css("p"))], limit_s=1) is None
    await page.close()
    assert await probe(page, [sign("a", Css("p"))], limit_s=1) is None
    await asyncio.gather(navigation, return_exceptions=True)

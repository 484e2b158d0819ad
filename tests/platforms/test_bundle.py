"""A failure's evidence holds the page and no secrets."""

import io

import pytest
from PIL import Image
from playwright.async_api import Page

from platforms.bundle import MAX_LINE_CHARACTERS, MAX_LINES, Console, console_line, make_bundle
from platforms.bundle import without_secrets as cleaned
from tests.platforms.conftest import Show

pytestmark = pytest.mark.browser
in_browser = pytest.mark.asyncio(loop_scope="session")
SECRET = "s3cr3t"
PAGE = f"""<!doctype html><head><meta name=token content={SECRET}><style>/*{SECRET}*/</style>
<link rel=x href=/{SECRET}></head>
<body data-key={SECRET} onload="{SECRET}()"><h1>Check your code</h1>
<a href="https://x.example/path?pwd={SECRET}#{SECRET}">link</a><img src="data:image/png;{SECRET}">
<img src="https://user.example/photo/{SECRET.upper()}?x={SECRET}">
<input value={SECRET}><textarea>{SECRET}</textarea><p contenteditable>{SECRET}</p>
<aside><p>{SECRET}</p></aside><div data-message-id=1>{SECRET}</div>
<iframe srcdoc="{SECRET}"></iframe><template>{SECRET}</template>
<script nonce=page>/*{SECRET}*/ console.log('see https://x.example/p?pwd={SECRET} by a@b.example');
setTimeout(() => {{ throw new Error('broken'); }})</script></body>"""


@in_browser
async def test_bundle(page: Page, show: Show) -> None:
    """Picture, structure, console and matches are there; what is secret or written is not."""
    console = Console(page)
    async with page.expect_event("pageerror"):
        await show(PAGE)
    bundle = await make_bundle(page, console, {"a": True}, chat="aside, [data-message-id]")
    assert bundle.html is not None
    assert "Check your code" in bundle.html
    assert "https://x.example/path" in bundle.html
    assert SECRET not in bundle.html
    assert "log: see https://x.example/p by [mail]" in bundle.console
    assert any(line.startswith("error: ") and "broken" in line for line in bundle.console)
    assert [line for line in bundle.console if SECRET in line] == []
    assert bundle.matches == {"a": True}
    assert bundle.screenshot_jpeg is not None
    with Image.open(io.BytesIO(bundle.screenshot_jpeg)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1280, 720))


@in_browser
async def test_marks_of_evidence_stay(show_to_all: Show) -> None:
    """A saved page can be probed: named data attributes stay, but for values people could write."""
    body = '<p data-tid="hangup-main" data-title="Our secret plan" data-key="k">x</p>'
    page = await show_to_all(f"<!doctype html><body>{body}</body>")
    keep = ("data-tid", "data-title", "onclick")
    bundle = await make_bundle(page, Console(page), None, chat="aside", keep=keep)
    assert bundle.html is not None
    assert '<p data-tid="hangup-main" data-title="">x</p>' in bundle.html


@in_browser
async def test_what_was_hidden_stays_hidden(show_to_all: Show) -> None:
    """Sentences that nobody could see are marked, though the styles that hid them are gone."""
    hidden = (
        '<p style="display:none">a</p>',
        '<p style="visibility:hidden">b</p>',
        '<p style="width:0;height:0;overflow:hidden">c</p>',
    )
    outer = '<div style="visibility:hidden"><p style="visibility:visible">d</p></div>'
    page = await show_to_all(f"<!doctype html><body>{''.join(hidden)}{outer}</body>")
    bundle = await make_bundle(page, Console(page), None, chat="aside")
    assert bundle.html is not None
    for text in "abc":
        assert f'<p hidden="">{text}</p>' in bundle.html
    assert "<div><p>d</p></div>" in bundle.html


@in_browser
async def test_chat_is_painted_over(show_to_all: Show) -> None:
    """What people write cannot be read off the picture either."""
    page = await show_to_all('<aside style="position:fixed;inset:0;background:#0f0">x</aside>')
    bundle = await make_bundle(page, Console(page), None, chat="aside")
    assert bundle.screenshot_jpeg is not None
    with Image.open(io.BytesIO(bundle.screenshot_jpeg)) as picture:
        assert picture.convert("RGB").getpixel((640, 360)) != (0, 255, 0)


@in_browser
async def test_a_dead_page_leaves_its_console(page: Page, show: Show) -> None:
    """A page that is gone gives neither picture nor structure, and the bundle says so."""
    console = Console(page)
    await show("<script nonce=page>console.warn('last words')</script>")
    await page.close()
    bundle = await make_bundle(page, console, None, chat="aside")
    assert (bundle.html, bundle.screenshot_jpeg) == (None, None)
    assert bundle.console == ("warning: last words",)


@in_browser
async def test_console_is_bounded(page: Page, show: Show) -> None:
    """Of a page that talks without end the last lines stay."""
    console = Console(page)
    await show("<script nonce=page>for (let i = 0; i < 999; i += 1) console.log(i)</script>")
    await page.evaluate("() => 0")
    assert len(console.lines()) == MAX_LINES
    assert console.lines()[-1] == "log: 998"


def test_console_line() -> None:
    """A line is one line, bounded and printable."""
    assert console_line("log", "a\nb\x1b[31m") == "log: a\\nb\\x1b[31m"
    assert len(console_line("log", "x y " * 999)) == MAX_LINE_CHARACTERS


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://zoom.us/j/1?pwd=a#b done", "https://zoom.us/j/1 done"),
        ("what? no", "what? no"),
        ("from ada.l+x@mail.example.", "from [mail]"),
        (f"key {'aB3' * 20} end", "key [token] end"),
        ("load 'data:image/png;base64,AAAA' failed", "load 'data:' failed"),
    ],
)
def test_without_secrets(text: str, clean: str) -> None:
    """Queries, data, mail addresses and long tokens go, sentences stay."""
    assert cleaned(text) == clean

"""Where a browser in a meeting may not get: seen in a real Chromium, none of it taken on trust."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from aiohttp import web
from playwright.async_api import ConsoleMessage, Page, Request, WebSocket

from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from platforms.confines import RESOLVER, confine, confined, is_within
from tests.platforms.conftest import WAIT_S
from tests.platforms.test_browser import new_browser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MEETING = "meeting.test"
OTHER = "other.test"
NAMES = {
    "link-local.test": "169.254.169.254",
    "wire-server.test": "168.63.129.16",
    "alibaba.test": "100.100.100.200",
    "aws-six.test": "[fd00:ec2::254]",
    "mapped.test": "[::ffff:169.254.169.254]",
}
"""Names that resolve to where nobody may get, as a name server of somebody else's would have it."""
REFUSED = {"net::ERR_NAME_NOT_RESOLVED", "net::ERR_PROXY_CONNECTION_FAILED"}
"""Before anything was sent. A connection that failed on the way would have another name."""
NUMERIC = (
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9.0xfe.0251.254/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "https://169.254.169.254/",
    "http://168.63.129.16/",
)
FETCH = "url => fetch(url, {mode: 'no-cors'}).then(() => 'fetched', () => 'refused')"
SOCKET = """url => new Promise(tell => {
    const socket = new WebSocket(url);
    socket.onopen = () => tell('open');
    socket.onerror = () => tell('refused');
})"""


@dataclass
class Place:
    """A page at the meeting's host in a confined browser. `asked` are the paths the site saw."""

    browser: MeetingBrowser
    page: Page
    asked: list[str] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[Place]:
    """One browser and one site, under two names, for all tests here."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(f"{request.host}{request.path}")
        if to := request.query.get("to"):
            raise web.HTTPFound(to)
        headers = {"content-type": "text/html"}
        if request.path == "/file":
            headers = {"content-disposition": "attachment; filename=file"}
        return web.Response(body=b"<!doctype html><title>A page</title>", headers=headers)

    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    here = dict.fromkeys((MEETING, OTHER), f"127.0.0.1:{port}")
    rules = ",".join(f"MAP {name} {address}" for name, address in (here | NAMES).items())
    try:
        async with new_browser(BrowserSettings(extra_args=(RESOLVER + rules,))) as browser:
            await browser.page.goto(f"http://{MEETING}/", timeout=WAIT_S * 1000)
            yield Place(browser, browser.page, asked)
    finally:
        await runner.cleanup()


async def failure_of(page: Page, script: str, url: str) -> str | None:
    """Why a request that a script makes has failed."""
    async with page.expect_event("requestfailed", timeout=WAIT_S * 1000) as failed:
        assert await page.evaluate(script, url) == "refused"
    request: Request = await failed.value
    return request.failure


@pytest.mark.parametrize("url", [*NUMERIC, *(f"http://{name}/" for name in NAMES)])
async def test_forbidden_addresses_are_not_connected_to(place: Place, url: str) -> None:
    """Link-local and metadata addresses in each disguise, and names that lead there: refused."""
    failure = await failure_of(place.page, FETCH, url)
    # an address without its interface is none to begin with
    assert failure in REFUSED | ({"net::ERR_INVALID_ARGUMENT"} if "fe80" in url else set())


async def test_redirects_and_sockets_are_judged_too(place: Place) -> None:
    """A redirect is followed no further than an address may go; a WebSocket is a connection."""
    to = f"http://{MEETING}/?to=http://link-local.test/"
    assert await failure_of(place.page, FETCH, to) in REFUSED
    told: asyncio.Queue[str] = asyncio.Queue()

    def on_socket(socket: WebSocket) -> None:
        socket.on("socketerror", partial(told.put_nowait))

    place.page.on("websocket", on_socket)
    for url in ("ws://169.254.169.254/", "ws://link-local.test/"):
        assert await place.page.evaluate(SOCKET, url) == "refused"
        async with asyncio.timeout(WAIT_S):
            assert (await told.get()).rpartition(" ")[2] in REFUSED
    place.page.remove_listener("websocket", on_socket)


async def test_everything_else_is_as_near_as_ever(place: Place) -> None:
    """What is not forbidden is connected to directly, and the rules of a test meeting hold."""
    assert await place.page.evaluate(FETCH, f"http://{OTHER}/near") == "fetched"
    assert f"{OTHER}/near" in place.asked


async def test_nothing_is_downloaded(place: Place) -> None:
    """A file that a page has the browser save is not saved."""
    async with place.page.expect_download(timeout=WAIT_S * 1000) as begun:
        await place.page.evaluate("() => { location.href = '/file'; }")
    download = await begun.value
    assert await download.failure() is not None
    saved = await asyncio.to_thread(lambda: list(place.browser.profile_dir.parent.rglob("file")))
    assert saved == []
    assert place.page.url == f"http://{MEETING}/"


async def test_no_file_of_this_machine_is_shown(place: Place) -> None:
    """Neither by the page's own script nor by a redirect."""
    async with place.page.expect_console_message(timeout=WAIT_S * 1000) as said:
        await place.page.evaluate("() => { location.href = 'file:///etc/passwd'; }")
    message: ConsoleMessage = await said.value
    assert "Not allowed to load local resource" in message.text
    assert place.page.url == f"http://{MEETING}/"
    url = f"http://{MEETING}/?to={Path('/etc/passwd').as_uri()}"
    assert await failure_of(place.page, FETCH, url) == "net::ERR_UNSAFE_REDIRECT"


async def test_the_page_stays_at_its_sites(place: Place) -> None:
    """Elsewhere an empty document stands in the other's place, under its address, unasked for.

    Frames within the page are its own affair, and windows it opens are closed.
    """
    page = await place.browser.context.new_page()
    try:
        await confine(page, lambda host: is_within(host, [MEETING]))
        await page.goto(f"http://{MEETING}/", timeout=WAIT_S * 1000)
        assert await page.title() == "A page"
        with structlog.testing.capture_logs() as captured:
            await page.goto(f"http://{MEETING}/?to=http://{OTHER}/away", timeout=WAIT_S * 1000)
        assert (page.url, await page.title()) == (f"http://{OTHER}/away", "Not followed")
        assert [line["host"] for line in captured] == [OTHER]
        assert f"{OTHER}/away" not in place.asked
        await page.goto(f"http://{MEETING}/", timeout=WAIT_S * 1000)
        async with page.expect_popup(timeout=WAIT_S * 1000) as opened:
            await page.evaluate(f"() => {{ window.open('http://{OTHER}/window'); }}")
        popup = await opened.value
        if not popup.is_closed():
            await popup.wait_for_event("close", timeout=WAIT_S * 1000)
    finally:
        await page.close()


async def test_the_last_rule_holds(place: Place) -> None:
    """A page that is opened for another meeting may go where that is, and no longer elsewhere."""
    page = await place.browser.context.new_page()
    try:
        await confine(page, lambda host: host == MEETING)
        await confine(page, lambda host: host == OTHER)
        await page.goto(f"http://{OTHER}/now", timeout=WAIT_S * 1000)
        assert await page.title() == "A page"
        await page.goto(f"http://{MEETING}/before", timeout=WAIT_S * 1000)
        assert await page.title() == "Not followed"
    finally:
        await page.close()


async def test_a_dead_page_is_left_alone(place: Place) -> None:
    """There is nothing to confine, and nobody to tell."""
    page = await place.browser.context.new_page()
    await page.close()
    await confine(page, lambda _: True)


async def test_rules_become_one_and_a_proxy_judges_by_itself() -> None:
    """The last of several resolver rules would win alone; a user's proxy is not overruled."""
    args = ["--one", f"{RESOLVER}MAP a b", f"{RESOLVER}MAP c d"]
    found = confined(args, proxied=False)
    (rules,) = (word for word in found if word.startswith(RESOLVER))
    assert rules.startswith(f"{RESOLVER}MAP a b,MAP c d,MAP 169.254.* ~NOTFOUND,")
    assert found[0] == "--one"
    assert found[-1].startswith("--proxy-pac-url=data:")
    assert not any("proxy" in word for word in confined(args, proxied=True))


@pytest.mark.parametrize(
    ("host", "inside"),
    [("a.test", True), ("b.a.test", True), ("ba.test", False), ("a.test.evil", False), ("", False)],
)
async def test_domains_have_what_is_below_them(host: str, *, inside: bool) -> None:
    """A domain and all below it, and no name that only ends alike."""
    assert is_within(host, ["a.test"]) is inside

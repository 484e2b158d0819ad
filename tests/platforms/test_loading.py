"""Bad pages in place of a meeting's, from a real server: each ends a bot soon, by its own name."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, Route, async_playwright

from bot.contract import EndReason, Status
from bot.job import TimeoutConfig
from bot.leave import Look, Watch
from bot.leave_rules import Deadlines
from bot.outcome import Phase, outcome_of_error, outcome_of_finding
from platforms.errors import PageUnreachable
from platforms.google_meet.adapter import ADAPTER as MEET
from platforms.loading import load
from platforms.registry import adapter_of, parse_meeting_url
from platforms.simulator.scenario import load_scenario
from platforms.simulator.tls import make_identity
from platforms.types import PageState, Platform
from platforms.web_client import WebClient
from tests.browsers import CHROMIUM
from tests.pages import meet
from tests.platforms.test_web_client import ADDRESSES, LIMIT_S

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
IN_VAIN_S = 0.5
"""How long to wait for what is known not to come."""
ELSEWHERE = "https://elsewhere.example/"
SPINNER = """<!doctype html><style>@keyframes turn { to { transform: rotate(1turn) } }
p { width: 40px; height: 40px; border: 3px solid; animation: turn 1s linear infinite }</style><p>"""
SLOW = "https://meet.google.com/slo-wbut-yes"
SLOW_S = load_scenario("slow").answers_after_s
LATER_S = 20.0
"""Between two looks: longer than any row of evidence takes to settle."""
on_every_client = pytest.mark.parametrize("platform", list(Platform))


class Server:
    """Answers under every name, as it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.asked = asyncio.Event()
        self.silent = False
        self.over = asyncio.Event()
        self.answered_after_s: float | None = None

    async def answer(self, request: web.Request) -> web.Response:
        """The one answer there is now."""
        if request.path == urlsplit(SLOW).path:
            return await self._late()
        self.asked.set()
        if self.silent:
            await self.over.wait()
        if self.status == web.HTTPFound.status_code and request.host != urlsplit(ELSEWHERE).netloc:
            raise web.HTTPFound(ELSEWHERE)
        status = 200 if self.status == web.HTTPFound.status_code else self.status
        return web.Response(status=status, text=SPINNER, content_type="text/html")

    async def _late(self) -> web.Response:
        """The form before the ask, after as long as the slow scenario takes."""
        clock = asyncio.get_running_loop().time
        began_s = clock()
        await asyncio.sleep(SLOW_S)
        self.answered_after_s = clock() - began_s
        return web.Response(text=meet.screen(meet.prejoin()), content_type="text/html")


@dataclass
class Place:
    """Pages that find every host at one server; the `wary` one takes no certificate of its own."""

    server: Server
    page: Page
    wary: Page
    slow: WebClient
    opening: "asyncio.Task[None]"

    def client(self, platform: Platform, *, wary: bool = False) -> WebClient:
        """The platform's client of one meeting, before a server that answers as it should."""
        self.server.status, self.server.silent = 200, False
        self.server.asked.clear()
        url = parse_meeting_url(ADDRESSES[platform])
        return WebClient(self.wary if wary else self.page, url, adapter_of(platform))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[Place]:
    """A TLS server on loopback, and a browser that is led there by name."""
    server = Server()
    app = web.Application()
    app.add_routes([web.get("/{path:.*}", server.answer)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=make_identity().context)
        await site.start()
        port = runner.addresses[0][1]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM,
                headless=False,
                args=[
                    "--headless=new",
                    "--no-sandbox",
                    f"--host-resolver-rules=MAP * 127.0.0.1:{port}",
                ],
            )
            contexts = [await browser.new_context(ignore_https_errors=yes) for yes in (True, False)]
            page, wary = [await each.new_page() for each in contexts]
            slow = WebClient(await contexts[0].new_page(), parse_meeting_url(SLOW), MEET)
            opening = asyncio.create_task(slow.open(LIMIT_S))  # while the other tests are run
            yield Place(server, page, wary, slow, opening)
            await browser.close()
    finally:
        server.over.set()
        await runner.cleanup()


async def unreachable(client: WebClient, timeout_s: float = LIMIT_S) -> PageUnreachable:
    """What opening the meeting raises; a bot that has not asked yet cannot join for it."""
    with pytest.raises(PageUnreachable) as error:
        await client.open(timeout_s)
    found = outcome_of_error(error.value, Phase.BEFORE_ASK)
    assert (found.reason, found.row) == (
        EndReason.CANNOT_JOIN_MEETING,
        "error/PageUnreachable",
    )
    return error.value


@on_every_client
async def test_page_that_never_loads(place: Place, platform: Platform) -> None:
    """A server that takes the request and never answers is given up in time."""
    client = place.client(platform)
    place.server.silent = True
    for limit_s in (IN_VAIN_S, 20 * IN_VAIN_S, LIMIT_S):  # a busy browser asks later
        page = await place.page.context.new_page()
        client.move_to(page)
        problem = await unreachable(client, limit_s)
        await page.close()
        assert (problem.reason, problem.retryable) == (f"no answer within {limit_s:g} s", True)
        if place.server.asked.is_set():
            break
    assert place.server.asked.is_set()


@on_every_client
async def test_server_s_fault(place: Place, platform: Platform) -> None:
    """A 5xx in place of the page is worth another try, a 4xx is not."""
    client = place.client(platform)
    for status, retryable in ((503, True), (404, False)):
        place.server.status = status
        problem = await unreachable(client)
        assert (problem.http_status, problem.retryable) == (status, retryable)


@on_every_client
async def test_certificate(place: Place, platform: Platform) -> None:
    """A certificate nobody vouches for is refused, in the browser's words."""
    problem = await unreachable(place.client(platform, wary=True))
    assert problem.reason == "net::ERR_CERT_AUTHORITY_INVALID"


@on_every_client
async def test_redirect_to_another_host(place: Place, platform: Platform) -> None:
    """A page that turns out to be somebody else's is a wall, after more than one look."""
    client = place.client(platform)
    place.server.status = web.HTTPFound.status_code
    await client.open(LIMIT_S)
    first = await client.look(0.0)
    assert place.page.url.startswith(ELSEWHERE)
    assert first.finding.state is PageState.UNKNOWN
    finding = (await client.look(LATER_S)).finding
    found = outcome_of_finding(finding, Phase.BEFORE_ASK)
    assert found is not None
    assert (found.reason, found.row) == (EndReason.CANNOT_JOIN_MEETING, f"{platform}/other-host")


@on_every_client
async def test_endless_spinner(place: Place, platform: Platform) -> None:
    """A page that never shows anything known is waited for until the load deadline, no longer."""
    client = place.client(platform)
    await client.open(LIMIT_S)
    watch = Watch(TimeoutConfig(), deadlines=Deadlines(load_s=60))
    ends: list[EndReason | None] = []
    for now_s in (0.0, 59.0, 60.0):
        state = (await client.look(now_s)).finding.state
        assert state is PageState.UNKNOWN
        verdict = watch.feed(now_s, Look(Status.JOINING_CALL, state))
        ends.append(verdict.reason if verdict else None)
    assert ends == [None, None, EndReason.CANNOT_JOIN_MEETING]


@pytest_asyncio.fixture(loop_scope="module")
async def page(place: Place) -> AsyncIterator[Page]:
    """A page whose network may fail, and that no client has confined."""
    page = await place.page.context.new_page()
    yield page
    await page.close()


async def test_network_fails(page: Page) -> None:
    """A connection that cannot be made is told in the browser's words, without the address."""
    await page.route("**/*", lambda route: route.abort("namenotresolved"))
    with pytest.raises(PageUnreachable, match="net::ERR_NAME_NOT_RESOLVED") as error:
        await load(page, ADDRESSES[Platform.GOOGLE_MEET], LIMIT_S)
    assert error.value.retryable
    assert "abc-defg-hij" not in str(error.value)


async def test_a_network_change_is_survived(page: Page) -> None:
    """A load that the network interrupts is begun again, within the same time."""
    tries: list[str] = []

    async def second_time(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            await route.abort("connectionreset")
        else:
            await route.fulfill(content_type="text/html", body=SPINNER)

    await page.route("**/*", second_time)
    await load(page, ADDRESSES[Platform.GOOGLE_MEET], LIMIT_S)
    assert len(tries) == 2


async def test_page_that_takes_ten_seconds(place: Place) -> None:
    """A server that thinks for ten seconds is waited for; then its page is what it is."""
    await place.opening
    assert (await place.slow.look(0.0)).finding.state is PageState.PREJOIN
    assert SLOW_S == 10
    assert place.server.answered_after_s is not None
    assert place.server.answered_after_s >= SLOW_S

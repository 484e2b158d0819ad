"""Identity and proxy: read, used by a real browser, and shown to nobody."""

import asyncio
import json
from pathlib import Path

import pytest

from platforms.access import Access, parse_proxy
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from tests.platforms.sessions import stored_session
from tests.platforms.test_browser import FILES, ORIGIN

SESSION = "s3ss10n-value"
STATE = stored_session(SESSION, {"account": "ada"})


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://proxy.example:3128", {"server": "http://proxy.example:3128"}),
        ("socks5://[::1]:1080", {"server": "socks5://[::1]:1080"}),
        (
            "https://a%40b:p%3Aw@proxy.example:8443/",
            {"server": "https://proxy.example:8443", "username": "a@b", "password": "p:w"},
        ),
    ],
)
def test_proxies(text: str, proxy: dict[str, str]) -> None:
    """Credentials are taken out of the address and decoded."""
    assert parse_proxy(text) == proxy


@pytest.mark.parametrize(
    "text",
    ["", "proxy:3128", "ftp://p:1", "http://p:port", "http://p/path", "socks5://u:s3cret@p:1080"],
)
def test_what_is_no_proxy(text: str) -> None:
    """It is refused in words that do not repeat it."""
    with pytest.raises(ValueError, match="must") as error:
        parse_proxy(text)
    assert "s3cret" not in str(error.value)


def test_nothing_of_it_is_shown() -> None:
    """Neither the file nor the proxy's password is in its representation."""
    access = Access(Path("/x/state.json"), parse_proxy("http://u:s3cret@proxy.example:1"))
    assert repr(access) == "Access()"


async def _proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A proxy that asks who is there, and answers every request itself with what it was told."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        told = b"proxy-authorization: basic" in head.lower()
        asked = b"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
        body = b"<title>through</title>"
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
        writer.write(answer % len(body) + body if told else asked)
        await writer.drain()


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_browser_comes_as_somebody_through_a_proxy(tmp_path: Path) -> None:
    """The meeting's page has the file's cookies and storage; the proxy gets its credentials."""
    state = tmp_path / "state.json"
    state.write_text(json.dumps(STATE))
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        access = Access(state, parse_proxy(f"http://ada:pw@127.0.0.1:{port}"))
        browser = MeetingBrowser(
            BrowserSettings(access=access),
            recorder_origin=ORIGIN,
            recorder_files=FILES,
            required=("h264",),
        )
        async with browser, asyncio.timeout(60):
            page = browser.page
            await page.goto("http://meeting.example/")
            assert await page.title() == "through"
            await page.route("https://meet.google.com/**", lambda route: route.fulfill(body="x"))
            await page.goto("https://meet.google.com/abc-defg-hij")
            kept = await page.evaluate("() => [document.cookie, localStorage.getItem('account')]")
            assert kept == [f"SID={SESSION}", "ada"]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await _proxy(reader, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()

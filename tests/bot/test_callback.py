import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
import structlog
from aiohttp import web

from bot import callback
from bot.callback import CallbackResult, CallbackTarget, send_callback
from tests.bot.certificates import self_signed

SECRET = "hunter2"
PAYLOAD = {
    "event": "bot.completed",
    "bot_id": "b",
    "run_id": "r",
    "seq": 9,
    "sent_at": "now",
    "data": {"video": "https://s3/x", "name": "Zoë"},
    "extra": {"ticket": 7},
}


@dataclass
class Receiver:
    """A customer's server: answers with `statuses` in turn, then 200, and keeps what came."""

    statuses: list[int] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    endless_body: bool = False
    url: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Keep the request, answer it."""
        body = await request.read()
        self.requests.append((request.method, request.path, dict(request.headers), body))
        status = self.statuses.pop(0) if self.statuses else 200
        if not self.endless_body:
            return web.Response(status=status, headers=self.headers)
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)


@asynccontextmanager
async def serving(receiver: Receiver, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The receiver on loopback; yields its base URL."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    scheme = "http" if context is None else "https"
    try:
        yield f"{scheme}://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@dataclass
class Naps:
    """Stands in for waiting: keeps how long it would have been."""

    taken: list[float] = field(default_factory=list)

    async def sleep(self, delay_s: float) -> None:
        """Not really."""
        self.taken.append(delay_s)


async def deliver(
    url: str,
    naps: Naps | None = None,
    method: Literal["POST", "PUT"] = "POST",
    secret: str | None = SECRET,
) -> CallbackResult:
    """One callback to an address on this machine."""
    target = CallbackTarget(url, method, secret)
    return await send_callback(target, PAYLOAD, allow_private=True, sleep=(naps or Naps()).sleep)


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_request_is_the_contracts(method: Literal["POST", "PUT"]) -> None:
    """One request: the method asked for, exactly event, data and extra, and the secret's header."""
    receiver = Receiver()
    async with serving(receiver) as base:
        result = await deliver(f"{base}/hook?k=v", method=method)
    assert result == CallbackResult(delivered=True, status=200, tries=1)
    ((seen_method, path, headers, body),) = receiver.requests
    assert (seen_method, path) == (method, "/hook")
    assert json.loads(body) == {key: PAYLOAD[key] for key in ("event", "data", "extra")}
    assert headers["x-mb-secret"] == SECRET
    assert headers["Content-Type"] == "application/json"


async def test_no_secret_no_header() -> None:
    """Without a secret the header is absent, not empty."""
    receiver = Receiver()
    async with serving(receiver) as base:
        await deliver(base, secret=None)
    assert "x-mb-secret" not in receiver.requests[0][2]


async def test_server_errors_are_tried_again() -> None:
    """5xx is tried again after 1 and 5 s, and what then succeeds counts."""
    receiver, naps = Receiver([500, 503]), Naps()
    async with serving(receiver) as base:
        result = await deliver(base, naps)
    assert result == CallbackResult(delivered=True, status=200, tries=3)
    assert naps.taken == [1, 5]


async def test_four_tries_and_no_more() -> None:
    """After 1, 5 and 15 s the fourth 5xx is the last word."""
    receiver, naps = Receiver([502] * 9), Naps()
    async with serving(receiver) as base:
        result = await deliver(base, naps)
    assert result == CallbackResult(delivered=False, status=502, tries=4, problem="answered 502")
    assert naps.taken == [1, 5, 15]
    assert len(receiver.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429])
async def test_client_errors_are_final(status: int) -> None:
    """A 4xx is not tried again."""
    receiver, naps = Receiver([status]), Naps()
    async with serving(receiver) as base:
        result = await deliver(base, naps)
    assert (result.delivered, result.status, result.tries) == (False, status, 1)
    assert naps.taken == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    """A redirect is an answer, not an address."""
    receiver = Receiver([status])
    async with serving(receiver) as base:
        receiver.headers = {"location": f"{base}/elsewhere"}
        result = await deliver(f"{base}/hook")
    assert (result.delivered, result.status) == (False, status)
    assert [path for _, path, _, _ in receiver.requests] == ["/hook"]


async def test_network_errors_are_tried_again(unused_tcp_port: int) -> None:
    """A refused connection is tried four times and named."""
    naps = Naps()
    result = await deliver(f"http://127.0.0.1:{unused_tcp_port}/", naps)
    assert (result.delivered, result.status, result.tries) == (False, None, 4)
    assert result.problem == "network: ConnectError"
    assert naps.taken == [1, 5, 15]


async def test_answer_body_is_never_read() -> None:
    """An endless answer delays nothing: its status is all that counts."""
    receiver = Receiver(endless_body=True)
    async with serving(receiver) as base:
        result = await deliver(base)
    assert result.delivered


async def test_silent_server_costs_one_timeout_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that never finishes its answer is given up after the time of one try."""
    monkeypatch.setattr(callback, "TRY_TIMEOUT_S", 0.2)

    finished, begun = asyncio.Semaphore(0), 0

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal begun
        begun += 1
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await reader.read(65_536)
                writer.write(b"H")
        writer.close()
        finished.release()

    async with await asyncio.start_server(trickle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        result = await deliver(f"http://127.0.0.1:{port}/")
        for _ in range(begun):
            await finished.acquire()
    assert (result.delivered, result.status, result.tries) == (False, None, 4)


async def test_inside_addresses_are_refused_without_a_request() -> None:
    """By default a callback reaches no address of this machine, and is not tried again."""
    receiver, naps = Receiver(), Naps()
    async with serving(receiver) as base:
        result = await send_callback(CallbackTarget(base), PAYLOAD, sleep=naps.sleep)
    assert result == CallbackResult(
        delivered=False, status=None, tries=1, problem="address refused: loopback"
    )
    assert receiver.requests == []
    assert naps.taken == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "http://",
        "http://[::1/",
        "http://exa mple.com:x/",
    ],
)
async def test_what_is_no_url_never_raises(url: str) -> None:
    """A URL of which no request can be made is a result, not an exception."""
    result = await deliver(url)
    assert not result.delivered
    assert result.problem


@pytest.mark.parametrize("secret", ["line\r\nbreak: injected", "nul\0", "\u2603"])
async def test_secret_that_fits_no_header_sends_nothing(secret: str) -> None:
    """A secret cannot add headers of its own; one that is no header is a result after one try."""
    receiver = Receiver()
    async with serving(receiver) as base:
        result = await deliver(base, secret=secret)
    assert (result.delivered, result.tries) == (False, 1)
    assert receiver.requests == []


async def test_tls_is_checked_against_the_urls_name(tmp_path: Path) -> None:
    """The certificate must be the host's, though the connection goes to a numeric address."""
    server_context, trust = self_signed(tmp_path, "localhost")
    other_context, other_trust = self_signed(tmp_path, "other.example")
    receiver, target_of = Receiver(), CallbackTarget
    async with serving(receiver, server_context) as base:
        good = await send_callback(
            target_of(base), PAYLOAD, allow_private=True, sleep=Naps().sleep, ssl_context=trust
        )
    async with serving(receiver, other_context) as base:
        bad = await send_callback(
            target_of(base), PAYLOAD, allow_private=True, sleep=Naps().sleep,
            ssl_context=other_trust,
        )  # fmt: skip
    assert good.delivered
    assert (bad.delivered, bad.status, bad.problem) == (False, None, "network: ConnectError")
    assert len(receiver.requests) == 1


async def test_neither_url_nor_secret_is_logged_or_shown() -> None:
    """Logs name the host; the target's repr and the result name no secret."""
    receiver = Receiver([500])
    with structlog.testing.capture_logs() as captured:
        async with serving(receiver) as base:
            result = await deliver(f"{base}/hook/PLANTED?token=PLANTED", secret="PLANTED")
    target = CallbackTarget("http://x/PLANTED", "POST", "PLANTED")
    assert "PLANTED" not in f"{captured}{result}{target}"
    assert [line["status"] for line in captured if line["event"] == "callback_tried"] == [500, 200]
    assert captured[0]["host"] == "localhost"

"""The callback: one HTTP request that tells the job's author how the bot ended."""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx
import structlog

import bot
from bot.egress import AddressRefusedError, GuardedTransport
from bot.job import CallbackConfig
from bot.links import presented
from bot.report import CallbackReport
from bot.settings import Settings
from media.types import Storage

log = structlog.get_logger(__name__)

RETRY_DELAYS_S = (1.0, 5.0, 15.0)
TRY_TIMEOUT_S = 30.0
SECRET_HEADER = "x-mb-secret"  # noqa: S105 - the header's name, not its value

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CallbackTarget:
    """Where a callback goes. The URL may carry secrets: only its host is ever logged."""

    url: str = field(repr=False)
    method: Literal["POST", "PUT"] = "POST"
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CallbackResult:
    """How it went. `problem` is None exactly when `delivered`; it names no URL and no secret.

    `status` is that of the last answer, None where none came; `tries` counts requests begun.
    """

    delivered: bool
    status: int | None
    tries: int
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int | None
    problem: str | None
    retry: bool


async def send_callback(
    target: CallbackTarget,
    payload: Mapping[str, object],
    *,
    allow_private: bool = False,
    sleep: Sleep = asyncio.sleep,
    ssl_context: ssl.SSLContext | None = None,
) -> CallbackResult:
    """Deliver `event`, `data` and `extra` of a terminal event, and nothing else of it.

    Four tries of at most 30 s on network errors and 5xx; any other answer is final. Redirects are
    not followed and the answer's body is not read. Never raises for what the destination does.
    """
    body = json.dumps(
        {key: payload.get(key) for key in ("event", "data", "extra")}, ensure_ascii=False
    ).encode()
    host = _host(target.url)
    answer, tries = _Answer(None, None, retry=True), 0
    async with _client(allow_private=allow_private, ssl_context=ssl_context) as client:
        for delay_s in (0.0, *RETRY_DELAYS_S):
            if delay_s:
                await sleep(delay_s)
            tries += 1
            answer = await _try_once(client, target, body)
            log.info(
                "callback_tried",
                host=host,
                tries=tries,
                status=answer.status,
                problem=answer.problem,
            )
            if not answer.retry:
                break
    return CallbackResult(answer.problem is None, answer.status, tries, answer.problem)


async def call_back(
    config: CallbackConfig,
    body: Mapping[str, Any],
    storage: Storage,
    settings: Settings,
    *,
    ssl_context: ssl.SSLContext | None = None,
) -> CallbackReport:
    """Tell of a terminal event, its stored body with fresh URLs in place of keys."""
    secret = config.secret.get_secret_value() if config.secret else None
    data = await asyncio.to_thread(presented, storage, body["data"], settings.url_lifetime_s)
    result = await send_callback(
        CallbackTarget(str(config.url), config.method, secret),
        {**body, "data": data},
        allow_private=settings.callback_allow_private,
        ssl_context=ssl_context,
    )
    return CallbackReport(
        delivered=result.delivered,
        status=result.status,
        tries=result.tries,
        problem=result.problem,
    )


def _client(*, allow_private: bool, ssl_context: ssl.SSLContext | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=GuardedTransport(allow_private=allow_private, ssl_context=ssl_context),
        timeout=TRY_TIMEOUT_S,
        follow_redirects=False,
        trust_env=False,
    )


async def _try_once(client: httpx.AsyncClient, target: CallbackTarget, body: bytes) -> _Answer:
    try:
        request = client.build_request(
            target.method, target.url, content=body, headers=_headers(target)
        )
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        return _Answer(None, f"not a request: {type(error).__name__}", retry=False)
    try:
        async with asyncio.timeout(TRY_TIMEOUT_S):
            response = await client.send(request, stream=True)
            await response.aclose()
    except TimeoutError:
        return _Answer(None, f"no answer within {TRY_TIMEOUT_S:g} s", retry=True)
    except AddressRefusedError as error:
        return _Answer(None, f"address refused: {error.reason}", retry=False)
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        return _Answer(None, f"not a request: {type(error).__name__}", retry=False)
    except (httpx.TransportError, OSError) as error:
        return _Answer(None, f"network: {error or type(error).__name__}", retry=True)
    return _judge(response.status_code)


def _judge(status: int) -> _Answer:
    if httpx.codes.is_success(status):
        return _Answer(status, None, retry=False)
    return _Answer(status, f"answered {status}", retry=httpx.codes.is_server_error(status))


def _headers(target: CallbackTarget) -> dict[str, str]:
    headers = {
        "content-type": "application/json",
        "user-agent": f"meetbot/{bot.__version__}",
        "accept-encoding": "identity",
    }
    if target.secret is not None:
        headers[SECRET_HEADER] = target.secret
    return headers


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

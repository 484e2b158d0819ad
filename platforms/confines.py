"""Where a browser in a meeting may not get: addresses of the machine's own network, other sites.

Addresses are judged by Chromium itself, for all it connects to: documents, scripts, sockets,
redirects, service workers. Names are resolved and judged by a proxy script, which sends what is
forbidden to a proxy that is none; numeric link-local addresses, which Chromium keeps from proxy
scripts (`net/docs/proxy.md`, implicit bypass rules), do not resolve. Behind a proxy of the user's
only the latter holds: there the proxy sees the addresses, and is the one to judge them.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import structlog
from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from platforms.errors import PageLost

log = structlog.get_logger(__name__)

RESOLVER: Final = "--host-resolver-rules="
FORBIDDEN: Final = (
    "169.254.0.0/16",
    "fe80::/10",
    # metadata that is not link-local: AWS, Google, Oracle, Azure's WireServer, Alibaba, Oracle
    *("fd00:ec2::254/128", "fd20:ce::254/128", "fd00:c1::a9fe:a9fe/128"),
    *("168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32"),
    # the same, mapped into IPv6 and behind NAT64's well-known prefix
    *("::ffff:169.254.0.0/112", "64:ff9b::169.254.0.0/112"),
    *("::ffff:168.63.129.16/128", "64:ff9b::168.63.129.16/128"),
    *("::ffff:100.100.100.200/128", "64:ff9b::100.100.100.200/128"),
    *("::ffff:192.0.0.192/128", "64:ff9b::192.0.0.192/128"),
)
UNRESOLVED: Final = ("169.254.*", "::ffff:a9fe:*", "fe80:*")
NOT_FOLLOWED: Final = b"<!doctype html><title>Not followed</title>"
_SCRIPT: Final = """\
function FindProxyForURL(url, host) {
  var found = (dnsResolveEx(host) || "").split(";"), forbidden = %s;
  for (var i = 0; i < found.length; i++)
    for (var j = 0; j < forbidden.length; j++)
      if (isInNetEx(found[i], forbidden[j])) return "PROXY 127.0.0.1:1";
  return "DIRECT";
}
"""

DOCUMENTS: Final = {"urlPattern": "*", "resourceType": "Document", "requestStage": "Request"}
CONFINE_LIMIT_S: Final = 10.0

MayShow = Callable[[str], bool]
"""Whether the meeting page may go to a host."""

_guards: "WeakKeyDictionary[Page, _Guard]" = WeakKeyDictionary()


def confined(args: Sequence[str], *, proxied: bool) -> list[str]:
    """Launch flags, with those that keep the browser from `FORBIDDEN` addresses.

    Chromium takes the last of several resolver rules: those in `args` become part of one, first.
    """
    rules = [word.removeprefix(RESOLVER) for word in args if word.startswith(RESOLVER)]
    rules += [f"MAP {pattern} ~NOTFOUND" for pattern in UNRESOLVED]
    flags = [word for word in args if not word.startswith(RESOLVER)]
    flags.append(RESOLVER + ",".join(rules))
    if not proxied:
        script = base64.b64encode((_SCRIPT % json.dumps(FORBIDDEN)).encode()).decode()
        flags.append(f"--proxy-pac-url=data:application/x-ns-proxy-autoconfig;base64,{script}")
    return flags


def is_within(host: str, domains: Sequence[str]) -> bool:
    """Whether a host is one of these domains or below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


async def confine(page: Page, may_show: MayShow) -> None:
    """Keep a page where it may be: of another site an empty document is shown in its place.

    So the address is still that site's, which is evidence. Windows that it opens are closed.
    Nothing but its own document is intercepted. The last rule given to a page holds. Raises
    `PageLost` where the browser does not answer; a page that was closed is left alone.
    """
    if (guard := _guards.get(page)) is not None:
        guard.may_show = may_show
        return
    try:
        async with asyncio.timeout(CONFINE_LIMIT_S):
            session = await page.context.new_cdp_session(page)
            about = await session.send("Target.getTargetInfo")  # answered for a busy page too
            guard = _Guard(session, about["targetInfo"]["targetId"], may_show)
            session.on("Fetch.requestPaused", guard.on_paused)
            await session.send("Fetch.enable", {"patterns": [DOCUMENTS]})
    except TimeoutError as error:
        raise PageLost("confining the page") from error
    except PlaywrightError as error:
        log.info("page_not_confined", problem=type(error).__name__)
    else:
        page.on("popup", guard.on_popup)
        _guards[page] = guard


class _Guard:
    """`frame_id` is the page's own frame's, which is its target's too."""

    def __init__(self, session: CDPSession, frame_id: str, may_show: MayShow) -> None:
        self._session = session
        self._frame_id = frame_id
        self.may_show = may_show
        self._tasks: set[asyncio.Task[None]] = set()

    def on_paused(self, paused: Mapping[str, Any]) -> None:
        self._begin(self._answer(paused))

    def on_popup(self, popup: Page) -> None:
        log.info("window_closed", host=_host_of(popup.url))
        self._begin(_close(popup))

    def _begin(self, work: Any) -> None:  # noqa: ANN401 - a coroutine
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, paused: Mapping[str, Any]) -> None:
        request = {"requestId": paused["requestId"]}
        host = _host_of(paused["request"]["url"])
        with suppress(PlaywrightError):  # the page went on or died meanwhile
            if paused["frameId"] != self._frame_id or self.may_show(host):
                await self._session.send("Fetch.continueRequest", request)
                return
            log.warning("navigation_not_followed", host=host)
            answer = {
                "responseCode": 200,
                "responseHeaders": [{"name": "content-type", "value": "text/html"}],
                "body": base64.b64encode(NOT_FOLLOWED).decode(),
            }
            await self._session.send("Fetch.fulfillRequest", {**request, **answer})


async def _close(page: Page) -> None:
    with suppress(PlaywrightError):
        await page.close()


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "")[:255]
    except ValueError:
        return ""

"""What sound the meeting page receives, by its own WebRTC statistics: a second ear.

Read from outside: nothing is put into the page, and what is read is what `chrome://webrtc-internals`
shows. Seen on Chromium 156: finding the connections takes a garbage collection of the page (5-50 ms
as a rule, 1.3 s on an overloaded machine), their statistics some milliseconds.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

log = structlog.get_logger(__name__)

ANSWER_DEADLINE_S: Final = 3.0
FIND_EVERY_S: Final = 30.0
"""A client makes a new connection when it has lost one; most never do."""
GROUP: Final = "meetbot-receivers"

_PROTOTYPE: Final = "globalThis.RTCPeerConnection?.prototype"
_ENERGIES: Final = """async function () {
  const energies = {};
  for (const connection of this) {
    if (connection.connectionState === "closed") continue;
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type !== "inbound-rtp" || entry.kind !== "audio") continue;
      if (entry.totalAudioEnergy !== undefined) energies[entry.id] = entry.totalAudioEnergy;
    }
  }
  return energies;
}"""


@dataclass(slots=True)
class _Windows:
    """A debugger's session with a page: its windows, and the lists of connections found in them."""

    page: Page
    session: CDPSession
    contexts: dict[int, bool]
    """The windows by the id of their script context; whether it is the page's own, not ours."""
    lists: tuple[str, ...] = ()
    found_at_s: float = float("-inf")


class Receivers:
    """Reads the audio receivers of the page that `page` names at the time.

    Its frames count too, but for those that the browser runs as processes of their own.
    """

    def __init__(self, page: Callable[[], Page]) -> None:
        self._page = page
        self._windows: _Windows | None = None

    async def energies(self) -> Mapping[str, float] | None:
        """Energy of the sound received so far, by receiver; None when the page does not tell.

        The sum over samples of (level squared times seconds), 1.0 being full scale (W3C
        `totalAudioEnergy`): it rises while there is sound and stands still while there is none.
        None also where the client receives no sound over RTP (Zoom's decodes in the page). Takes
        seconds at most, and never raises for what a page does.
        """
        try:
            async with asyncio.timeout(ANSWER_DEADLINE_S):
                return await self._energies()
        except (PlaywrightError, TimeoutError) as error:  # navigated, crashed, or busy
            log.debug("receivers_unread", problem=type(error).__name__)
            await self._let_go()
            return None

    async def _energies(self) -> Mapping[str, float] | None:
        page = self._page()
        if self._windows is not None and self._windows.page is not page:
            await self._let_go()
        windows = self._windows = self._windows or await _opened(page)
        if time.monotonic() - windows.found_at_s >= FIND_EVERY_S:
            await _find(windows)
        energies: dict[str, float] = {}
        for index, object_id in enumerate(windows.lists):
            wanted = {"functionDeclaration": _ENERGIES, "objectId": object_id}
            waits = {"awaitPromise": True, "returnByValue": True}
            answer = await windows.session.send("Runtime.callFunctionOn", wanted | waits)
            value = answer["result"].get("value") or {}
            energies |= {f"{index}/{name}": float(each) for name, each in value.items()}
        return energies or None

    async def _let_go(self) -> None:
        windows, self._windows = self._windows, None
        if windows is not None:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(ANSWER_DEADLINE_S):
                    await windows.session.detach()


async def _opened(page: Page) -> _Windows:
    windows = _Windows(page, await page.context.new_cdp_session(page), {})
    contexts = windows.contexts

    def created(event: Mapping[str, Any]) -> None:
        context = event["context"]
        contexts[context["id"]] = bool(context["auxData"]["isDefault"])

    def destroyed(event: Mapping[str, Any]) -> None:
        contexts.pop(event["executionContextId"], None)

    windows.session.on("Runtime.executionContextCreated", created)
    windows.session.on("Runtime.executionContextDestroyed", destroyed)
    windows.session.on("Runtime.executionContextsCleared", lambda _: contexts.clear())
    await windows.session.send("Runtime.enable")
    return windows


async def _find(windows: _Windows) -> None:
    """List the connections of each window; a list has to be asked for in its window's context."""
    send = windows.session.send
    await send("Runtime.releaseObjectGroup", {"objectGroup": GROUP})
    lists = []
    for context in [each for each, is_own in windows.contexts.items() if is_own]:
        wanted = {"expression": _PROTOTYPE, "contextId": context, "objectGroup": GROUP}
        prototype = (await send("Runtime.evaluate", wanted))["result"].get("objectId")
        if prototype is not None:
            wanted = {"prototypeObjectId": prototype, "objectGroup": GROUP}
            lists.append((await send("Runtime.queryObjects", wanted))["objects"]["objectId"])
    windows.lists, windows.found_at_s = tuple(lists), time.monotonic()

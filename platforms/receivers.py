"""What the meeting page receives: a second ear, beside what is captured of it, and its lip sync.

Read from outside. First the WebRTC statistics, which are what `chrome://webrtc-internals` shows;
where a client receives no sound over RTP (Zoom decodes it in the page), the streams that its media
elements play, listened to from a world apart from the page's scripts.
"""

import asyncio
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from platforms.page_objects import Apart, PageObjects

log = structlog.get_logger(__name__)

ANSWER_DEADLINE_S: Final = 3.0
FIND_EVERY_S: Final = 30.0
"""A client makes a new connection when it has lost one; most never do."""
FIND_SELDOM_S: Final = 300.0
"""For what is asked all the time: finding costs the page a garbage collection."""
ONE_CLOCK_MS: Final = 2000.0
"""What is farther apart was not sent by one clock, or is no meeting."""

_CONNECTIONS: Final = "globalThis.RTCPeerConnection?.prototype"
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
_PLAYOUTS: Final = """async function () {
  const told = [];
  for (const connection of this) {
    if (connection.connectionState === "closed") continue;
    const playouts = { audio: [], video: [] };
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type !== "inbound-rtp" || !entry.estimatedPlayoutTimestamp) continue;
      // of what does not come any more the time runs on all the same
      if (!(entry.timestamp - entry.lastPacketReceivedTimestamp < 1000)) continue;
      playouts[entry.kind].push(entry.estimatedPlayoutTimestamp);
    }
    told.push(playouts);
  }
  return told;
}"""
_ELEMENTS: Final = "globalThis.HTMLMediaElement?.prototype"
_MEANS: Final = """async function (...elements) {
  const plays = (element) =>
    element.srcObject instanceof MediaStream &&
    element.srcObject.getAudioTracks().some((track) => track.readyState === "live") &&
    !element.paused && !element.muted && element.volume > 0;
  const streams = new Set(elements.filter(plays).map((element) => element.srcObject));
  if (!streams.size) return [];
  globalThis.ear ??= { context: new AudioContext(), analysers: new WeakMap() };
  const { context, analysers } = globalThis.ear;
  for (const stream of streams) {
    if (analysers.has(stream)) continue;
    const analyser = new AnalyserNode(context, { fftSize: 8192 });
    const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
    source.connect(analyser);
    analysers.set(stream, { analyser, source });
  }
  await context.resume();
  // as long as an analyser holds: 8192 samples
  await new Promise((resolve) => setTimeout(resolve, 200));
  const mean = ({ analyser }) => {
    const samples = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(samples);
    return samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  };
  const means = [...streams].map((stream) => mean(analysers.get(stream)));
  await context.suspend();
  return means;
}"""


class Receivers:
    """Reads what the page that `page` names at the time receives.

    Its frames count too, but for those that the browser runs as processes of their own.
    """

    def __init__(self, page: Callable[[], Page]) -> None:
        self._page = page
        self._objects: PageObjects | None = None
        self._connections: tuple[str, ...] = ()
        self._elements: tuple[Apart, ...] = ()
        self._found_at_s = self._asked_at_s = float("-inf")
        self._heard: dict[str, float] = {}

    async def energies(self) -> Mapping[str, float] | None:
        """Energy of the sound received so far, by receiver; None when the page does not tell.

        The sum over samples of (level squared times seconds), 1.0 being full scale (W3C
        `totalAudioEnergy`): it rises while there is sound and stands still while there is none.
        Of media elements it is estimated from a fifth of a second at each call, so that nothing
        runs in between. Takes seconds at most, and never raises for what a page does.
        """
        try:
            async with asyncio.timeout(ANSWER_DEADLINE_S):
                objects = await self._refreshed(FIND_EVERY_S)
                received = await self._received(objects)
                return received or await self._played()
        except (PlaywrightError, TimeoutError) as error:  # navigated, crashed, or busy
            log.debug("receivers_unread", problem=type(error).__name__)
            await self._let_go()
            return None

    async def late_ms(self) -> float | None:
        """By how much later than its picture the page plays a sound; None where it does not tell.

        As `lateness_ms`. Takes seconds at most, and never raises for what a page does.
        """
        told: list[Mapping[str, Sequence[float]]] = []
        try:
            async with asyncio.timeout(ANSWER_DEADLINE_S):
                objects = await self._refreshed(FIND_SELDOM_S)
                for listed in self._connections:
                    told += await objects.ask(_PLAYOUTS, listed) or []
        except (PlaywrightError, TimeoutError) as error:
            log.debug("receivers_unread", problem=type(error).__name__)
            await self._let_go()
        return lateness_ms(told)

    async def _refreshed(self, every_s: float) -> PageObjects:
        """The session with the page of now, and what was found in it within so many seconds."""
        page = self._page()
        if self._objects is not None and self._objects.page is not page:
            await self._let_go()
        if self._objects is None:
            self._objects = await PageObjects.open(page)
        if time.monotonic() - self._found_at_s >= every_s:
            self._elements, self._heard = (), {}
            self._connections = tuple((await self._objects.find(_CONNECTIONS)).values())
            if not await self._received(self._objects):
                self._connections = ()
                found = await self._objects.find(_ELEMENTS)
                self._elements = tuple(
                    [await self._objects.nodes_apart(*each) for each in found.items()]
                )
            self._found_at_s = time.monotonic()
        return self._objects

    async def _received(self, objects: PageObjects) -> dict[str, float]:
        energies: dict[str, float] = {}
        for index, listed in enumerate(self._connections):
            value: dict[str, Any] = await objects.ask(_ENERGIES, listed) or {}
            energies |= {f"{index}/{name}": float(each) for name, each in value.items()}
        return energies

    async def _played(self) -> Mapping[str, float] | None:
        means: dict[str, float] = {}
        for index, elements in enumerate(self._elements):
            value: list[float] = await elements.ask(_MEANS) or []
            means |= {f"{index}/{number}": float(each) for number, each in enumerate(value)}
        asked_at_s, self._asked_at_s = self._asked_at_s, time.monotonic()
        if means.keys() != self._heard.keys():  # other streams: they begin at nothing
            self._heard = dict.fromkeys(means, 0.0)
        else:
            passed_s = self._asked_at_s - asked_at_s
            self._heard = {name: self._heard[name] + means[name] * passed_s for name in means}
        return dict(self._heard) or None

    async def _let_go(self) -> None:
        objects, self._objects = self._objects, None
        self._found_at_s = float("-inf")
        if objects is not None:
            await objects.close()


def lateness_ms(playouts: Sequence[Mapping[str, Sequence[float]]]) -> float | None:
    """The median of how much later than its picture a sound is played, None where nothing tells.

    `playouts` are, by connection and kind, the instants that are being played, in milliseconds of
    their senders' clock (W3C `estimatedPlayoutTimestamp`): known where senders report (RTCP) which
    instant a packet is of, in Chromium 150 only of sound and pictures of one `MediaStream`. A
    picture of a later instant than the sound's means that sound is late.
    """
    late_ms = [
        shown_ms - heard_ms
        for each in playouts
        for shown_ms in each["video"]
        for heard_ms in each["audio"]
        if abs(shown_ms - heard_ms) <= ONE_CLOCK_MS
    ]
    return statistics.median(late_ms) if late_ms else None

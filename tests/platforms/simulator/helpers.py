"""Selectors, scenarios and looks that the page tests share."""

from collections.abc import Callable

from playwright.async_api import Page

from platforms.simulator.state import MeetingState, Status

JOIN = "[jsname=Qx7uuf] button"
LEAVE = "[jsname=CQylAd]"
TILE = "[data-participant-id][data-tile-media-id]"
STILL = [{"name": "Ada", "picture": "still"}, {"name": "Grace", "picture": "still"}]
OPEN = {"open": True, "participants": STILL, "admission_gap_s": 0.1}
MOVING = {**OPEN, "participants": [{"name": "Ada"}, {"name": "Grace"}]}
"""Pictures cost a browser most: only who looks at them has some."""
LOBBY = {**OPEN, "open": False}

COUNT = """async (field, least) => {
  const reports = await Promise.all(connections.map((c) => c.getStats()));
  const streams = reports.flatMap((r) => [...r.values()]).filter((s) => s.type === "inbound-rtp");
  return streams.filter((s) => s[field] > least).length;
}"""
LISTEN = """() => {
  const context = new AudioContext({ sampleRate: 48000 });
  const analyser = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 });
  for (const receiver of connections[0].getReceivers()) {
    if (receiver.track.kind !== "audio") continue;
    context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser);
  }
  const bins = new Float32Array(analyser.frequencyBinCount);
  window.peakHz = () => {
    analyser.getFloatFrequencyData(bins);
    const top = bins.indexOf(Math.max(...bins));
    return bins[top] > -60 ? (top * 48000) / analyser.fftSize : 0;
  };
}"""


async def join(page: Page, name: str = "Notes") -> None:
    """Types the name and presses the join button."""
    await page.fill("input[type=text]", name)
    await page.click(JOIN)


def decoded(streams: int) -> str:
    """So many video streams have come to a second of pictures."""
    return f"async () => await ({COUNT})('framesDecoded', 30) === {streams}"


def loud(streams: int) -> str:
    """So many audio streams have been heard."""
    return f"async () => await ({COUNT})('totalAudioEnergy', 0.001) === {streams}"


def status_of(name: str, status: Status) -> Callable[[MeetingState], bool]:
    """A state in which the named person has the status."""

    def holds(state: MeetingState) -> bool:
        person = state.person(name)
        return person is not None and person.status is status

    return holds

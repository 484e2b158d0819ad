"""What a page receives is read from outside of it, in real Chromium with real WebRTC."""

import asyncio
from collections.abc import Mapping

import pytest
from playwright.async_api import Page

from platforms.receivers import Receivers, lateness_ms

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(120),
    pytest.mark.asyncio(loop_scope="session"),
]

CALL = """<script>
async function call(frequency, picture) {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency });
  const gate = new GainNode(context, { gain: frequency ? 0.5 : 0 });
  const out = new MediaStreamAudioDestinationNode(context);
  tone.connect(gate).connect(out);
  tone.start();
  const [near, far] = [new RTCPeerConnection(), new RTCPeerConnection()];
  near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate);
  far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate);
  far.ontrack = ({ track }) => {
    const audio = document.body.appendChild(document.createElement(track.kind));
    audio.srcObject = new MediaStream([track]);
    audio.play();
  };
  near.addTrack(out.stream.getAudioTracks()[0], out.stream);
  if (picture) near.addTrack(picture, out.stream);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
  return () => { near.close(); far.close(); };
}
</script><body></body>"""


async def until_told(receivers: Receivers) -> Mapping[str, float]:
    """The first energies there are, within 30 s."""
    async with asyncio.timeout(30):
        while True:
            energies = await receivers.energies()
            if energies is not None and len(energies) == 1:
                return energies
            receivers._found_at_s = float("-inf")  # it has no reason to look again so soon
            await asyncio.sleep(0.1)


async def until_more(receivers: Receivers, before: Mapping[str, float]) -> Mapping[str, float]:
    """Energies of the same receivers of which one has grown, within 30 s."""
    async with asyncio.timeout(30):
        while True:
            energies = await receivers.energies()
            if energies is not None and any(energies[name] > before[name] for name in before):
                return energies
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("where", ["", "document.querySelector('iframe').contentWindow."])
async def test_sound_raises_the_energy_of_its_receiver(page: Page, where: str) -> None:
    """Of the page itself and of a frame of its origin; the page's own objects stay as they are."""
    await page.set_content(f"{CALL}<iframe></iframe>")
    if where:
        await page.frames[1].set_content(CALL)
    receivers = Receivers(lambda: page)
    assert await receivers.energies() is None
    names = await page.evaluate("Object.getOwnPropertyNames(window).length")
    await page.evaluate(f"async () => {{ window.hangUp = await {where}call(440); }}")
    energies = await until_told(receivers)
    await until_more(receivers, energies)
    assert await page.evaluate("Object.getOwnPropertyNames(window).length") == names + 1


async def test_a_quiet_call_gains_nothing(page: Page) -> None:
    """A receiver of silence is there and stands still."""
    await page.set_content(CALL)
    await page.evaluate("async () => { window.hangUp = await call(0); }")
    receivers = Receivers(lambda: page)
    energies = await until_told(receivers)
    again = await receivers.energies()
    assert again is not None
    assert max(again.values()) - max(energies.values()) < 1e-6


async def test_what_is_gone_tells_nothing(page: Page) -> None:
    """After hanging up, after another page has come, and after the page is closed: None."""
    await page.set_content(CALL)
    await page.evaluate("async () => { window.hangUp = await call(440); }")
    receivers = Receivers(lambda: page)
    await until_told(receivers)
    await page.evaluate("hangUp()")
    assert await receivers.energies() is None
    await page.goto("about:blank")
    for _ in range(2):
        assert await receivers.energies() is None
    await page.close()
    assert await receivers.energies() is None


async def test_an_element_whose_call_is_over_tells_nothing(page: Page) -> None:
    """Found while the connection told nothing yet, it is still there after hanging up."""
    await page.set_content(CALL)
    await page.evaluate("async () => { window.hangUp = await call(440); }")
    receivers = Receivers(lambda: page)
    await until_told(receivers)
    receivers._connections = ()
    found = await receivers._objects.find("HTMLMediaElement.prototype")  # type: ignore[union-attr]
    receivers._elements = tuple(
        [await receivers._objects.nodes_apart(*each) for each in found.items()]  # type: ignore[union-attr]
    )
    assert await receivers.energies() is not None
    await page.evaluate("hangUp()")
    assert await receivers.energies() is None


async def test_the_page_that_is_there_now_is_read(page: Page) -> None:
    """A page that replaces a crashed one is asked instead of it."""
    now = page
    receivers = Receivers(lambda: now)
    assert await receivers.energies() is None
    now = await page.context.new_page()
    await now.set_content(CALL)
    await now.evaluate("async () => { window.hangUp = await call(440); }")
    assert await until_told(receivers)


PLAYER = """<script>
const Own = AudioContext;
let made = 0;
window.AudioContext = class extends Own {
  constructor(...options) { super(...options); made += 1; }
};
function play(level) {
  const context = new Own();
  const tone = new OscillatorNode(context, { frequency: 440 });
  const out = new MediaStreamAudioDestinationNode(context);
  tone.connect(new GainNode(context, { gain: level })).connect(out);
  tone.start();
  const audio = new Audio();
  audio.srcObject = out.stream;
  return audio.play().then(() => audio);
}
</script><body></body>"""


PAINTED = """async () => {
  const canvas = document.body.appendChild(document.createElement("canvas"));
  const pen = canvas.getContext("2d");
  setInterval(() => pen.fillText(performance.now(), 99 * Math.random(), 99), 40);
  window.hangUp = await call(440, canvas.captureStream().getVideoTracks()[0]);
}"""


async def test_a_call_with_pictures_tells_how_late_its_sound_is(page: Page) -> None:
    """Once its sender has reported the instants of both; after hanging up nothing is told."""
    await page.set_content(CALL)
    receivers = Receivers(lambda: page)
    assert await receivers.late_ms() is None
    await page.evaluate(PAINTED)
    await until_told(receivers)
    async with asyncio.timeout(60):
        while (late_ms := await receivers.late_ms()) is None:  # noqa: ASYNC110 - RTCP has no event
            await asyncio.sleep(0.1)
    assert -1500 < late_ms < 1500
    await page.evaluate("hangUp()")
    assert await receivers.late_ms() is None


@pytest.mark.parametrize(
    ("playouts", "late_ms"),
    [
        ([], None),
        ([{"audio": [], "video": [9e12]}], None),
        ([{"audio": [9e12], "video": [9e12 + 40, 9e12 + 60, 9e12 - 20]}], 40),
        ([{"audio": [9e12], "video": []}, {"audio": [], "video": [9e12]}], None),
        ([{"audio": [9e12, 1e12], "video": [9e12 - 30]}], -30),
        ([{"audio": [1e12], "video": [9e12]}], None),
    ],
)
async def test_lateness_is_of_one_clock(
    playouts: list[dict[str, list[float]]], late_ms: float | None
) -> None:
    """The median over the pairs of one connection; what lies seconds apart has two clocks."""
    assert lateness_ms(playouts) == late_ms


@pytest.mark.parametrize("where", ["", "document.querySelector('iframe').contentWindow."])
async def test_sound_decoded_in_the_page_is_heard_where_it_is_played(
    page: Page, where: str
) -> None:
    """By an element that is in no document; the page's scripts see nothing of the listening."""
    await page.set_content(f"{PLAYER}<iframe></iframe>")
    if where:
        await page.frames[1].set_content(PLAYER)
    await page.evaluate(f"async () => {{ window.kept = await {where}play(0.5); }}")
    receivers = Receivers(lambda: page)
    await until_more(receivers, await until_told(receivers))
    assert await page.frames[bool(where)].evaluate("[made, typeof ear]") == [0, "undefined"]


async def test_an_element_that_plays_silence_gains_nothing(page: Page) -> None:
    """It is there and stands still; one that is paused or muted is none."""
    await page.set_content(PLAYER)
    await page.evaluate("async () => { window.kept = await play(0); }")
    receivers = Receivers(lambda: page)
    before = await until_told(receivers)
    for _ in range(2):
        assert await receivers.energies() == before
    await page.evaluate("kept.muted = true")
    assert await receivers.energies() is None

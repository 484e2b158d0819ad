import asyncio

from platforms.simulator.clips import Clip
from platforms.simulator.tracks import AudioTrack, Feed, PageClock, VideoTrack

SILENCE = Clip((b"silence",), 50)


class FastClock(PageClock):
    """A clock that jumps to whatever it is asked to wait for."""

    def __init__(self, now_s: float) -> None:
        super().__init__()
        self._now_s = now_s

    def now_s(self) -> float:
        return self._now_s

    async def sleep_until(self, due_s: float) -> None:
        self._now_s = max(self._now_s, due_s)
        await asyncio.sleep(0)


async def test_video_starts_with_the_next_keyframe() -> None:
    """A late page begins at a whole second of the clock, where the clip has a keyframe."""
    clip = Clip(tuple(b"%d" % i for i in range(60)), 30)
    track = VideoTrack(clip, FastClock(4.4))
    packets = [await track.recv() for _ in range(31)]
    assert [bytes(p) for p in packets[:2]] == [b"30", b"31"]
    assert bytes(packets[30]) == b"0"
    assert [p.pts for p in packets] == list(range(150, 181))


async def test_a_new_spurt_starts_its_clip_from_the_beginning() -> None:
    """Silence, then a voice from its first packet, then the next spurt from its first."""
    clip = Clip((b"a", b"b", b"c"), 50)
    playing: list[Feed | None] = [None]
    track = AudioTrack(lambda: playing[0], SILENCE, FastClock(0.0))
    heard = [bytes(await track.recv())]
    playing[0] = Feed(("ada", 1), clip)
    heard += [bytes(await track.recv()) for _ in range(4)]
    playing[0] = Feed(("ada", 2), clip)
    heard.append(bytes(await track.recv()))
    assert heard == [b"silence", b"a", b"b", b"c", b"a", b"a"]


async def test_an_aligned_clip_keeps_to_the_clock() -> None:
    """The beep starts on whole seconds, whenever its channel was opened."""
    clip = Clip(tuple(b"%d" % i for i in range(50)), 50)
    track = AudioTrack(lambda: Feed(("flash", 1), clip, aligned=True), SILENCE, FastClock(2.5))
    assert bytes(await track.recv()) == b"25"

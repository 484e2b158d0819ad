"""What the encoder wrote, decoded again."""

import gc
import itertools
from io import BytesIO

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media.encoder import Encoder, EncoderSettings
from media.h264 import i420_planes
from media.sink import MuxerSink
from media.timeline import VIDEO_TICKS_HZ
from tests.media.flash import decode, loudest_hz

SMALL = EncoderSettings(width=320, height=180)
TONE_HZ = 440


def shaded(luma: int, width: int = 320, height: int = 180) -> NDArray[np.uint8]:
    """A plain grey I420 picture."""
    packed = np.full(width * height * 3 // 2, 128, np.uint8)
    packed[: width * height] = luma
    return packed


def patches(seed: int) -> NDArray[np.uint8]:
    """A picture unlike any other, of greys ten by ten: it costs an encoder less than noise does."""
    greys = np.random.default_rng(seed).integers(16, 235, (18, 32), np.uint8)
    packed = shaded(0)
    packed[: 320 * 180] = greys.repeat(10, axis=0).repeat(10, axis=1).ravel()
    return packed


def tone(start_s: float, seconds: float) -> NDArray[np.float32]:
    """A sine whose phase runs on from 0."""
    at = np.arange(round(start_s * 48_000), round((start_s + seconds) * 48_000))
    wave = (0.5 * np.sin(2 * np.pi * TONE_HZ * at / 48_000)).astype(np.float32)
    return np.stack([wave, wave])


class Recording:
    """An encoder writing into memory, fed in time order."""

    def __init__(self, settings: EncoderSettings = SMALL) -> None:
        self.mp4, self.mp3 = BytesIO(), BytesIO()
        self.encoder = Encoder(self.mp4, self.mp3, settings)

    def run(self, start_s: float, stop_s: float, fps: int, *, moving: bool = True) -> None:
        """Feed pictures and, between them, sound."""
        for index in range(round(start_s * fps), round(stop_s * fps)):
            pts = index * VIDEO_TICKS_HZ // fps
            i420 = patches(index) if moving else shaded(90)
            self.encoder.picture(i420, 320, 180, pts, keyframe=index % (2 * fps) == 0)
            self.encoder.sound(tone(index / fps, 1 / fps))

    def end(self) -> None:
        """Finish both files."""
        self.encoder.flush()
        self.encoder.close()


@pytest.mark.parametrize("fps", [1, 5, 30])
def test_both_tracks_decode_to_what_was_fed(fps: int) -> None:
    """Every picture at its time, keyframes where asked, one length, the tone at its pitch."""
    recording = Recording()
    recording.run(0.0, 6.0, fps)
    recording.end()
    decoded = decode(recording.mp4.getvalue())
    assert decoded.size == (320, 180)
    np.testing.assert_allclose(decoded.picture_s, np.arange(6 * fps) / fps, atol=1e-4)
    assert decoded.keyframe_s == pytest.approx((0.0, 2.0, 4.0), abs=1e-4)
    assert decoded.audio_s == pytest.approx(6.0, abs=0.05)
    assert decoded.video_s == pytest.approx(6.0, abs=max(0.1, 1 / fps))
    assert loudest_hz(decoded, 2.0, 4.0) == pytest.approx(TONE_HZ, abs=2)


def test_pictures_keep_their_brightness() -> None:
    """A grey stays that grey."""
    recording = Recording()
    for index, luma in enumerate((40, 120, 200)):
        recording.encoder.picture(shaded(luma), 320, 180, index * 90_000, keyframe=True)
        recording.encoder.sound(tone(index, 1.0))
    recording.end()
    with av.open(BytesIO(recording.mp4.getvalue()), "r") as container:
        found = [
            float(i420_planes(np.asarray(frame.to_ndarray(), np.uint8).ravel(), 320, 180)[0].mean())
            for frame in container.decode(video=0)
            if isinstance(frame, av.VideoFrame)
        ]
    assert found == pytest.approx([40, 120, 200], abs=2)


def test_the_audio_file_is_whole_and_of_the_same_length() -> None:
    """The MP3 decodes to the tone; it is written from front to back only."""
    recording = Recording()
    recording.run(0.0, 4.0, 5)
    recording.end()
    decoded = decode(recording.mp3.getvalue())
    assert decoded.rate_hz == 48_000
    assert len(decoded.sound) / 48_000 == pytest.approx(4.0, abs=0.1)
    assert loudest_hz(decoded, 1.0, 3.0) == pytest.approx(TONE_HZ, abs=2)


@pytest.mark.parametrize(("fps", "moving"), [(1, False), (5, True), (30, True)])
def test_bytes_leave_as_soon_as_the_next_keyframe_is_fed(fps: int, moving: bool) -> None:
    """Just after a keyframe all before it is out; what is cut off there plays to it."""
    recording = Recording()
    just_s = max(1 / fps, 0.2)  # sound lags by a codec frame or two
    fed_s = 0.0
    for second in (2, 4, 6):
        recording.run(fed_s, second + just_s, fps, moving=moving)
        fed_s = second + just_s
        out = decode(recording.mp4.getvalue())
        assert out.picture_s[-1] == pytest.approx(second - 1 / fps, abs=0.01)
        assert second - 0.1 < out.audio_s < fed_s
    recording.end()


@pytest.mark.parametrize(
    ("size", "bars"),
    [((640, 360), "none"), ((161, 91), "none"), ((180, 180), "sides"), ((320, 100), "top")],
)
def test_a_picture_of_another_size_is_fitted(size: tuple[int, int], bars: str) -> None:
    """It is scaled as it is; where its shape leaves room there are black bars, evenly."""
    width, height = size[0] // 2 * 2, size[1] // 2 * 2
    recording = Recording()
    recording.encoder.picture(shaded(180, width, height), width, height, 0, keyframe=True)
    recording.encoder.sound(tone(0, 1.0))
    recording.end()
    with av.open(BytesIO(recording.mp4.getvalue()), "r") as container:
        frame = next(container.decode(video=0))
        assert isinstance(frame, av.VideoFrame)
        luma = i420_planes(np.asarray(frame.to_ndarray(), np.uint8).ravel(), 320, 180)[0]
    assert luma[90, 160] == pytest.approx(180, abs=3)
    assert (luma[90, 10] < 30, luma[90, 309] < 30) == ((bars == "sides"),) * 2
    assert (luma[10, 160] < 30, luma[169, 160] < 30) == ((bars == "top"),) * 2


def test_sound_alone_makes_a_playable_file() -> None:
    """Without `video` the MP4 holds the sound, and is cut into fragments by time."""
    recording = Recording(EncoderSettings(video=False))
    for second in range(10):
        recording.encoder.sound(tone(second, 1.0))
    assert decode(recording.mp4.getvalue()).audio_s > 7
    with pytest.raises(ValueError, match="no pictures"):
        recording.encoder.picture(shaded(0), 320, 180, 0, keyframe=True)
    recording.end()
    decoded = decode(recording.mp4.getvalue())
    assert decoded.audio_s == pytest.approx(10.0, abs=0.05)
    assert len(decoded.picture_s) == 0
    assert recording.mp4.getvalue().count(b"moof") < 10


def test_the_sound_file_can_be_a_flac() -> None:
    """It holds every sample as it was, 16 bits of each, and says at its start how many."""
    recording = Recording(EncoderSettings(video=False, flac=True))
    for second in range(3):
        recording.encoder.sound(tone(second, 1.0))
    recording.end()
    with av.open(BytesIO(recording.mp3.getvalue()), "r") as container:
        assert container.streams.audio[0].codec_context.name == "flac"
        assert container.duration == 3 * av.time_base
        blocks = [np.asarray(frame.to_ndarray(), np.float64) for frame in container.decode(audio=0)]
    left = np.concatenate([block.reshape(-1, 2)[:, 0] for block in blocks]) / 2**15
    fed = np.concatenate([tone(second, 1.0)[0] for second in range(3)])
    assert np.abs(left - fed).max() < 2 / 2**15


def test_a_video_in_which_no_picture_came_keeps_its_sound() -> None:
    """Where a capture never delivered a picture, closing still leaves what was heard."""
    recording = Recording()
    for second in range(5):
        recording.encoder.sound(tone(second, 1.0))
    recording.end()
    assert decode(recording.mp3.getvalue()).audio_s == pytest.approx(5.0, abs=0.1)
    assert loudest_hz(decode(recording.mp4.getvalue()), 1.0, 4.0) == pytest.approx(TONE_HZ, abs=2)


def test_a_closing_sink_is_told_before_the_index_and_after_it() -> None:
    """What is forwarded plays by itself; the last fragment and the index follow as the tail."""
    forwarded = bytearray()
    sink = MuxerSink(forwarded.extend)
    recording = Recording()
    recording.encoder = Encoder(sink, recording.mp3, SMALL)
    recording.run(0.0, 4.0, 5)
    recording.end()
    assert sink.is_sealed
    whole = forwarded + sink.tail
    for patch in sink.patches:
        whole[patch.offset : patch.offset + len(patch.data)] = patch.data
    assert len(decode(bytes(forwarded)).picture_s) == 10
    assert len(decode(bytes(whole)).picture_s) == 20


def test_an_abandoned_encoder_writes_nothing_more() -> None:
    """Not even when its muxers are collected: what was cut into chunks stays as it is."""
    recording = Recording()
    recording.run(0.0, 5.0, 5)
    sizes = (len(recording.mp4.getvalue()), len(recording.mp3.getvalue()))
    recording.encoder.abandon()
    del recording.encoder
    gc.collect()
    assert (len(recording.mp4.getvalue()), len(recording.mp3.getvalue())) == sizes


class FullError(Exception):
    """What this test's sink raises."""


class FullSink(BytesIO):
    """A sink that takes no more than 20 kB."""

    def write(self, data: bytes) -> int:  # type: ignore[override] # PyAV hands out bytes
        if self.tell() + len(data) > 20_000:
            raise FullError
        return super().write(data)


def test_what_a_sink_raises_comes_out_of_the_encoder() -> None:
    """The very exception, so that its cause and cure stay known."""
    recording = Recording()
    recording.encoder = Encoder(FullSink(), recording.mp3, SMALL)
    with pytest.raises(FullError):
        recording.run(0.0, 30.0, 30)
    recording.encoder.abandon()


def test_times_that_are_not_on_a_grid_are_kept() -> None:
    """Pictures a millisecond to 0.9 s apart come out at the very times given."""
    recording = Recording()
    gaps = [90, 3000, 81_000, 2_971, 3_600, 45_045]
    times = list(itertools.accumulate(gaps, initial=0))
    for index, pts in enumerate(times):
        recording.encoder.picture(patches(index), 320, 180, pts, keyframe=index == 0)
    recording.encoder.sound(tone(0, times[-1] / VIDEO_TICKS_HZ))
    recording.end()
    decoded = decode(recording.mp4.getvalue())
    np.testing.assert_allclose(decoded.picture_s * VIDEO_TICKS_HZ, times, atol=0.5)

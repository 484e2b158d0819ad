"""The recorder's threads: with a scripted capture, and with a real browser."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from media import pressure
from media.encoder import Encoder, EncoderSettings
from media.errors import CaptureFailed
from media.pressure import ORDER, Level
from media.recorder import Capture, Recorder
from media.summary import RecordingSummary
from media.timeline import GapKind
from media.types import AudioPacket, VideoFrame
from tests.media.coded import (
    ALIKE,
    BLOCK_S,
    CODED_PAGE,
    WINDOW_S,
    alike,
    behind_s,
    coded_picture,
    modulo,
    original,
    pictures_of,
)
from tests.media.flash import (
    BACKENDS,
    BEEP_HZ,
    CALIBRATION_US,
    FLASH_PAGE,
    MOVING_PAGE,
    STILL_PAGE,
    Decoded,
    captured,
    decode,
    loudest_hz,
    offsets_s,
)

SIZE = (160, 90)
MP3_DELAY_S = 1105 / 48_000
"""LAME's, which a file without a header of its own does not tell of."""
IN_STEP_S = 0.040
STANDS_S = 0.020
"""By more than this the page's sound falls behind the time only on a machine that is full."""
AROUND_S = 0.3
"""So much before and after a pause is looked at closely."""
NEAR_S = 0.1
"""What is laid is farther from its place only where a jump is declared."""
DRAWN_EVERY_S = 0.036
"""A page that moves all the time, where the machine has time to draw it."""


class Scripted:
    """A capture that delivers by the clock: 10 ms packets of a tone, 20 pictures a second."""

    def __init__(self, *, pictures: int = 1_000_000, clock_zero_us: int = 5_000_000) -> None:
        self._start_us = time.monotonic_ns() // 1000
        self._zero_us = clock_zero_us
        self._pictures_left = pictures
        self._packets = self._pictures = 0
        self.ended = False
        self.pictures_dropped = 2
        self.packets_dropped = 3

    def _due(self, done: int, every_us: int) -> Iterator[int]:
        elapsed_us = time.monotonic_ns() // 1000 - self._start_us
        if not self.ended:
            yield from range(done * every_us, elapsed_us, every_us)

    def audio(self) -> Iterator[AudioPacket]:
        """What is due."""
        for at_us in self._due(self._packets, 10_000):
            phase = 2 * np.pi * BEEP_HZ * (np.arange(480) / 48_000 + at_us / 1e6)
            samples = np.stack([0.5 * np.sin(phase)] * 2).astype(np.float32)
            self._packets += 1
            yield AudioPacket(self._zero_us + at_us, self._start_us + at_us, 48_000, samples)

    def video(self) -> Iterator[VideoFrame]:
        """What is due."""
        for at_us in self._due(self._pictures, 50_000):
            self._pictures += 1
            if self._pictures > self._pictures_left:
                return
            i420 = np.full(SIZE[0] * SIZE[1] * 3 // 2, 50 + self._pictures % 100, np.uint8)
            yield VideoFrame(self._zero_us * 3 + at_us, self._start_us + at_us, *SIZE, i420)


class Files:
    """Where a recording goes in memory."""

    def __init__(self, settings: EncoderSettings | None = None) -> None:
        self.mp4, self.mp3 = BytesIO(), BytesIO()
        self.settings = settings or EncoderSettings(*SIZE)

    def encoder(self) -> Encoder:
        """A new encoder into these files."""
        return Encoder(self.mp4, self.mp3, self.settings)

    def decoded(self) -> Decoded:
        """The video file, read back."""
        return decode(self.mp4.getvalue())


async def until(holds: Callable[[], object]) -> None:
    """Wait for a thread to get somewhere, within a minute."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a counter of another thread
            await asyncio.sleep(0.01)


def check_tracks(decoded: Decoded, duration_s: float, *, behind: int = 0) -> None:
    """Strictly rising pictures from 0, and two tracks of the length that was told.

    Where the encoder was behind, pictures are missing in the middle.
    """
    assert decoded.picture_s[0] == 0
    assert (np.diff(decoded.picture_s) > 0).all()
    assert behind or np.diff(decoded.picture_s).max() <= 1.001
    assert decoded.video_s == pytest.approx(duration_s, abs=0.1)
    assert decoded.audio_s == pytest.approx(duration_s, abs=0.1)


async def test_a_recording_is_as_long_as_it_says() -> None:
    """Both files hold from begin to finish; numbers and thumbnails tell what went in."""
    files, shown = Files(), list[float]()
    with Recorder(
        Scripted(), files.encoder, on_picture=lambda frame, at_s: shown.append(at_s)
    ) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        assert recorder.stats().recorded_s == 0.0
        began = recorder.begin()
        await until(lambda: recorder.stats().recorded_s > 2.5)
        stats = recorder.stats()
        assert stats.sound_age_s is not None
        assert stats.sound_age_s < 10
        assert stats.dropped["ring"] == 2
        assert stats.dropped["ring_sound"] == 3
        summary = await recorder.finish()
    assert summary.start_time == began
    assert summary.gaps == ()
    assert summary.quality.peak_dbfs == pytest.approx(-6.0, abs=0.2)
    assert summary.quality.loudness_lufs == pytest.approx(-6.0, abs=1.0)
    assert sum(summary.quality.frame_rate_seconds.values()) == int(summary.duration_s)
    assert sum(summary.curves.pictures.values) == summary.stats.pictures_encoded
    assert len(summary.curves.peak.values) in {int(summary.duration_s), int(summary.duration_s) + 1}
    assert summary.stats.heard_at_s == pytest.approx(summary.duration_s, abs=0.5)
    check_tracks(files.decoded(), summary.duration_s)
    assert 2 <= len(shown) <= summary.duration_s + 1
    assert (np.diff(shown) > 0.999).all()
    audio = decode(files.mp3.getvalue())
    assert audio.audio_s == pytest.approx(summary.duration_s, abs=0.1)
    assert loudest_hz(audio, 0.5, 2.0) == pytest.approx(BEEP_HZ, abs=3)


async def test_one_picture_then_nothing_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that never changes is recorded whole: a picture a second, a keyframe every two."""
    # a busy machine may change the preset, which takes a keyframe more
    monkeypatch.setattr(pressure, "LASTS_S", float("inf"))
    files = Files()
    with Recorder(Scripted(pictures=1), files.encoder) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        recorder.begin()
        await until(lambda: recorder.stats().recorded_s > 4.6)
        summary = await recorder.finish()
    decoded = files.decoded()
    check_tracks(decoded, summary.duration_s)
    assert summary.stats.pictures_encoded == 1
    assert summary.stats.repeats >= 4
    assert decoded.keyframe_s == pytest.approx((0.0, 2.0, 4.0), abs=0.01)


async def test_another_capture_goes_on_in_the_same_recording() -> None:
    """The old one dies, a new one with other clocks takes over: one declared gap, one file."""
    files = Files()
    first = Scripted()
    with Recorder(first, files.encoder) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        recorder.begin()
        await until(lambda: recorder.stats().recorded_s > 1.0)
        first.ended = True
        await until(lambda: (recorder.stats().sound_age_s or 0) > 0.8)
        recorder.use(Scripted(clock_zero_us=900))
        before = recorder.stats()
        await until(lambda: recorder.stats().packets_in > before.packets_in + 120)
        assert recorder.stats().captures == 2
        assert recorder.stats().dropped["ring"] == 4
        summary = await recorder.finish()
    assert [gap.kind for gap in summary.gaps] == [GapKind.RECAPTURE]
    gap = summary.gaps[0]
    assert gap.duration_s > 1.2  # what was lost, and the half second in which a capture settles
    decoded = files.decoded()
    check_tracks(decoded, summary.duration_s)
    assert loudest_hz(decoded, gap.start_s + 0.1, gap.start_s + gap.duration_s - 0.1) == 0.0
    after_s = gap.start_s + gap.duration_s + 0.05
    assert loudest_hz(decoded, after_s, after_s + 0.3) == pytest.approx(BEEP_HZ, abs=10)


async def test_a_pause_is_in_no_file_and_is_listened_through() -> None:
    """Both files are as long as what was recorded; sound of the pause is heard and counts as new.

    What lasts 3 s and is left out shows in no gap and no silence.
    """
    files = Files()
    with Recorder(Scripted(), files.encoder) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        assert recorder.stats().heard_age_s is None
        recorder.begin()
        await until(lambda: recorder.stats().recorded_s > 1.2)
        recorder.pause()
        packets = recorder.stats().packets_in
        await until(lambda: recorder.stats().packets_in > packets + 300)
        paused = recorder.stats()
        so_far = recorder.summary().pauses[0]
        assert paused.heard_age_s is not None
        assert paused.heard_age_s < so_far.duration_s
        recorder.resume()
        await until(lambda: recorder.stats().recorded_s > 2.4)
        summary = await recorder.finish()
    (pause,) = summary.pauses
    assert pause.start_s == pytest.approx(paused.recorded_s, abs=0.2)
    assert pause.duration_s >= so_far.duration_s > 2.9
    assert all(gap.duration_s < 2 for gap in summary.gaps)
    assert summary.quality.silent_seconds < 2
    check_tracks(files.decoded(), summary.duration_s)
    audio = decode(files.mp3.getvalue())
    assert audio.audio_s == pytest.approx(summary.duration_s, abs=0.1)


class StuckEncoder(Encoder):
    """Stands still at its first picture until told to go on."""

    go_on = threading.Event()
    failing = False

    def picture(
        self, i420: NDArray[np.uint8], width: int, height: int, pts: int, *, keyframe: bool
    ) -> None:
        assert self.go_on.wait(20)
        if self.failing:
            raise OSError("the disk is gone")
        super().picture(i420, width, height, pts, keyframe=keyframe)


async def test_an_encoder_that_is_behind_costs_pictures_never_sound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pictures are given up level by level, dropped beyond the bound, counted; the sound is whole.

    Once the encoder keeps up again every level is taken back. The log says whose recording it was.
    """
    soon = {level: replace(each, calm_s=0.4) for level, each in pressure.ECONOMIES.items()}
    monkeypatch.setattr(pressure, "ECONOMIES", soon)
    monkeypatch.setattr(pressure, "RELAPSE_S", 0.0)
    files = Files()
    StuckEncoder.go_on.clear()
    with (
        capture_logs([merge_contextvars]) as logs,
        bound_contextvars(bot_id="b7"),
        Recorder(
            Scripted(), lambda: StuckEncoder(files.mp4, files.mp3, files.settings)
        ) as recorder,
    ):
        await until(lambda: recorder.stats().packets_in > 60)
        recorder.begin()
        await until(lambda: recorder.stats().level is Level.SOUND_FIRST)
        await until(lambda: recorder.stats().dropped["behind"] > 5)
        StuckEncoder.go_on.set()
        await until(lambda: recorder.stats().level is Level.FULL)
        summary = await recorder.finish()
    changes = [line for line in logs if line["event"] == "recording_level_changed"]
    assert {line["bot_id"] for line in changes} == {"b7"}
    assert [line["now"] for line in changes[:3]] == list(ORDER[1:])
    assert {line["log_level"] for line in changes} == {"warning"}
    decoded = files.decoded()
    assert summary.stats.dropped["behind"] > 5
    assert summary.stats.thinned > 0
    first = summary.degradations[:3]
    assert [each.to_level for each in first] == list(ORDER[1:])
    assert all(each.until_s is not None for each in first)
    assert (np.diff(decoded.picture_s) > 0).all()
    assert decoded.audio_s == pytest.approx(summary.duration_s, abs=0.1)
    assert loudest_hz(decoded, 0.5, 1.5) == pytest.approx(BEEP_HZ, abs=3)


async def test_sound_alone_gives_up_no_pictures() -> None:
    """However far the encoder is behind: there are none, and the report would tell of them."""
    files, go_on = Files(EncoderSettings(video=False)), threading.Event()

    class Stuck(Encoder):
        def sound(self, samples: NDArray[np.float32]) -> None:
            assert go_on.wait(90)
            super().sound(samples)

    capture = Scripted(pictures=0)
    with Recorder(
        capture, lambda: Stuck(files.mp4, files.mp3, files.settings), pictures=False
    ) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        recorder.begin()
        await until(lambda: recorder._work.pending_s > 1.2)
        go_on.set()
        summary = await recorder.finish()
    assert summary.degradations == ()
    assert decode(files.mp3.getvalue()).audio_s == pytest.approx(summary.duration_s, abs=0.1)


class Slow(Encoder):
    """Takes its time over sound, and stands still where it is told to."""

    stuck = threading.Event()

    def sound(self, samples: NDArray[np.float32]) -> None:
        """Encode 10 ms in 50."""
        time.sleep(0.05)
        while self.stuck.is_set():
            time.sleep(0.05)
        super().sound(samples)


@pytest.mark.parametrize("stuck", [False, True], ids=["slow", "stuck"])
async def test_an_encoder_that_is_behind_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, *, stuck: bool
) -> None:
    """For longer than it may stand still, as long as it gets on; the sound is whole."""
    monkeypatch.setattr("media.recorder.STANDSTILL_S", 2.0)
    files = Files()
    Slow.stuck.clear()
    with Recorder(Scripted(), lambda: Slow(files.mp4, files.mp3, files.settings)) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        recorder.begin()
        await until(lambda: recorder._work.pending_s > 0.8)
        began_s = time.monotonic()
        if stuck:
            Slow.stuck.set()
            with pytest.raises(CaptureFailed, match="recorder-encoder stood still for 2 s"):
                await recorder.finish()
            Slow.stuck.clear()
            return
        summary = await recorder.finish()
    assert time.monotonic() - began_s > 2.0
    assert files.decoded().audio_s == pytest.approx(summary.duration_s, abs=0.1)


async def test_what_ends_a_thread_is_told() -> None:
    """`problem` is the exception itself; finishing raises it."""
    files = Files()

    class Failing(StuckEncoder):
        failing = True

    StuckEncoder.go_on.set()
    with Recorder(Scripted(), lambda: Failing(files.mp4, files.mp3, files.settings)) as recorder:
        recorder.begin()
        await until(lambda: recorder.problem)
        with pytest.raises(OSError, match="the disk is gone"):
            await recorder.finish()


async def test_leaving_without_finish_leaves_the_files_unclosed() -> None:
    """Threads end, and what was written stays a file cut off before its index."""
    files = Files()
    with Recorder(Scripted(), files.encoder) as recorder:
        await until(lambda: recorder.stats().packets_in > 60)
        recorder.begin()
        await until(lambda: recorder.stats().recorded_s > 2.5 and files.mp4.tell() > 1000)
    written = files.mp4.getvalue()
    assert not [thread for thread in recorder._threads if thread.is_alive()]
    assert b"mfra" not in written
    assert len(decode(written).picture_s) > 0
    assert recorder.problem is None


async def test_a_recording_that_never_began_has_no_summary() -> None:
    """Finishing it is an error with a name, and nothing is written."""
    files = Files()
    recorder = Recorder(Scripted(), files.encoder)
    with recorder, pytest.raises(CaptureFailed, match="has not begun"):
        await recorder.finish()
    assert files.mp4.getvalue() == b""


async def record(page: str, seconds: float, backend: str = "tab") -> tuple[Decoded, Recorder]:
    """Record a page in a real Chromium."""
    files = Files(EncoderSettings(preset="ultrafast"))
    async with captured(page, backend) as capture:
        with Recorder(capture, files.encoder, calibration_us=CALIBRATION_US[backend]) as recorder:
            await until(lambda: recorder.stats().packets_in > 20)
            recorder.begin()
            await until(lambda: recorder.stats().recorded_s > seconds)
            summary = await recorder.finish()
    decoded = files.decoded()
    left_out = summary.stats.dropped["behind"] + summary.stats.thinned
    check_tracks(decoded, summary.duration_s, behind=left_out)
    return decoded, recorder


@pytest.mark.browser
@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_moving_page_is_recorded_with_its_sound(backend: str) -> None:
    """720p pictures, and the page's tone from the beginning to the end."""
    decoded, recorder = await record(MOVING_PAGE, 3.2, backend)
    assert decoded.size == (1280, 720)
    assert recorder.stats().pictures_encoded > 3
    for start_s in (0.1, 1.2, 2.3):
        assert loudest_hz(decoded, start_s, start_s + 0.8) == pytest.approx(BEEP_HZ, abs=5)


@pytest.mark.browser
async def test_a_still_page_is_recorded_as_a_whole() -> None:
    """Nothing moves, nothing sounds: both tracks are there all the same, with keyframes."""
    decoded, recorder = await record(STILL_PAGE, 5.2)
    assert recorder.stats().repeats >= 4
    assert np.diff([*decoded.keyframe_s, decoded.video_s]).max() < 3.2
    assert recorder.summary().quality.digital_silence_seconds > 5
    assert decoded.luma.max() - decoded.luma.min() < 3
    assert decoded.luma.mean() > 60


@pytest.mark.alone
@pytest.mark.browser
async def test_flash_and_beep_are_recorded_together() -> None:
    """Flashes and beeps of the same instants lie within 40 ms, by their median, from the start.

    A page that is not given the time to draw shows its flash a picture late: that much is allowed.
    """
    decoded, _ = await record(FLASH_PAGE, 7.0)
    offsets = offsets_s(decoded)
    allowed_s = max(0.040, float(np.median(np.diff(decoded.picture_s))))
    assert len(offsets) >= 5
    assert abs(np.median(offsets)) <= allowed_s
    assert abs(np.median(offsets[:3])) <= 2 * allowed_s


@pytest.mark.alone
@pytest.mark.browser
@pytest.mark.parametrize("backend", BACKENDS[1:])
async def test_flash_and_beep_lie_together_on_a_display(backend: str) -> None:
    """Of some seconds at least three have flash and beep within 40 ms.

    Not to be judged where the page was not drawn in time: it shows its flash late then.
    """
    decoded, _ = await record(FLASH_PAGE, 7.0, backend)
    usual_s, long_s = np.percentile(np.diff(decoded.picture_s), (50, 90))
    if usual_s > DRAWN_EVERY_S or long_s > 2 * DRAWN_EVERY_S:
        pytest.skip(f"a busy machine: pictures came {usual_s * 1000:.0f} ms apart")
    assert np.count_nonzero(np.abs(offsets_s(decoded)) <= 0.040) >= 3


class Coded(Scripted):
    """The coded page as a perfect capture would have it: nothing is lost, late or stretched."""

    def audio(self) -> Iterator[AudioPacket]:
        """What is due."""
        for packet in super().audio():
            at = (packet.timestamp_us - self._zero_us) * 48_000 // 1_000_000
            samples = np.take(original(), np.arange(at, at + 480), mode="wrap")
            yield replace(packet, samples=np.stack([samples] * 2))

    def video(self) -> Iterator[VideoFrame]:
        """What is due."""
        for frame in super().video():
            at_s = (frame.timestamp_us - self._zero_us * 3) / 1e6
            yield replace(frame, i420=coded_picture(*SIZE, at_s))


async def record_with_a_pause(
    capture: Capture, settings: EncoderSettings, calibration_us: int
) -> tuple[Files, RecordingSummary]:
    """Record 3 s, a pause of 2.5 s, and 3 s."""
    files = Files(settings)
    with Recorder(capture, files.encoder, calibration_us=calibration_us) as recorder:
        await until(lambda: recorder.stats().packets_in > 40)
        recorder.begin()
        await until(lambda: recorder.stats().recorded_s > 3)
        recorder.pause()
        await until(lambda: recorder.summary().pauses[0].duration_s > 2.5)
        recorder.resume()
        paused_s = recorder.stats().recorded_s
        await until(lambda: recorder.stats().recorded_s > paused_s + 3)
        summary = await recorder.finish()
    assert len(summary.pauses) == 1
    assert summary.pauses[0].duration_s > 2
    return files, summary


@dataclass(frozen=True)
class Cut:
    """What the two files show where a pause was: how late sound is before and after it, in both."""

    before_s: float
    after_s: float

    @classmethod
    def of(cls, files: Files, summary: RecordingSummary) -> Self:
        """Read from both, which agree to the sample and are as long as is said."""
        sounds = decode(files.mp4.getvalue()), decode(files.mp3.getvalue())
        lengths_s = [sounds[0].audio_s, sounds[1].audio_s - MP3_DELAY_S]
        assert lengths_s == pytest.approx([summary.duration_s] * 2, abs=0.05)
        at_s = summary.pauses[0].start_s
        video, audio = (
            np.subtract(around_the_cut(sound, at_s + delay_s), delay_s)
            for sound, delay_s in zip(sounds, (0.0, MP3_DELAY_S), strict=True)
        )
        assert audio == pytest.approx(video, abs=1.5 / 48_000)
        return cls(*video)

    @property
    def missing_s(self) -> float:
        """How much of the page's sound is missing."""
        return float(modulo(self.before_s - self.after_s))


def around_the_cut(sound: Decoded, cut_s: float) -> tuple[float, float]:
    """By how much the sound lies behind the page's shortly before and shortly after a cut.

    All is of before it up to one place near by, and all is of after it from there on, but for what
    an encoder smears.
    """
    before_s = behind_s(sound, cut_s - WINDOW_S - NEAR_S)
    after_s = behind_s(sound, cut_s + NEAR_S)
    at_s = np.arange(-AROUND_S, AROUND_S, BLOCK_S)
    like_before = np.array([alike(sound, cut_s + each, before_s) for each in at_s])
    like_after = np.array([alike(sound, cut_s + each, after_s) for each in at_s])
    of_before = (like_before > ALIKE) & (like_before > like_after)
    of_after = (like_after > ALIKE) & (like_after > like_before)
    assert at_s[of_before].max() < at_s[of_after].min()
    assert np.count_nonzero(~of_before & ~of_after) <= len(at_s) / 20
    assert abs(at_s[of_after].min()) < NEAR_S
    return before_s, after_s


async def test_a_pause_is_cut_to_the_sample() -> None:
    """Of a perfect capture just the pause is missing in both files, and all is in step."""
    files, summary = await record_with_a_pause(Coded(), EncoderSettings(*SIZE), 0)
    (pause,) = summary.pauses
    cut = Cut.of(files, summary)
    assert cut.missing_s == pytest.approx(pause.duration_s, abs=1.5 / 48_000)
    pictures = pictures_of(files.mp4.getvalue())
    for late_s, part in (
        (cut.before_s, pictures.between(0, pause.start_s)),
        (cut.after_s, pictures.between(pause.start_s + 0.1, summary.duration_s)),
    ):
        assert abs(modulo(late_s - part.behind_s())) < 0.01


@pytest.mark.alone
@pytest.mark.browser
@pytest.mark.parametrize("backend", BACKENDS)
async def test_just_what_was_made_in_a_pause_is_missing(backend: str) -> None:
    """Of a page in a real Chromium: nothing else is missing, and sound and pictures are in step."""
    async with captured(CODED_PAGE, backend) as capture:
        settings = EncoderSettings(preset="ultrafast")
        files, summary = await record_with_a_pause(capture, settings, CALIBRATION_US[backend])
    (pause,) = summary.pauses
    pictures = pictures_of(files.mp4.getvalue())
    earlier = pictures.between(pause.start_s - 2, pause.start_s)
    later = pictures.between(pause.start_s + 0.1, pause.start_s + 2)
    gaps = [gap for gap in summary.gaps if abs(gap.start_s - pause.start_s) < 1 + gap.duration_s]
    stood_s = float(modulo(later.stood_s() - earlier.stood_s()))
    usual_s, long_s = np.percentile(np.diff(pictures.at_s), (50, 90))
    slow = usual_s > DRAWN_EVERY_S or long_s > 2 * DRAWN_EVERY_S
    if gaps or slow or abs(stood_s) > STANDS_S:
        pytest.skip(f"a busy machine: sound stood for {stood_s:.3f} s, pictures {usual_s:.3f} s")
    cut = Cut.of(files, summary)
    assert abs(cut.missing_s - pause.duration_s + stood_s) <= IN_STEP_S / 2
    assert abs(modulo(cut.before_s - earlier.behind_s())) <= IN_STEP_S
    assert abs(modulo(cut.after_s - later.behind_s())) <= IN_STEP_S

"""Packets in, unbroken tracks out."""

import itertools
from collections import deque
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.assembly import Assembly, Laid, Picture, Sound, silence, stretched
from media.pauses import Pause
from media.samples import StereoResampler
from media.timeline import VIDEO_TICKS_HZ, GapKind
from media.types import AudioPacket, VideoFrame

AUDIO_TS0_US = 500_000_000
VIDEO_TS0_US = 9_000_000
LATENCY_US = 4_000


def as_is(packet: AudioPacket) -> NDArray[np.float32]:
    """Packets here are 48 kHz stereo already."""
    return packet.samples


def packet(at_us: int, level: float = 0.25, *, timestamp_us: int | None = None) -> AudioPacket:
    """10 ms of sound made at `at_us`."""
    if timestamp_us is None:
        timestamp_us = AUDIO_TS0_US + at_us
    samples = np.full((2, 480), level, np.float32)
    return AudioPacket(timestamp_us, at_us + LATENCY_US, 48_000, samples)


def frame(at_us: int, shade: int = 0) -> VideoFrame:
    """A small picture made at `at_us`."""
    i420 = np.full(16 * 16 * 3 // 2, shade, np.uint8)
    return VideoFrame(VIDEO_TS0_US + at_us, at_us + LATENCY_US, 16, 16, i420)


class Session:
    """An assembly fed in time order: sound every 10 ms, pictures on demand, ticks every 20 ms."""

    def __init__(self) -> None:
        self.assembly = Assembly(as_is)
        self.laid: list[Laid] = []
        self.now_us = 0

    def run(self, until_us: int, frame_every_us: int = 0, *, sound: bool = True) -> None:
        """Let time pass."""
        for at_us in range(self.now_us, until_us, 10_000):
            if sound:
                self.take(self.assembly.sound(packet(at_us)))
            if frame_every_us and at_us % frame_every_us == 0:
                self.take(self.assembly.picture(frame(at_us, at_us // 10_000 % 250)))
            if at_us % 20_000 == 0:
                self.take(self.assembly.tick(at_us))
        self.now_us = until_us

    def take(self, laid: Iterable[Laid]) -> None:
        """Keep what was laid."""
        self.laid.extend(laid)

    @property
    def pictures(self) -> list[Picture]:
        """Pictures laid, in order."""
        return [item for item in self.laid if isinstance(item, Picture)]

    @property
    def sound(self) -> NDArray[np.float32]:
        """All sound laid, end to end."""
        blocks = [item.samples for item in self.laid if isinstance(item, Sound)]
        return np.concatenate(blocks, axis=1)


def check_tracks(session: Session, duration_s: float) -> None:
    """Both tracks reach the end and pictures rise strictly, none more than a second apart."""
    times = [picture.step.pts for picture in session.pictures]
    steps = [b - a for a, b in itertools.pairwise(times)]
    assert times[0] == 0
    assert min(steps) > 0
    assert max(steps) <= VIDEO_TICKS_HZ
    assert abs(session.sound.shape[1] / 48_000 - duration_s) < 0.01
    assert abs(times[-1] / VIDEO_TICKS_HZ - duration_s) < 0.1


def test_nothing_is_laid_before_begin() -> None:
    """Packets before the start only teach the clocks; ends and ticks lay nothing."""
    session = Session()
    session.run(2_000_000, 40_000)
    session.take(session.assembly.end(session.now_us))
    assert session.laid == []
    assert session.assembly.recorded_s == 0.0
    assert session.assembly.gaps == ()
    assert session.assembly.pictures_late == 0
    assert session.assembly.packets_in == 200


def test_a_moving_page_gives_two_tracks_of_one_length() -> None:
    """Sound and pictures cover the recording from 0 to its end, all of it fresh."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(6_000_000, 40_000)
    session.take(session.assembly.end(session.now_us))
    check_tracks(session, 5.0)
    assert sum(picture.fresh for picture in session.pictures) == 126
    assert session.assembly.gaps == ()


def test_a_still_page_is_written_again_each_second() -> None:
    """A single picture sent before the recording fills all of it by repeats."""
    session = Session()
    session.take(session.assembly.picture(frame(0, 77)))
    session.run(1_000_000)
    session.assembly.begin(session.now_us)
    session.run(11_000_000)
    session.take(session.assembly.end(session.now_us))
    check_tracks(session, 10.0)
    assert [picture.fresh for picture in session.pictures] == [True] + [False] * 10
    assert [p.at_s for p in session.pictures if p.step.keyframe] == [0, 2, 4, 6, 8]


def test_the_picture_on_screen_is_the_first_one() -> None:
    """When the next picture comes before any tick, the one before it still is written at 0."""
    session = Session()
    session.run(1_000_000, 500_000)
    session.assembly.begin(session.now_us)
    session.take(session.assembly.picture(frame(1_200_000, 9)))
    first, second = session.pictures
    assert (first.step.pts, second.at_s) == (0, (200_000 + LATENCY_US) / 1e6)
    assert first.frame.i420[0] != second.frame.i420[0]


def test_a_picture_after_a_second_of_stillness_has_a_repeat_before_it() -> None:
    """No two pictures are more than a second apart, also when a change comes before the repeat."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.take(session.assembly.tick(1_010_000))
    session.take(session.assembly.picture(frame(2_150_000, 9)))
    assert [picture.fresh for picture in session.pictures] == [True, False, True]
    check = [picture.at_s for picture in session.pictures]
    assert check == [0.0, 1.0, 1.15 + LATENCY_US / 1e6]


def test_a_picture_in_the_first_instant_needs_no_other_before_it() -> None:
    """A picture made just before the start is itself the first."""
    session = Session()
    session.run(1_000_000, 500_000)
    session.assembly.begin(session.now_us + 10_000)
    session.take(session.assembly.picture(frame(1_000_000, 9)))
    assert [picture.step.pts for picture in session.pictures] == [0]


def test_sound_lies_where_it_was_made_beside_its_picture() -> None:
    """A beep and a flash of one instant are placed within 5 ms, whatever their own clocks say."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(3_000_000, 40_000)
    session.take(session.assembly.sound(packet(3_000_000, 0.9)))
    session.take(session.assembly.picture(frame(3_000_000, 255)))
    beep_s = int(np.flatnonzero(session.sound[0] > 0.8)[0]) / 48_000
    assert abs(beep_s - session.pictures[-1].at_s) < 0.005


def test_sound_made_before_the_start_is_left_out() -> None:
    """A packet that ends before the recording begins is not in it."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us + 50_000)
    session.take(session.assembly.sound(packet(1_000_000)))
    assert session.laid == []


def test_the_very_first_picture_has_none_before_it() -> None:
    """Where no picture came before the recording, the first one lies where it was made."""
    session = Session()
    session.assembly.begin(1_000_000)
    session.take(session.assembly.picture(frame(1_500_000)))
    assert [picture.at_s for picture in session.pictures] == [0.5 + LATENCY_US / 1e6]


def test_calibration_moves_sound_ahead() -> None:
    """Sound known to arrive 50 ms late is laid 50 ms sooner."""
    assembly = Assembly(as_is, calibration_us=50_000)
    for at_us in range(0, 1_000_000, 10_000):
        assert list(assembly.sound(packet(at_us))) == []
    assembly.begin(1_000_000 + LATENCY_US - 50_000)
    blocks = list(assembly.sound(packet(1_000_000, 0.9)))
    assert [block.samples.shape[1] for block in blocks if isinstance(block, Sound)] == [480]


def test_lost_sound_becomes_silence_and_is_declared() -> None:
    """Three seconds without packets: the track goes on, the pictures too."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(2_000_000, 40_000)
    session.run(5_000_000, 40_000, sound=False)
    session.run(6_000_000, 40_000)
    session.take(session.assembly.end(session.now_us))
    check_tracks(session, 5.0)
    lost_s = sum(gap.duration_s for gap in session.assembly.gaps)
    assert abs(lost_s - 3.0) < 0.02
    assert session.assembly.gaps[0].kind is GapKind.STARVED
    assert not session.sound[:, 48_000 * 2 : 48_000 * 3].any()


def test_a_recapture_starts_the_clocks_anew_and_declares_what_was_lost() -> None:
    """Two seconds lost, and new timestamps: one RECAPTURE gap, later sound in its right place."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(2_000_000, 40_000)
    session.run(4_000_000, sound=False)
    session.assembly.new_capture()
    for at_us in range(4_000_000, 6_000_000, 10_000):
        level = 0.9 if at_us == 5_500_000 else 0.25
        session.take(session.assembly.sound(packet(at_us, level, timestamp_us=at_us - 3_999_000)))
        if at_us % 100_000 == 0:
            session.take(session.assembly.picture(frame(at_us)))
        session.take(session.assembly.tick(at_us))
    session.take(session.assembly.end(6_000_000))
    check_tracks(session, 5.0)
    (gap,) = session.assembly.gaps
    assert gap.kind is GapKind.RECAPTURE
    assert abs(gap.duration_s - 2.5) < 0.02  # and the half second in which a capture settles
    beep_s = int(np.flatnonzero(session.sound[0] > 0.8)[0]) / 48_000
    assert abs(beep_s - 4.5) < 0.015
    assert session.assembly.audio_epochs == 0


def test_a_recapture_before_the_recording_leaves_no_gap() -> None:
    """Nothing is missing from a recording that has not begun."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.new_capture()
    session.run(2_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(3_000_000, 40_000)
    assert session.assembly.gaps == ()


def test_steps_back_are_counted_over_all_captures() -> None:
    """`audio_epochs` adds up what each capture's clock saw."""
    assembly = Assembly(as_is)
    for _ in range(2):
        list(assembly.sound(packet(1_000_000)))
        list(assembly.sound(packet(0)))
        assembly.new_capture()
    assert assembly.audio_epochs == 2


def test_drifting_sound_is_stretched_by_single_samples() -> None:
    """A place 20 ms ahead without a step makes the packet one sample longer: drift, told in ms."""
    assembly = Assembly(as_is)
    assert assembly.drift_ms == 0.0
    for at_us in range(0, 1_000_000, 10_000):
        list(assembly.sound(packet(at_us)))
    assembly.begin(1_000_000)
    list(assembly.sound(packet(1_000_000)))
    ahead = AudioPacket(
        AUDIO_TS0_US + 1_028_000, 1_090_000, 48_000, np.full((2, 480), 0.25, np.float32)
    )
    assembly._begun.sound._expected_us = AUDIO_TS0_US + 1_028_000
    assert [item.samples.shape for item in assembly.sound(ahead) if isinstance(item, Sound)] == [
        (2, 481)
    ]
    assert assembly.drift_ms == 1000 / 48_000


def test_a_packet_that_is_skipped_whole_lays_nothing() -> None:
    """Sound for a time already filled is thrown away, and declared."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(1_100_000)
    session.take(session.assembly.tick(2_500_000))
    before = session.sound.shape[1]
    session.take(session.assembly.sound(packet(1_100_000)))
    assert session.sound.shape[1] == before
    assert session.assembly.gaps[-1].kind is GapKind.OVERLAP


def test_no_picture_at_all_still_gives_sound() -> None:
    """Where no picture ever came, the end lays sound alone."""
    session = Session()
    session.run(1_000_000)
    session.assembly.begin(session.now_us)
    session.run(2_000_000)
    session.take(session.assembly.end(session.now_us))
    assert session.pictures == []
    assert abs(session.sound.shape[1] / 48_000 - 1.0) < 0.01


def test_long_silence_comes_in_blocks() -> None:
    """No block is longer than a second, and nothing is lost between them."""
    blocks = [block.samples.shape[1] for block in silence(100_000)]
    assert blocks == [48_000, 48_000, 4_000]
    assert list(silence(0)) == []


def test_stretching_keeps_ends_and_shape() -> None:
    """A ramp stays a ramp between the same ends, a sample longer or shorter."""
    ramp = np.stack([np.linspace(0, 1, 480), np.linspace(1, 0, 480)]).astype(np.float32)
    for count in (479, 481):
        result = stretched(ramp, count)
        assert result.shape == (2, count)
        np.testing.assert_allclose(result[0], np.linspace(0, 1, count), atol=1e-6)
        np.testing.assert_allclose(result[1], np.linspace(1, 0, count), atol=1e-6)


def numbered(first: int) -> AudioPacket:
    """10 ms of sound whose samples are their own numbers, from 1."""
    at_us = first * 1_000_000 // 48_000
    samples = np.tile(np.arange(first + 1, first + 481, dtype=np.float32), (2, 1))
    return AudioPacket(AUDIO_TS0_US + at_us, at_us + LATENCY_US, 48_000, samples)


PAUSES = st.lists(
    st.tuples(
        st.integers(1, 100_000),
        st.one_of(st.integers(0, 30_000), st.integers(0, 300_000)),
    ),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(begin_us=st.integers(600_000, 620_000), pauses=PAUSES, batch=st.integers(1, 30))
def test_every_sample_is_recorded_or_in_a_declared_pause(
    begin_us: int, pauses: list[tuple[int, int]], batch: int
) -> None:
    """Numbered samples come out in order, and just those made in a pause are missing.

    However late they are read: up to 300 ms of packets are read at once, long after a command. A
    packet that had been read before a command is not cut by it.
    """
    edges_us = list(itertools.accumulate((us for pair in pauses for us in pair), initial=begin_us))
    assembly = Assembly(as_is)
    turns = itertools.cycle((assembly.pause, assembly.resume))
    due = deque(zip(edges_us, itertools.chain((assembly.begin,), turns), strict=False))
    laid: list[Laid] = []
    unread: list[AudioPacket] = []
    end_us = edges_us[-1] + 700_000
    for first in range(0, end_us * 48 // 1000, 480):
        unread.append(numbered(first))
        while due and due[0][0] <= unread[-1].arrival_us:
            at_us, command = due.popleft()
            command(at_us)
        if len(unread) == batch:
            laid += [item for each in unread for item in assembly.sound(each)]
            laid += assembly.tick(unread[-1].arrival_us)
            unread.clear()
    found = np.concatenate([item.samples[0] for item in laid if isinstance(item, Sound)])
    numbers = found[found > 0].astype(np.int64) - 1
    # in 48 000ths of a microsecond, in which every time is whole
    made = np.arange(numbers[0], numbers[-1] + 1) * 1_000_000 + LATENCY_US * 48_000
    left_out, left_out_us = np.zeros(len(made), np.bool_), 0
    declared = assembly.pauses(end_us)
    for pause, asked_us, over_us in zip(declared, edges_us[1::2], edges_us[2::2], strict=True):
        start_us = begin_us + round(pause.start_s * 1e6) + left_out_us
        stop_us = start_us + round(pause.duration_s * 1e6)
        assert 0 <= start_us - asked_us <= 10_000
        assert 0 <= stop_us - over_us <= 10_000
        left_out |= (made >= start_us * 48_000) & (made < stop_us * 48_000)
        left_out_us += stop_us - start_us
    assert numbers.tolist() == (np.flatnonzero(~left_out) + numbers[0]).tolist()
    # the packet that was under way as it began has been read before
    assert len(found) - len(numbers) <= 481
    assert assembly.gaps == ()


def test_a_pause_is_in_neither_track() -> None:
    """3 s are left out of 8: both tracks are 5 s long, no gap is declared, a pause is."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(3_000_000, 40_000)
    session.assembly.pause(session.now_us)
    session.run(6_000_000, 40_000)
    assert session.assembly.recorded_s == pytest.approx(2.0, abs=0.01)
    session.assembly.resume(session.now_us)
    session.run(9_000_000, 40_000)
    session.take(session.assembly.end(session.now_us))
    check_tracks(session, 5.0)
    assert session.assembly.gaps == ()
    assert session.assembly.pauses(session.now_us) == (Pause(2.004, 3.0),)
    assert session.assembly.pictures_late <= 1


def test_what_a_pause_shows_is_recorded_only_where_it_still_shows() -> None:
    """Of two pictures made in a pause the second is laid, where the recording goes on."""
    session = Session()
    session.take(session.assembly.picture(frame(0, 1)))
    session.run(1_000_000)
    session.assembly.begin(session.now_us)
    session.run(2_500_000)
    session.assembly.pause(session.now_us)
    session.run(3_000_000)
    session.take(session.assembly.picture(frame(session.now_us, 2)))
    session.take(session.assembly.picture(frame(session.now_us + 100_000, 3)))
    session.run(60_000_000)
    session.assembly.resume(session.now_us)
    session.run(61_000_000)
    session.take(session.assembly.end(session.now_us))
    check_tracks(session, 2.5)
    fresh = [(round(p.at_s, 2), int(p.frame.i420[0])) for p in session.pictures if p.fresh]
    assert fresh == [(0.0, 1), (1.5, 3)]
    assert {int(p.frame.i420[0]) for p in session.pictures} == {1, 3}


def test_a_picture_before_the_next_tick_finds_the_one_of_the_pause_laid() -> None:
    """The first picture after a pause does not hide what showed until it came."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(2_000_000, 40_000)
    session.assembly.pause(session.now_us)
    session.take(session.assembly.picture(frame(2_500_000, 251)))
    session.assembly.resume(3_000_000)
    session.take(session.assembly.picture(frame(3_400_000, 252)))
    shades = [(round(p.at_s, 1), int(p.frame.i420[0])) for p in session.pictures[-2:]]
    assert shades == [(1.0, 251), (1.4, 252)]


def test_a_recording_that_ends_in_a_pause_ends_where_the_pause_began() -> None:
    """Nothing of the pause is in either track, and it is declared as long as it lasted."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.run(3_000_000, 40_000)
    session.assembly.pause(session.now_us)
    session.run(13_000_000, 40_000)
    session.take(session.assembly.end(session.now_us))
    check_tracks(session, 2.0)
    assert session.assembly.pauses(session.now_us) == (Pause(2.004, 9.996),)


def test_a_recording_paused_as_it_begins_still_plays() -> None:
    """A tenth of a second and one picture: less makes no file."""
    session = Session()
    session.run(1_000_000, 40_000)
    session.assembly.begin(session.now_us)
    session.assembly.pause(session.now_us)
    session.run(2_000_000, 40_000)
    session.take(session.assembly.end(session.now_us))
    assert session.sound.shape[1] == 4_800
    assert session.pictures[0].step.pts == 0


def test_a_pause_before_the_recording_is_refused() -> None:
    """There is nothing to pause, and no pause to tell of."""
    assembly = Assembly(as_is)
    for command in (assembly.pause, assembly.resume):
        with pytest.raises(ValueError, match="not begun"):
            command(0)
    assert assembly.pauses(0) == ()


def test_ten_minutes_of_a_44_1_khz_clock_that_is_fast_stay_in_step() -> None:
    """Made at 44,102 per second and said to be 44,100: 27 ms too much by then are cut off again."""
    true_rate_hz, samples, minutes = 44_102, 4410, 10
    assembly = Assembly(StereoResampler())
    laid = arrival_us = began_us = 0
    zeros = np.zeros((2, samples), np.float32)
    for n in range(minutes * 60 * 44_100 // samples):
        arrival_us = round((n + 1) * samples * 1e6 / true_rate_hz)
        if n == 10:
            assembly.begin(arrival_us)
            began_us = arrival_us
        fed = assembly.sound(AudioPacket(n * 100_000, arrival_us, 44_100, zeros))
        laid += sum(each.samples.shape[1] for each in fed if isinstance(each, Sound))
    # a packet is placed where it came, and lasts from there
    made_s = (arrival_us - began_us) / 1e6 + samples / 44_100
    assert laid == assembly.position
    assert laid / 48_000 == pytest.approx(made_s, abs=0.012)
    assert -27 < assembly.drift_ms < -15
    assert assembly.gaps == ()

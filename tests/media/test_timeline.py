"""The timeline's decisions, against what real tab captures were seen to deliver."""

import itertools
import random
from collections.abc import Iterator

import pytest

from media.timeline import (
    BEHIND_US,
    EARLY_US,
    KEYFRAME_EVERY_US,
    REPEAT_AFTER_US,
    REPEAT_SLACK_US,
    SETTLE_US,
    VIDEO_TICKS_HZ,
    AudioStep,
    AudioTrack,
    Gap,
    GapKind,
    TrackClock,
    VideoTrack,
)

PACKET_US = 10_000
SAMPLES = 480
TS0_US = 77_000_000
"""The capture's clock has its own zero."""


def settled_clock(latency_us: int = 3_000) -> tuple[TrackClock, int]:
    """A clock that has seen a second of steady packets, and the time of the next one."""
    clock = TrackClock()
    for at_us in range(0, 1_000_000, PACKET_US):
        clock.feed(TS0_US + at_us, at_us + latency_us, PACKET_US)
    return clock, 1_000_000


def test_nothing_is_placed_while_a_capture_settles() -> None:
    """Packets of the first half second have no place; the first one after it has."""
    clock = TrackClock()
    places = {
        at_us: clock.feed(TS0_US + at_us, at_us, PACKET_US)
        for at_us in range(0, SETTLE_US + PACKET_US, PACKET_US)
    }
    assert places.pop(SETTLE_US) == SETTLE_US
    assert set(places.values()) == {None}


@pytest.mark.parametrize("ahead_us", [630_000, 660_000])
@pytest.mark.parametrize("packets_ahead", [3, 4])
def test_first_packets_that_run_ahead_leave_no_trace(ahead_us: int, packets_ahead: int) -> None:
    """Timestamps 630-660 ms ahead in the first 3-4 packets, then back, move nothing later."""
    clock = TrackClock()
    for index in range(200):
        at_us = index * PACKET_US
        jump_us = ahead_us if index < packets_ahead else 0
        place = clock.feed(TS0_US + at_us + jump_us, at_us, PACKET_US)
        assert place is None or place == at_us
    assert clock.epochs == 1


def test_a_step_back_in_mid_capture_starts_over() -> None:
    """After timestamps step back, what was learned of the old ones is forgotten at once."""
    clock, at_us = settled_clock(latency_us=0)
    place = clock.feed(TS0_US + at_us - 200_000, at_us, PACKET_US)
    assert (place, clock.epochs) == (at_us, 1)


def test_late_arrivals_do_not_move_the_estimate() -> None:
    """When most packets come late by up to 80 ms, places stay within a millisecond."""
    rng = random.Random(1)  # noqa: S311 - a repeatable sequence, no secret
    clock = TrackClock()
    for index in range(3_000):
        at_us = index * PACKET_US
        delay_us = 0 if index % 5 == 0 else rng.randrange(80_000)
        place = clock.feed(TS0_US + at_us, at_us + delay_us, PACKET_US)
    assert place is not None
    assert abs(place - at_us) < 1_000


def test_one_odd_early_packet_does_not_set_the_estimate() -> None:
    """A single timestamp 40 ms ahead shifts no packet after it."""
    clock, at_us = settled_clock(latency_us=0)
    clock.feed(TS0_US + at_us + 40_000, at_us, PACKET_US)
    for index in range(1, 100):
        now_us = at_us + index * PACKET_US
        place = clock.feed(TS0_US + now_us, now_us, PACKET_US)
        assert place is not None
        assert abs(place - now_us) < 1_000


def test_nothing_is_placed_long_after_it_arrived() -> None:
    """Timestamps that jump ahead while no time passes stay at the packet's arrival."""
    clock, at_us = settled_clock(latency_us=0)
    assert clock.feed(TS0_US + at_us + 80_000, at_us, PACKET_US) == at_us + EARLY_US


def test_a_still_page_keeps_what_was_learned() -> None:
    """A picture that comes late after a minute of stillness is put where it was made."""
    clock, at_us = settled_clock(latency_us=0)
    later_us = at_us + 60_000_000
    assert clock.feed(TS0_US + later_us, later_us + 70_000, PACKET_US) == later_us


def test_an_old_window_is_forgotten() -> None:
    """A new latency that lasts is believed after the window has passed."""
    clock, at_us = settled_clock(latency_us=0)
    place = None
    for index in range(1_200):
        now_us = at_us + index * PACKET_US
        place = clock.feed(TS0_US + now_us, now_us + 30_000, PACKET_US)
    assert place == at_us + 1_199 * PACKET_US + 30_000


@pytest.mark.parametrize("drift_ppm", [-100, 100])
def test_four_hours_of_drift_stay_inaudible(drift_ppm: int) -> None:
    """With a sound clock off by 100 ppm the place of sound stays within 20 ms of its time."""
    clock, track = TrackClock(), AudioTrack(SETTLE_US)
    worst_us = 0
    packet_us = 100_000  # ten times coarser than real packets, and so ten times less correction
    for index in range(4 * 3600 * 10):
        made_us = index * packet_us
        timestamp_us = TS0_US + made_us + made_us * drift_ppm // 1_000_000
        place = clock.feed(timestamp_us, made_us + 2_000, packet_us)
        if place is None:
            continue
        track.place(timestamp_us, place, 4_800, packet_us)
        end_us = track.position * 1_000_000 // 48_000 + SETTLE_US
        worst_us = max(worst_us, abs(end_us - (made_us + 2_000 + packet_us)))
    assert worst_us < 20_000
    assert track.gaps == []


def steady(track: AudioTrack, packets: int, start_us: int = 0) -> int:
    """Lay packets end to end; the time of the next one."""
    for index in range(packets):
        at_us = start_us + index * PACKET_US
        assert track.place(at_us, at_us, SAMPLES, PACKET_US).skip == 0
    return start_us + packets * PACKET_US


def test_the_first_sound_is_put_in_its_place_by_silence() -> None:
    """Sound that begins 250 ms after the recording is preceded by 250 ms of silence, no gap."""
    track = AudioTrack(0)
    assert track.place(0, 250_000, SAMPLES, PACKET_US) == AudioStep(silence=12_000)
    assert (track.position, track.gaps) == (12_480, [])


def test_sound_from_before_the_start_is_cut() -> None:
    """A packet that straddles the start loses the part before it."""
    track = AudioTrack(0)
    assert track.place(0, -4_000, SAMPLES, PACKET_US) == AudioStep(skip=192)
    assert track.position == 288


@pytest.mark.parametrize("hole_us", [20_000, 80_000])
def test_a_hole_becomes_silence_and_is_declared(hole_us: int) -> None:
    """A step ahead of 20 or 80 ms is filled with silence of that length, once."""
    track = AudioTrack(0)
    at_us = steady(track, 100) + hole_us
    step = track.place(at_us, at_us, SAMPLES, PACKET_US)
    lost = hole_us * 48 // 1000
    assert step == AudioStep(silence=lost)
    assert track.gaps == [Gap(GapKind.HOLE, 48_000, lost)]
    assert (track.gaps[0].start_s, track.gaps[0].duration_s) == (1.0, hole_us / 1e6)


def test_sound_that_lags_without_a_hole_jumps_beyond_100_ms() -> None:
    """Places that move ahead by more than 100 ms while timestamps run on are declared a jump."""
    track = AudioTrack(0)
    at_us = steady(track, 100)
    step = track.place(at_us, at_us + 150_000, SAMPLES, PACKET_US)
    assert step == AudioStep(silence=7_200)
    assert [gap.kind for gap in track.gaps] == [GapKind.JUMP]


def test_sound_that_is_there_already_is_skipped() -> None:
    """Places that move back by more than 100 ms throw sound away, declared, packet by packet."""
    track = AudioTrack(0)
    at_us = steady(track, 100)
    for index in range(20):
        now_us = at_us + index * PACKET_US
        track.place(now_us, now_us - 150_000, SAMPLES, PACKET_US)
    # 150 ms back: packets are skipped until it is 100 ms, the rest is worked off by stretching
    assert [(gap.kind, gap.duration_s) for gap in track.gaps] == [(GapKind.OVERLAP, 0.05)]


@pytest.mark.parametrize(("off_us", "stretch"), [(20_000, 1), (-20_000, -1), (5_000, 0)])
def test_small_differences_are_worked_off_by_single_samples(off_us: int, stretch: int) -> None:
    """Beyond 8 ms each packet is stretched or shrunk by one sample; below, left alone."""
    track = AudioTrack(0)
    at_us = steady(track, 100)
    before = track.position
    assert track.place(at_us, at_us + off_us, SAMPLES, PACKET_US) == AudioStep(stretch=stretch)
    assert track.position == before + SAMPLES + stretch
    assert track.stretched == stretch


def test_a_long_packet_is_worked_off_as_fast() -> None:
    """40 ms at once are stretched by as much as four packets of 10 ms would be."""
    track = AudioTrack(0)
    at_us = steady(track, 100)
    long = track.place(at_us, at_us + 20_000, 4 * SAMPLES, 4 * PACKET_US)
    assert long == AudioStep(stretch=4)
    assert track.stretched == 4


def test_starvation_lays_silence_but_stays_behind_the_present() -> None:
    """Without packets for 600 ms silence is laid up to 300 ms ago; one gap grows, declared."""
    track = AudioTrack(0)
    now_us = steady(track, 100)
    assert track.starved(now_us + 599_000) == 0
    laid = [track.starved(now_us + after_us) for after_us in range(600_000, 5_000_000, 8_000)]
    assert sum(laid) > 4 * 48_000
    assert max(laid) < 48_000 // 2
    assert track.gaps == [Gap(GapKind.STARVED, 48_000, sum(laid))]
    assert track.position <= (now_us + 5_000_000 - 300_000) * 48 // 1000


def test_a_recapture_is_declared_as_one_gap_from_the_first_loss() -> None:
    """What starved before and after the new capture is one RECAPTURE gap, up to its first sound."""
    track = AudioTrack(0)
    now_us = steady(track, 100)
    track.starved(now_us + 700_000)
    track.new_capture()
    track.starved(now_us + 1_400_000)
    resumed_us = now_us + 2_000_000
    track.place(5, resumed_us, SAMPLES, PACKET_US)
    steady_us = resumed_us + PACKET_US
    track.place(5 + PACKET_US, steady_us, SAMPLES, PACKET_US)
    assert track.gaps == [Gap(GapKind.RECAPTURE, 48_000, 96_000)]


def test_a_recapture_leaves_other_gaps_alone() -> None:
    """A gap that ended before the old capture did keeps its kind."""
    track = AudioTrack(0)
    now_us = steady(track, 100)
    track.starved(now_us + 700_000)
    now_us = steady(track, 10, now_us + 400_000)
    track.new_capture()
    track.place(0, now_us + 50_000, SAMPLES, PACKET_US)
    assert [gap.kind for gap in track.gaps] == [GapKind.STARVED, GapKind.RECAPTURE]
    fresh = AudioTrack(0)
    fresh.new_capture()
    assert fresh.gaps == []


def test_finish_brings_the_sound_to_the_end_and_no_further() -> None:
    """The end is reached with silence; sound already laid beyond it stays."""
    track = AudioTrack(0)
    steady(track, 100)
    assert track.finish(1_250_000) == 12_000
    assert track.finish(1_000_000) == 0
    assert track.position == 60_000


def still_page(track: VideoTrack, until_us: int) -> Iterator[tuple[int, bool]]:
    """Ticks of 20 ms on a page that sent one picture at 0."""
    first = track.place(0)
    yield first.pts, first.keyframe
    for now_us in range(0, until_us, 20_000):
        step = track.repeat(now_us)
        if step is not None:
            yield step.pts, step.keyframe


def test_a_still_page_is_repeated_every_second_with_keyframes_by_time() -> None:
    """One picture, then nothing: repeats a second apart, a keyframe every 2 s."""
    written = list(still_page(VideoTrack(0), 20_000_000))
    times = [pts for pts, _ in written]
    keys = [pts for pts, keyframe in written if keyframe]
    assert {b - a for a, b in itertools.pairwise(times)} == {VIDEO_TICKS_HZ}
    assert {b - a for a, b in itertools.pairwise(keys)} == {2 * VIDEO_TICKS_HZ}
    assert times[-1] >= (20_000_000 - REPEAT_SLACK_US - REPEAT_AFTER_US) * 9 // 100


def test_nothing_is_repeated_before_the_first_picture() -> None:
    """A track without a picture has nothing to repeat, and nothing to end with."""
    track = VideoTrack(0)
    assert track.repeat(10_000_000) is None
    assert track.finish(10_000_000) == []
    assert not track.started


@pytest.mark.parametrize("frame_us", [33_333, 200_000, 999_999])
def test_keyframes_fall_due_by_time_at_any_rate(frame_us: int) -> None:
    """At 30, 5 and 1 pictures per second keyframes are less than 2 s and one picture apart."""
    track = VideoTrack(0)
    steps = [track.place(index * frame_us) for index in range(300)]
    keys = [step.pts for step in steps if step.keyframe]
    longest = max(b - a for a, b in itertools.pairwise(keys))
    assert steps[0].keyframe
    assert longest <= (KEYFRAME_EVERY_US + frame_us) * 9 // 100 + 1


def test_a_picture_whose_time_is_taken_goes_right_behind() -> None:
    """After a repeat was written at 1.0 s, a picture made at 0.9 s is shown, not lost."""
    track = VideoTrack(0)
    track.place(0)
    repeat = track.repeat(REPEAT_AFTER_US + REPEAT_SLACK_US)
    late = track.place(900_000)
    assert repeat is not None
    assert late.pts == repeat.pts + BEHIND_US * 9 // 100
    assert track.late == 1


def test_times_rise_strictly_whatever_comes() -> None:
    """Any order of places yields strictly rising times, from 0 on."""
    rng = random.Random(2)  # noqa: S311 - a repeatable sequence, no secret
    track = VideoTrack(1_000_000)
    times = [track.place(rng.randrange(5_000_000)).pts for _ in range(500)]
    assert min(times) >= 0
    assert all(a < b for a, b in itertools.pairwise(times))


def test_finish_repeats_up_to_the_end() -> None:
    """The last repeats are at most a second apart and the very last is at the end."""
    track = VideoTrack(0)
    track.place(300_000)
    assert [step.pts / VIDEO_TICKS_HZ for step in track.finish(2_800_000)] == [1.3, 2.3, 2.8]

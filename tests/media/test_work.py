"""The queue between the recorder's threads: bounded, with a named overflow."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from media.assembly import Laid, Picture, Sound
from media.errors import CaptureFailed
from media.timeline import VideoStep
from media.types import VideoFrame
from media.work import MAX_PENDING_PICTURES, MAX_PENDING_SOUND_SAMPLES, Work

FRAME = VideoFrame(0, 0, 2, 2, np.zeros(6, np.uint8))
SECOND = Sound(np.zeros((2, 48_000), np.float32))


def picture(pts: int, *, keyframe: bool = False) -> Picture:
    """A picture at `pts`."""
    return Picture(FRAME, VideoStep(pts, keyframe), fresh=True)


def test_items_come_out_in_order_until_closed_and_empty() -> None:
    """Closing ends the iteration after what was queued before; nothing is queued after."""
    work = Work()
    items: list[Laid] = [picture(0), SECOND, picture(1)]
    work.put_all(items)
    work.close()
    work.put_all([picture(2)])
    assert list(work) == items


def test_of_too_many_pictures_those_stay_that_lie_evenly() -> None:
    """An encoder that stood still for 20 s gets one of each second, the first and the latest."""
    work = Work()
    for n in range(600):
        work.put_all([picture(n * 3_000, keyframe=n == 0)])
        assert work._pictures <= MAX_PENDING_PICTURES
    work.close()
    taken = [item.at_s for item in work if isinstance(item, Picture)]
    assert (taken[0], taken[-1]) == (0.0, 599 / 30)
    assert len(taken) == MAX_PENDING_PICTURES
    assert work.dropped == 600 - MAX_PENDING_PICTURES
    assert max(later - sooner for sooner, later in pairwise(taken)) < 1.5


def test_a_keyframe_lost_to_others_is_made_good_for() -> None:
    """The picture after it becomes one, where that waits and where it is the new one."""
    among = [picture(n * 10) for n in range(MAX_PENDING_PICTURES)]
    among[11:11] = [picture(101, keyframe=True)]
    newest = [picture(n * 10) for n in range(MAX_PENDING_PICTURES - 1)]
    newest += [picture(281, keyframe=True), picture(282)]
    for laid, lost, successor in ((among, 101, 110), (newest, 281, 282)):
        work = Work()
        work.put_all(laid)
        work.close()
        pictures = {item.step.pts: item for item in work if isinstance(item, Picture)}
        assert lost not in pictures
        assert pictures[successor].step.keyframe
        assert sum(each.step.keyframe for each in pictures.values()) == 1
        assert work.dropped == 1


def test_a_lost_picture_that_is_no_keyframe_owes_nothing() -> None:
    """Without a lost keyframe the next picture stays what it was; what is taken makes room."""
    work = Work()
    work.put_all(picture(pts) for pts in range(MAX_PENDING_PICTURES + 1))
    taken = iter(work)
    next(taken)
    work.put_all([picture(200)])
    work.close()
    assert list(taken)[-2:] == [picture(MAX_PENDING_PICTURES), picture(200)]
    assert work.dropped == 1


def test_sound_is_never_dropped_for_pictures() -> None:
    """While pictures overflow, sound still gets in."""
    work = Work()
    work.put_all(picture(pts) for pts in range(MAX_PENDING_PICTURES + 5))
    work.put_all([SECOND])
    work.close()
    assert list(work)[-1] is SECOND


def test_minutes_of_waiting_sound_are_an_error() -> None:
    """An encoder that stands still is named; until then all sound is kept."""
    work = Work()
    seconds = MAX_PENDING_SOUND_SAMPLES // 48_000
    work.put_all([SECOND] * seconds)
    with pytest.raises(CaptureFailed, match="stands still"):
        work.put_all([SECOND])


def test_taken_sound_makes_room() -> None:
    """The bound is on what waits, not on what passed."""
    work = Work()
    taken = iter(work)
    for _ in range(3 * MAX_PENDING_SOUND_SAMPLES // 48_000):
        work.put_all([SECOND])
        assert next(taken) is SECOND


def test_abandoning_throws_away_what_waits() -> None:
    """The reader ends at once, however much was queued."""
    work = Work()
    work.put_all([picture(0), SECOND])
    work.abandon()
    assert list(work) == []


def test_a_waiting_reader_is_woken_by_work_and_by_the_end() -> None:
    """A thread that waits takes what comes and ends when closed."""
    work = Work()
    seen: list[Laid] = []
    reader = threading.Thread(target=lambda: seen.extend(work))
    reader.start()
    work.put_all([picture(0)])
    work.put_all([picture(1)])
    work.close()
    reader.join(timeout=60)
    assert not reader.is_alive()
    assert seen == [picture(0), picture(1)]


def test_an_encoder_behind_skips_stale_pictures_but_one_a_second() -> None:
    """Pictures over a second behind are dropped, down to one a second; sound stays."""
    work = Work()
    laid: list[Laid] = [picture(n * 9_000, keyframe=n == 10) for n in range(25)]
    work.put_all([*laid, *[SECOND] * 4])
    work.close()
    taken = list(work)
    times = [item.step.pts for item in taken if isinstance(item, Picture)]
    assert times == [0, 90_000, 180_000, 216_000]  # and the last one
    assert work.dropped == 21
    assert sum(item is SECOND for item in taken) == 4


def test_pictures_too_close_are_thinned_but_keyframes_and_the_last() -> None:
    """At a spacing of 0.06 s every second of 30 per second stays; what is left out is counted."""
    work = Work()
    work.spacing_s = 0.06
    work.put_all(picture(n * 3_000, keyframe=n == 3) for n in range(10))
    work.close()
    times = [item.step.pts // 3_000 for item in work if isinstance(item, Picture)]
    assert times == [0, 2, 3, 5, 7, 9]
    assert (work.thinned, work.dropped) == (4, 0)


def test_what_waits_is_counted_in_seconds_of_sound() -> None:
    """The lag of the encoder is the sound that it has not taken."""
    work = Work()
    work.put_all([SECOND, picture(0), SECOND])
    assert work.pending_s == 2.0
    assert next(iter(work)) is SECOND
    assert work.pending_s == 1.0


def test_a_keyframe_lost_to_staleness_is_made_good_for() -> None:
    """The first picture after a dropped keyframe becomes one."""
    work = Work()
    work.put_all([picture(0), picture(45_000, keyframe=True), *[SECOND] * 4, picture(400_000)])
    work.close()
    pictures = [item for item in work if isinstance(item, Picture)]
    assert pictures == [picture(0), picture(400_000, keyframe=True)]


def test_the_very_last_picture_is_never_stale() -> None:
    """It ends the video where the sound ends, however far behind the encoder is."""
    work = Work()
    work.put_all([picture(0), picture(9_000), picture(18_000), *[SECOND] * 5])
    work.close()
    pictures = [item.step.pts for item in work if isinstance(item, Picture)]
    assert pictures == [0, 18_000]

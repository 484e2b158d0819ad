"""The judge of chaos runs: what is missing is seen, what is declared is not held against a bot."""

import io
from collections.abc import Sequence
from typing import Any

import pytest

from tests.chaos.judge import Heard, Loss, Played, heard, late_spans, longest, loss, play
from tests.media.numbered import CODES, FPS, Numbered

BEGAN_S = 3.0
"""Where in the source the recordings here begin."""


def recorded(seconds: float, without: Sequence[tuple[float, float]] = ()) -> Played:
    """What a perfect file plays but for some stretches, in its own seconds."""

    def there(at_s: float) -> bool:
        return not any(start <= at_s < end for start, end in without)

    pictures = [(n / FPS, n + round(BEGAN_S * FPS)) for n in range(round(seconds * FPS))]
    windows = [n / 20 for n in range(round(seconds * 20))]
    sounds = [
        (at_s, int((at_s + BEGAN_S) / 0.2 + 1e-6) % CODES if there(at_s) else None)
        for at_s in windows
    ]
    return Played([each for each in pictures if there(each[0])], sounds)


def test_a_whole_file_has_lost_nothing() -> None:
    """Every picture and piece to the end of the source: no loss at all."""
    found = loss(recorded(10), lived_s=13.0, gaps=(), dropped_pictures=0)
    assert found == pytest.approx(Loss(0.0, 0.0, 0, 0))


def test_a_tail_is_measured_to_the_end_of_the_source() -> None:
    """What was shown after the last picture is the end that was lost."""
    found = loss(recorded(10), lived_s=15.5, gaps=(), dropped_pictures=0)
    assert found.tail_s == pytest.approx(2.5)
    nothing = Played((), ())
    assert loss(nothing, lived_s=4.0, gaps=(), dropped_pictures=0).tail_s == 4.0


def test_a_hole_counts_unless_it_is_declared() -> None:
    """Missing pictures and silence are undeclared, in a gap of the report they are not."""
    holed = recorded(10, without=[(4.0, 5.0)])
    found = loss(holed, lived_s=13.0, gaps=(), dropped_pictures=0)
    assert found.undeclared_pictures == FPS
    assert found.undeclared_sounds >= 20
    named = loss(holed, lived_s=13.0, gaps=[(4.0, 5.0)], dropped_pictures=0)
    assert (named.undeclared_pictures, named.undeclared_sounds) == (0, 0)
    assert named.gaps_s == 1.0
    counted = loss(holed, lived_s=13.0, gaps=(), dropped_pictures=FPS)
    assert counted.undeclared_pictures == 0
    excused = loss(holed, lived_s=13.0, gaps=[(4.0, 5.0)], dropped_pictures=0, late=[(6.9, 8.1)])
    assert (excused.undeclared_pictures, excused.gaps_s) == (0, 0.0)


def test_a_piece_that_was_cut_out_is_missed() -> None:
    """Sound that closes up over a missing piece is known by the code that is not there."""
    whole = recorded(10)
    cut = [each for each in whole.sounds if not 4.0 <= each[0] < 4.2]
    closed_up = [(n / 20, code) for n, (_, code) in enumerate(cut)]
    found = loss(Played(whole.pictures, closed_up), lived_s=13.0, gaps=(), dropped_pictures=0)
    assert found.undeclared_sounds == 1


def test_pictures_out_of_order_are_seen() -> None:
    """A file that plays something twice is none that has everything at its place."""
    whole = recorded(4)
    swapped = [*whole.pictures[:10], *whole.pictures[5:]]
    found = loss(Played(swapped, whole.sounds), lived_s=7.0, gaps=(), dropped_pictures=0)
    assert found.undeclared_pictures == 1


def test_the_longest_gap_is_of_gaps_that_touch() -> None:
    """What was starved and then captured anew is one; holes beside it are not of it."""
    holes = [(n / 50, n / 50 + 0.01) for n in range(200)]
    assert longest([(5.0, 6.0), (6.002, 9.0), *holes, (9.1, 9.2)]) == 4.0
    assert longest([(1.0, 5.0), (2.0, 3.0)]) == 4.0
    assert longest([]) == 0.0


def test_lateness_of_the_source_is_joined_into_spans() -> None:
    """Lines close to each other are one span, widened by what the timeline waits."""
    lines = ["1000000 200000", "1010000 250000", "9000000 150000"]
    assert late_spans(lines, 500_000) == [
        pytest.approx((-0.1, 1.36)),
        pytest.approx((7.9, 9.25)),
    ]


def test_a_real_file_plays_what_was_fed() -> None:
    """Decoded from the real encoder's file, numbers and codes are those of the source."""
    video, audio = io.BytesIO(), io.BytesIO()
    source = Numbered(video, audio)
    source.record(6)
    source.end()
    played = play(video.getvalue())
    assert [number for _, number in played.pictures] == list(range(6 * FPS))
    found = loss(played, lived_s=6.0, gaps=(), dropped_pictures=0)
    assert (found.undeclared_pictures, found.undeclared_sounds) == (0, 0)
    assert found.tail_s < 0.25


def test_words_and_numbers_are_counted_by_run() -> None:
    """One last word, numbers without holes in each run; anything else is told."""
    data = {"end_reason": "API_REQUEST", "video": "x"}
    events: list[dict[str, Any]] = [
        {"event": "accepted", "run_id": "a", "seq": 1, "data": {}},
        {"event": "bot.status_change", "run_id": "b", "seq": 1, "data": {}},
        {"job": "x"},
        {"event": "bot.completed", "run_id": "a", "seq": 2, "data": data},
    ]
    assert heard(events) == Heard(1, 0, "API_REQUEST", has_recording=True)
    again = {"event": "bot.failed", "run_id": "b", "seq": 3, "data": {"error_code": "X"}}
    assert heard([*events, again]) == Heard(2, 1, "X", has_recording=False)
    assert heard([]) == Heard(0, 0, None, has_recording=False)

"""How a recording stood, as a dead run's report takes it over."""

from bot.report import (
    BusyReport,
    DegradedReport,
    GapReport,
    PauseReport,
    QualitySection,
    RejoinReport,
)
from bot.standing import TOO_SLOW, Standing, gave_way
from media.pressure import Cause, Level


def level(to_level: Level, at_s: float, until_s: float | None) -> DegradedReport:
    """A level that was given up for a while."""
    before = {Level.CHEAP_PRESET: Level.FULL, Level.HALF_RATE: Level.CHEAP_PRESET}[to_level]
    return DegradedReport(
        from_level=before,
        to_level=to_level,
        at_seconds=at_s,
        until_seconds=until_s,
        why=Cause.ENCODER_BEHIND,
    )


def standing(known_until_s: float = 14.0) -> Standing:
    """A recording in much trouble: something of each kind ends before 10 s and after it."""
    return Standing(
        quality=QualitySection(
            frames_got=400,
            frames_encoded=380,
            frames_repeated=2,
            frames_dropped={"behind": 5},
            frames_thinned=13,
            degraded=[
                level(Level.CHEAP_PRESET, 2.0, 4.0),
                level(Level.CHEAP_PRESET, 6.0, 12.5),
                level(Level.HALF_RATE, 11.0, None),
            ],
            audio_packets=1400,
            audio_epochs=1,
            av_calibration_ms=25.0,
            busy_machine=[BusyReport(start_seconds=9.0, duration_seconds=4.0, waited_share=0.6)],
            silent_seconds=1.0,
            digital_silence_seconds=0.5,
            black_seconds=0.0,
            frozen_seconds=0.0,
            peak_dbfs=-3.0,
            clipped_samples=0,
            gaps=[
                GapReport(kind="hole", start_seconds=1.0, duration_seconds=0.25),
                GapReport(kind="starved", start_seconds=9.5, duration_seconds=3.0),
                GapReport(kind="hole", start_seconds=13.0, duration_seconds=0.5),
            ],
            known_until_seconds=known_until_s,
        ),
        pauses=(
            PauseReport(start_seconds=3.0, duration_seconds=60.0),
            PauseReport(start_seconds=12.0, duration_seconds=1.0),
        ),
        rejoins=(
            RejoinReport(
                cause="page-crashed",
                start_seconds=9.5,
                asked_after_seconds=1.0,
                back_after_seconds=None,
            ),
        ),
    )


def test_what_lies_after_the_end_is_cut_off() -> None:
    """Stretches end with the recording, those behind it are gone, counts stay as they are."""
    cut = standing().until(10.0)
    assert [(gap.start_seconds, gap.duration_seconds) for gap in cut.quality.gaps] == [
        (1.0, 0.25),
        (9.5, 0.5),
    ]
    assert [each.duration_seconds for each in cut.quality.busy_machine] == [1.0]
    assert [(each.at_seconds, each.until_seconds) for each in cut.quality.degraded] == [
        (2.0, 4.0),
        (6.0, None),
    ]
    assert [pause.duration_seconds for pause in cut.pauses] == [60.0]
    assert [each.cause for each in cut.rejoins] == ["page-crashed"]
    assert (cut.quality.frames_thinned, cut.quality.known_until_seconds) == (13, 14.0)


def test_a_recording_that_stands_to_the_note_and_beyond_is_whole() -> None:
    """Nothing is taken from a note that is older than the end."""
    assert standing().until(14.0) == standing()
    assert standing().until(14.9) == standing()
    nothing = standing().until(0.0)
    assert (nothing.quality.gaps, nothing.pauses, nothing.rejoins) == ([], (), ())


def test_it_is_told_how_long_pictures_were_reduced() -> None:
    """The outermost level counts, to the end where it was not taken back."""
    cut = standing().until(10.0)
    assert gave_way(cut.quality.degraded, 10.0) == [TOO_SLOW.format(seconds=2.0 + 4.0)]
    assert gave_way([], 10.0) == []

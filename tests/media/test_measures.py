"""What is measured of sound and pictures comes together in one report."""

import numpy as np
import pytest

from media.curves import Sampled
from media.measures import Curves, Measures
from tests.media.test_loudness import sine
from tests.media.test_quality import SIZE, picture


def test_totals_loudness_and_curves_of_one_recording() -> None:
    """Each meter has seen everything, and what it cost is told per recorded second."""
    measures = Measures()
    for _ in range(3):
        measures.sound(sine(1.0, -20))
    measures.sound(np.zeros((2, 48_000), np.float32))
    for at_s in (0.0, 0.5, 2.5):
        measures.picture(picture(100), *SIZE, at_s)
    report = measures.report(4.0)
    assert report.peak_dbfs == pytest.approx(-20, abs=0.1)
    assert report.digital_silence_seconds == 1.0
    assert report.loudness_lufs == pytest.approx(-20, abs=0.2)
    assert report.loudness_range_lu is not None
    assert report.measuring_cores > 0
    assert measures.heard_at_s == 3.0
    curves = measures.curves()
    assert curves.peak.values == pytest.approx((0.1, 0.1, 0.1, 0.0), abs=0.001)
    assert curves.pictures.values == (2.0, 0.0, 1.0)


def test_nothing_measured_is_a_report_too() -> None:
    """An empty recording has costs and curves of nothing."""
    measures = Measures()
    report = measures.report(0.0)
    assert (report.loudness_lufs, report.measuring_cores) == (None, 0.0)
    assert measures.curves() == Curves(Sampled(), Sampled())

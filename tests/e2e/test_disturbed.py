"""A pause, a browser that stands still and a busy machine: the report names all three."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.contract import EndReason
from tests.e2e.disturbed import Stretch, disturbed
from tests.e2e.listening import sound_of

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(400)]

PAUSE_S, HICCUP_S, HOG_S = 3.0, 2.0, 4.0
KINDS = {"starved", "hole", "jump", "overlap", "recapture"}
NEAR_S = 1.5
"""What a browser that stood still has to make good for comes a little later."""


def stretches(rows: list[dict[str, Any]]) -> list[Stretch]:
    """Where in the recording such rows lie."""
    starts = [row["start_seconds"] for row in rows]
    return [(at, at + row["duration_seconds"]) for at, row in zip(starts, rows, strict=True)]


def touches(one: Stretch, other: Stretch, slack_s: float = 0.0) -> bool:
    """Whether they overlap, or nearly."""
    return one[0] < other[1] + slack_s and other[0] < one[1] + slack_s


async def test_the_report_names_a_pause_a_hiccup_and_a_hog(tmp_path: Path) -> None:
    """Each where it was; nothing else is wrong, and the files are as long as is said."""
    found = await disturbed(tmp_path, PAUSE_S, HICCUP_S, HOG_S, hog_nice=19)
    report = found.ended.report
    assert found.ended.outcome.reason is EndReason.API_REQUEST
    (pause,) = report["pauses"]
    assert pause["duration_seconds"] >= PAUSE_S
    gaps = [gap for gap in report["quality"]["gaps"] if gap["kind"] != "overlap"]
    begins_s, ends_s = found.hiccup[0], found.hiccup[1] + NEAR_S
    # one that was over before it began has no part in it
    held_s = sum(max(0.0, min(gap[1], ends_s) - max(gap[0], begins_s)) for gap in stretches(gaps))
    assert held_s > HICCUP_S / 2
    busy = stretches(report["quality"]["busy_machine"])
    assert any(touches(each, found.hog) for each in busy)
    assert all(one[1] <= other[0] for one, other in pairwise(busy))
    # nothing else is wrong: what a slow machine adds is of the same kinds, and nothing is dead
    assert {gap["kind"] for gap in report["quality"]["gaps"]} <= KINDS
    assert all(row["state"] in {"stored", "absent"} for row in report["artifacts"])
    for name in ("video.mp4", "audio.mp3"):
        heard_s = len(sound_of(found.ended.folder / name)) / 48_000
        assert heard_s == pytest.approx(report["duration_seconds"], abs=0.2)

"""What follows a meeting; a whole ending is in tests/bot/test_session.py and tests/e2e."""

from pathlib import Path
from typing import Any

import pytest

from bot import farewell
from bot.contract import EndReason, Status
from bot.farewell import finish, page_is_evidence, part
from bot.outcome import Outcome, outcome, outcome_of_sigterm
from bot.recording import Recording
from bot.report_writer import write_report
from bot.shape import Shape
from media.tab.capture import CaptureSettings
from platforms.types import FailureBundle, PageState
from tests.bot.rig import Rig, rig
from tests.bot.test_meeting import Script, seen
from tests.bot.test_recording import until
from tests.chaos.victim import FOLDER, SourceBackend
from tests.media.numbered import HEIGHT, WIDTH
from tests.media.test_trouble import Disk

LEFT = outcome(EndReason.API_REQUEST, "command/leave")
EARLY = outcome(EndReason.EXITING_MEETING_BEFORE_RECORD, "command/leave")
DENIED = outcome(EndReason.BOT_NOT_ACCEPTED, "google_meet/host-refused")
LOST = outcome(EndReason.INTERNAL_ERROR, "browser/gone")


@pytest.mark.parametrize(
    ("ended", "evidence"),
    [(None, False), (LEFT, False), (EARLY, False), (outcome_of_sigterm(), False), (DENIED, True)],
)
def test_page_is_evidence(ended: Outcome | None, evidence: bool) -> None:
    """Of a failure of the meeting or of ours, not where somebody told the bot to go."""
    assert page_is_evidence(ended) is evidence


@pytest.mark.parametrize(
    ("ended", "alive", "left", "kept"),
    [
        (DENIED, True, ["leave"], True),
        (LEFT, True, ["leave"], False),
        (LOST, False, [], False),
    ],
)
async def test_parting(
    tmp_path: Path, ended: Outcome, alive: bool, left: list[str], kept: bool
) -> None:
    """A living page is left by its button and shows a failure's evidence; a dead one is let be."""
    script = Script([seen(PageState.IN_CALL)])
    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        parts.context.gate.settle(ended)
        await part(parts.context, script, alive=alive)
        facts = parts.context.facts
        assert parts.context.reporter.status is Status.CALL_ENDED
    assert script.done == left
    assert (facts.bundle is not None) is kept
    assert facts.exited_at is not None


async def test_a_client_that_fails_holds_nobody(tmp_path: Path) -> None:
    """Whatever the page does, the call is said to have ended."""

    class Broken(Script):
        async def bundle(self) -> FailureBundle:
            raise RuntimeError("no page")

    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        parts.context.gate.settle(DENIED)
        await part(parts.context, Broken([seen(PageState.IN_CALL)]), alive=True)
        assert parts.context.reporter.status is Status.CALL_ENDED


async def test_a_page_that_never_answers_is_left_without_a_farewell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is said, and the report tells what was given up."""
    monkeypatch.setattr(farewell, "FAREWELL_LIMIT_S", 0.1)
    script = Script([seen(PageState.IN_CALL)])
    script.hangs.add("leave")
    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        parts.context.gate.settle(outcome_of_sigterm())
        await part(parts.context, script, alive=True)
        assert parts.context.reporter.status is Status.CALL_ENDED
        assert parts.context.facts.warnings == ["the farewell was cut short: out of time"]


def recording_of_a_source(parts: Rig) -> Recording:
    """All is real but the browser, which it has no need of."""
    no_browser: Any = None
    recording = Recording(
        no_browser,
        parts.context.shelf.storage,
        key_prefix=parts.context.shelf.prefix,
        spool_dir=parts.context.run_folder,
        spool_max_bytes=1 << 26,
        shape=Shape(CaptureSettings(WIDTH, HEIGHT), (WIDTH, HEIGHT), "video.mp4", "audio.mp3"),
    )
    recording.backend = SourceBackend()
    return recording


@pytest.mark.timeout(120)
async def test_a_recording_whose_disk_was_full_is_made_of_its_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a failure, its files stand as far as its chunks go, and the report knows how it was."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    disk = Disk(monkeypatch)
    with rig(tmp_path) as parts:
        facts = parts.context.facts
        async with recording_of_a_source(parts) as recording:
            facts.start_time = recording.begin()
            await until(lambda: recording.stats()[1].chunks >= 2, 60.0)
            disk.full = True
            await until(lambda: recording.problem is not None)
            disk.full = False
            await finish(parts.context, recording)
        assert facts.unfinished is not None
        report = write_report(parts.context, facts.unfinished, [])
    assert facts.unfinished.row == "error/SpoolFull"
    assert facts.salvage is not None
    assert facts.salvage.names == ("video.mp4", "audio.mp3")
    assert (parts.folder / "video.mp4").stat().st_size == facts.salvage.video_bytes
    assert report.duration_seconds == round(facts.salvage.duration_s, 3)
    assert report.quality is not None
    assert (report.quality.known_until_seconds or 0.0) >= facts.salvage.duration_s

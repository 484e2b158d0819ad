"""A capture that died is replaced once, into the same recording."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest
from playwright.async_api import Error as PlaywrightError

from bot.contract import EndReason
from bot.hearing import LISTEN_AFTER_S
from bot.patience import running
from bot.vigil import DEAD_SOUND_S, LOOK_AT_S, OVERSLEPT_S, WATCH_EVERY_S, Vigil, trouble
from media.errors import CaptureError, CaptureFailed
from media.summary import RecorderStats
from tests.e2e.harness import bot_at
from tests.e2e.lending import Lender

LIVING = RecorderStats(recorded_s=5.0, pictures_in=1, sound_age_s=0.01)


@pytest.mark.parametrize(
    ("stats", "state", "found"),
    [
        (LIVING, "capturing", None),
        (LIVING, "unanswered", None),
        (LIVING, "audio-ended", "audio-ended"),
        (RecorderStats(recorded_s=1.0), "capturing", None),
        (RecorderStats(recorded_s=DEAD_SOUND_S), "capturing", "no sound came"),
        (RecorderStats(sound_age_s=DEAD_SOUND_S), "capturing", "no sound for 5 s"),
        (RecorderStats(recorded_s=LOOK_AT_S, sound_age_s=0.0), "capturing", "no picture came"),
        (RecorderStats(recorded_s=LOOK_AT_S, sound_age_s=0.0, pictures=False), "capturing", None),
    ],
)
def test_trouble(stats: RecorderStats, state: str, found: str | None) -> None:
    """Silence that arrives is no trouble, sound that does not is; a late answer is none."""
    assert trouble(stats, state) == found


@dataclass
class ScriptedRecording:
    """A recording whose capture does as it is told."""

    stats: RecorderStats = LIVING
    state: str = "capturing"
    looked: str | None = None
    begun: bool = True
    renewals: int = 0
    looks: int = 0
    refuses: bool = False
    dead: bool = False
    on_noted: Callable[[], None] = lambda: None
    problem: CaptureError | None = None
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    renewed: asyncio.Event = field(default_factory=asyncio.Event)
    crashed: asyncio.Event = field(default_factory=asyncio.Event)

    def recorder_stats(self) -> RecorderStats:
        return self.stats

    async def capture_state(self) -> str:
        return self.state

    async def look(self) -> str | None:
        self.looks += 1
        return self.looked

    async def recapture(self) -> None:
        self.renewals += 1
        self.crashed.clear()
        self.renewed.set()
        if self.refuses:
            raise CaptureFailed("no tab")

    def note_dead_sound(self, *, dead: bool) -> None:
        self.dead = dead
        self.on_noted()

    def fail(self, problem: CaptureError) -> None:
        self.problem = problem
        self.failed.set()


@dataclass
class ScriptedPage:
    """A page that receives ever more sound, or is not to be asked about it."""

    energies_told: Iterator[float] | None = None
    late_told_ms: float | None = None
    compared: asyncio.Event = field(default_factory=asyncio.Event)

    async def energies(self) -> dict[str, float]:
        assert self.energies_told is not None, "asked"
        return {"Ada": next(self.energies_told)}

    async def late_ms(self) -> float | None:
        self.compared.set()
        return self.late_told_ms


async def test_a_second_failure_is_the_end() -> None:
    """One renewal is tried; when that one dies too, the meeting is woken with the problem."""
    recording, wake = ScriptedRecording(state="failed: worker"), asyncio.Event()
    async with asyncio.timeout(20):
        await Vigil(recording, asyncio.Event(), wake).keep()
    assert recording.renewals == 1
    assert isinstance(recording.problem, CaptureFailed)
    assert wake.is_set()


async def test_a_renewal_that_fails_is_the_end() -> None:
    """Where no new capture can be had, that is the problem."""
    recording = ScriptedRecording(state="video-ended", refuses=True)
    async with asyncio.timeout(20):
        await Vigil(recording, asyncio.Event(), asyncio.Event()).keep()
    assert str(recording.problem) == "capture failed: no tab"


async def test_what_is_stored_is_looked_at_once() -> None:
    """After ten seconds the file so far is opened once; what does not play is captured anew."""
    stats = RecorderStats(recorded_s=LOOK_AT_S, pictures_in=9, sound_age_s=0.0)
    recording = ScriptedRecording(stats=stats, looked="no video decodes")
    keeping = asyncio.create_task(Vigil(recording, asyncio.Event(), asyncio.Event()).keep())
    async with asyncio.timeout(20):
        await recording.renewed.wait()
        recording.looked = None
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert (recording.looks, recording.renewals, recording.problem) == (1, 1, None)


async def test_after_a_stop_of_the_process_what_waited_is_read_first() -> None:
    """The last sound is old because nobody could read the next: that is no dead capture."""
    recording, looked = ScriptedRecording(), asyncio.Event()

    def look_at_pages() -> bool:
        looked.set()
        return False

    vigil = Vigil(recording, asyncio.Event(), asyncio.Event(), at_rest=look_at_pages)
    stopped_s = WATCH_EVERY_S + OVERSLEPT_S + 0.5
    async with asyncio.timeout(60), running(vigil.keep()):
        await looked.wait()
        recording.stats = replace(LIVING, sound_age_s=4 * DEAD_SOUND_S)
        loop = asyncio.get_running_loop()
        loop.call_later(stopped_s + WATCH_EVERY_S / 2, setattr, recording, "stats", LIVING)
        time.sleep(stopped_s)  # noqa: ASYNC251 - as SIGSTOP does
        for _ in range(4):  # two looks ask twice each
            looked.clear()
            await looked.wait()
    assert recording.stats is LIVING
    assert recording.renewals == 0


async def test_at_rest_nothing_is_mended() -> None:
    """While there is no meeting page, a dead capture and a crashed recorder page are left alone."""
    recording = ScriptedRecording(state="failed: worker")
    recording.crashed.set()
    renewals: list[int] = []

    def at_rest() -> bool:
        renewals.append(recording.renewals)
        return len(renewals) < 3

    vigil = Vigil(recording, recording.crashed, asyncio.Event(), at_rest=at_rest)
    keeping = asyncio.create_task(vigil.keep())
    async with asyncio.timeout(30):
        await recording.renewed.wait()
    keeping.cancel()
    assert renewals[:3] == [0, 0, 0]


async def test_a_renewal_that_fails_with_the_page_is_no_end() -> None:
    """The tab died meanwhile: page and capture are renewed together by the meeting."""
    recording = ScriptedRecording(state="video-ended", refuses=True)
    vigil = Vigil(
        recording, asyncio.Event(), asyncio.Event(), at_rest=lambda: recording.renewals > 0
    )
    keeping = asyncio.create_task(vigil.keep())
    async with asyncio.timeout(30):
        await recording.renewed.wait()
        await asyncio.sleep(0)
    keeping.cancel()
    assert recording.problem is None


async def test_a_crash_before_the_recording_is_mended() -> None:
    """The recorder page is watched in the lobby too, where nothing else is asked."""
    recording = ScriptedRecording(begun=False, state="failed: x")
    keeping = asyncio.create_task(Vigil(recording, recording.crashed, asyncio.Event()).keep())
    recording.crashed.set()
    async with asyncio.timeout(20):
        await recording.renewed.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert recording.problem is None


async def test_dead_sound_is_captured_anew() -> None:
    """Zeros while the page receives sound: told to the recording, then a new capture is made."""
    recording = ScriptedRecording(stats=replace(LIVING, zeros_s=LISTEN_AFTER_S))
    page = ScriptedPage(count(0.0, 1.0))
    vigil = Vigil(recording, asyncio.Event(), asyncio.Event(), page)
    keeping = asyncio.create_task(vigil.keep())
    async with asyncio.timeout(30):
        await recording.renewed.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert (recording.dead, recording.renewals, recording.problem) == (True, 1, None)


async def test_a_page_is_asked_only_while_zeros_come() -> None:
    """While there is sound nobody looks for the page's connections, and what was dead is not."""
    recording, heard = ScriptedRecording(dead=True), asyncio.Event()
    recording.on_noted = heard.set
    vigil = Vigil(recording, asyncio.Event(), asyncio.Event(), ScriptedPage())
    keeping = asyncio.create_task(vigil.keep())
    async with asyncio.timeout(30):
        await heard.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert (recording.dead, recording.renewals) == (False, 0)


@pytest.mark.parametrize(("pictures", "kept_ms"), [(True, 40.0), (False, None)])
async def test_the_page_is_asked_how_late_it_plays_sound(
    pictures: bool, kept_ms: float | None
) -> None:
    """Where pictures are recorded; what it says is kept."""
    recording, noted = ScriptedRecording(stats=replace(LIVING, pictures=pictures)), asyncio.Event()
    recording.on_noted = noted.set
    page = ScriptedPage(late_told_ms=40.0)
    vigil = Vigil(recording, asyncio.Event(), asyncio.Event(), page)
    keeping = asyncio.create_task(vigil.keep())
    async with asyncio.timeout(30):
        await (page.compared if pictures else noted).wait()
        await asyncio.sleep(0)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert vigil.lip_sync.usual_ms == kept_ms
    assert page.compared.is_set() is pictures


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.asyncio(loop_scope="session")
async def test_dead_sound_and_a_crashed_recorder_page_in_mid_call(
    tmp_path: Path, lent: Lender
) -> None:
    """In real Chromium: zeros of a muted capture are found, mended, declared, and no silence.

    Then the recorder page crashes: the recording goes on in the same file, the gap is declared.
    """
    scenario: dict[str, object] = {
        "open": True,
        "participants": [{"name": "Ada", "picture": "still"}],
        "events": [{"do": "speak", "who": "Ada", "for_s": 600}],
    }
    async with bot_at(tmp_path, scenario, lent=lent) as (_, bot):
        await bot.until(lambda: bot.session.snapshot().recorder.heard_at_s is not None)
        browser = bot.session.browser
        assert browser is not None
        await browser.recorder.evaluate("recorder.stream.getAudioTracks()[0].enabled = false")
        await bot.until(lambda: bot.session.snapshot().recorder.captures == 2)
        mended_s = bot.session.snapshot().recorder.recorded_s
        await bot.until(lambda: (bot.session.snapshot().recorder.heard_at_s or 0) > mended_s)
        with pytest.raises(PlaywrightError):
            await browser.recorder.goto("chrome://crash")
        await bot.until(lambda: bot.session.snapshot().recorder.captures == 3)
        resumed_s = bot.session.snapshot().recorder.recorded_s
        await bot.until(lambda: (bot.session.snapshot().recorder.heard_at_s or 0) > resumed_s)
        bot.session.leave()
        ended = await bot.ends()
    assert ended.outcome.reason is EndReason.API_REQUEST
    gaps = ended.report["quality"]["gaps"]
    dead = next(gap for gap in gaps if gap["kind"] == "dead")
    renewed, after_crash = (gap for gap in gaps if gap["kind"] == "recapture")
    assert 0 < dead["start_seconds"] < mended_s
    assert dead["duration_seconds"] >= LISTEN_AFTER_S
    dead_until_s = dead["start_seconds"] + dead["duration_seconds"]
    assert dead_until_s <= renewed["start_seconds"] + 0.001, gaps
    assert renewed["start_seconds"] < mended_s < after_crash["start_seconds"] < resumed_s, gaps
    # what a busy machine adds of its own
    kinds = {gap["kind"] for gap in gaps}
    assert kinds <= {"dead", "recapture", "starved", "hole", "jump", "overlap"}
    assert ended.last["video"] is not None

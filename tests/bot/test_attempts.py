"""One try at a meeting after another: before admission, and after a page died in the call.

The same in real Chromium is in tests/e2e/test_end_reasons.py.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from bot.meeting import Meeting
from bot.outcome import Outcome, outcome_of_leave, outcome_of_sigterm
from media.errors import CaptureFailed
from platforms.errors import BrowserUnavailable, PageUnreachable
from platforms.types import ChatLine, Observation, PageState, Person
from tests.bot.rig import Rig, rig
from tests.bot.test_meeting import ADA, ME, PAGE_CRASHED, Script, Tape, meet, seen

pytestmark = pytest.mark.timeout(300)

IN_CALL = seen(PageState.IN_CALL, ME, ADA)
LOBBY = seen(PageState.LOBBY)
FORM = seen(PageState.PREJOIN)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another attempt begins without a rest."""
    monkeypatch.setattr("bot.attempts.AGAIN_AFTER_S", (0.0, 0.0))


async def test_a_failure_that_passes_is_tried_again(tmp_path: Path, soon: None) -> None:
    """Two failures before admission are attempts, told in the report; the third try gets in."""
    looks = [PageState.BLOCKED, PageState.PREJOIN, PageState.IN_CALL, PageState.REMOVED]
    script = Script([seen(state, ME) for state in looks])
    script.problems = [PageUnreachable("meet.google.com", "HTTP 503", 503), None, None]
    with rig(tmp_path) as parts:
        ended = await meet(parts, script, Tape(60))
    assert ended.reason is EndReason.BOT_REMOVED
    assert script.done.count("open") == 3
    assert parts.context.facts.warnings == [
        "attempt 1 ended as CANNOT_JOIN_MEETING, error/PageUnreachable",
        "attempt 2 ended as CANNOT_JOIN_MEETING, script/blocked",
    ]


async def test_a_page_that_crashes_before_admission_is_renewed(tmp_path: Path, soon: None) -> None:
    """A new page takes the dead one's place, and the attempt that joins is the one that counts."""
    script = Script([seen(PageState.LOBBY), seen(PageState.IN_CALL, ME), seen(PageState.REMOVED)])
    deaths = [None, PAGE_CRASHED]

    async def renew() -> None:
        deaths[:] = [None]

    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        dead = lambda: deaths.pop(0) if len(deaths) > 1 else deaths[0]  # noqa: E731 - as short as can be
        meeting = Meeting(parts.context, script, Tape(20.0), dead, renew)
        await meeting.run(ask_from=lambda: True)
    assert parts.context.outcome.reason is EndReason.BOT_REMOVED
    assert script.done.count("open") == 2
    assert parts.context.facts.warnings == [
        "attempt 1 ended as INTERNAL_ERROR, browser/page-crashed"
    ]


@pytest.mark.parametrize("died", [PAGE_CRASHED, "gone"])
async def test_what_cannot_be_renewed_is_our_failure(tmp_path: Path, soon: None, died: str) -> None:
    """A browser and a page that cannot be had anew end as INTERNAL_ERROR."""
    tries: list[str] = []

    async def renew() -> None:
        tries.append("renew")
        raise CaptureFailed("no new page")

    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        script = Script([seen(PageState.LOBBY)])
        meeting = Meeting(parts.context, script, Tape(), lambda: died, renew)
        await meeting.run(ask_from=lambda: True)
    assert parts.context.outcome.exit_code in {3, 4}
    assert tries == ["renew"]


async def test_three_attempts_are_all(tmp_path: Path, soon: None) -> None:
    """The last one's failure is the outcome."""
    script = Script([seen(PageState.BLOCKED)])
    with rig(tmp_path) as parts:
        ended = await meet(parts, script)
    assert (ended.reason, ended.row) == (EndReason.CANNOT_JOIN_MEETING, "script/blocked")
    assert script.done.count("open") == 3
    assert parts.context.gate.current is not None


@pytest.mark.parametrize("state", [PageState.LOGIN, PageState.INVALID])
async def test_what_will_not_pass_is_not_tried_again(
    tmp_path: Path, soon: None, state: PageState
) -> None:
    """A meeting for signed-in users only, and one that is not there, stay so."""
    script = Script([seen(state)])
    with rig(tmp_path) as parts:
        await meet(parts, script)
    assert script.done.count("open") == 1


async def test_no_attempt_begins_when_time_is_up(tmp_path: Path, soon: None) -> None:
    """The time the page has to load bounds all attempts together."""
    script = Script([seen(PageState.BLOCKED)])
    with rig(tmp_path, settings={"load_timeout_s": 0.001}) as parts:
        parts.context.clock = iter([0.0, *([9.0] * 1000)]).__next__
        ended = await meet(parts, script)
    assert ended.reason is EndReason.CANNOT_JOIN_MEETING
    assert script.done.count("open") == 1


async def test_a_dead_browser_is_our_failure(tmp_path: Path) -> None:
    """What died is the row; the page is not asked."""
    with rig(tmp_path) as parts:
        ended = await meet(parts, Script([seen(PageState.ENDED)]), dead="page-crashed")
    assert (ended.reason, ended.row) == (EndReason.INTERNAL_ERROR, "browser/page-crashed")


class Mortal(Script):
    """A client whose page dies when it is to look for the `None`s of its looks."""

    def __init__(self, looks: Sequence[Observation | None]) -> None:
        super().__init__([])
        self._script = list(looks)
        self.died: str | None = None
        self.cause = PAGE_CRASHED
        self.renewals: list[Exception | None] = []

    async def look(self, now_s: float) -> Observation:
        if self._script[0] is None:
            self._script.pop(0)
            self.died = self.cause
            return seen(PageState.UNKNOWN)
        if len(self._script) == 1:
            self.seen.set()
            return self._script[0]
        found = self._script.pop(0)
        assert found is not None
        return found

    def dead(self) -> str | None:
        """What has died."""
        return self.died

    async def renew(self) -> None:
        """A new page, unless there is none to be had."""
        await self._do("renew")
        problem = self.renewals.pop(0) if self.renewals else None
        if problem is not None:
            raise problem
        self.died = None


class Clock:
    """Seconds that pass as they are told to, a hundredth at every question."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 0.01
        return self.now_s


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, soon: None) -> None:
    """One look follows the other."""
    monkeypatch.setattr("bot.meeting.LOOK_EVERY_S", 0.0)
    monkeypatch.setattr("bot.meeting.LOOK_SOON_S", 0.0)


async def rejoin(
    parts: Rig, script: Mortal, tape: Tape | None = None, clock: Callable[[], float] | None = None
) -> Outcome:
    """Run a meeting in which pages die to its outcome."""
    parts.context.clock = clock or Clock()
    await parts.context.reporter.advance(Status.JOINING_CALL)
    meeting = Meeting(parts.context, script, tape or Tape(60.0), script.dead, script.renew)
    async with asyncio.timeout(60):
        await meeting.run(ask_from=lambda: True)
    return parts.context.outcome


def statuses(parts: Rig) -> list[str]:
    """Status codes in the order they were told."""
    changes = [event for event in parts.events if event["event"] == "bot.status_change"]
    return [change["data"]["status"]["code"] for change in changes]


@pytest.mark.parametrize("cause", [PAGE_CRASHED, "gone"])
async def test_a_page_that_dies_in_the_call_is_joined_again(
    tmp_path: Path, quick: None, cause: str
) -> None:
    """Into the same recording: cut off, asked again, captured at admission; no status is told."""
    back = seen(PageState.IN_CALL, ME, ADA)
    script = Mortal([IN_CALL, None, FORM, LOBBY, back, seen(PageState.REMOVED)])
    script.cause, tape = cause, Tape(60.0)
    with rig(tmp_path, entry_message="hello") as parts:
        ended = await rejoin(parts, script, tape)
        told = statuses(parts)
        people = [event for event in parts.events if event["event"] == "bot.participants"]
        (loss,) = parts.context.rejoins.all
    assert ended.reason is EndReason.BOT_REMOVED
    assert told == ["joining_call", "in_call_not_recording", "in_call_recording"]
    assert (tape.begun, tape.captures) == (1, ["cut off", "recapture"])
    assert script.done.count("ask as Notes") == 1
    assert (script.done.count("watch"), script.done.count("say")) == (2, 1)
    assert len(people) == 1
    assert (loss.cause, loss.recorded_s) == (cause, 60.0)
    assert loss.asked_after_s is not None
    assert loss.back_after_s is not None
    assert loss.asked_after_s < loss.back_after_s


async def test_the_way_back_is_said(tmp_path: Path, quick: None) -> None:
    """From the loss to the return the run is rejoining, and at no other time."""
    said: list[bool] = []

    class Noting(Mortal):
        async def look(self, now_s: float) -> Observation:
            said.append(parts.context.rejoining)
            return await super().look(now_s)

    script = Noting([IN_CALL, None, FORM, LOBBY, IN_CALL, IN_CALL, seen(PageState.REMOVED)])
    with rig(tmp_path) as parts:
        await rejoin(parts, script)
        assert not parts.context.rejoining
    assert said == [False, False, True, True, True, False, False]


async def test_the_fourth_death_is_the_end(tmp_path: Path, quick: None) -> None:
    """Three rejoins in ten minutes are all: the next death ends as it always did."""
    script = Mortal([IN_CALL, None] * 4)
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script)
        assert len(parts.context.rejoins.all) == 3
    assert (ended.reason, ended.row) == (EndReason.INTERNAL_ERROR, "browser/page-crashed")
    assert script.done.count("renew") == 3


async def test_ten_minutes_later_it_may_again(tmp_path: Path, quick: None) -> None:
    """The limit is one of a stretch of time, not of a meeting."""
    clock = Clock()

    class Slow(Mortal):
        async def look(self, now_s: float) -> Observation:
            clock.now_s += 120.0
            return await super().look(now_s)

    script = Slow([*[IN_CALL, None] * 6, IN_CALL, seen(PageState.REMOVED)])
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script, clock=clock)
    assert ended.reason is EndReason.BOT_REMOVED
    assert script.done.count("renew") == 6


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (PageState.DENIED, EndReason.INTERNAL_ERROR),
        (PageState.BLOCKED, EndReason.INTERNAL_ERROR),
        (PageState.REMOVED, EndReason.BOT_REMOVED),
        (PageState.ENDED, EndReason.BOT_REMOVED),
    ],
)
async def test_what_is_seen_on_the_way_back_is_the_end(
    tmp_path: Path, quick: None, state: PageState, reason: EndReason
) -> None:
    """Refused, removed or ended: there is no asking a second time."""
    script = Mortal([IN_CALL, None, FORM, LOBBY, seen(state)])
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script)
    assert (ended.reason, ended.row) == (reason, f"script/{state.value}")
    assert script.done.count("renew") == 1


@pytest.mark.parametrize("state", [PageState.REMOVED, PageState.ENDED])
async def test_no_rejoin_after_an_end(tmp_path: Path, quick: None, state: PageState) -> None:
    """A page that shows the end and then dies stays dead."""
    script = Mortal([IN_CALL, seen(state), None, IN_CALL])
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script)
    assert (ended.row, script.done.count("renew")) == (f"script/{state.value}", 0)


async def test_not_let_in_again(tmp_path: Path, quick: None) -> None:
    """Nobody opens within waiting_room_timeout: INTERNAL_ERROR, by a rule of its own."""
    clock = Clock()

    class Waiting(Mortal):
        async def look(self, now_s: float) -> Observation:
            clock.now_s += 50.0 if parts.context.rejoining else 0.0
            return await super().look(now_s)

    script = Waiting([IN_CALL, None, FORM, LOBBY])
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script, clock=clock)
    assert (ended.reason, ended.row) == (
        EndReason.INTERNAL_ERROR,
        "leave/not-readmitted-after-crash",
    )
    assert 600 <= clock.now_s < 700


async def test_a_meeting_out_of_reach_is_tried_until_the_deadline(
    tmp_path: Path, quick: None
) -> None:
    """A network that is down is no death: the page is loaded again, and that is not counted."""
    clock = Clock()

    class Unreachable(Mortal):
        async def open(self, timeout_s: float) -> None:
            clock.now_s += 50.0
            await super().open(timeout_s)

    script = Unreachable([IN_CALL, None, IN_CALL])
    down = PageUnreachable("meet.google.com", "net::ERR_INTERNET_DISCONNECTED")
    script.problems = [None, down]
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script, clock=clock)
        assert len(parts.context.rejoins.all) == 1
    assert ended.row == "leave/not-readmitted-after-crash"
    assert script.done.count("open") > 10


async def test_a_meeting_in_reach_again(tmp_path: Path, quick: None) -> None:
    """Once the page loads, the way back goes on."""
    script = Mortal([IN_CALL, None, FORM, IN_CALL, seen(PageState.REMOVED)])
    down = PageUnreachable("meet.google.com", "net::ERR_INTERNET_DISCONNECTED")
    script.problems = [None, down, down, None]
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script)
    assert ended.reason is EndReason.BOT_REMOVED


async def test_a_browser_that_does_not_start_at_first(tmp_path: Path, quick: None) -> None:
    """A start that fails counts as a rejoin, and another follows while there are some left."""
    script = Mortal([IN_CALL, None, IN_CALL, seen(PageState.REMOVED)])
    script.cause = "gone"
    script.renewals = [BrowserUnavailable({"chromium": "no memory"}), None]
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script)
        rejoins = parts.context.rejoins.all
        assert [one.asked_after_s is None for one in rejoins] == [True, False]
        assert [one.back_after_s is None for one in rejoins] == [True, False]
    assert ended.reason is EndReason.BOT_REMOVED


async def test_a_browser_that_never_starts(tmp_path: Path, quick: None) -> None:
    """Three starts are all; what ends the bot is the death."""
    script = Mortal([IN_CALL, None])
    script.cause = "gone"
    script.renewals = [BrowserUnavailable({"chromium": "no memory"})] * 9
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script)
    assert ended.reason is EndReason.INTERNAL_ERROR
    assert script.done.count("renew") == 3


async def test_no_capture_of_the_new_page(tmp_path: Path, quick: None) -> None:
    """Admitted and, tried again and again, not to be recorded is a failure of ours, by its name."""

    class Deaf(Tape):
        async def recapture(self) -> None:
            await super().recapture()
            raise CaptureFailed("no tab")

    script, tape = Mortal([IN_CALL, None, IN_CALL]), Deaf(60.0)
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script, tape)
    assert (ended.reason, ended.row) == (EndReason.INTERNAL_ERROR, "error/CaptureFailed")
    assert tape.captures.count("recapture") == 3


async def test_a_capture_that_begins_late(tmp_path: Path, quick: None) -> None:
    """A busy machine does not begin to capture in time at first: the bot is back when it does."""

    class Slow(Tape):
        async def recapture(self) -> None:
            await super().recapture()
            if self.captures.count("recapture") < 3:
                raise CaptureFailed("not started within 20 s")

    script = Mortal([IN_CALL, None, IN_CALL, IN_CALL, IN_CALL, seen(PageState.REMOVED)])
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script, Slow(60.0))
        assert parts.context.rejoins.current is None
    assert ended.reason is EndReason.BOT_REMOVED


async def test_a_page_that_dies_while_it_is_captured(tmp_path: Path, quick: None) -> None:
    """The next page is joined: a capture fails with its tab."""

    class Fatal(Tape):
        async def recapture(self) -> None:
            await super().recapture()
            if len(self.captures) == 2:
                script.died = PAGE_CRASHED
                raise CaptureFailed("no tab")

    script = Mortal([IN_CALL, None, IN_CALL, IN_CALL, seen(PageState.REMOVED)])
    tape = Fatal(60.0)
    with rig(tmp_path) as parts:
        ended = await rejoin(parts, script, tape)
    assert ended.reason is EndReason.BOT_REMOVED
    assert tape.captures == ["cut off", "recapture"] * 2


@pytest.mark.parametrize("end", ["leave", "SIGTERM"])
@pytest.mark.parametrize("what", ["renew", "open"])
async def test_nothing_holds_a_bot_on_its_way_back(
    tmp_path: Path, quick: None, end: str, what: str
) -> None:
    """Told to go while browser or page is being replaced, the bot goes at once, for that reason."""
    script = Mortal([IN_CALL, None, IN_CALL])
    with rig(tmp_path) as parts:
        context = parts.context

        async def told() -> None:
            await script.did["renew"].wait()
            found = outcome_of_leave(context.reporter.status) if end == "leave" else None
            context.gate.settle(found or outcome_of_sigterm())

        async def hang_later() -> None:
            await script.did["watch"].wait()
            script.hangs = {what}

        *_, ended = await asyncio.gather(told(), hang_later(), rejoin(parts, script))
    assert ended.row == {"leave": "command/leave", "SIGTERM": "signal/SIGTERM"}[end]


async def test_a_pause_outlasts_a_death(tmp_path: Path, quick: None) -> None:
    """Paused before and paused after: no status changes, and what is said stays unrecorded."""
    talking = Person("ada", "Ada", speaking=True)
    looks = [IN_CALL, None, seen(PageState.IN_CALL, ME, talking), seen(PageState.REMOVED)]
    script = Mortal([IN_CALL, *looks])
    with rig(tmp_path) as parts:
        reporter = parts.context.reporter
        watched = script.watch

        async def pause_then() -> None:
            await watched()
            if reporter.status is Status.IN_CALL_RECORDING:
                await reporter.advance(Status.RECORDING_PAUSED)

        script.watch = pause_then  # type: ignore[method-assign]
        ended = await rejoin(parts, script)
        told = statuses(parts)
        assert parts.context.roster.turns_so_far == []
    assert ended.reason is EndReason.BOT_REMOVED
    assert told[-1] == "recording_paused"


async def test_nobody_is_counted_twice(tmp_path: Path, quick: None) -> None:
    """The bot's former self is nobody, and who was there is there still."""
    ghost = Person("me", "Notes")
    again = Person("me2", "Notes", is_self=True)
    looks = [IN_CALL, None, seen(PageState.IN_CALL, ghost, ADA, again)]
    script = Mortal([*looks, seen(PageState.IN_CALL, ghost, ADA, again), seen(PageState.REMOVED)])
    with rig(tmp_path) as parts:
        await rejoin(parts, script)
        assert parts.context.roster.names == ["Ada"]
        told = [event for event in parts.events if event["event"] == "bot.participants"]
    assert len(told) == 1


async def test_a_page_that_fills_after_the_return(tmp_path: Path, quick: None) -> None:
    """Who is not shown at once has not left; who is not shown for long has."""
    clock = Clock()

    class Slow(Mortal):
        async def look(self, now_s: float) -> Observation:
            clock.now_s += 1.0
            return await super().look(now_s)

    alone = seen(PageState.IN_CALL, ME)
    script = Slow([IN_CALL, None, alone, alone, IN_CALL, *[alone] * 8, seen(PageState.REMOVED)])
    with rig(tmp_path) as parts:
        await rejoin(parts, script, clock=clock)
        told = [
            [person["name"] for person in event["data"]["participants"]]
            for event in parts.events
            if event["event"] == "bot.participants"
        ]
    assert told == [["Ada"], []]


async def test_a_turn_of_speech_does_not_span_the_loss(tmp_path: Path, quick: None) -> None:
    """Who spoke before and after is not known to have spoken in between."""
    talking = seen(PageState.IN_CALL, ME, Person("ada", "Ada", speaking=True))
    tape = Tape(10.0)

    class Later(Mortal):
        async def renew(self) -> None:
            await super().renew()
            tape.recorded_s = 13.0

        async def chat(self) -> tuple[ChatLine, ...]:
            return ()

    script = Later([talking, None, talking, talking, seen(PageState.REMOVED)])
    with rig(tmp_path) as parts:
        await rejoin(parts, script, tape)
        parts.context.roster.finish()
        turns = [(turn.start_s, turn.end_s) for turn in parts.context.roster.turns]
    assert turns == [(10.0, 10.5), (13.0, 13.5)]

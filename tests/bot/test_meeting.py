"""What a meeting does with what it sees: a script of looks in place of a page.

The real client against the real page is in tests/e2e/test_end_reasons.py.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from bot.meeting import Meeting
from bot.outcome import Outcome, outcome, outcome_of_leave, outcome_of_sigterm
from media.errors import SpoolFull
from platforms.errors import PageUnreachable
from platforms.types import (
    ChatLine,
    FailureBundle,
    Finding,
    Observation,
    PageState,
    Person,
    Platform,
    Traits,
    View,
)
from tests.bot.rig import Rig, rig

pytestmark = pytest.mark.timeout(300)

ME = Person("me", "Notes", is_self=True)
ADA = Person("ada", "Ada")
PAGE_CRASHED = "page-crashed"
LEFT = outcome(EndReason.API_REQUEST, "command/leave")


def seen(state: PageState, *people: Person) -> Observation:
    """One look."""
    finding = Finding(state, f"script/{state.value}")
    return Observation(finding, people if state is PageState.IN_CALL else None)


class Script:
    """A client that shows one look after another, the last for ever, and notes what was done."""

    platform = Platform.GOOGLE_MEET
    verdict = None

    def __init__(self, looks: Sequence[Observation]) -> None:
        self._looks = list(looks)
        self.done: list[str] = []
        self.asks: list[bool] = [True]
        self.problems: list[Exception | None] = [None]
        self.hangs: set[str] = set()
        self.seen = asyncio.Event()
        self.did: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def _do(self, what: str) -> None:
        self.done.append(what)
        self.did[what].set()
        if what in self.hangs:
            await asyncio.Event().wait()

    async def open(self, timeout_s: float) -> None:
        await self._do("open")
        problem = self.problems.pop(0) if len(self.problems) > 1 else self.problems[0]
        if problem:
            raise problem

    async def look(self, now_s: float) -> Observation:
        if "look" in self.hangs:
            await self._do("look")
        if len(self._looks) == 1:
            self.seen.set()
            return self._looks[0]
        return self._looks.pop(0)

    async def tidy(self) -> None:
        await self._do("tidy")

    async def ask_to_join(self, name: str) -> bool:
        await self._do(f"ask as {name}")
        return self.asks.pop(0) if len(self.asks) > 1 else self.asks[0]

    async def watch(self) -> None:
        await self._do("watch")

    async def show(self, view: View) -> bool:
        await self._do(f"show {view.value}")
        return view is View.SPEAKER

    async def chat(self) -> tuple[ChatLine, ...]:
        return ()

    async def say(self, text: str) -> bool:
        await self._do("say")
        return text != "unspeakable"

    async def leave(self, timeout_s: float) -> None:
        await self._do("leave")

    async def bundle(self) -> FailureBundle:
        return FailureBundle(None, None)


class Tape:
    """A recording that is as long as it is told to be."""

    def __init__(self, recorded_s: float = 0.0) -> None:
        self.recorded_s = recorded_s
        self.problem: BaseException | None = None
        self.sound_alive: bool | None = True
        self.heard_ago_s: float | None = None
        self.begun = 0
        self.captures: list[str] = []
        self.order: list[str] = []

    def begin(self) -> datetime:
        self.begun += 1
        self.order.append("begin")
        return datetime.now(UTC)

    async def rest(self) -> None:
        self.order.append("rest")

    async def slim(self) -> None:
        self.order.append("slim")

    async def cut_off(self) -> None:
        self.captures.append("cut off")

    async def recapture(self) -> None:
        self.captures.append("recapture")


async def meet(
    parts: Rig, script: Script, tape: Tape | None = None, dead: str | None = None
) -> Outcome:
    """Run a meeting to its outcome."""
    await parts.context.reporter.advance(Status.JOINING_CALL)
    meeting = Meeting(parts.context, script, tape or Tape(), lambda: dead)
    await meeting.run(ask_from=lambda: True)
    return parts.context.outcome


def statuses(parts: Rig) -> list[str]:
    """Status codes told so far."""
    told = [event["data"] for event in parts.events if event["event"] == "bot.status_change"]
    return [data["status"]["code"] for data in told]


async def test_from_the_green_room_to_removal(tmp_path: Path) -> None:
    """Asks, waits, records at once on admission, follows speakers, and ends on the removal."""
    script = Script(
        [
            seen(PageState.PREJOIN),
            seen(PageState.LOBBY),
            seen(PageState.IN_CALL, ME, ADA),
            seen(PageState.REMOVED),
        ]
    )
    tape = Tape(recorded_s=20.0)
    with rig(tmp_path) as parts:
        ended = await meet(parts, script, tape)
    assert (ended.reason, ended.row) == (EndReason.BOT_REMOVED, "script/removed")
    assert statuses(parts) == [
        "joining_call",
        "in_waiting_room",
        "in_call_not_recording",
        "in_call_recording",
    ]
    assert tape.begun == 1
    assert tape.order == ["rest", "begin", "slim"]
    assert [did for did in script.done if did != "tidy"] == [
        "open",
        "ask as Notes",
        "watch",
        "show speaker",
    ]
    people = [event for event in parts.events if event["event"] == "bot.participants"]
    assert [p["name"] for p in people[-1]["data"]["participants"]] == ["Ada"]


async def test_a_look_that_takes_long_holds_no_bot_that_was_told_to_go(tmp_path: Path) -> None:
    """A page that does not answer is not waited for: of the grace period nothing is lost."""
    script = Script([seen(PageState.IN_CALL, ME)])
    script.hangs.add("look")
    with rig(tmp_path) as parts:
        meeting = asyncio.create_task(meet(parts, script))
        async with asyncio.timeout(30):
            await script.did["look"].wait()
            parts.context.gate.settle(outcome_of_sigterm())
            assert (await meeting).reason is EndReason.SIGTERM


async def test_after_the_ask_the_next_look_is_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the ask has led to is seen long before an ordinary look would be due."""
    monkeypatch.setattr("bot.meeting.LOOK_EVERY_S", 3600.0)
    script = Script([seen(PageState.PREJOIN), seen(PageState.DENIED)])
    with rig(tmp_path) as parts:
        ended = await meet(parts, script)
    assert ended.reason is EndReason.BOT_NOT_ACCEPTED


async def test_waiting_for_the_host(tmp_path: Path) -> None:
    """A host who has not come is a status of its own; a refusal then is after the ask."""
    script = Script([seen(PageState.WAITING_FOR_HOST), seen(PageState.DENIED)])
    with rig(tmp_path) as parts:
        ended = await meet(parts, script)
    assert statuses(parts)[-1] == "in_waiting_for_host"
    assert ended.reason is EndReason.BOT_NOT_ACCEPTED


async def test_page_that_cannot_be_opened(tmp_path: Path) -> None:
    """An error of opening is the outcome, and nothing is looked at."""
    script = Script([seen(PageState.UNKNOWN)])
    script.problems = [PageUnreachable("meet.google.com", "HTTP 404", 404)]
    with rig(tmp_path) as parts:
        ended = await meet(parts, script)
    assert ended.reason is EndReason.CANNOT_JOIN_MEETING
    assert not script.seen.is_set()


@pytest.mark.parametrize("what", ["open", "ask as Notes", "tidy", "watch", "say"])
async def test_nothing_holds_a_leaving_bot(tmp_path: Path, what: str) -> None:
    """Whatever the page is busy with, told to leave the bot leaves."""
    script = Script([seen(PageState.PREJOIN), seen(PageState.IN_CALL, ME)])
    script.hangs = {what}
    with rig(tmp_path, entry_message="hello") as parts:
        context = parts.context

        async def leave() -> None:
            await script.did[what].wait()
            found = outcome_of_leave(context.reporter.status)
            assert found is not None
            context.gate.settle(found)

        _, ended = await asyncio.gather(leave(), meet(parts, script))
    assert ended.row == "command/leave"


async def test_leave_between_admission_and_recording(tmp_path: Path) -> None:
    """Told to leave while the admission is being said: nothing is recorded, as the reason says."""
    script = Script([seen(PageState.IN_CALL, ME)])
    tape = Tape()
    with rig(tmp_path) as parts:
        context = parts.context
        emit = context.reporter._emit

        async def emit_and_leave(event: str, data: object) -> object:
            if context.reporter.status is Status.IN_CALL_NOT_RECORDING:
                context.gate.settle(outcome_of_leave(context.reporter.status) or LEFT)
            return await emit(event, data)  # type: ignore[arg-type]

        context.reporter._emit = emit_and_leave  # type: ignore[assignment]
        ended = await meet(parts, script, tape)
    assert ended.reason is EndReason.EXITING_MEETING_BEFORE_RECORD
    assert tape.begun == 0


async def test_a_recording_that_ended_by_itself(tmp_path: Path) -> None:
    """A full spool ends the meeting while its end still fits, and is named."""
    tape = Tape()
    tape.problem = SpoolFull(2, 1)
    with rig(tmp_path) as parts:
        ended = await meet(parts, Script([seen(PageState.IN_CALL, ME, ADA)]), tape)
    assert (ended.reason, ended.row) == (EndReason.INTERNAL_ERROR, "error/SpoolFull")
    assert ended.exit_code == 3


async def test_rules_are_judged_with_the_given_clock(tmp_path: Path) -> None:
    """Nobody there for the job's time: NO_ATTENDEES, by the clock handed in."""
    script = Script([seen(PageState.IN_CALL, ME)])
    now_s = [0.0]

    def clock() -> float:
        now_s[0] += 100.0
        return now_s[0]

    with rig(tmp_path) as parts:
        parts.context.clock = clock
        ended = await meet(parts, script)
    assert (ended.reason, ended.row) == (EndReason.NO_ATTENDEES, "leave/no-one-joined")


async def test_an_unsaid_entry_message_is_a_warning(tmp_path: Path) -> None:
    """A chat that is closed costs a line in the report, not the meeting."""
    script = Script([seen(PageState.IN_CALL, ME), seen(PageState.ENDED)])
    with rig(tmp_path, entry_message="unspeakable") as parts:
        await meet(parts, script, Tape(20.0))
    assert parts.context.facts.warnings == ["entry_message could not be said"]


@pytest.mark.parametrize(
    ("mode", "warnings"),
    [
        ("speaker_view", []),
        (
            "gallery_view",
            ["gallery view could not be chosen: the recording shows the client's own"],
        ),
    ],
)
async def test_the_view_is_chosen_once_recorded(
    tmp_path: Path, mode: str, warnings: list[str]
) -> None:
    """The job's view is asked for after admission, once; what is not to be had is a warning."""
    looks = [seen(PageState.LOBBY), seen(PageState.IN_CALL, ME), seen(PageState.IN_CALL, ME)]
    script = Script([*looks, seen(PageState.ENDED)])
    with rig(tmp_path, recording_mode=mode) as parts:
        ended = await meet(parts, script, Tape(20.0))
    assert ended.reason is EndReason.BOT_REMOVED
    assert [did for did in script.done if did.startswith("show")] == [f"show {mode[:-5]}"]
    assert script.done.index("watch") < script.done.index(f"show {mode[:-5]}")
    assert parts.context.facts.warnings == warnings


async def test_the_ask_waits_for_its_time(tmp_path: Path) -> None:
    """A scheduled bot looks at the green room and asks only once it may."""
    script = Script([seen(PageState.PREJOIN), seen(PageState.PREJOIN), seen(PageState.LOGIN)])
    with rig(tmp_path) as parts:
        await parts.context.reporter.advance(Status.JOINING_CALL)
        meeting = Meeting(parts.context, script, Tape(), lambda: None)
        await meeting.run(ask_from=lambda: False)
    assert not [did for did in script.done if did.startswith("ask")]
    assert parts.context.outcome.reason is EndReason.LOGIN_REQUIRED
    assert meeting.looks == 3


@pytest.mark.parametrize(("heard_ago_s", "spoke"), [(None, []), (5.0, []), (0.2, ["Ada"])])
async def test_a_speaker_who_only_stays_named(
    tmp_path: Path, heard_ago_s: float | None, spoke: list[str]
) -> None:
    """Where a client goes on naming the last speaker, nobody speaks unless something is heard."""
    speaking = replace(ADA, speaking=True)
    script = Script([seen(PageState.IN_CALL, ME, speaking), seen(PageState.ENDED)])
    tape = Tape(recorded_s=20.0)
    tape.heard_ago_s = heard_ago_s
    with rig(tmp_path) as parts:
        parts.context.traits = Traits(last_speaker_stays=True)
        await meet(parts, script, tape)
    assert parts.context.roster.speakers == spoke


@pytest.mark.parametrize("paused", [False, True])
async def test_who_speaks_in_a_pause_is_in_no_artifact(tmp_path: Path, *, paused: bool) -> None:
    """Whoever speaks only while recording is paused has no turn; who is there is still told."""
    speaking = replace(ADA, speaking=True)
    looks = [seen(PageState.IN_CALL, ME, speaking)] * 2

    class Pausing(Script):
        async def watch(self) -> None:
            if paused:
                await parts.context.reporter.advance(Status.RECORDING_PAUSED)

    script = Pausing([*looks, seen(PageState.ENDED)])
    with rig(tmp_path) as parts:
        await meet(parts, script, Tape(recorded_s=20.0))
    assert parts.context.roster.speakers == ([] if paused else ["Ada"])
    assert parts.context.roster.names == ["Ada"]

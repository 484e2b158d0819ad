"""Every end reason of the Meet path, each in real Chromium against the test meeting."""

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
import pytest_asyncio

from bot.contract import MIN_RECORDED_S, EndReason, Status
from platforms.simulator.server import Simulator
from tests.e2e.harness import Bot, Ended, bot_at
from tests.e2e.lending import Lender
from tests.media.flash import BACKENDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]

ADA = {"name": "Ada", "picture": "still"}
ADMIT = {"do": "admit", "at_s": 0.3}
OPEN: dict[str, object] = {"open": True, "cta_delay_s": 0.0, "admission_gap_s": 0.0}
"""A meeting that lets everybody in at once: for what comes after that."""
WITH_ADA = {**OPEN, "participants": [ADA]}
LATE_S = MIN_RECORDED_S + 0.5
SOON_S = (0.2, 0.2)
"""Between two tries at a page that may get better: how long is not looked at here."""
SIZES = {"tab": ("720p", (1280, 720)), "display": ("1080p", (1920, 1080))}
"""Each backend is tried at another size."""


async def in_call(bot: Bot, meeting: Simulator, recorded_s: float = 1.0) -> None:
    """The bot records, has recorded a little, and has seen who is there."""
    await bot.reaches(Status.IN_CALL_RECORDING)
    others = [person for person in meeting.state().in_call if person.name != "Notes"]
    await bot.until(
        lambda: (
            bot.session.snapshot().recorder.recorded_s > recorded_s
            and bot.session.snapshot().people == len(others)
        )
    )


async def looked_at_twice(bot: Bot) -> None:
    """Two more looks have happened: a rule counts between two looks that both saw its cause."""
    seen = bot.session.looks
    await bot.until(lambda: bot.session.looks >= seen + 2)


def assert_ends(ended: Ended, reason: EndReason, row: str) -> None:
    """The reason, the row that proves it, one terminal event of the right kind, seq 1..n."""
    assert (ended.outcome.reason, ended.outcome.row) == (reason, row)
    completed = ended.outcome.facts.ends_as == "completed"
    kinds = [event["event"] for event in ended.events]
    assert kinds[0] == "accepted"
    assert kinds[-1] == ("bot.completed" if completed else "bot.failed")
    assert sum(kind in {"bot.completed", "bot.failed"} for kind in kinds) == 1
    assert ended.statuses[-1] == ("completed" if completed else "failed")
    assert [event["seq"] for event in ended.events] == list(range(1, len(kinds) + 1))
    assert ended.last["end_reason" if completed else "error_code"] == reason.value
    if not completed:
        assert_evidence_kept(ended, row)
    assert ended.report["end_row"] == row


PAGE_FILES = {"page.html", "screenshot.jpg", "console.txt", "evidence.json"}


def assert_evidence_kept(ended: Ended, row: str) -> None:
    """The event names the row and where the evidence is: the events, and the page if it mattered.

    A page has nothing to show where somebody told the bot to go, or where it died or never came.
    """
    evidence = ended.last["evidence"]
    assert (evidence["row"], bool(evidence["bundle"])) == (row, True)
    kept = {path.name for path in (ended.folder / "failure").glob("*")}
    assert "events.jsonl" in kept
    if row.startswith(("command/", "signal/", "browser/")):
        assert not kept & PAGE_FILES
    elif row != "error/PageUnreachable":
        assert kept > PAGE_FILES


def assert_recording_kept(ended: Ended) -> None:
    """The file is stored, linked, and decodes to the report's length."""
    assert ended.last["video"] is not None
    with av.open(ended.folder / "video.mp4") as container:
        frames = [frame.time for frame in container.decode(video=0)]
    assert frames[-1] == pytest.approx(ended.report["duration_seconds"], abs=1.0)


async def test_denied_by_a_person(tmp_path: Path, lent: Lender) -> None:
    """A refusal after the ask is BOT_NOT_ACCEPTED, with a failure bundle."""
    async with bot_at(tmp_path, {}, lent=lent) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("deny")
        ended = await bot.ends()
    assert_ends(ended, EndReason.BOT_NOT_ACCEPTED, "google_meet/host-refused")
    assert "in_waiting_room" in ended.statuses
    assert (ended.folder / "failure" / "screenshot.jpg").stat().st_size > 0
    assert ended.last["video"] is None


async def test_waiting_room_timeout(tmp_path: Path, lent: Lender) -> None:
    """Not being let in within waiting_room_timeout is TIMEOUT_WAITING_TO_START."""
    async with bot_at(tmp_path, {}, lent=lent) as (_meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await looked_at_twice(bot)
        bot.clock.push(601)
        ended = await bot.ends()
    assert_ends(ended, EndReason.TIMEOUT_WAITING_TO_START, "leave/waiting-room-timeout")


async def test_removed_early(tmp_path: Path, lent: Lender) -> None:
    """Removed with less than 15 s recorded: BOT_REMOVED_TOO_EARLY, what there is is linked."""
    async with bot_at(tmp_path, {"participants": [ADA], "events": [ADMIT]}, lent=lent) as (
        meeting,
        bot,
    ):
        await in_call(bot, meeting)
        await meeting.command("remove", {"who": "Notes"})
        ended = await bot.ends()
    assert_ends(ended, EndReason.BOT_REMOVED_TOO_EARLY, "google_meet/removed-screen")
    assert_recording_kept(ended)
    assert ended.statuses == [
        "queued",
        "joining_call",
        "in_waiting_room",
        "in_call_not_recording",
        "in_call_recording",
        "call_ended",
        "failed",
    ]


async def test_ended_in_the_lobby(tmp_path: Path, lent: Lender) -> None:
    """A meeting that ends before the bot was let in: EXITING_MEETING_BEFORE_RECORD."""
    async with bot_at(tmp_path, {"participants": [ADA]}, lent=lent) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("end")
        ended = await bot.ends()
    assert_ends(ended, EndReason.EXITING_MEETING_BEFORE_RECORD, "google_meet/final-screen")


async def test_no_one_joined(tmp_path: Path, lent: Lender) -> None:
    """Nobody else ever coming is NO_ATTENDEES, completed, with what was recorded.

    Another note-taker, by one of the ignored names, is nobody.
    """
    async with bot_at(tmp_path, OPEN, ignored_participant_names=["Other Notes"], lent=lent) as (
        meeting,
        bot,
    ):
        await in_call(bot, meeting)
        await meeting.command("join", {"who": "Other Notes", "picture": "still"})
        await bot.until(lambda: bot.session.snapshot().people == 1)
        await looked_at_twice(bot)
        bot.clock.push(601)
        ended = await bot.ends()
    assert_ends(ended, EndReason.NO_ATTENDEES, "leave/no-one-joined")
    assert_recording_kept(ended)


@dataclass(frozen=True)
class LeftAlone:
    """A bot whose last other went in the grace period; its statuses within it."""

    ended: Ended
    held: list[Status]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def left_alone(tmp_path_factory: pytest.TempPathFactory, lent: Lender) -> LeftAlone:
    """Looked at twice in the grace period, long after Ada went; then her timeout is over."""
    timeouts = {"everyone_left_timeout": 30, "grace_period": 300}
    held = []
    async with bot_at(
        tmp_path_factory.mktemp("alone"), WITH_ADA, timeout_config=timeouts, lent=lent
    ) as (meeting, bot):
        await in_call(bot, meeting)
        await meeting.command("leave", {"who": "Ada"})
        await bot.until(lambda: bot.session.snapshot().people == 0)
        for pushed_s in (200, 100):
            bot.clock.push(pushed_s)
            await looked_at_twice(bot)
            held.append(bot.session.status)
        bot.clock.push(31)
        return LeftAlone(await bot.ends(), held)


async def test_everyone_left(left_alone: LeftAlone) -> None:
    """All others having left for everyone_left_timeout is NO_ATTENDEES."""
    assert_ends(left_alone.ended, EndReason.NO_ATTENDEES, "leave/everyone-left")
    assert left_alone.ended.last["participants"] == ["Ada"]


async def test_grace_period_holds_leave_rules(left_alone: LeftAlone) -> None:
    """Within the grace period no leave rule fires; afterwards its clock starts."""
    assert left_alone.held == [Status.IN_CALL_RECORDING] * 2


async def test_nobody_speaks(tmp_path: Path, lent: Lender) -> None:
    """Silence of people who are there, while our sound is alive, is NO_SPEAKER."""
    async with bot_at(tmp_path, WITH_ADA, lent=lent) as (meeting, bot):
        await in_call(bot, meeting, recorded_s=4.0)
        await looked_at_twice(bot)
        bot.clock.push(601)
        ended = await bot.ends()
    assert_ends(ended, EndReason.NO_SPEAKER, "leave/silence")


async def test_leave_while_queued(tmp_path: Path) -> None:
    """A scheduled bot told to leave never starts a browser: EXITING_MEETING_BEFORE_RECORD."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    async with bot_at(tmp_path, {}, join_at=later) as (meeting, bot):
        await bot.reaches(Status.QUEUED)
        assert await bot.session.command("leave", {})
        ended = await bot.ends()
    assert_ends(ended, EndReason.EXITING_MEETING_BEFORE_RECORD, "command/leave")
    assert ended.statuses == ["queued", "failed"]
    assert meeting.state().phase == "idle"


async def test_leave_while_recording(tmp_path: Path, lent: Lender) -> None:
    """Told to leave while recording: API_REQUEST, and the client's own button was used.

    All is stored, and neither log nor bytes are left on the local disk.
    """
    async with bot_at(tmp_path, WITH_ADA, entry_message="Notes are being taken", lent=lent) as (
        meeting,
        bot,
    ):
        await in_call(bot, meeting)
        await bot.until((bot.folder / "chunks" / "000001.m4s").is_file)
        await bot.session.command("leave", {})
        ended = await bot.ends()
        left = meeting.state().person("Notes")
        said = [message.text for message in meeting.state().chat]
    assert_ends(ended, EndReason.API_REQUEST, "command/leave")
    assert_recording_kept(ended)
    assert left is not None
    assert left.status.value == "left"
    assert said == ["Notes are being taken"]
    assert not [path for path in (tmp_path / "spool").rglob("*") if path.is_file()]
    names = {row["name"] for row in ended.report["artifacts"]}
    assert names >= {"video.mp4", "audio.mp3", "logs.jsonl", "events.jsonl"}


def people_told(ended: Ended) -> list[list[str]]:
    """The names of every `bot.participants`, in their order."""
    told = [event for event in ended.events if event["event"] == "bot.participants"]
    return [[person["name"] for person in event["data"]["participants"]] for event in told]


@dataclass(frozen=True)
class Crashed:
    """A bot whose page crashed in mid-call and that stayed as long as it may."""

    backend: str
    ended: Ended
    status_meanwhile: str
    page_size: tuple[int, ...]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=BACKENDS)
async def crashed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lent: Lender
) -> Crashed:
    """Its renderer is killed, the new page is heard, then the longest recording is over."""
    backend: str = request.param
    talking = {"do": "speak", "who": "Ada", "for_s": 600}
    async with bot_at(
        tmp_path_factory.mktemp(backend),
        {**WITH_ADA, "repeat": False, "events": [talking]},
        {"capture": backend},
        lent if backend == "tab" else None,
        resolution=SIZES[backend][0],
    ) as (meeting, bot):
        await in_call(bot, meeting)
        await kill(bot, "--type=renderer", meeting_page=True)
        await bot.until(lambda: bot.session.heartbeat()["rejoining"])
        status = bot.session.heartbeat()["status"]
        await bot.until(lambda: not bot.session.heartbeat()["rejoining"])
        back_s = bot.session.snapshot().recorder.recorded_s
        await bot.until(lambda: (bot.session.snapshot().recorder.heard_at_s or 0) > back_s)
        page: Any = bot.session.browser and bot.session.browser.page
        size = tuple(await page.evaluate("[innerWidth, innerHeight]"))
        bot.clock.push(14_401)
        return Crashed(backend, await bot.ends(), status, size)


async def test_max_recording_duration(crashed: Crashed) -> None:
    """The longest recording permitted ends as RECORDING_TIMEOUT."""
    assert_ends(crashed.ended, EndReason.RECORDING_TIMEOUT, "leave/max-recording-duration")
    assert_recording_kept(crashed.ended)


async def test_page_crash(crashed: Crashed) -> None:
    """A renderer killed in mid-call costs its gap: same recording, status and people.

    The new page is as large as the old one.
    """
    ended, size = crashed.ended, SIZES[crashed.backend][1]
    assert crashed.status_meanwhile == "in_call_recording"
    assert crashed.page_size == size
    assert ended.statuses[-3:-1] == ["in_call_recording", "call_ended"]
    assert_recording_kept(ended)
    assert people_told(ended) == [["Ada"]]
    capture = ended.report["capture"]
    assert capture["backend"] == crashed.backend
    assert (capture["width"], capture["height"]) == size
    (loss,) = ended.report["rejoins"]
    assert loss["cause"] == "page-crashed"
    assert 0 < loss["asked_after_seconds"] <= loss["back_after_seconds"]
    asked_s = loss["start_seconds"] + loss["asked_after_seconds"]
    gaps = [gap for gap in ended.report["quality"]["gaps"] if gap["kind"] == "recapture"]
    ends_s = [gap["start_seconds"] + gap["duration_seconds"] for gap in gaps]
    assert gaps[0]["start_seconds"] < asked_s < max(ends_s)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def frozen(tmp_path_factory: pytest.TempPathFactory, lent: Lender) -> Ended:
    """A bot whose page stood still in mid-call, and that was removed once it was back for long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.page_watch.FROZEN_S", 8.0)  # longer than a look waits
        async with bot_at(tmp_path_factory.mktemp("frozen"), WITH_ADA, lent=lent) as (meeting, bot):
            await in_call(bot, meeting)
            await kill(bot, "--type=renderer", meeting_page=True, how=signal.SIGSTOP)
            await bot.until(lambda: bot.session.heartbeat()["rejoining"])
            await bot.until(lambda: not bot.session.heartbeat()["rejoining"])
            back_s = bot.session.snapshot().recorder.recorded_s
            await bot.until(lambda: (bot.session.snapshot().recorder.seen_at_s or 0) > back_s)
            await bot.until(lambda: bot.session.snapshot().recorder.recorded_s > LATE_S)
            await meeting.command("remove", {"who": "Notes"})
            return await bot.ends()


async def test_removed_late(frozen: Ended) -> None:
    """Removed after enough was recorded: BOT_REMOVED, completed."""
    assert_ends(frozen, EndReason.BOT_REMOVED, "google_meet/removed-screen")
    assert_recording_kept(frozen)


async def test_page_frozen(frozen: Ended) -> None:
    """A renderer that stands still for good, while its browser goes on, is one that crashed."""
    assert frozen.outcome.row == "google_meet/removed-screen"
    (loss,) = frozen.report["rejoins"]
    assert loss["cause"] == "page-frozen"
    assert 0 < loss["asked_after_seconds"] <= loss["back_after_seconds"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked_again(tmp_path_factory: pytest.TempPathFactory, lent: Lender) -> Ended:
    """A bot whose page crashed in the lobby, and whose host ended the call soon."""
    whatever_it_takes = {"load_timeout_s": 600}
    async with bot_at(
        tmp_path_factory.mktemp("again"), {"participants": [ADA]}, whatever_it_takes, lent
    ) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        (first,) = meeting.state().waiting
        page: Any = bot.session.browser and bot.session.browser.page
        devtools = await page.context.new_cdp_session(page)
        crash = asyncio.ensure_future(devtools.send("Page.crash"))
        await bot.until(lambda: any(each.id != first.id for each in meeting.state().waiting))
        crash.cancel()
        await meeting.command("admit")
        await in_call(bot, meeting)
        await meeting.command("end")
        return await bot.ends()


async def test_ended_by_host_early(asked_again: Ended) -> None:
    """The host ending the call early counts like an early removal."""
    assert_ends(asked_again, EndReason.BOT_REMOVED_TOO_EARLY, "google_meet/final-screen")


async def test_page_crash_in_the_lobby(asked_again: Ended) -> None:
    """Before admission a page that crashed is replaced: the bot asks again, and is recorded."""
    assert asked_again.outcome.row == "google_meet/final-screen"
    assert_recording_kept(asked_again)
    assert "browser/page-crashed" in asked_again.report["warnings"][0]


async def test_browser_gone(tmp_path: Path) -> None:
    """A browser killed whole is started anew; told to leave in the lobby, the bot goes at once."""
    scenario = {"repeat": False, "participants": [ADA], "events": [ADMIT]}
    async with bot_at(tmp_path, scenario, recording_mode="audio_only") as (meeting, bot):
        await in_call(bot, meeting)
        await kill(bot, "--user-data-dir=")
        await bot.until(lambda: bool(meeting.state().waiting))
        assert bot.session.heartbeat()["rejoining"]
        bot.session.leave()
        ended = await bot.ends()
    assert_ends(ended, EndReason.API_REQUEST, "command/leave")
    with av.open(ended.folder / "audio.mp3") as sound:
        seconds = sum(frame.samples / frame.sample_rate for frame in sound.decode(audio=0))
    assert seconds == pytest.approx(ended.report["duration_seconds"], abs=1.0)
    (loss,) = ended.report["rejoins"]
    assert (loss["cause"], loss["back_after_seconds"]) == ("gone", None)


@pytest.mark.parametrize(
    ("page", "reason", "row"),
    [
        ("invalid", EndReason.INVALID_MEETING_URL, "google_meet/no-such-meeting"),
        ("blocked", EndReason.CANNOT_JOIN_MEETING, "google_meet/cannot-join"),
        ("login", EndReason.LOGIN_REQUIRED, "google_meet/sign-in-host"),
    ],
)
async def test_pages_that_let_nobody_ask(
    tmp_path: Path,
    lent: Lender,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
    reason: EndReason,
    row: str,
) -> None:
    """A page that leads nowhere is told apart from the others, with its row."""
    monkeypatch.setattr("bot.attempts.AGAIN_AFTER_S", SOON_S)
    async with bot_at(tmp_path, {"page": page}, lent=lent) as (_meeting, bot):
        ended = await bot.ends()
    assert_ends(ended, reason, row)
    assert ended.statuses == ["queued", "joining_call", "call_ended", "failed"]


async def test_page_that_never_loads(tmp_path: Path, lent: Lender) -> None:
    """A page that does not answer by the load deadline is CANNOT_JOIN_MEETING."""
    async with bot_at(
        tmp_path, {"page": "never_load"}, settings={"load_timeout_s": 4}, lent=lent
    ) as (
        _meeting,
        bot,
    ):
        ended = await bot.ends()
    assert_ends(ended, EndReason.CANNOT_JOIN_MEETING, "error/PageUnreachable")


async def test_page_of_no_known_state(tmp_path: Path, lent: Lender) -> None:
    """A page that loads and shows nothing known by the load deadline: CANNOT_JOIN_MEETING."""
    async with bot_at(tmp_path, {"page": "blank"}, lent=lent) as (_meeting, bot):
        await bot.reaches(Status.JOINING_CALL)
        await bot.until(lambda: bot.session.looks > 0)
        bot.clock.push(61)
        ended = await bot.ends()
    assert_ends(ended, EndReason.CANNOT_JOIN_MEETING, "leave/page-never-loaded")


async def kill(
    bot: Bot, mark: str, *, meeting_page: bool = False, how: signal.Signals = signal.SIGKILL
) -> None:
    """Send a signal to the browser's process whose command line carries `mark`."""
    browser: Any = bot.session.browser
    found = [p for p in browser.processes() if mark in " ".join(p.cmdline())]
    if meeting_page:  # the renderer that grows with what the page takes up
        before = {p.pid: p.memory_info().rss for p in found}
        await browser.page.evaluate("() => { self.ballast = new Uint8Array(1e8).fill(1); }")
        found.sort(key=lambda p: p.memory_info().rss - before[p.pid], reverse=True)
    os.kill(found[0].pid, how)

"""Every end reason of the Meet path, each in real Chromium against the test meeting."""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest

from bot.contract import EndReason, Status
from platforms.simulator.server import Simulator
from tests.e2e.harness import Bot, Ended, bot_at
from tests.e2e.lending import Lender
from tests.media.flash import BACKENDS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]

ADA = {"name": "Ada", "picture": "still"}
ADMIT = {"do": "admit", "at_s": 0.3}
SIZES = {"tab": ("720p", (1280, 720)), "display": ("1080p", (1920, 1080))}
"""Each backend is tried at another size."""


async def in_call(bot: Bot, meeting: Simulator, recorded_s: float = 2.0) -> None:
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


async def test_nobody_answers_the_ask(tmp_path: Path, lent: Lender) -> None:
    """The platform giving up on the ask is TIMEOUT_WAITING_TO_START."""
    async with bot_at(tmp_path, {"events": [{"do": "no_answer", "at_s": 1}]}, lent=lent) as (
        _meeting,
        bot,
    ):
        ended = await bot.ends()
    assert_ends(ended, EndReason.TIMEOUT_WAITING_TO_START, "google_meet/nobody-answered")


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


async def test_removed_late(tmp_path: Path) -> None:
    """Removed after enough was recorded: BOT_REMOVED, completed."""
    async with bot_at(tmp_path, {"participants": [ADA]}) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("admit")
        await in_call(bot, meeting, recorded_s=15.5)
        await meeting.command("remove", {"who": "Notes"})
        ended = await bot.ends()
    assert_ends(ended, EndReason.BOT_REMOVED, "google_meet/removed-screen")
    assert_recording_kept(ended)
    assert ended.statuses == [
        "queued",
        "joining_call",
        "in_waiting_room",
        "in_call_not_recording",
        "in_call_recording",
        "call_ended",
        "completed",
    ]


async def test_ended_by_host_early(tmp_path: Path, lent: Lender) -> None:
    """The host ending the call early counts like an early removal."""
    async with bot_at(tmp_path, {"open": True, "participants": [ADA]}, lent=lent) as (meeting, bot):
        await in_call(bot, meeting)
        await meeting.command("end")
        ended = await bot.ends()
    assert_ends(ended, EndReason.BOT_REMOVED_TOO_EARLY, "google_meet/final-screen")


async def test_ended_in_the_lobby(tmp_path: Path, lent: Lender) -> None:
    """A meeting that ends before the bot was let in: EXITING_MEETING_BEFORE_RECORD."""
    async with bot_at(tmp_path, {"participants": [ADA]}, lent=lent) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("end")
        ended = await bot.ends()
    assert_ends(ended, EndReason.EXITING_MEETING_BEFORE_RECORD, "google_meet/final-screen")


async def test_no_one_joined(tmp_path: Path, lent: Lender) -> None:
    """Nobody else ever coming is NO_ATTENDEES, completed, with what was recorded."""
    async with bot_at(tmp_path, {"open": True}, lent=lent) as (meeting, bot):
        await in_call(bot, meeting)
        await looked_at_twice(bot)
        bot.clock.push(601)
        ended = await bot.ends()
    assert_ends(ended, EndReason.NO_ATTENDEES, "leave/no-one-joined")
    assert_recording_kept(ended)


async def test_everyone_left(tmp_path: Path, lent: Lender) -> None:
    """All others having left for everyone_left_timeout is NO_ATTENDEES."""
    async with bot_at(tmp_path, {"open": True, "participants": [ADA]}, lent=lent) as (meeting, bot):
        await in_call(bot, meeting)
        await meeting.command("leave", {"who": "Ada"})
        await bot.until(lambda: bot.session.snapshot().people == 0)
        await looked_at_twice(bot)
        bot.clock.push(31)
        ended = await bot.ends()
    assert_ends(ended, EndReason.NO_ATTENDEES, "leave/everyone-left")
    assert ended.last["participants"] == ["Ada"]


async def test_ignored_names_are_nobody(tmp_path: Path, lent: Lender) -> None:
    """A call with only another note-taker in it is an empty one."""
    async with bot_at(
        tmp_path,
        {"open": True, "participants": [{"name": "Other Notes", "picture": "still"}]},
        ignored_participant_names=["Other Notes"],
        lent=lent,
    ) as (meeting, bot):
        await in_call(bot, meeting)
        await looked_at_twice(bot)
        bot.clock.push(601)
        ended = await bot.ends()
    assert_ends(ended, EndReason.NO_ATTENDEES, "leave/no-one-joined")


async def test_grace_period_holds_leave_rules(tmp_path: Path, lent: Lender) -> None:
    """Within the grace period no leave rule fires; afterwards its clock starts."""
    timeouts = {"everyone_left_timeout": 30, "grace_period": 300}
    async with bot_at(
        tmp_path, {"open": True, "participants": [ADA]}, timeout_config=timeouts, lent=lent
    ) as (
        meeting,
        bot,
    ):
        await in_call(bot, meeting)
        await meeting.command("leave", {"who": "Ada"})
        await bot.until(lambda: bot.session.snapshot().people == 0)
        bot.clock.push(200)
        await looked_at_twice(bot)
        assert bot.session.status is Status.IN_CALL_RECORDING
        bot.clock.push(100)
        await looked_at_twice(bot)
        assert bot.session.status is Status.IN_CALL_RECORDING
        bot.clock.push(31)
        ended = await bot.ends()
    assert_ends(ended, EndReason.NO_ATTENDEES, "leave/everyone-left")


async def test_max_recording_duration(tmp_path: Path, lent: Lender) -> None:
    """The longest recording permitted ends as RECORDING_TIMEOUT."""
    async with bot_at(tmp_path, {"open": True, "participants": [ADA]}, lent=lent) as (meeting, bot):
        await in_call(bot, meeting)
        await looked_at_twice(bot)
        bot.clock.push(14_401)
        ended = await bot.ends()
    assert_ends(ended, EndReason.RECORDING_TIMEOUT, "leave/max-recording-duration")
    assert_recording_kept(ended)


async def test_nobody_speaks(tmp_path: Path, lent: Lender) -> None:
    """Silence of people who are there, while our sound is alive, is NO_SPEAKER."""
    async with bot_at(tmp_path, {"open": True, "participants": [ADA]}, lent=lent) as (meeting, bot):
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


async def test_leave_in_the_lobby(tmp_path: Path, lent: Lender) -> None:
    """Told to leave before recording: EXITING_MEETING_BEFORE_RECORD, and the lobby is left."""
    async with bot_at(tmp_path, {}, lent=lent) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await bot.session.command("leave", {})
        ended = await bot.ends()
        assert not meeting.state().waiting
    assert_ends(ended, EndReason.EXITING_MEETING_BEFORE_RECORD, "command/leave")


async def test_leave_while_recording(tmp_path: Path, lent: Lender) -> None:
    """Told to leave while recording: API_REQUEST, and the client's own button was used."""
    async with bot_at(
        tmp_path,
        {"open": True, "participants": [ADA]},
        entry_message="Notes are being taken",
        lent=lent,
    ) as (meeting, bot):
        await in_call(bot, meeting)
        await bot.session.command("leave", {})
        ended = await bot.ends()
        left = meeting.state().person("Notes")
        said = [message.text for message in meeting.state().chat]
    assert_ends(ended, EndReason.API_REQUEST, "command/leave")
    assert_recording_kept(ended)
    assert left is not None
    assert left.status.value == "left"
    assert said == ["Notes are being taken"]


def people_told(ended: Ended) -> list[list[str]]:
    """The names of every `bot.participants`, in their order."""
    told = [event for event in ended.events if event["event"] == "bot.participants"]
    return [[person["name"] for person in event["data"]["participants"]] for event in told]


@pytest.mark.parametrize("backend", BACKENDS)
async def test_page_crash(tmp_path: Path, backend: str) -> None:
    """A renderer killed in mid-call costs its gap: same recording, status and people.

    The new page is as large as the old one.
    """
    talking = {"do": "speak", "who": "Ada", "for_s": 600}
    scenario = {"open": True, "repeat": False, "participants": [ADA], "events": [talking]}
    chosen = {"capture": backend}
    async with bot_at(tmp_path, scenario, chosen, resolution=SIZES[backend][0]) as (meeting, bot):
        await in_call(bot, meeting)
        await kill(bot, "--type=renderer", meeting_page=True)
        await bot.until(lambda: bot.session.heartbeat()["rejoining"])
        assert bot.session.heartbeat()["status"] == "in_call_recording"
        await bot.until(lambda: not bot.session.heartbeat()["rejoining"])
        back_s = bot.session.snapshot().recorder.recorded_s
        await bot.until(lambda: (bot.session.snapshot().recorder.heard_at_s or 0) > back_s)
        page: Any = bot.session.browser and bot.session.browser.page
        assert tuple(await page.evaluate("[innerWidth, innerHeight]")) == SIZES[backend][1]
        await meeting.command("end")
        ended = await bot.ends()
    assert ended.outcome.row == "google_meet/final-screen"
    assert ended.statuses[-3:-1] == ["in_call_recording", "call_ended"]
    assert_recording_kept(ended)
    assert people_told(ended) == [["Ada"]]
    capture = ended.report["capture"]
    assert capture["backend"] == backend
    assert (capture["width"], capture["height"]) == SIZES[backend][1]
    (loss,) = ended.report["rejoins"]
    assert loss["cause"] == "page-crashed"
    assert 0 < loss["asked_after_seconds"] <= loss["back_after_seconds"]
    asked_s = loss["start_seconds"] + loss["asked_after_seconds"]
    gaps = [gap for gap in ended.report["quality"]["gaps"] if gap["kind"] == "recapture"]
    ends_s = [gap["start_seconds"] + gap["duration_seconds"] for gap in gaps]
    assert gaps[0]["start_seconds"] < asked_s < max(ends_s)


async def test_page_frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A renderer that stands still for good, while its browser goes on, is one that crashed."""
    monkeypatch.setattr("bot.page_watch.FROZEN_S", 8.0)  # longer than a look waits
    async with bot_at(tmp_path, {"open": True, "participants": [ADA]}) as (meeting, bot):
        await in_call(bot, meeting)
        await kill(bot, "--type=renderer", meeting_page=True, how=signal.SIGSTOP)
        await bot.until(lambda: bot.session.heartbeat()["rejoining"])
        await bot.until(lambda: not bot.session.heartbeat()["rejoining"])
        back_s = bot.session.snapshot().recorder.recorded_s
        await bot.until(lambda: (bot.session.snapshot().recorder.seen_at_s or 0) > back_s)
        await meeting.command("end")
        ended = await bot.ends()
    assert ended.outcome.row == "google_meet/final-screen"
    assert_recording_kept(ended)
    (loss,) = ended.report["rejoins"]
    assert loss["cause"] == "page-frozen"
    assert 0 < loss["asked_after_seconds"] <= loss["back_after_seconds"]


async def test_page_crash_in_the_lobby(tmp_path: Path) -> None:
    """Before admission a page that crashed is replaced: the bot asks again, and is recorded."""
    whatever_it_takes = {"load_timeout_s": 600}
    async with bot_at(tmp_path, {"participants": [ADA]}, settings=whatever_it_takes) as (
        meeting,
        bot,
    ):
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
        ended = await bot.ends()
    assert ended.outcome.row == "google_meet/final-screen"
    assert_recording_kept(ended)
    assert "browser/page-crashed" in ended.report["warnings"][0]


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
    tmp_path: Path, lent: Lender, page: str, reason: EndReason, row: str
) -> None:
    """A page that leads nowhere is told apart from the others, with its row."""
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


async def test_sigterm(tmp_path: Path, lent: Lender) -> None:
    """SIGTERM leaves, stores a finished file and says so: SIGTERM, exit code 143."""
    async with bot_at(tmp_path, {"open": True, "participants": [ADA]}, lent=lent) as (meeting, bot):
        await in_call(bot, meeting)
        bot.session.terminate()
        ended = await bot.ends()
    assert_ends(ended, EndReason.SIGTERM, "signal/SIGTERM")
    assert ended.outcome.exit_code == 143
    assert_recording_kept(ended)


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

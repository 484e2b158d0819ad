"""Commands, status and heartbeat of one bot."""

from pathlib import Path

import pytest

from bot.contract import EndReason, Status
from bot.desk import Desk
from bot.errors import CommandInvalidError, CommandNotSupportedError, WrongStatusError
from bot.logs import forget_secrets, mask
from media.pressure import Level
from media.summary import RecorderStats
from media.uploader import UploadStats
from platforms.types import Person
from tests.bot.rig import Rig, rig


async def in_call(parts: Rig) -> None:
    """Bring the bot into the call."""
    await parts.context.reporter.advance(Status.JOINING_CALL)
    await parts.context.reporter.advance(Status.IN_CALL_NOT_RECORDING)
    await parts.context.reporter.advance(Status.IN_CALL_RECORDING)


async def test_leave_is_one_outcome(tmp_path: Path) -> None:
    """Leave settles once, by the status it came in, and is repeated without harm."""
    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        await in_call(parts)
        assert await desk.command("leave", {})
        desk.leave()
        assert parts.context.outcome.reason is EndReason.API_REQUEST


async def test_get_status(tmp_path: Path) -> None:
    """The reply holds the four fields of the contract."""
    with rig(tmp_path) as parts:
        reply = await Desk(parts.context).command("get_status", {})
    assert reply["bot_id"] == str(parts.context.job.bot_id)
    assert reply["status"] == "queued"
    assert reply["transcription_status"] == "not-applicable"
    assert reply["updated_at"].endswith("Z")


async def test_chat_is_refused_outside_the_call(tmp_path: Path) -> None:
    """In the wrong status the error is the product's own sentence."""
    with rig(tmp_path) as parts:
        with pytest.raises(WrongStatusError) as caught:
            await Desk(parts.context).command("send_chat_message", {"text": "x"})
        assert "Operation not permitted in this state." in str(caught.value)


async def test_chat_says_whether_it_was_said(tmp_path: Path) -> None:
    """The meeting's answer is the reply; without a meeting nothing was said."""
    said: list[str] = []

    async def say(text: str) -> bool:
        said.append(text)
        return True

    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        await in_call(parts)
        assert await desk.command("send_chat_message", {"text": "x"}) == {"said": False}
        desk.say = say
        assert await desk.command("send_chat_message", {"text": "hello"}) == {"said": True}
    assert said == ["hello"]


class Tape:
    """A recording that notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.level = Level.FULL

    def stats(self) -> tuple[RecorderStats, UploadStats]:
        stats = RecorderStats(recorded_s=4.0, level=self.level)
        return stats, UploadStats(0, 0, 0, 0, 1.5, 0, 0, None)

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    async def screenshot(self) -> str | None:
        return "bot/screenshots/000001_4.jpg"


async def test_pause_and_resume(tmp_path: Path) -> None:
    """The recording is asked and the status told; a second pause in a row is refused."""
    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        desk.recording = tape = Tape()
        with pytest.raises(WrongStatusError):
            await desk.command("pause", {})
        await in_call(parts)
        assert await desk.command("pause", {}) == {}
        with pytest.raises(WrongStatusError, match="recording_paused"):
            await desk.command("pause", {})
        assert desk.heartbeat()["status"] == "recording_paused"
        assert desk.heartbeat()["recorded_seconds"] == 4.0
        await desk.command("resume", {})
        assert parts.context.reporter.status is Status.RECORDING_RESUMED
        with pytest.raises(WrongStatusError):
            await desk.command("resume", {})
        await desk.command("pause", {})
    assert tape.asked == ["pause", "resume", "pause"]


async def test_a_heartbeat_says_what_is_given_up(tmp_path: Path) -> None:
    """While all is recorded nothing is said of it."""
    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        desk.recording = tape = Tape()
        assert "degraded" not in desk.heartbeat()
        tape.level = Level.HALF_RATE
        assert desk.heartbeat()["degraded"] == "half_rate"


async def test_a_screenshot_is_answered_with_its_key(tmp_path: Path) -> None:
    """The reply names what was stored; without a recording there is nothing."""
    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        await in_call(parts)
        assert await desk.command("screenshot", {}) == {"key": None}
        desk.recording = Tape()
        stored = await desk.command("screenshot", {})
    assert stored == {"key": "bot/screenshots/000001_4.jpg"}


@pytest.mark.parametrize("command", ["pause", "resume"])
async def test_a_call_that_is_over_is_not_paused(tmp_path: Path, command: str) -> None:
    """Once the end is decided its recording is being closed: refused, and nothing is told."""
    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        desk.recording = tape = Tape()
        await in_call(parts)
        if command == "resume":
            await desk.command("pause", {})
        before = parts.context.reporter.status
        desk.leave()
        with pytest.raises(WrongStatusError, match="call_ended"):
            await desk.command(command, {})
        assert parts.context.reporter.status is before
    assert command not in tape.asked


async def test_update_config(tmp_path: Path) -> None:
    """New timeouts are in force, a new callback's secret is masked from then on."""
    words = {
        "timeout_config": {"silence_timeout": 5},
        "callback_enabled": True,
        "callback_config": {"url": "https://x.example/", "secret": "PLANTED-LATER"},
    }
    try:
        with rig(tmp_path) as parts:
            assert await Desk(parts.context).command("update_config", words) == {}
        assert parts.context.job.timeout_config.silence_timeout == 5
        assert "PLANTED" not in mask("PLANTED-LATER")
    finally:
        forget_secrets()


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("dance", {}, CommandNotSupportedError),
        ("update_config", {"timeout_config": {"silence_timeout": 0}}, CommandInvalidError),
    ],
)
async def test_refusals(
    tmp_path: Path, name: str, args: dict[str, object], error: type[Exception]
) -> None:
    """What this version lacks, nobody knows or is badly asked is refused by name."""
    with rig(tmp_path) as parts, pytest.raises(error):
        await Desk(parts.context).command(name, args)


@pytest.mark.parametrize(("sandbox", "word"), [(True, "on"), (False, "off")])
async def test_heartbeat_tells_the_browsers_sandbox(
    tmp_path: Path, *, sandbox: bool, word: str
) -> None:
    """As soon as a browser has started, every heartbeat says whether its sandbox is on."""
    with rig(tmp_path) as parts:
        parts.context.facts.browser_version, parts.context.facts.sandbox = "156.0", sandbox
        assert Desk(parts.context).heartbeat()["sandbox"] == word


async def test_snapshot_and_heartbeat_before_a_recording(tmp_path: Path) -> None:
    """A bot that records nothing yet says zeros, and who is there once somebody is."""
    with rig(tmp_path) as parts:
        desk = Desk(parts.context)
        parts.context.roster.look([Person("a", "Ada", speaking=True)], 0.0)
        snapshot = desk.snapshot()
        beat = desk.heartbeat()
    assert (snapshot.people, snapshot.speaking, snapshot.upload) == (1, ("Ada",), None)
    assert beat == {
        "bot_id": str(parts.context.job.bot_id),
        "status": "queued",
        "recorded_seconds": 0.0,
        "upload_lag_seconds": 0.0,
        "cores": 0.0,
        "memory_bytes": 0,
        "rejoining": False,
        "capture": "tab",
        "browser_mode": "headless",
    }

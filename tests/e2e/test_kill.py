"""SIGKILL in mid-call: what lies in storage plays to within four seconds of it.

Any other machine finishes it and says how the bot ended, once.
"""

import asyncio
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import av
import pytest

from media.storage_folder import FolderStorage
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.e2e.harness import STEP_DEADLINE_S
from tests.media.stored import chunks_joined

pytestmark = [pytest.mark.alone, pytest.mark.browser, pytest.mark.timeout(300)]

LOSS_BOUND_S = 4.0
RECORD_S = 7.0


def run_bot(meeting: Simulator, bot_id: str, root: Path) -> "subprocess.Popen[bytes]":
    """`meetbot run` as a process of its own."""
    job = root / f"{bot_id}.json"
    fields = {"bot_id": bot_id, "meeting_url": meeting.meeting_url, "bot_name": "Notes"}
    job.write_text(json.dumps(fields))
    command = [sys.executable, "-m", "bot", "run", str(job), "--simulator", meeting.http_url]
    command += ["--storage", str(root / "recordings"), "--spool-dir", str(root / "spool" / bot_id)]
    with (root / f"{bot_id}.log").open("wb") as log:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)


def wait_for_recording(stdout: IO[bytes]) -> None:
    """Read events until the bot records."""
    until_s = time.monotonic() + STEP_DEADLINE_S
    data: dict[str, Any] = {}
    for line in stdout:
        data = json.loads(line)["data"]
        if data.get("status", {}).get("code") == "in_call_recording":
            return
        assert time.monotonic() < until_s
    pytest.fail(f"the bot ended before it recorded: {data}")


def recover_elsewhere(storage: Path, root: Path) -> list[dict[str, Any]]:
    """What `meetbot recover` says on a machine that has seen nothing of the bot."""
    root.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "bot", "recover", "--storage", str(storage), "--force"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=STEP_DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def ends_s(data: bytes) -> tuple[float, float]:
    """When the last picture and the last sound of a file play."""
    with av.open(io.BytesIO(data), "r") as container:
        video_s = max(float(frame.time or 0) for frame in container.decode(video=0))
    with av.open(io.BytesIO(data), "r") as container:
        audio_s = max(float(frame.time or 0) for frame in container.decode(audio=0))
    return video_s, audio_s


async def killed(picture: str, bot_id: str, root: Path) -> float:
    """Kill a bot that records one tile with such a picture; how long it had recorded, in s."""
    scenario = {"open": True, "participants": [{"name": "Ada", "picture": picture}]}
    async with Simulator(Scenario.model_validate(scenario)) as meeting:
        process = run_bot(meeting, bot_id, root)
        try:
            assert process.stdout is not None
            await asyncio.to_thread(wait_for_recording, process.stdout)
            began_s = time.monotonic()
            await asyncio.sleep(RECORD_S)
            process.send_signal(signal.SIGKILL)
            return time.monotonic() - began_s
        finally:
            process.kill()
            await asyncio.to_thread(process.wait, 10)
            if process.stdout is not None:
                process.stdout.close()


async def test_chunks_play_after_sigkill(tmp_path: Path) -> None:
    """Chunks in storage decode to within 4 s of the kill, on a moving page and on a still one.

    The bots of both record at once; one search for dead ones finishes both, the next finds none.
    """
    bots = {picture: str(uuid4()) for picture in ("moving", "still")}
    recorded_s = await asyncio.gather(*(killed(*bot, tmp_path) for bot in bots.items()))
    storage = tmp_path / "recordings"
    folders = [storage / bot_id for bot_id in bots.values()]
    for folder, killed_after_s in zip(folders, recorded_s, strict=True):
        assert not (folder / "video.mp4").exists()
        chunks = chunks_joined(FolderStorage(storage), f"{folder.name}/")
        assert min(ends_s(chunks)) > killed_after_s - LOSS_BOUND_S
    said = recover_elsewhere(storage, tmp_path / "elsewhere")
    for folder, killed_after_s in zip(folders, recorded_s, strict=True):
        events = [event for event in said if event["bot_id"] == folder.name]
        assert [event["event"] for event in events] == ["bot.status_change", "bot.failed"]
        last = events[-1]["data"]
        assert (last["error_code"], last["evidence"]["row"]) == ("FORCE_KILLED", "recover/forced")
        assert last["evidence"]["platform"] == "google_meet"
        assert min(ends_s((folder / "video.mp4").read_bytes())) > killed_after_s - LOSS_BOUND_S
        assert (folder / "audio.mp3").stat().st_size > 0
    assert len(said) == len(folders) * 2
    assert recover_elsewhere(storage, tmp_path / "third") == []

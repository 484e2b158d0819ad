"""SIGKILL in mid-call: what lies in storage plays to within four seconds of it."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

import av
import pytest

from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.e2e.harness import STEP_DEADLINE_S

pytestmark = [pytest.mark.alone, pytest.mark.browser, pytest.mark.timeout(300)]

LOSS_BOUND_S = 4.0
RECORD_S = 9.0


def run_bot(meeting: Simulator, root: Path) -> "subprocess.Popen[bytes]":
    """`meetbot run` as a process of its own."""
    job = root / "job.json"
    job.write_text(json.dumps({"meeting_url": meeting.meeting_url, "bot_name": "Notes"}))
    command = [sys.executable, "-m", "bot", "run", str(job), "--simulator", meeting.http_url]
    command += ["--storage", str(root / "recordings"), "--spool-dir", str(root / "spool")]
    with (root / "bot.log").open("wb") as log:
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


@pytest.mark.parametrize("picture", ["moving", "still"])
async def test_chunks_play_after_sigkill(tmp_path: Path, picture: str) -> None:
    """Chunks in storage decode to within 4 s of the kill, on a moving page and on a still one."""
    scenario = {"open": True, "participants": [{"name": "Ada", "picture": picture}]}
    async with Simulator(Scenario.model_validate(scenario)) as meeting:
        process = run_bot(meeting, tmp_path)
        try:
            assert process.stdout is not None
            await asyncio.to_thread(wait_for_recording, process.stdout)
            began_s = time.monotonic()
            await asyncio.sleep(RECORD_S)
            process.send_signal(signal.SIGKILL)
            killed_after_s = time.monotonic() - began_s
        finally:
            process.kill()
            await asyncio.to_thread(process.wait, 10)
            if process.stdout is not None:
                process.stdout.close()
    (folder,) = (tmp_path / "recordings").iterdir()
    assert not (folder / "video.mp4").exists()
    joined = tmp_path / "joined.mp4"
    chunks = sorted((folder / "chunks").glob("*.m4s"))
    init = (folder / "chunks" / "init.mp4").read_bytes()
    joined.write_bytes(init + b"".join(chunk.read_bytes() for chunk in chunks))
    with av.open(joined) as container:
        video_end_s = max(float(frame.time or 0) for frame in container.decode(video=0))
    with av.open(joined) as container:
        audio_end_s = max(float(frame.time or 0) for frame in container.decode(audio=0))
    assert min(video_end_s, audio_end_s) > killed_after_s - LOSS_BOUND_S

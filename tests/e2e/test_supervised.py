"""A killed bot below its supervisor: the recording stands, and the last event says how it died."""

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from media.storage_folder import FolderStorage
from media.verify import Expectation, verify_recording
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

STEP_DEADLINE_S = 90.0
CHUNKS = 3
"""So many are in storage before the kill; each but the last is of two seconds or more."""
AT_LEAST_S = 4.0


def supervised_bot(meeting: Simulator, root: Path) -> "subprocess.Popen[str]":
    """`meetbot supervise run` as a process of its own."""
    job = root / "job.json"
    job.write_text(json.dumps({"meeting_url": meeting.meeting_url, "bot_name": "Notes"}))
    command = [sys.executable, "-m", "bot", "supervise", "run", str(job)]
    command += ["--simulator", meeting.http_url]
    command += ["--storage", str(root / "recordings"), "--spool-dir", str(root / "spool")]
    with (root / "bot.log").open("wb") as log:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)


def until_recording(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """Its events up to the one that says it records."""
    events: list[dict[str, Any]] = []
    for line in process.stdout or ():
        events.append(json.loads(line))
        if events[-1]["data"].get("status", {}).get("code") == "in_call_recording":
            return events
    pytest.fail(f"it ended before it recorded: {events}")


async def until_stored(root: Path, chunks: int) -> None:
    """Wait until so many chunks of the only bot are in storage."""

    def count() -> int:
        return len([*root.glob("recordings/*/chunks/*.m4s")])

    async with asyncio.timeout(STEP_DEADLINE_S):
        while await asyncio.to_thread(count) < chunks:  # noqa: ASYNC110 - a folder has no events
            await asyncio.sleep(0.2)


def kill_worker(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Kill the supervisor's child; everything that was below it."""
    below = psutil.Process(process.pid).children(recursive=True)
    for one in below:
        # orphans of the browser are the supervisor's children too, and some end while we look
        with suppress(psutil.NoSuchProcess):
            if one.cmdline()[1:5] == ["-P", "-m", "bot", "run"]:
                one.kill()
                return below
    pytest.fail(f"no worker is below the supervisor: {below}")


def lives(process: psutil.Process) -> bool:
    """Whether it is there and no zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def rest_of(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """The events it says until it ends."""
    events = [json.loads(line) for line in process.stdout or ()]
    process.wait(STEP_DEADLINE_S)
    return events


async def test_killed_bot_is_finished_by_its_supervisor(tmp_path: Path) -> None:
    """After kill -9 of the worker: one last event, in order, linking a file that plays; exit 137.

    Nothing of its browser is left.
    """
    scenario = {"open": True, "participants": [{"name": "Ada", "picture": "still"}]}
    async with Simulator(Scenario.model_validate(scenario)) as meeting:
        process = supervised_bot(meeting, tmp_path)
        try:
            before = await asyncio.to_thread(until_recording, process)
            await until_stored(tmp_path, CHUNKS)
            below = kill_worker(process)
            after = await asyncio.to_thread(rest_of, process)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 90)
            if process.stdout is not None:
                process.stdout.close()
    assert process.returncode == 137, (tmp_path / "bot.log").read_text()
    events = [*before, *after]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    last = events[-1]
    assert [event["event"] for event in events].count("bot.failed") == 1
    assert (last["event"], last["data"]["error_code"]) == ("bot.failed", "FORCE_KILLED")
    key = f"{last['bot_id']}/video.mp4"
    stored = verify_recording(FolderStorage(tmp_path / "recordings"), key, Expectation(None))
    assert stored.duration_s > AT_LEAST_S
    report = json.loads((tmp_path / "recordings" / last["bot_id"] / "report.json").read_bytes())
    assert report["quality"]["known_until_seconds"] > 0
    assert report["quality"]["frames_encoded"] > 0
    assert report["capture"]["backend"] == "tab"
    assert not [one for one in below if lives(one)]

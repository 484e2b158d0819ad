"""A whole bot in the flash-and-beep meeting: A/V offset from the start, time lost on the way."""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from bot.artifacts import REPORT, VIDEO
from bot.contract import Status
from tests.benchmarks.simulator import ended, simulator
from tests.media.flash import beeps_s, decode, flashes_s, offsets_s

SCENARIO: Final = "flash"
BOT_DEADLINE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class WholeBot:
    """One run. Offsets are how much later than its flash a beep is heard, in order."""

    offsets_ms: tuple[float, ...]
    first_flash_s: float
    first_picture_s: float
    admission_to_recording_s: float
    leave_to_finished_s: float
    bytes_after_leaving: int
    cores: float
    memory_peak_bytes: int
    timings_s: Mapping[str, float]


async def whole_bot(seconds: float) -> WholeBot:
    """Run `meetbot run` for about `seconds` of recording."""
    job = {"bot_name": "Benchmark", "timeout_config": {"max_recording_duration": int(seconds)}}
    with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
        async with simulator(SCENARIO) as (meeting_url, http_url):
            moments = await run_bot(
                json.dumps({**job, "meeting_url": meeting_url}), http_url, folder
            )
        return await asyncio.to_thread(judged, Path(folder), moments.admitted_at)


@dataclass(frozen=True, slots=True)
class Moments:
    """Unix seconds of one run: the program started, took its job, had asked, was let in."""

    started_at: float
    accepted_at: float
    asked_at: float
    admitted_at: float


async def run_bot(job: str, http_url: str, folder: str) -> Moments:
    """Run it to its end."""
    started_at = time.time()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run", "-", "--simulator", http_url),
        *("--storage", f"{folder}/stored", "--spool-dir", f"{folder}/spool"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if process.stdin is None or process.stdout is None:
        raise AssertionError("both are pipes")
    try:
        async with asyncio.timeout(BOT_DEADLINE_S):
            process.stdin.write(job.encode())
            process.stdin.close()
            accepted_at, seen = 0.0, None
            async for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "accepted":
                    accepted_at = datetime.fromisoformat(event["sent_at"]).timestamp()
                seen = seen or await ask_and_admission(event, http_url)
            if await process.wait() or seen is None:
                raise RuntimeError(f"the bot ended with {process.returncode}")
    finally:
        await ended(process)
    return Moments(started_at, accepted_at, *seen)


async def ask_and_admission(event: Mapping[str, Any], http_url: str) -> tuple[float, float] | None:
    """When the simulator heard the bot ask and let it in, once an event says that it records."""
    if event["data"].get("status", {}).get("code") != Status.IN_CALL_RECORDING:
        return None
    async with httpx.AsyncClient() as http:
        state = (await http.get(f"{http_url}/api/state")).json()
    now = time.time()
    return now - float(state["since_ask_s"]), now - float(state["since_admission_s"])


def judged(folder: Path, admitted_at: float) -> WholeBot:
    """The numbers of the run that was stored below `folder`. Blocks."""
    (report_path,) = folder.glob(f"stored/*/{REPORT}")
    report = json.loads(report_path.read_bytes())
    start_time = datetime.fromisoformat(report["start_time"])
    recording = decode(report_path.parent / VIDEO)
    if not flashes_s(recording).size or not beeps_s(recording).size:
        raise RuntimeError("no flash or no beep was recorded")
    return WholeBot(
        offsets_ms=tuple(round(1000 * float(offset), 1) for offset in offsets_s(recording)),
        first_flash_s=round(float(flashes_s(recording)[0]), 3),
        first_picture_s=round(float(recording.picture_s[0]), 3),
        admission_to_recording_s=round(start_time.timestamp() - admitted_at, 3),
        leave_to_finished_s=report["upload"]["seconds_after_leaving"],
        bytes_after_leaving=report["upload"]["bytes_after_leaving"],
        cores=report["cost"]["cores_average"],
        memory_peak_bytes=report["cost"]["memory_peak_bytes"],
        timings_s=report["timings_seconds"],
    )

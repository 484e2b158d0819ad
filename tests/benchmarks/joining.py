"""How long a bot takes to ask, and from being let in to its first recorded picture.

Whole bots on each platform's test meeting, one after the other, let in two seconds after asking.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Final

from bot.artifacts import REPORT, VIDEO
from platforms.types import Platform
from tests.benchmarks.simulator import simulator
from tests.benchmarks.whole_bot import Moments, run_bot
from tests.media.flash import decode

ADMIT_AFTER_S: Final = 2.0
RECORD_S: Final = 4
BROWSER_PHASE: Final = "start_browser"


@dataclass(frozen=True, slots=True)
class Joining:
    """One client, medians over `runs`, in seconds.

    `started_to_asked_s` counts from the start of the program, `job_to_asked_s` from the job's
    acceptance; both end when the meeting has heard the ask. `browser_s` is the part of it until
    browser, capture and upload stand ready.
    """

    platform: str
    runs: int
    started_to_asked_s: float
    job_to_asked_s: float
    browser_s: float
    admitted_to_first_picture_s: float


def scenario(platform: Platform) -> dict[str, object]:
    """Somebody moves, and lets everybody in who asks."""
    return {
        "platform": platform.value,
        "meeting_name": "Joining",
        "participants": [{"name": "Ada"}],
        "events": [{"at_s": ADMIT_AFTER_S, "do": "admit"}],
    }


async def joining(platform: Platform, runs: int, say: Callable[[str], None]) -> Joining:
    """Run that many bots."""
    found = []
    with tempfile.TemporaryDirectory(prefix="meetbot-bench-") as folder:
        path = Path(folder) / "scenario.json"
        await asyncio.to_thread(path.write_text, json.dumps(scenario(platform)))
        async with simulator(str(path)) as (meeting_url, http_url):
            for number in range(1, runs + 1):
                place = f"{folder}/{number}"
                found.append(await join_once(meeting_url, http_url, place))
                say(f"join {platform}: run {number}/{runs}  {told(found[-1])}")
    return joining_of(platform, found)


async def join_once(meeting_url: str, http_url: str, folder: str) -> Mapping[str, float]:
    """One bot; the same seconds as `Joining` has."""
    job = {
        "bot_name": "Benchmark",
        "meeting_url": meeting_url,
        "timeout_config": {"max_recording_duration": RECORD_S},
    }
    moments = await run_bot(json.dumps(job), http_url, folder)
    return await asyncio.to_thread(judged, Path(folder), moments)


def judged(folder: Path, moments: Moments) -> Mapping[str, float]:
    """What the run stored below `folder` and the moments tell. Blocks."""
    (report_path,) = folder.glob(f"stored/*/{REPORT}")
    report = json.loads(report_path.read_bytes())
    time_0 = datetime.fromisoformat(report["start_time"]).timestamp()
    first_picture_s = float(decode(report_path.parent / VIDEO).picture_s[0])
    return {
        "started_to_asked_s": moments.asked_at - moments.started_at,
        "job_to_asked_s": moments.asked_at - moments.accepted_at,
        "browser_s": float(report["timings_seconds"][BROWSER_PHASE]),
        "admitted_to_first_picture_s": time_0 + first_picture_s - moments.admitted_at,
    }


def joining_of(platform: str, found: Sequence[Mapping[str, float]]) -> Joining:
    """The medians. Pure."""
    seconds = {name: round(median(each[name] for each in found), 2) for name in found[0]}
    return Joining(platform=platform, runs=len(found), **seconds)


def told(run: Mapping[str, float]) -> str:
    """One run for a person who waits."""
    asked_s, in_s = run["job_to_asked_s"], run["admitted_to_first_picture_s"]
    return f"{asked_s:.1f} s to the ask, {in_s:.1f} s from being let in to the first picture"

"""One run: a fault is inflicted on a bot, and what stands afterwards is judged."""

import asyncio
import io
import json
import random
import sys
import time
import traceback
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import av

from bot.strict_json import json_objects
from media.storage import open_storage
from media.types import Storage
from tests.chaos import faults, victim
from tests.chaos.faults import Ended, Inflict
from tests.chaos.judge import Loss, Span, heard, late_spans, longest, loss, play
from tests.chaos.results import Row
from tests.chaos.stage import MEETING_URL, ROOT, STEP_DEADLINE_S, Stage, environment, staged

WHOLE_RUN_S: Final = 900.0
CUT_S: Final = 1.0
"""What Chromium's own start of a capture may miss of the first second."""
SCENARIO: Final = {"open": True, "participants": [{"name": "Ada", "picture": "moving"}]}
SKIPPED: Final = "no small disk may be mounted here"


@dataclass(frozen=True, slots=True)
class Job:
    """A run to be done; `dice` is the seed of its random moments."""

    number: int
    name: str
    inflict: Inflict
    dice: str
    chromium: bool


@asynccontextmanager
async def meeting_for_chromium(jobs: Sequence[Job], root: Path) -> AsyncIterator[tuple[str, str]]:
    """The simulator's meeting, its address and the page for people; ("", "") where unneeded."""
    if not any(job.chromium for job in jobs):
        yield "", ""
        return
    scenario = root / "scenario.json"
    scenario.write_text(json.dumps(SCENARIO))
    command = (
        sys.executable,
        "-m",
        "bot",
        "simulate",
        "--scenario",
        str(scenario),
        "--port",
        "0",
        "--json",
    )
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=environment()
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(STEP_DEADLINE_S):
            words = json.loads(await process.stdout.readline())
        yield words["meeting_url"], words["http_url"]
    finally:
        process.terminate()
        await process.wait()


async def run(job: Job, root: Path, s3_url: str, meeting: tuple[str, str]) -> Row:
    """Do it; never raises for what the bot did."""
    folder = root / f"run-{job.number:03}"
    folder.mkdir()
    dice = random.Random(job.dice)  # noqa: S311 - to be thrown again the same
    bot_id = str(UUID(int=dice.getrandbits(128), version=4))
    mounted = job.inflict is faults.disk_full and faults.small_disk(folder / "spool")
    if job.inflict is faults.disk_full and not mounted:
        return Row(job.number, job.name, job.chromium, note=SKIPPED, is_good=True)
    began_s = time.monotonic()
    try:
        async with (
            asyncio.timeout(WHOLE_RUN_S),
            staged(
                folder,
                bot_id,
                s3_url,
                program="bot" if job.chromium else "tests.chaos.victim",
                meeting_url=meeting[0] if job.chromium else MEETING_URL,
                options=("--simulator", meeting[1]) if job.chromium else (),
            ) as stage,
        ):
            ended = await job.inflict(stage, dice)
            row = await asyncio.to_thread(judge, job, stage, ended, s3_url)
    except Exception as error:  # noqa: BLE001 - one bad run is a row, not the end of all
        (folder / "problem.txt").write_text(traceback.format_exc())
        note = f"{type(error).__name__}: {error}"[:200]
        row = Row(job.number, job.name, job.chromium, note=note)
    finally:
        if mounted:
            faults.unmount(folder / "spool")
    row.took_s = time.monotonic() - began_s
    return row


def judge(job: Job, stage: Stage, ended: Ended, s3_url: str) -> Row:
    """What was said, and what stands."""
    with stage.orchestrator.journal.open(encoding="utf-8") as lines:
        said = heard(json_objects(lines))
    with open_storage(stage.storage, endpoint_url=s3_url) as storage:
        report = report_of(storage, stage.bot_id)
        (stage.folder / "report.json").write_text(json.dumps(report))
        found = (chromium_loss if job.chromium else source_loss)(storage, stage, ended, report)
    row = Row(job.number, job.name, job.chromium, note=ended.note)
    row.last_words, row.seq_holes, row.reason = said.last_words, said.holes, said.reason or "-"
    row.tail_s, row.gaps_s = found.tail_s, found.gaps_s
    row.tail_bound_s, row.gaps_bound_s = ended.tail_s, ended.gaps_s
    row.undeclared = found.undeclared_pictures + found.undeclared_sounds
    problems = [
        (said.last_words != 1, "last words"),
        (said.holes, "holes in seq"),
        (said.reason not in ended.reasons, "reason"),
        (found.tail_s > ended.tail_s + victim.STEP_S, "tail"),
        (found.gaps_s > ended.gaps_s + victim.STEP_S, "gaps"),
        (row.undeclared, "undeclared"),
    ]
    bad = [word for holds, word in problems if holds]
    row.is_good = not bad
    row.note = ", ".join(word for word in (row.note, *bad) if word)
    return row


def report_of(storage: Storage, bot_id: str) -> dict[str, Any]:
    """`report.json`, empty where there is none."""
    key = f"{bot_id}/report.json"
    found = json.loads(storage.get(key)) if storage.head(key) else {}
    return found if isinstance(found, dict) else {}


def source_loss(storage: Storage, stage: Stage, ended: Ended, report: dict[str, Any]) -> Loss:
    """Of a bot that recorded the source."""
    began_us = int((stage.bot.source / victim.BEGAN).read_text())
    started_s = float((stage.bot.source / victim.RECORDING).read_text()) / 1e6
    if storage.head(f"{stage.bot_id}/video.mp4") is None:
        return Loss(max(0.0, ended.lived_to_s - started_s), 0.0, 0, 0)
    quality = report.get("quality") or {}
    return loss(
        play(storage.get(f"{stage.bot_id}/video.mp4")),
        lived_s=ended.lived_to_s - began_us / 1e6,
        gaps=_gaps(quality),
        late=late_spans((stage.bot.source / victim.LATE).read_text().splitlines(), began_us),
        dropped_pictures=_dropped_pictures(quality),
    )


def _gaps(quality: Mapping[str, Any]) -> list[Span]:
    return [
        (gap["start_seconds"], gap["start_seconds"] + gap["duration_seconds"])
        for gap in quality.get("gaps", ())
    ]


def _dropped_pictures(quality: Mapping[str, Any]) -> int:
    """Pictures that the report names by their number, those left out on purpose among them."""
    dropped = quality.get("frames_dropped", {})
    lost = sum(count for name, count in dropped.items() if name != "ring_sound")
    return int(lost + quality.get("frames_thinned", 0))


def chromium_loss(storage: Storage, stage: Stage, ended: Ended, report: dict[str, Any]) -> Loss:
    """Of a bot that recorded the simulator's meeting: the length of what stands, and its gap."""
    key = f"{stage.bot_id}/video.mp4"
    recording_at_s = stage.orchestrator.recording_at_s
    if storage.head(key) is None or recording_at_s is None:
        return Loss(ended.lived_to_s - (recording_at_s or ended.lived_to_s), 0.0, 0, 0)
    with av.open(io.BytesIO(storage.get(key)), "r") as container:
        plays_s = max(float(frame.time or 0.0) for frame in container.decode(video=0))
    gaps_s = longest(_gaps(report.get("quality") or {}))
    lived_s = ended.lived_to_s - recording_at_s
    return Loss(max(0.0, lived_s - plays_s - CUT_S), gaps_s, 0, 0)

"""`python -m tests.chaos`: bots in trouble at random moments, and what each has lost.

Exit code 1 where a bot had not exactly one last word, a number was missing among its events, or
more was lost of its recording than the design allows.
"""

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import boto3
import typer

from bot.logs import configure_logs
from tests.chaos import faults
from tests.chaos.outage import outage
from tests.chaos.results import Row, table, worst
from tests.chaos.runs import Job, meeting_for_chromium, run
from tests.chaos.stage import BUCKET
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, RadosGateway

WRITTEN: Final = Path(__file__).parent / "RESULTS.md"
FULL: Final = (80, 20)
"""Runs with the generated source and with Chromium, whose results are kept."""


def jobs_of(generated: int, chromium: int, seed: int, only: str) -> list[Job]:
    """Each fault in turn, and the dice of each run: the same for the same seed."""
    kinds = [(name, inflict, False) for name, inflict in faults.GENERATED.items()]
    browsers = [(name, inflict, True) for name, inflict in faults.CHROMIUM.items()]
    chosen = []
    for count, these in ((generated, kinds), (chromium, browsers)):
        found = [each for each in these if only in each[0]]
        chosen += [found[number % len(found)] for number in range(count) if found]
    return [
        Job(number, name, inflict, f"{seed}-{number}", chromium=in_chromium)
        for number, (name, inflict, in_chromium) in enumerate(chosen)
    ]


@asynccontextmanager
async def storage_server() -> AsyncIterator[str]:
    """A real S3 server with a bucket."""
    server = RadosGateway()
    await asyncio.to_thread(server.__enter__)
    try:
        client = boto3.client("s3", endpoint_url=server.endpoint_url, region_name="us-east-1")
        await asyncio.to_thread(client.create_bucket, Bucket=BUCKET)
        yield server.endpoint_url
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


async def run_all(jobs: list[Job], lanes: int, root: Path) -> list[Row]:
    """All runs, so many at once; those in Chromium one after another, beside the others."""
    rows: list[Row] = []
    gates = {False: asyncio.Semaphore(lanes), True: asyncio.Semaphore(1)}

    async def one(job: Job, s3_url: str, meeting: tuple[str, str]) -> None:
        async with gates[job.chromium]:
            row = await run(job, root, s3_url, meeting)
            rows.append(row)
            tell(str(row))

    async with (
        storage_server() as s3_url,
        meeting_for_chromium(jobs, root) as meeting,
        asyncio.TaskGroup() as tasks,
    ):
        for job in jobs:
            tasks.create_task(one(job, s3_url, meeting))
    return sorted(rows, key=lambda row: row.number)


def tell(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def chaos(
    generated: Annotated[int, typer.Argument(help="Runs with the generated source.")] = FULL[0],
    chromium: Annotated[int, typer.Argument(help="Runs with Chromium.")] = FULL[1],
    seed: Annotated[int | None, typer.Argument(help="Random moments; printed.")] = None,
    *,
    lanes: Annotated[int, typer.Option(help="Runs with the source at once.")] = 4,
    only: Annotated[str, typer.Option(help="Faults whose name has this in it.")] = "",
    keep: Annotated[Path | None, typer.Option(help="Logs of runs that are bad.")] = None,
    outage_minutes: Annotated[
        float | None, typer.Option(help="Instead: one storage outage of this length.")
    ] = None,
) -> None:
    """Take about 25 minutes on two idle cores; a full run writes tests/chaos/RESULTS.md."""
    seed = secrets.randbelow(1 << 32) if seed is None else seed
    configure_logs("auto", "error")
    os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY)
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    began_s = time.monotonic()
    try:
        if outage_minutes is not None:
            row = asyncio.run(with_server(outage_minutes, folder))
            tell(str(row))
            raise typer.Exit(0 if row.is_good else 1)
        jobs = jobs_of(generated, chromium, seed, only)
        tell(f"seed {seed}, {len(jobs)} runs; skipped where no small disk may be mounted")
        tell(Row.heading())
        rows = asyncio.run(run_all(jobs, lanes, folder))
    finally:
        if keep is not None:
            shutil.copytree(
                folder, keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("ring-*")
            )
        shutil.rmtree(folder, ignore_errors=True)
    minutes = (time.monotonic() - began_s) / 60
    tell(f"\n{table(rows)}\n{minutes:.0f} minutes")
    bad = [row for row in rows if not row.is_good]
    if (generated, chromium) >= FULL and not only:
        WRITTEN.write_text(worst(rows, seed, minutes), encoding="utf-8")
    raise typer.Exit(1 if bad else 0)


async def with_server(minutes: float, folder: Path) -> Row:
    """The one long outage."""
    async with storage_server() as s3_url:
        return await outage(minutes, folder, s3_url)


if __name__ == "__main__":
    typer.run(chaos)

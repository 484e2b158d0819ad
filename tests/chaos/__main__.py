"""`python -m tests.chaos [runs] [seed]`: kills recorders, recovers, prints fault and loss.

Each run: a recorder on a real S3 server through a breaking proxy, killed with SIGKILL at a random
moment, then recovered with or without the spool of its machine. Exit code 1 where a picture is
missing before the end of what stands, where more than one last word was said, or where more was
lost than the design allows.
"""

import asyncio
import io
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import UUID

import boto3

from bot.logs import configure_logs
from bot.recover import Recovery, recovery_id
from bot.settings import Settings
from media.storage import open_storage
from tests.media.numbered import FPS, missing, numbers_in
from tests.servers.faulty_proxy import FaultyProxy, Trouble
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, RadosGateway

RUNS: Final = 10
LOSS_S: Final = 4.0
"""When a process dies, its spool being there."""
NODE_LOSS_S: Final = 10.0
"""When its machine is gone; what a trouble kept from the storage is lost with it besides."""
BUCKET: Final = "chaos"
START_DEADLINE_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Row:
    """One run. Times are of the recording, in seconds."""

    trouble: Trouble
    spool_kept: bool
    troubled_at_s: float
    killed_at_s: float
    lost_s: float
    allowed_s: float
    holes: int
    last_words: int

    @property
    def is_good(self) -> bool:
        """Whether all was as the design says."""
        return not self.holes and self.last_words == 1 and self.lost_s <= self.allowed_s

    def __str__(self) -> str:
        spool = "kept" if self.spool_kept else "lost"
        verdict = "" if self.is_good else "  BAD"
        return (
            f"{self.trouble.value:9} {spool:6} {self.troubled_at_s:8.1f} {self.killed_at_s:8.1f}"
            f" {self.lost_s:7.1f} {self.allowed_s:8.1f} {self.holes:6} {self.last_words:6}{verdict}"
        )


def read_to(stdout: IO[str], recorded_s: float) -> None:
    """Read until so much was recorded."""
    until_s = time.monotonic() + START_DEADLINE_S
    for line in stdout:
        if line.startswith("#") and int(line[1:]) >= recorded_s * FPS:
            return
        if time.monotonic() > until_s:
            raise TimeoutError("the recorder does not get on")
    raise RuntimeError("the recorder ended by itself")


def run_once(server: RadosGateway, proxy: FaultyProxy, dice: random.Random, root: Path) -> Row:
    """One recorder's life, death and recovery."""
    bot_id = str(UUID(int=dice.getrandbits(128), version=4))
    trouble = dice.choice(list(Trouble))
    kept, troubled_at_s = dice.random() < 0.5, dice.uniform(6.0, 9.0)
    killed_at_s = troubled_at_s + dice.uniform(0.5, 6.0)
    settings = Settings(
        storage=f"s3://{BUCKET}/x", s3_endpoint=server.endpoint_url, spool_dir=root / "elsewhere"
    )
    there = settings.spool_dir / "recovery" / "spool" / recovery_id(bot_id)
    spool = there if kept else root / "gone"
    command = [sys.executable, "-m", "tests.chaos.victim", settings.storage, proxy.endpoint_url]
    with subprocess.Popen([*command, bot_id, str(spool)], stdout=subprocess.PIPE, text=True) as one:
        if one.stdout is None:
            raise AssertionError("it is a pipe")
        try:
            read_to(one.stdout, troubled_at_s)
            proxy.trouble = trouble
            read_to(one.stdout, killed_at_s)
        finally:
            one.kill()
        told = [line for line in one.stdout if line.startswith("#") and line.endswith("\n")]
    fed = int(told[-1][1:]) if told else round(killed_at_s * FPS)
    proxy.trouble = Trouble.NONE
    return judge(settings, bot_id, Row(trouble, kept, troubled_at_s, fed / FPS, 0, 0, 0, 0))


def judge(settings: Settings, bot_id: str, row: Row) -> Row:
    """Recover it twice, and compare what stands with what was fed."""
    stream = io.StringIO()
    storage = open_storage(settings.storage, endpoint_url=settings.s3_endpoint)
    with storage:
        for _ in range(2):
            recovery = Recovery(settings, storage, stream, force=True)
            asyncio.run(recovery.recover(bot_id))
        stored = storage.head(f"{bot_id}/video.mp4")
        found = numbers_in(storage.get(f"{bot_id}/video.mp4")) if stored is not None else []
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    held_back_s = 0.0 if row.trouble is Trouble.NONE else row.killed_at_s - row.troubled_at_s
    return Row(
        row.trouble,
        row.spool_kept,
        row.troubled_at_s,
        row.killed_at_s,
        lost_s=row.killed_at_s - len(found) / FPS,
        allowed_s=LOSS_S if row.spool_kept else NODE_LOSS_S + held_back_s,
        holes=len(missing(found, len(found))),
        last_words=events.count("bot.failed"),
    )


def tell(line: str) -> None:
    """Print it now."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Print one line a run."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else secrets.randbelow(1 << 32)
    configure_logs("auto", "error")
    tell(f"seed {seed}, {runs} runs")
    os.environ.update(AWS_ACCESS_KEY_ID=ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY)
    dice, bad = random.Random(seed), 0  # noqa: S311 - to be thrown again the same
    with RadosGateway() as server, FaultyProxy(server.endpoint_url) as proxy:
        client = boto3.client("s3", endpoint_url=server.endpoint_url, region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        tell("trouble   spool  troubled   killed  lost s  allowed  holes  words")
        for _ in range(runs):
            with tempfile.TemporaryDirectory() as root:
                row = run_once(server, proxy, dice, Path(root))
            tell(str(row))
            bad += not row.is_good
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()

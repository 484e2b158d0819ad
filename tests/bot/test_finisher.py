"""A process that ends the dead runs and nothing else."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from bot.contract import EndReason
from bot.finisher import finish_local_runs, finish_worker_runs
from tests.bot.dead import Dead, settings_of
from tests.bot.orchestrator import Orchestrator
from tests.bot.test_callback import Receiver, serving
from tests.bot.test_callback_again import job_of

pytestmark = pytest.mark.timeout(60)


async def test_worker_run_is_ended_and_acknowledged(tmp_path: Path) -> None:
    """The orchestrator hears the end as the supervisor saw it, from a worker that takes no job."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    async with Orchestrator(f"ipc://{tmp_path}/o") as orchestrator:
        finish = finish_worker_runs(settings_of(dead), orchestrator.endpoint, EndReason.OOM_KILLED)
        task = asyncio.create_task(finish)
        (ready,) = await orchestrator.wait_for("ready")
        (last,) = await orchestrator.wait_for("bot.failed")
        assert await task == 0
    assert (ready["bot_id"], ready["status"]) == (dead.bot_id, "failed")
    assert (last["seq"], last["data"]["error_code"]) == (8, "OOM_KILLED")
    assert list(dead.outboxes.iterdir()) == []


async def test_job_for_a_finisher_is_rejected(tmp_path: Path) -> None:
    """No job is swallowed: the orchestrator learns that nobody takes it, and why."""
    dead = Dead(tmp_path)
    dead.tell(acked=6)
    async with Orchestrator(f"ipc://{tmp_path}/o", acks=False) as orchestrator:
        finish = finish_worker_runs(settings_of(dead), orchestrator.endpoint, EndReason.SIGTERM)
        task = asyncio.create_task(finish)
        await orchestrator.wait_for("bot.failed")
        await orchestrator.send("job", {"bot_id": str(uuid4())})
        (rejected,) = await orchestrator.wait_for("rejected")
        reply = await orchestrator.command("leave", 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert rejected["errors"][0]["code"] == "WORKER_BUSY"
    assert reply["ok"] is False


async def test_a_local_run_s_callback_is_made(tmp_path: Path) -> None:
    """With its job at hand again the finisher calls whom the dead run owed a call."""
    dead, receiver = Dead(tmp_path, local=True), Receiver()
    dead.tell(acked=6)
    async with serving(receiver) as url:
        settings = settings_of(dead, callback_allow_private=True)
        job = job_of(dead, url, secret="hunter2")
        for _ in range(2):
            await finish_local_runs(settings, io.StringIO(), EndReason.OOM_KILLED, job)
    ((_, _, headers, body),) = receiver.requests
    assert headers["x-mb-secret"] == "hunter2"
    assert json.loads(body)["data"]["error_code"] == "OOM_KILLED"


async def test_local_run_is_ended_on_the_stream(tmp_path: Path) -> None:
    """What was not said yet is, as JSON lines, once."""
    dead = Dead(tmp_path, local=True)
    dead.tell(acked=6)
    heard = io.StringIO()
    for _ in range(2):
        assert await finish_local_runs(settings_of(dead), heard, EndReason.GENERAL_ERROR) == 0
    events = [json.loads(line) for line in heard.getvalue().splitlines()]
    assert [event["event"] for event in events] == ["bot.status_change", "bot.failed"]
    assert events[1]["data"]["error_code"] == "GENERAL_ERROR"


async def test_nothing_dead_nobody_is_asked(tmp_path: Path) -> None:
    """Without a dead run no connection is made."""
    settings = settings_of(Dead(tmp_path))
    assert await finish_worker_runs(settings, f"ipc://{tmp_path}/o", EndReason.SIGTERM) == 0
    assert not (tmp_path / "o").exists()


def test_it_loads_no_browser() -> None:
    """It must fit where memory has just run out."""
    script = "import sys, bot.finisher; sys.exit('playwright' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

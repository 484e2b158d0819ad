"""One worker process's life before and beside a meeting; whole ones are in tests/e2e."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot.errors import EndpointRefusedError, PreflightFailed
from bot.outbox import Outbox
from bot.settings import Settings
from bot.signals import Signals
from bot.worker import Worker
from tests.bot.orchestrator import Orchestrator
from tests.bot.rig import URL

pytestmark = pytest.mark.timeout(300)


class Working:
    """A worker in this process, and the folder it works in."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.root = root
        self.signals = Signals(60.0)
        self.endpoint = f"ipc://{root}/o"
        chosen = Settings.model_validate(
            {
                "storage": str(root / "recordings"),
                "spool_dir": root / "spool",
                "worker_id": "w1",
                **settings,
            }
        )
        self.worker = Worker(chosen, self.endpoint, self.signals)


@contextlib.asynccontextmanager
async def working(
    root: Path, **settings: object
) -> AsyncIterator[tuple[Working, Orchestrator, "asyncio.Task[int]"]]:
    """A worker that has said it is ready, its orchestrator, and its exit code to be."""
    found = Working(root, **settings)
    async with Orchestrator(found.endpoint) as orchestrator:
        task = asyncio.create_task(found.worker.run())
        try:
            await orchestrator.wait_for("ready")
            yield found, orchestrator, task
        finally:
            found.signals.disarm()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def scheduled_job(bot_id: str) -> dict[str, object]:
    """A job that stays queued while a test lasts."""
    at = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    return {"bot_id": bot_id, "meeting_url": URL, "bot_name": "Notes", "join_at": at}


async def test_ready_says_what_it_can_do(tmp_path: Path) -> None:
    """Without a job `ready` names worker, version and capabilities, and no bot."""
    async with working(tmp_path) as (_, orchestrator, _task):
        (ready,) = orchestrator.of("ready")
    assert ready["worker_id"] == "w1"
    assert "platform.google_meet" in ready["capabilities"]
    assert not {"bot_id", "status", "last_seq"} & set(ready)


async def test_a_queued_bot_answers_and_leaves(tmp_path: Path) -> None:
    """Commands get their replies; leaving while queued ends with one acknowledged last word."""
    bot_id = str(uuid4())
    async with working(tmp_path) as (_, orchestrator, task):
        await orchestrator.send("job", scheduled_job(bot_id))
        await orchestrator.wait_for("bot.status_change")
        status = await orchestrator.command("get_status", 1)
        assert status["data"]["status"] == "queued"
        assert (await orchestrator.command("leave", 2))["ok"] is True
        async with asyncio.timeout(30):
            assert await task == 1
        kinds = [body["event"] for body in orchestrator.durable]
    assert kinds == ["accepted", "bot.status_change", "bot.status_change", "bot.failed"]
    assert not list((tmp_path / "spool" / "outbox").glob("*.sqlite3"))


async def test_shutdown_with_a_job_is_a_sigterm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot ends as SIGTERM, the worker exits 143; the last moment is armed, not met."""
    monkeypatch.setattr("bot.signals.hard_exit", lambda code: pytest.fail(f"hard exit {code}"))
    async with working(tmp_path) as (found, orchestrator, task):
        await orchestrator.send("job", scheduled_job(str(uuid4())))
        await orchestrator.wait_for("bot.status_change")
        await orchestrator.command("shutdown", 1)
        async with asyncio.timeout(30):
            assert await task == 143
        assert found.signals.terminated
        (last,) = orchestrator.of("bot.failed")
    assert last["data"]["error_code"] == "SIGTERM"


async def test_commands_before_a_job_are_refused(tmp_path: Path) -> None:
    """A worker without a job has no bot to command."""
    async with working(tmp_path) as (_, orchestrator, _task):
        reply = await orchestrator.command("leave", 1)
    assert reply["ok"] is False
    assert "no job yet" in reply["error"]


async def test_a_bot_that_has_ended_is_rejected(tmp_path: Path) -> None:
    """With its mark in storage the job is answered `rejected`, exit 2; nothing durable is said."""
    bot_id = str(uuid4())
    async with working(tmp_path) as (_, orchestrator, task):
        mark = tmp_path / "recordings" / bot_id / "terminal.json"
        mark.parent.mkdir(parents=True)
        mark.write_text(json.dumps({"event": "bot.completed"}))
        await orchestrator.send("job", scheduled_job(bot_id))
        (rejected,) = await orchestrator.wait_for("rejected")
        assert await task == 2
    assert [error["code"] for error in rejected["errors"]] == ["ALREADY_ENDED"]
    assert orchestrator.durable == []


async def test_no_job_in_time(tmp_path: Path) -> None:
    """Exit 3 after the job timeout."""
    async with working(tmp_path, job_timeout_s=0.2) as (_, _orchestrator, task):
        assert await task == 3


@pytest.mark.parametrize(("signal", "code"), [("on_interrupt", 0), ("terminate", 143)])
async def test_signals_without_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, signal: str, code: int
) -> None:
    """An idle worker ends at once: Ctrl-C 0, SIGTERM 143."""
    monkeypatch.setattr("bot.signals.hard_exit", lambda code: pytest.fail(f"hard exit {code}"))
    async with working(tmp_path) as (found, _, task):
        getattr(found.signals, signal)()
        assert await task == code


async def test_what_a_dead_run_left_is_told_first(tmp_path: Path) -> None:
    """Unacknowledged events of an earlier process go out before anything of this one."""
    outboxes = tmp_path / "spool" / "outbox"
    dead, run_id = str(uuid4()), str(uuid4())
    with Outbox(outboxes, dead, run_id) as outbox:
        outbox.append("bot.failed", {"why": "left behind"})
    async with working(tmp_path) as (_, orchestrator, task):
        (told,) = await orchestrator.wait_for("bot.failed")
        await orchestrator.command("shutdown", 1)
        assert await task == 0
    assert (told["bot_id"], told["run_id"]) == (dead, run_id)


async def test_preflight_comes_before_ready(tmp_path: Path) -> None:
    """A browser that is not there is named before anybody is greeted."""
    found = Working(tmp_path, browser=Path("/no/such"))
    with pytest.raises(PreflightFailed, match="browser"):
        await found.worker.run()


async def test_plain_tcp_elsewhere_is_refused(tmp_path: Path) -> None:
    """Without keys and waiver only loopback is spoken to."""
    settings = Settings(storage=str(tmp_path / "r"), spool_dir=tmp_path / "spool")
    with pytest.raises(EndpointRefusedError):
        await Worker(settings, "tcp://10.0.0.1:5555", Signals(1.0)).run()

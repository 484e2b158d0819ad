"""A worker in its container does its job, hardened or not, and keeps its secrets."""

import asyncio
import json
import os

import psutil
import pytest

from tests.image.container import HARDENED, RESTRICTED, ROOMY, Container
from tests.image.stage import (
    SECRETS_BY_ENVIRONMENT,
    SECRETS_BY_FILE,
    Stage,
    seconds_of,
)
from tests.servers.radosgw import SECRET_ACCESS_KEY

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]

GRACE_S = 60
TAB = (*HARDENED, "--env", "MEETBOT_CAPTURE=tab")
"""Hardened, and not the image's own way to record."""


def processes_with(secret: str, container: Container) -> tuple[set[str], set[str]]:
    """Names of processes inside with the secret in their command line; in their environment.

    Those of meetbot itself, PID 1 and the bot, are called so. Only root can look into the browser's
    own; without it, at those that let themselves be read.
    """
    lines, environments = set(), set()
    for process in container.processes():
        words = process.cmdline()
        name = "meetbot" if {"bot", "bot.supervisor"} & {*words} else process.name()
        if secret in " ".join(words):
            lines.add(name)
        try:
            values = process.environ().values()
        except psutil.AccessDenied:
            if os.geteuid() == 0:
                raise
            continue
        if any(secret in value for value in values):
            environments.add(name)
    return lines, environments


@pytest.mark.parametrize(
    ("options", "secrets"),
    [(ROOMY, SECRETS_BY_ENVIRONMENT), (HARDENED, SECRETS_BY_FILE), (TAB, SECRETS_BY_FILE)],
    ids=["default", "hardened", "tab"],
)
async def test_a_job_from_outside(
    stage: Stage,
    options: tuple[str, ...],
    secrets: dict[str, str],
    measured: dict[str, str],
    request: pytest.FixtureRequest,
) -> None:
    """Over ZeroMQ with CURVE: joins, records in the sandbox, uploads to S3, exits 0.

    While it records it is healthy, and no program it has started knows a secret.
    """
    ready_s = await stage.start(*options, secrets=secrets)
    beat = await stage.records(10)
    inside = stage.container
    memory_bytes = await asyncio.to_thread(inside.memory_bytes)
    health = await asyncio.to_thread(
        inside.execute, "python", "-m", "bot.health", "/tmp/meetbot-health"
    )
    lines, environments = await asyncio.to_thread(processes_with, SECRET_ACCESS_KEY, inside)
    started = [process.cmdline() for process in await asyncio.to_thread(inside.processes)]
    await stage.orchestrator.send("leave", {"id": "c-1"})
    last = await stage.ends()
    assert await stage.exit_code() == 0
    assert (last["event"], last["data"]["end_reason"]) == ("bot.completed", "API_REQUEST")
    assert seconds_of(await stage.stored("video.mp4")) > 8
    report = json.loads(await stage.stored("report.json"))
    assert (beat["sandbox"], report["capture"]["sandbox"]) == ("on", "on")
    assert report["capture"]["backend"] == ("tab" if options is TAB else "display")
    assert (health.returncode, health.stdout) == (0, "alive\n")
    assert len(started) > 6
    assert "bot.supervisor" in started[0]
    assert lines == set()
    assert environments <= ({"meetbot"} if secrets is SECRETS_BY_ENVIRONMENT else set())
    case = request.node.callspec.id
    measured[f"start to ready, {case}"] = f"{ready_s:.1f} s"
    measured[f"memory while recording, {case}"] = f"{memory_bytes / 1e6:.0f} MB"


async def test_stop_ends_with_a_finished_file(stage: Stage) -> None:
    """SIGTERM to PID 1 while it records: it leaves, stores, reports and exits 143 within its grace.

    Here under the engine's own seccomp profile, which refuses Chromium its sandbox: the bot records
    without, and log, heartbeat and report say so.
    """
    await stage.start(*RESTRICTED)
    beat = await stage.records(6)
    took_s = await asyncio.to_thread(stage.container.stop, GRACE_S)
    last = await stage.ends()
    assert await stage.exit_code() == 143
    assert took_s < GRACE_S
    assert (last["event"], last["data"]["error_code"]) == ("bot.failed", "SIGTERM")
    assert seconds_of(await stage.stored("video.mp4")) > 4
    report = json.loads(await stage.stored("report.json"))
    logged = await asyncio.to_thread(stage.container.logged, "browser_started")
    assert {beat["sandbox"], report["capture"]["sandbox"], logged[-1]["sandbox"]} == {"off"}

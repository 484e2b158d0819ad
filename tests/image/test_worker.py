"""A worker in its container does its job, hardened or not, and keeps its secrets."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from media.locations import S3Location
from media.storage_s3 import S3Storage
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.bot.orchestrator import Orchestrator
from tests.image.container import HARDENED, RESTRICTED, ROOMY, Container, Engine
from tests.image.stage import (
    HOME,
    SECRETS_BY_ENVIRONMENT,
    SECRETS_BY_FILE,
    Stage,
    own_address,
    seconds_of,
)
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, RadosGateway, free_port

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]

GRACE_S = 60


@pytest.fixture
def keys(engine: Engine, volume: str, tmp_path: Path) -> Path:
    """Keys made by the image in its volume; the orchestrator's side of them, on this machine."""
    options = ("--volume", f"{volume}:{HOME}")
    for name in ("worker", "server"):
        made = engine.run(*f"meetbot keygen {name} --folder {HOME}/keys".split(), options=options)
        assert made.returncode == 0, made.stderr
    credentials = (
        "[default]\n"
        f"aws_access_key_id = {ACCESS_KEY_ID}\naws_secret_access_key = {SECRET_ACCESS_KEY}\n"
    )
    keep = ("sh", "-c", f"umask 077; cat >{HOME}/keys/aws")
    assert engine.run(*keep, options=options, stdin=credentials).returncode == 0
    folder = tmp_path / "keys"
    (folder / "allowed").mkdir(parents=True)
    for name in ("server.key_secret", "worker.key"):
        text = engine.run("cat", f"{HOME}/keys/{name}", options=options).stdout
        (folder / ("allowed" if name == "worker.key" else "") / name).write_text(text)
    return folder


@pytest.fixture
async def stage(
    container: Container,
    keys: Path,
    volume: str,
    s3_storage: S3Storage,
    s3_location: S3Location,
    s3_server: RadosGateway,
) -> AsyncIterator[Stage]:
    """A meeting, an orchestrator that wants CURVE, a bucket; the container is not started yet."""
    endpoint = f"tcp://{own_address()}:{free_port()}"
    scenario = Scenario.model_validate({"open": True, "participants": [{"name": "Ada"}]})
    async with Orchestrator(endpoint, key_folder=keys) as router, Simulator(scenario) as meeting:
        yield Stage(
            router, meeting, container, s3_storage, s3_location, s3_server, volume, str(uuid4())
        )


def processes_with(secret: str, container: Container) -> tuple[set[str], set[str]]:
    """Names of processes inside with the secret in their command line; in their environment.

    Only root can look into the browser's own; without it, at those that let themselves be read.
    """
    lines, environments = set(), set()
    for process in container.processes():
        if secret in " ".join(process.cmdline()):
            lines.add(process.name())
        try:
            values = process.environ().values()
        except psutil.AccessDenied:
            if os.geteuid() == 0:
                raise
            continue
        if any(secret in value for value in values):
            environments.add(process.name())
    return lines, environments


@pytest.mark.parametrize(
    ("options", "secrets"),
    [(ROOMY, SECRETS_BY_ENVIRONMENT), (HARDENED, SECRETS_BY_FILE)],
    ids=["default", "hardened"],
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
    started = await asyncio.to_thread(inside.processes)
    await stage.orchestrator.send("leave", {"id": "c-1"})
    last = await stage.ends()
    assert await stage.exit_code() == 0
    assert (last["event"], last["data"]["end_reason"]) == ("bot.completed", "API_REQUEST")
    assert seconds_of(await stage.stored("video.mp4")) > 8
    report = json.loads(await stage.stored("report.json"))
    assert (beat["sandbox"], report["capture"]["sandbox"]) == ("on", "on")
    assert (health.returncode, health.stdout) == (0, "alive\n")
    assert len(started) > 6
    assert lines == set()
    assert environments <= ({"tini", "meetbot"} if secrets is SECRETS_BY_ENVIRONMENT else set())
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

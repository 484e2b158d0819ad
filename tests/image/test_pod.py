"""The pod that `meetbot manifest` writes works: its image, its volumes, its user, its limits."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.keys import generate_keys
from media.locations import S3Location
from media.storage_s3 import S3Storage
from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.bot.manifests import given_settings, objects, of_kind
from tests.bot.orchestrator import Orchestrator
from tests.image.container import PROFILE, Container
from tests.image.kubelet import Document, Pod, data_of, pod_of
from tests.image.stage import own_address, seconds_of
from tests.servers.radosgw import ACCESS_KEY_ID, SECRET_ACCESS_KEY, RadosGateway, free_port

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="volumes of a pod are owned by root"),
]
WAIT_S = 180.0
CREDENTIALS = (
    "[default]\n"
    f"aws_access_key_id = {ACCESS_KEY_ID}\naws_secret_access_key = {SECRET_ACCESS_KEY}\n"
    "region = us-east-1\n"
)


@pytest.fixture
async def meeting() -> AsyncIterator[Simulator]:
    """A meeting that anybody may join."""
    scenario = Scenario.model_validate({"open": True, "participants": [{"name": "Ada"}]})
    async with Simulator(scenario) as simulator:
        yield simulator


@pytest.fixture
def nodes_profiles(tmp_path: Path) -> Path:
    """The kubelet's folder, with our profile where the README puts it."""
    installed = tmp_path / "seccomp/profiles/meetbot.json"
    installed.parent.mkdir(parents=True)
    installed.write_bytes(PROFILE.read_bytes())
    return tmp_path / "seccomp"


@contextmanager
def scheduled(
    found: list[Document], secrets: dict[str, dict[str, bytes]], profiles: Path
) -> Iterator[Pod]:
    """The pod of these objects in a cluster with these Secrets and credentials of the storage."""
    made = {
        document["metadata"]["name"]: data_of(document)
        for document in found
        if document["kind"] == "Secret"
    }
    aws = {"meetbot-aws": {"credentials": CREDENTIALS.encode()}}
    with pod_of(of_kind("Job", found), made | secrets | aws, profiles) as pod:
        yield pod


async def logged(container: Container, event: str) -> dict[str, Any]:
    """Wait for an event, in what the container writes, that is named so or has that status."""
    follow = await asyncio.create_subprocess_exec(
        *(container.engine.program, "logs", "--follow", container.name),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert follow.stdout is not None
    try:
        async with asyncio.timeout(WAIT_S):
            async for line in follow.stdout:
                entry = json.loads(line) if line.startswith(b"{") else {}
                status = entry.get("data", {}).get("status", {}).get("code")
                if event in {entry.get("event"), status}:
                    return dict(entry)
    finally:
        if follow.returncode is None:
            follow.kill()
        await follow.wait()
    raise AssertionError(await asyncio.to_thread(container.log))


async def test_the_printed_pod_records(
    container: Container,
    meeting: Simulator,
    nodes_profiles: Path,
    s3_storage: S3Storage,
    s3_location: S3Location,
    s3_server: RadosGateway,
) -> None:
    """The job is read from its Secret by the image's user, recorded in the sandbox, and stored.

    With the root only read, no capability, and the volumes as a kubelet makes them.
    """
    job = {"bot_id": str(uuid4()), "meeting_url": meeting.meeting_url, "bot_name": "PLANTED-NAME"}
    given = given_settings(
        storage=f"s3://{s3_location.bucket}/{s3_location.prefix}",
        s3_endpoint=s3_server.endpoint_url,
        simulator=meeting.http_url,
    )
    found = objects(job, given, image=container.engine.image, aws_secret="meetbot-aws")
    with scheduled(found, {}, nodes_profiles) as pod:
        await _start(container, pod)
        await logged(container, "in_call_recording")
        started = await logged(container, "browser_started")
        first = (await asyncio.to_thread(container.processes))[0]
        user, told = first.uids().real, [*first.cmdline(), *first.environ().values()]
        alive = await asyncio.to_thread(container.execute, *_liveness(found))
        await asyncio.to_thread(container.engine, "kill", "--signal", "INT", container.name)
        assert await asyncio.to_thread(container.wait) == 0
    assert (alive.returncode, started["sandbox"]) == (0, "on")
    assert user == 10_001
    assert not [word for word in told if "PLANTED" in word or SECRET_ACCESS_KEY in word]
    report = json.loads(await asyncio.to_thread(s3_storage.get, f"{job['bot_id']}/report.json"))
    assert report["capture"]["sandbox"] == "on"
    video = await asyncio.to_thread(s3_storage.get, f"{job['bot_id']}/video.mp4")
    assert seconds_of(video) > 0


async def test_a_killed_container_is_restarted_in_its_pod(
    container: Container,
    meeting: Simulator,
    nodes_profiles: Path,
    s3_storage: S3Storage,
    s3_location: S3Location,
    s3_server: RadosGateway,
) -> None:
    """Killed whole while it records (137) and restarted on the same volumes, as the rule has it.

    The dead run's recording is finished and reported, the bot does not join again, and the exit
    code (4) fails the Job. Restarted all the same, it has nothing more to say (2).
    """
    job = {"bot_id": str(uuid4()), "meeting_url": meeting.meeting_url, "bot_name": "Notes"}
    given = given_settings(
        storage=f"s3://{s3_location.bucket}/{s3_location.prefix}",
        s3_endpoint=s3_server.endpoint_url,
        simulator=meeting.http_url,
    )
    found = objects(job, given, image=container.engine.image, aws_secret="meetbot-aws")
    with scheduled(found, {}, nodes_profiles) as pod:
        await _start(container, pod)
        await logged(container, "in_call_recording")
        chunk = f"{job['bot_id']}/chunks/000003.m4s"
        await _until(lambda: s3_storage.head(chunk) is not None)
        await asyncio.to_thread(container.engine, "kill", "--signal", "KILL", container.name)
        codes = [await asyncio.to_thread(container.wait)]
        for _ in range(2):
            await asyncio.to_thread(container.start_again)
            codes.append(await asyncio.to_thread(container.wait))
        told = await asyncio.to_thread(container.log)
    assert codes == [137, 4, 2], told
    (last,) = [json.loads(line) for line in told.splitlines() if '"event": "bot.failed"' in line]
    assert last["data"]["error_code"] == "FORCE_KILLED"
    assert last["data"]["evidence"]["row"] == "next_run/process-gone"
    video = await asyncio.to_thread(s3_storage.get, f"{job['bot_id']}/video.mp4")
    assert seconds_of(video) > 3
    assert told.count("browser_started") == 1


async def _until(holds: Callable[[], bool]) -> None:
    """Wait for something that the storage alone tells."""
    async with asyncio.timeout(WAIT_S):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - a storage has no events
            await asyncio.sleep(0.2)


async def test_the_printed_pod_takes_a_job(
    container: Container,
    meeting: Simulator,
    nodes_profiles: Path,
    tmp_path: Path,
    s3_location: S3Location,
    s3_server: RadosGateway,
) -> None:
    """With --connect the worker says `ready` over CURVE, with keys as a kubelet mounts them."""
    keys = tmp_path / "keys"
    (keys / "allowed").mkdir(parents=True)
    server_public, _ = generate_keys(keys, "server")
    _, worker_secret = generate_keys(tmp_path, "worker")
    (tmp_path / "worker.key").rename(keys / "allowed/worker.key")
    endpoint = f"tcp://{own_address()}:{free_port()}"
    given = given_settings(
        storage=f"s3://{s3_location.bucket}/{s3_location.prefix}",
        s3_endpoint=s3_server.endpoint_url,
        connect=endpoint,
    )
    job = {"bot_id": str(uuid4()), "meeting_url": meeting.meeting_url, "bot_name": "Notes"}
    found = objects(job, given, image=container.engine.image, aws_secret="meetbot-aws")
    curve = {
        "server.key": server_public.read_bytes(),
        "worker.key_secret": worker_secret.read_bytes(),
    }
    async with Orchestrator(endpoint, key_folder=keys) as router:
        with scheduled(found, {"meetbot-curve": curve}, nodes_profiles) as pod:
            await _start(container, pod)
            await router.until(lambda: router.of("ready"), WAIT_S)
            assert router.of("ready")[0]["worker_id"] == "a-pods-name"
            await router.send("shutdown", {"id": "c-1"})
            assert await asyncio.to_thread(container.wait) == 0


async def _start(container: Container, pod: Pod) -> None:
    options = (*pod.options, "--network", "host", "--no-healthcheck")
    await asyncio.to_thread(container.start, options, *pod.arguments, env=pod.environment)


def _liveness(found: list[Document]) -> list[str]:
    (container,) = of_kind("Job", found)["spec"]["template"]["spec"]["containers"]
    return list(container["livenessProbe"]["exec"]["command"])

"""A worker and a forty-line orchestrator written from the contract alone."""

import asyncio
import json
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import zmq
import zmq.asyncio

from platforms.simulator.scenario import Scenario
from platforms.simulator.server import Simulator
from tests.e2e.harness import STEP_DEADLINE_S

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ADA = {"name": "Ada", "picture": "still"}
ROUTER = Path(__file__).parent / "router_40_lines.py"


def free_endpoint() -> str:
    """A loopback endpoint nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


async def start_worker(endpoint: str, root: Path, *options: str) -> Process:
    """`meetbot worker` as a process of its own."""
    with (root / "worker.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "worker", "--connect", endpoint, "--worker-id", "w1"),
            *("--storage", str(root / "recordings"), "--spool-dir", str(root / "spool"), *options),
            stderr=log,
        )


async def orchestrate(endpoint: str, job: Path, *limit: str) -> list[dict[str, Any]]:
    """Run the forty lines until they stop; returns the events they saw."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROUTER), endpoint, str(job), *limit), stdout=PIPE
    )
    try:
        async with asyncio.timeout(90):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return [json.loads(line) for line in output.splitlines()]


async def test_leave_in_the_lobby_and_a_second_run(tmp_path: Path) -> None:
    """Told to leave before recording: EXITING_MEETING_BEFORE_RECORD, and the lobby is left.

    get_status and leave get one reply each; a second worker refuses the bot that has ended.
    """
    endpoint = free_endpoint()
    bot_id = str(uuid4())
    with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as router:
        router.setsockopt(zmq.ROUTER_HANDOVER, 1)
        router.setsockopt(zmq.LINGER, 0)
        router.bind(endpoint)
        async with Simulator(Scenario.model_validate({"participants": [ADA]})) as room:
            job = {"bot_id": bot_id, "meeting_url": room.meeting_url, "bot_name": "Notes"}
            worker = await start_worker(endpoint, tmp_path, "--simulator", room.http_url)
            try:
                said = await converse(router, job, at_status={"in_waiting_room": "leave"})
                async with asyncio.timeout(STEP_DEADLINE_S):
                    assert await worker.wait() == 1
                assert not room.state().waiting
                again = await start_worker(endpoint, tmp_path, "--simulator", room.http_url)
                worker = again
                more = await converse(router, job, at_status={}, until="exit", process=again)
                assert again.returncode == 2
            finally:
                if worker.returncode is None:
                    worker.kill()
    replies = {body["id"]: body for kind, body in said if kind == "reply"}
    assert replies["s-1"]["data"]["status"] == "in_waiting_room"
    assert replies["c-1"]["ok"] is True
    assert said[-1][0] == "bot.failed"
    data = said[-1][1]["data"]
    assert data["error_code"] == "EXITING_MEETING_BEFORE_RECORD"
    assert data["evidence"]["row"] == "command/leave"
    kept = {path.name for path in (tmp_path / "recordings" / bot_id / "failure").iterdir()}
    assert "events.jsonl" in kept
    assert "page.html" not in kept
    assert [kind for kind, _ in more] == ["ready", "rejected"]
    (refusal,) = more[-1][1]["errors"]
    assert (refusal["field"], refusal["code"]) == ("bot_id", "ALREADY_ENDED")
    assert "bot.failed" in refusal["message"]


async def test_shutdown_without_a_job(tmp_path: Path) -> None:
    """A worker told to shut down before it has a job exits 0."""
    endpoint = free_endpoint()
    with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as router:
        router.setsockopt(zmq.LINGER, 0)
        router.bind(endpoint)
        worker = await start_worker(endpoint, tmp_path)
        try:
            async with asyncio.timeout(STEP_DEADLINE_S):
                name, kind, _ = await router.recv_multipart()
                assert kind == b"ready"
                await router.send_multipart([name, b"shutdown", b'{"id": 1}'])
                assert await worker.wait() == 0
        finally:
            if worker.returncode is None:
                worker.kill()


async def test_bad_job_is_rejected_without_a_browser(tmp_path: Path) -> None:
    """A job with a typo is `rejected` by its field's name, exit 2, and no browser was started."""
    endpoint = free_endpoint()
    job = tmp_path / "job.json"
    job.write_text(
        json.dumps({"bot_id": str(uuid4()), "meeting_url": "http://meet.google.com/abc-defg-hij"})
    )
    worker = await start_worker(endpoint, tmp_path)
    try:
        (rejected,) = await orchestrate(endpoint, job)
        async with asyncio.timeout(STEP_DEADLINE_S):
            assert await worker.wait() == 2
    finally:
        if worker.returncode is None:
            worker.kill()
    codes = {error["field"]: error["code"] for error in rejected["errors"]}
    assert codes == {"meeting_url": "INVALID_MEETING_URL", "bot_name": "REQUIRED"}
    assert "browser_started" not in (tmp_path / "worker.log").read_text()


async def test_interrupt_and_sigterm_without_a_job(tmp_path: Path) -> None:
    """Ctrl-C ends an idle worker with 0, SIGTERM with 143, both at once."""
    for number, code in ((signal.SIGINT, 0), (signal.SIGTERM, 143)):
        endpoint = free_endpoint()
        with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as router:
            router.setsockopt(zmq.LINGER, 0)
            router.bind(endpoint)
            worker = await start_worker(endpoint, tmp_path)
            try:
                async with asyncio.timeout(STEP_DEADLINE_S):
                    assert (await router.recv_multipart())[1] == b"ready"
                    worker.send_signal(number)
                    assert await worker.wait() == code
            finally:
                if worker.returncode is None:
                    worker.kill()


async def test_ready_after_a_reconnect_tells_the_bot_and_sigterm_ends_it(tmp_path: Path) -> None:
    """With a job, `ready` carries bot_id, status and last_seq, and is not given another one.

    SIGTERM in the lobby then ends with one terminal event SIGTERM and exit code 143.
    """
    endpoint = free_endpoint()
    bot_id = str(uuid4())
    async with Simulator(Scenario.model_validate({"participants": [ADA]})) as room:
        job = {"bot_id": bot_id, "meeting_url": room.meeting_url, "bot_name": "Notes"}
        worker = await start_worker(endpoint, tmp_path, "--simulator", room.http_url)
        try:
            with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as router:
                router.setsockopt(zmq.LINGER, 0)
                router.bind(endpoint)
                await converse(router, job, at_status={}, until="in_waiting_room")
            with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as router:
                router.setsockopt(zmq.LINGER, 0)
                router.bind(endpoint)
                said = await converse(router, job, at_status={}, until="ready")
                worker.terminate()  # while somebody still hears its last word: it waits for the ack
                last = await converse(router, job, at_status={}, until="exit", process=worker)
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
    ready = said[-1][1]
    assert (ready["bot_id"], ready["status"]) == (bot_id, "in_waiting_room")
    assert ready["last_seq"] == 4
    assert ready["worker_id"] == "w1"
    assert worker.returncode == 143
    ends = {body["seq"]: body for kind, body in last if kind in {"bot.completed", "bot.failed"}}
    (end,) = ends.values()
    assert end["data"]["error_code"] == "SIGTERM"
    assert max(body["seq"] for _, body in last if "seq" in body) == end["seq"]


async def converse(
    router: zmq.asyncio.Socket,
    job: dict[str, Any],
    *,
    at_status: dict[str, str],
    until: str = "terminal",
    process: Process | None = None,
) -> list[tuple[str, dict[str, Any]]]:
    """Hand out the job, acknowledge, and do what `at_status` says; all that was heard."""
    heard: list[tuple[str, dict[str, Any]]] = []
    async with asyncio.timeout(90):
        while True:
            if until == "exit" and process is not None and process.returncode is not None:
                return heard
            if not await router.poll(200):
                continue
            name, kind, raw = await router.recv_multipart()
            body = json.loads(raw)
            heard.append((kind.decode(), body))
            if kind == b"ready" and "bot_id" not in body:
                await router.send_multipart([name, b"job", json.dumps(job).encode()])
            if "seq" in body:
                ack = json.dumps({"bot_id": body["bot_id"], "seq": body["seq"]}).encode()
                await router.send_multipart([name, b"ack", ack])
            status = body.get("data", {}).get("status", {}) if "seq" in body else {}
            match at_status.get(status.get("code", "")):
                case "leave":
                    await router.send_multipart([name, b"get_status", b'{"id": "s-1"}'])
                    await router.send_multipart([name, b"leave", b'{"id": "c-1"}'])
            if kind in {b"bot.completed", b"bot.failed"} and until == "terminal":
                return heard
            if until in {kind.decode(), status.get("code")}:
                return heard

import asyncio
import dataclasses
import itertools
import json
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.control import Control, ControlConfig, Facts, supported_commands
from bot.errors import (
    EndpointRefusedError,
    FieldError,
    FieldErrorCode,
    NoJobError,
    OutboxClosedError,
    WrongStatusError,
)
from bot.events import StatusChange
from bot.keys import CurveKeys, generate_keys, load_curve_keys
from bot.outbox import Envelope, Outbox
from bot.outbox_file import dead_runs
from bot.relay import Present, as_stored
from bot.replies import Handler
from bot.transient import Heartbeat, Ready, Rejected, Reply
from tests.bot.orchestrator import WAIT_S, Orchestrator

READY = {"run_id": "run", "version": "0", "schema_version": "1", "capabilities": ["callback"]}
JOB = {"bot_id": "bot", "meeting_url": "https://meet.google.com/abc-defg-hij", "bot_name": "B"}
ROUTER = Path(__file__).parents[1] / "e2e" / "router_40_lines.py"


@pytest.fixture
def endpoint(unused_tcp_port: int) -> str:
    """A free endpoint on loopback."""
    return f"tcp://127.0.0.1:{unused_tcp_port}"


async def ready() -> Mapping[str, Any]:
    """What this worker says of itself."""
    return READY


async def heartbeat() -> Mapping[str, Any]:
    """What this worker says every so often."""
    return {"bot_id": "bot", "status": "in_call_recording"}


async def no_command(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
    """A handler for tests that send no command."""
    raise AssertionError(name)


@dataclass(frozen=True)
class Setup:
    """How a test's control differs from the usual one."""

    handler: Handler = no_command
    present: Present = as_stored
    heartbeat: Facts = heartbeat
    heartbeat_s: float = 10.0
    resend_s: float = 30.0
    keys: CurveKeys | None = None
    allow_plain_off_loopback: bool = False


def control_on(endpoint: str, setup: Setup = Setup()) -> Control:
    """A control to `endpoint`."""
    config = ControlConfig(
        endpoint,
        "worker-1",
        keys=setup.keys,
        allow_plain_off_loopback=setup.allow_plain_off_loopback,
        heartbeat_s=setup.heartbeat_s,
        resend_s=setup.resend_s,
    )
    return Control(
        config,
        setup.handler,
        ready=ready,
        heartbeat=setup.heartbeat,
        present=setup.present,
        commands={"leave", "get_status", "shutdown"},
    )


class Worker(AsyncExitStack):
    """A control with an outbox of its own, as a session has it."""

    def __init__(self, endpoint: str, folder: Path, setup: Setup = Setup()) -> None:
        super().__init__()
        self.control = control_on(endpoint, setup)
        self.outbox = Outbox(folder, "bot", "run")

    async def __aenter__(self) -> Self:
        self.enter_context(self.outbox)
        await self.enter_async_context(self.control)
        self.control.attach(self.outbox, {"ticket": 7})
        return self

    async def speak(self, *events: str) -> None:
        """Emit events that carry nothing but their number."""
        for event in events:
            await self.control.emit(event, {"n": self.outbox.last_seq + 1})


def files_in(folder: Path) -> list[Path]:
    """What is left on disk."""
    return list(folder.iterdir())


def without_duplicates(bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a receiver keeps: the first of each (bot_id, run_id, seq)."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for body in bodies:
        found.setdefault((body["bot_id"], body["run_id"], body["seq"]), body)
    return list(found.values())


async def test_ready_then_job_then_events(endpoint: str, tmp_path: Path) -> None:
    """The first word is `ready`; a job comes back as bytes; events are the contract's."""
    async with Orchestrator(endpoint) as orchestrator, control_on(endpoint) as control:
        assert await orchestrator.wait_for("ready") == [{"worker_id": "worker-1", **READY}]
        await orchestrator.send("job", JOB)
        job = await control.wait_for_job(WAIT_S)
        assert job is not None
        assert json.loads(job) == JOB
        with Outbox(tmp_path, "bot", "run") as outbox:
            control.attach(outbox, {"ticket": 7})
            envelope = await control.emit("accepted", {"x": 1})
            await control.emit("bot.completed", {})
            assert await control.drain(WAIT_S)
        first, second = orchestrator.durable
        assert first == envelope.body()
        assert (first["event"], first["seq"], first["extra"]) == ("accepted", 1, {"ticket": 7})
        assert [kind for kind, _ in orchestrator.messages] == ["ready", "accepted", "bot.completed"]
        assert second["seq"] == 2


async def test_restarted_orchestrator_sees_all_without_holes(endpoint: str, tmp_path: Path) -> None:
    """Over two restarts, once deaf: `ready` comes first, then what is unacknowledged."""
    async with Worker(endpoint, tmp_path) as worker:
        async with Orchestrator(endpoint) as first:
            await first.wait_for("ready")
            await worker.speak("accepted", "bot.status_change")
            await first.wait_for("bot.status_change")
            assert await worker.control.drain(WAIT_S)
        await worker.speak("bot.status_change", "bot.chat_message")
        async with Orchestrator(endpoint, acks=False) as deaf:
            await deaf.wait_for("bot.chat_message")
        await worker.speak("bot.status_change", "bot.completed")
        async with Orchestrator(endpoint) as last:
            await last.wait_for("bot.completed")
            assert await worker.control.drain(WAIT_S)
    for orchestrator in (first, deaf, last):
        assert orchestrator.messages[0][0] == "ready"
    assert last.of("ready")[0]["bot_id"] == "bot"
    assert last.of("ready")[0]["last_seq"] == 6
    assert [body["seq"] for body in deaf.durable] == [3, 4]
    assert [body["seq"] for body in last.durable] == [3, 4, 5, 6]
    everything = without_duplicates(first.durable + deaf.durable + last.durable)
    assert [body["seq"] for body in everything] == [1, 2, 3, 4, 5, 6]
    assert [body["event"] for body in everything].count("bot.completed") == 1
    assert everything[-1]["event"] == "bot.completed"
    assert all(body in everything for body in last.durable), "a duplicate differs from its first"
    assert files_in(tmp_path) == []


async def test_forty_line_router_gets_its_job_done(endpoint: str, tmp_path: Path) -> None:
    """The 40-line router, stopped after two events and started again, sees 1..n and one end."""
    job_file = tmp_path / "job.json"
    job_file.write_text(json.dumps(JOB))
    command = [sys.executable, str(ROUTER), endpoint, str(job_file)]

    async def run_router(*limit: str) -> list[dict[str, Any]]:
        process = await asyncio.create_subprocess_exec(*command, *limit, stdout=subprocess.PIPE)
        output, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
        assert process.returncode == 0
        return [json.loads(line) for line in output.splitlines()]

    async with control_on(endpoint) as control:
        first = asyncio.create_task(run_router("2"))
        assert json.loads(await control.wait_for_job(WAIT_S) or b"") == JOB
        with Outbox(tmp_path / "outbox", "bot", "run") as outbox:
            control.attach(outbox)
            for event in ("accepted", "bot.status_change", "bot.chat_message"):
                await control.emit(event, {})
            seen = await first
            await control.emit("bot.failed", {})
            seen += await run_router()
            assert await control.drain(WAIT_S)
    assert [body["seq"] for body in without_duplicates(seen)] == [1, 2, 3, 4]
    assert [body["event"] for body in seen][-1] == "bot.failed"


async def test_absent_orchestrator_costs_a_deadline(endpoint: str) -> None:
    """No orchestrator, no job: named after the deadline."""
    async with control_on(endpoint) as control:
        with pytest.raises(NoJobError):
            await control.wait_for_job(0.2)


async def test_nothing_is_lost_while_nobody_listens(endpoint: str, tmp_path: Path) -> None:
    """Far more events than any queue holds, emitted to nobody, all arrive once somebody comes."""
    async with Worker(endpoint, tmp_path) as worker:
        await worker.speak(*["bot.participants"] * 200, "bot.failed")
        assert not await worker.control.drain(0.05)
        async with Orchestrator(endpoint) as orchestrator:
            await orchestrator.wait_for("bot.failed")
            assert await worker.control.drain(WAIT_S)
    assert [body["seq"] for body in orchestrator.durable] == list(range(1, 202))


async def test_unacknowledged_events_are_sent_again_without_a_reconnect(
    endpoint: str, tmp_path: Path
) -> None:
    """A silent receiver gets the same events again, from the first, until it acknowledges."""
    async with (
        Orchestrator(endpoint, acks=False) as orchestrator,
        Worker(endpoint, tmp_path, Setup(resend_s=0.2)) as worker,
    ):
        await worker.speak("accepted", "bot.status_change")
        await orchestrator.wait_for("bot.status_change", 3)
        await orchestrator.send("ack", {"bot_id": "bot", "seq": 2, "more": True})
        assert await worker.control.drain(WAIT_S)
    first = orchestrator.of("accepted")[0]
    assert all(body == first for body in orchestrator.of("accepted"))


async def test_invented_acks_acknowledge_nothing(endpoint: str, tmp_path: Path) -> None:
    """Acks for another bot, another run or a number never sent leave the events where they are."""
    async with (
        Orchestrator(endpoint, acks=False) as orchestrator,
        Worker(endpoint, tmp_path) as worker,
    ):
        await worker.speak("accepted")
        await orchestrator.wait_for("accepted")
        for wrong in (
            {"bot_id": "other", "seq": 1},
            {"bot_id": "bot", "seq": 99},
            {"bot_id": "bot", "seq": 1, "run_id": "other"},
        ):
            await orchestrator.send("ack", wrong)
        await orchestrator.command("unknown", "fence")
        assert worker.outbox.acked_seq == 0
        await orchestrator.send("ack", {"bot_id": "bot", "seq": 1, "run_id": "run"})
        assert await worker.control.drain(WAIT_S)


async def test_dead_runs_events_come_first(endpoint: str, tmp_path: Path) -> None:
    """What an earlier process could not deliver arrives before this one's, each under its run."""
    with Outbox(tmp_path, "bot", "dead") as dead:
        dead.append("accepted", {})
        dead.append("bot.failed", {})
    async with control_on(endpoint) as control, AsyncExitStack() as stack:
        for bot_id, run_id in dead_runs(tmp_path):
            control.add_dead_run(stack.enter_context(Outbox(tmp_path, bot_id, run_id)))
        control.attach(stack.enter_context(Outbox(tmp_path, "bot", "run")))
        await control.emit("accepted", {})
        await control.emit("bot.failed", {})
        async with Orchestrator(endpoint) as orchestrator:
            assert await control.drain(WAIT_S)
            await orchestrator.wait_for("bot.failed")
    told = [(body["run_id"], body["seq"]) for body in orchestrator.durable]
    assert told == [("dead", 1), ("dead", 2), ("run", 1), ("run", 2)]
    assert files_in(tmp_path) == []


async def test_dead_run_nobody_wants_does_not_hold_up_the_living(
    endpoint: str, tmp_path: Path
) -> None:
    """Without acks the dead run is left on disk after its time, and this run's events go out."""
    with Outbox(tmp_path, "bot", "dead") as dead:
        dead.append("accepted", {})
    async with (
        Orchestrator(endpoint, acks=False) as orchestrator,
        Worker(endpoint, tmp_path / "live", Setup(resend_s=0.2)) as worker,
    ):
        with Outbox(tmp_path, "bot", "dead") as dead:
            control = worker.control
            control._relay._outboxes.insert(0, dead)
            await worker.speak("bot.failed")
            await orchestrator.wait_for("bot.failed")
    assert dead_runs(tmp_path) == [("bot", "dead")]


async def test_urls_of_the_last_word_are_made_when_it_is_sent(
    endpoint: str, tmp_path: Path
) -> None:
    """Each sending of a terminal event gets fresh URLs; the stored copy holds the key."""
    numbers = itertools.count(1)

    def present(envelope: Envelope) -> Envelope:
        video = f"https://s3/{envelope.data['video']}?{next(numbers)}"
        return dataclasses.replace(envelope, data={**envelope.data, "video": video})

    async with Worker(endpoint, tmp_path, Setup(present=present)) as worker:
        await worker.control.emit("bot.status_change", {"video": "kept"})
        await worker.control.emit("bot.completed", {"video": "b/video.mp4"})
        async with Orchestrator(endpoint, acks=False) as first:
            await first.wait_for("bot.completed")
        async with Orchestrator(endpoint) as second:
            await second.wait_for("bot.completed")
            stored = worker.outbox.pending()
            assert await worker.control.drain(WAIT_S)
    assert first.of("bot.completed")[0]["data"] == {"video": "https://s3/b/video.mp4?1"}
    assert second.of("bot.completed")[0]["data"] == {"video": "https://s3/b/video.mp4?2"}
    assert first.of("bot.status_change")[0]["data"] == {"video": "kept"}
    assert all("https" not in str(event.data) for event in stored)


async def test_last_word_goes_out_even_unpresented(endpoint: str, tmp_path: Path) -> None:
    """Where no URL can be made, or it no longer fits a frame, the keys go out: never nothing."""

    def present(envelope: Envelope) -> Envelope:
        return dataclasses.replace(envelope, data={"video": "x" * 2**20})

    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path, Setup(present=present)) as worker,
    ):
        with structlog.testing.capture_logs() as captured:
            await worker.control.emit("bot.completed", {"video": "b/video.mp4"})
            assert await worker.control.drain(WAIT_S)
    assert orchestrator.of("bot.completed")[0]["data"] == {"video": "b/video.mp4"}
    assert "present_failed" in [line["event"] for line in captured]


async def test_second_job_is_rejected_the_same_is_not(endpoint: str, tmp_path: Path) -> None:
    """The same job again is taken in silence, another one is refused, and the first goes on."""
    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path) as worker,
    ):
        await orchestrator.wait_for("ready")
        await orchestrator.send("job", JOB)
        await orchestrator.send("job", {**JOB, "bot_name": "another"})
        await orchestrator.send("job", {**JOB, "bot_id": "bot-2"})
        (rejected,) = await orchestrator.wait_for("rejected")
        (error,) = rejected["errors"]
        assert (error["field"], error["code"]) == ("bot_id", "WORKER_BUSY")
        assert "bot-2" in error["message"]
        assert json.loads(await worker.control.wait_for_job(WAIT_S) or b"") == JOB
        assert len(orchestrator.of("rejected")) == 1


async def test_rejection_names_each_field(endpoint: str) -> None:
    """`rejected` carries field, code and message of every error."""
    async with Orchestrator(endpoint) as orchestrator, control_on(endpoint) as control:
        error = FieldError("bot_name", FieldErrorCode.REQUIRED, "is required")
        assert await control.reject([error])
        assert await orchestrator.wait_for("rejected") == [
            {"errors": [{"field": "bot_name", "code": "REQUIRED", "message": "is required"}]}
        ]


async def test_each_command_gets_one_reply_and_the_same_again(
    endpoint: str, tmp_path: Path
) -> None:
    """A command is carried out once; its id again gets the same reply, whatever else it says."""
    calls: list[tuple[str, Mapping[str, Any]]] = []

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        calls.append((name, args))
        return {"count": len(calls)}

    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path, Setup(handler)),
    ):
        await orchestrator.wait_for("ready")
        first = await orchestrator.command("get_status", "c-1", more=1)
        again = await orchestrator.command("leave", "c-1")
        other = await orchestrator.command("leave", 2)
    assert first == again == {"id": "c-1", "ok": True, "data": {"count": 1}}
    assert other == {"id": 2, "ok": True, "data": {"count": 2}}
    assert calls == [("get_status", {"more": 1}), ("leave", {})]


async def test_refusals_are_replies(endpoint: str, tmp_path: Path) -> None:
    """Wrong status, a word of no or of another version, a fault of ours: each is `ok: false`."""

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        if name == "leave":
            raise WrongStatusError(name, "bot", "completed")
        raise RuntimeError("PLANTED")

    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path, Setup(handler)),
    ):
        await orchestrator.wait_for("ready")
        wrong = await orchestrator.command("leave", 1)
        unknown = await orchestrator.command("dance", 3)
        broken = await orchestrator.command("get_status", 4)
    assert wrong["ok"] is False
    assert wrong["error"] == (
        "Status of bot 'bot' is: completed. Operation not permitted in this state."
    )
    assert "dance: not supported by this version" in unknown["error"]
    assert broken == {"id": 4, "ok": False, "error": "internal error"}


async def test_slow_command_holds_up_no_other(endpoint: str, tmp_path: Path) -> None:
    """While one command waits, another is answered; the slow one's repeated id gets one reply."""
    release = asyncio.Event()

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        if name == "leave":
            await release.wait()
        return {"name": name}

    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path, Setup(handler)),
    ):
        await orchestrator.wait_for("ready")
        await orchestrator.send("leave", {"id": "slow"})
        await orchestrator.send("leave", {"id": "slow"})
        assert (await orchestrator.command("get_status", "fast"))["id"] == "fast"
        release.set()
        await orchestrator.wait_for("reply", 2)
        await orchestrator.command("get_status", "fence")
    assert [reply["id"] for reply in orchestrator.of("reply")] == ["fast", "slow", "fence"]


async def test_reply_lost_with_its_connection_can_be_asked_for_again(
    endpoint: str, tmp_path: Path
) -> None:
    """After a restart the same id gets the reply the first orchestrator never saw."""
    calls: list[str] = []

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        calls.append(name)
        return {}

    async with Worker(endpoint, tmp_path, Setup(handler)):
        async with Orchestrator(endpoint) as first:
            await first.wait_for("ready")
            reply = await first.command("leave", "c")
        async with Orchestrator(endpoint) as second:
            await second.wait_for("ready")
            assert await second.command("leave", "c") == reply
    assert calls == ["leave"]


async def test_shutdown_without_a_job_ends_the_wait(endpoint: str) -> None:
    """`shutdown` is answered, and the worker that waits for a job is told to go."""
    async with Orchestrator(endpoint) as orchestrator, control_on(endpoint) as control:
        await orchestrator.wait_for("ready")
        wait = asyncio.create_task(control.wait_for_job(WAIT_S))
        assert (await orchestrator.command("shutdown", 1))["ok"] is True
        assert await wait is None
        assert control.shutdown_requested.is_set()


async def test_heartbeats_come_once_there_is_a_bot(endpoint: str, tmp_path: Path) -> None:
    """No heartbeat without a bot; then again and again, also after one that failed."""
    facts = iter([{"status": "queued"}, None, {"status": "joining_call"}])

    async def beat() -> Mapping[str, Any]:
        found = next(facts, {"status": "later"})
        if found is None:
            raise RuntimeError("no figures today")
        return {"bot_id": "bot", **found}

    async with (
        Orchestrator(endpoint) as orchestrator,
        control_on(endpoint, Setup(heartbeat=beat, heartbeat_s=0.05)) as control,
    ):
        await orchestrator.wait_for("ready")
        assert orchestrator.of("heartbeat") == []
        with Outbox(tmp_path, "bot", "run") as outbox:
            control.attach(outbox)
            beats = await orchestrator.wait_for("heartbeat", 2)
    assert [body["status"] for body in beats[:2]] == ["queued", "joining_call"]
    assert "seq" not in beats[0]


async def test_malformed_frames_are_counted_and_nothing_more(endpoint: str, tmp_path: Path) -> None:
    """Garbage neither ends the worker nor floods its log; what follows is answered."""
    garbage = [
        [b""], [b"leave"], [b"leave", b"{}", b"x"], [b"\xff" * 90, b"{}"], [b"leave", b"{"],
        [b"leave", b"[]"], [b"ack", b'{"seq": "1"}'], [b"ack", b"\x00"], [b"leave", b"{}"],
        [b"leave", b"[" * 50_000], [b"leave", b"x" * 2**20 + b"x"],
    ]  # fmt: skip

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path, Setup(handler)) as worker,
    ):
        await orchestrator.wait_for("ready")
        with structlog.testing.capture_logs() as captured:
            for frames in garbage * 5:
                await orchestrator.send_frames(frames)
            assert (await orchestrator.command("leave", 1))["ok"] is True
        assert worker.control.malformed_count == len(garbage) * 5
    assert [line["event"] for line in captured].count("frames_malformed") == 1


async def test_a_flood_is_slowed_and_nothing_of_it_is_lost(endpoint: str, tmp_path: Path) -> None:
    """Beyond a burst of 1,000 messages 500 a second are taken, each of them, in order."""

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    loop = asyncio.get_running_loop()
    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path, Setup(handler)) as worker,
    ):
        await orchestrator.wait_for("ready")
        begun_s = loop.time()
        for _ in range(1_499):
            await orchestrator.send_frames([b"leave", b"{"])
        assert (await orchestrator.command("leave", 1))["ok"] is True
        assert worker.control.malformed_count == 1_499
    assert loop.time() - begun_s > 0.9


async def test_monstrous_frame_costs_a_connection_not_the_worker(
    endpoint: str, tmp_path: Path
) -> None:
    """More than 4 MiB is never taken into memory: the worker reconnects and goes on."""
    async with (
        Orchestrator(endpoint) as orchestrator,
        Worker(endpoint, tmp_path) as worker,
    ):
        await orchestrator.wait_for("ready")
        await orchestrator.send_frames([b"leave", b"x" * 5 * 2**20])
        await orchestrator.wait_for("ready", 2)
        await worker.speak("accepted")
        await orchestrator.wait_for("accepted")


def key_folder(tmp_path: Path) -> Path:
    """A server's pair, an allowed worker and a stranger."""
    folder = tmp_path / "keys"
    generate_keys(folder, "server")
    generate_keys(folder, "worker")
    generate_keys(folder, "stranger")
    (folder / "allowed").mkdir()
    (folder / "allowed" / "worker.key").write_bytes((folder / "worker.key").read_bytes())
    return folder


async def test_curve_lets_the_allowed_worker_in(endpoint: str, tmp_path: Path) -> None:
    """With keys of the allow list the conversation works, encrypted."""
    folder = key_folder(tmp_path)
    keys = load_curve_keys(folder / "server.key", folder / "worker.key_secret")
    async with (
        Orchestrator(endpoint, key_folder=folder) as orchestrator,
        Worker(endpoint, tmp_path / "outbox", Setup(keys=keys)) as worker,
    ):
        await worker.speak("accepted")
        await orchestrator.wait_for("accepted")
        assert await worker.control.drain(WAIT_S)


@pytest.mark.parametrize("name", ["stranger", None])
async def test_curve_keeps_everybody_else_out(
    endpoint: str, tmp_path: Path, name: str | None
) -> None:
    """A key off the list, or none, hears nothing and says nothing; the failure is logged."""
    folder = key_folder(tmp_path)
    keys = load_curve_keys(folder / "server.key", folder / f"{name}.key_secret") if name else None
    with structlog.testing.capture_logs() as captured:
        async with (
            Orchestrator(endpoint, key_folder=folder) as orchestrator,
            Worker(endpoint, tmp_path / "outbox", Setup(keys=keys)) as worker,
        ):
            await worker.speak("accepted")
            with pytest.raises(NoJobError):
                await worker.control.wait_for_job(1)
            assert orchestrator.messages == []
    assert "control_connected" not in [line["event"] for line in captured]


@pytest.mark.parametrize("waived", [False, True])
def test_plain_text_off_loopback_is_refused_unless_waived(*, waived: bool) -> None:
    """The endpoint is judged before a socket exists."""
    if waived:
        control_on("tcp://192.0.2.1:5555", Setup(allow_plain_off_loopback=True))
        return
    with pytest.raises(EndpointRefusedError):
        control_on("tcp://192.0.2.1:5555")


async def test_emitting_before_a_job_is_our_error(endpoint: str) -> None:
    """Without an outbox nothing durable can be said."""
    async with control_on(endpoint) as control:
        with pytest.raises(OutboxClosedError):
            await control.emit("accepted", {})


async def test_error_in_the_body_stays_itself(endpoint: str) -> None:
    """What ends the session is raised as it is, not wrapped in a group."""
    with pytest.raises(KeyError):
        async with control_on(endpoint):
            raise KeyError("x")


def test_commands_of_this_version() -> None:
    """Leaving, asking and shutting down exist; the set is the contract table's."""
    assert {"leave", "get_status", "shutdown"} <= supported_commands()


async def test_every_word_is_the_contracts(endpoint: str, tmp_path: Path) -> None:
    """What goes over the wire is what the published types of the contract describe."""
    bot_id, run_id = str(uuid.uuid4()), str(uuid.uuid4())

    async def say_ready() -> Mapping[str, Any]:
        return {**READY, "run_id": run_id, "status": "queued"}

    async def say_heartbeat() -> Mapping[str, Any]:
        figures = {"recorded_seconds": 1.5, "upload_lag_seconds": 0, "cores": 0.5}
        return {"bot_id": bot_id, "status": "queued", **figures, "memory_bytes": 1}

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"name": name}

    control = Control(
        ControlConfig(endpoint, "worker-1", heartbeat_s=0.05),
        handler,
        ready=say_ready,
        heartbeat=say_heartbeat,
    )
    async with Orchestrator(endpoint) as orchestrator, control:
        await orchestrator.wait_for("ready")
        await orchestrator.send("job", {**JOB, "bot_id": bot_id.upper()})
        await control.wait_for_job(WAIT_S)
        with Outbox(tmp_path, bot_id, run_id) as outbox:
            control.attach(outbox, {"ticket": 7})
            status = {"code": "queued", "created_at": "2026-01-02T03:04:05.000Z"}
            data = {"bot_id": bot_id, "event_id": None, "status": status}
            await control.emit("bot.status_change", data)
            await orchestrator.send("job", {**JOB, "bot_id": bot_id})
            await orchestrator.send("job", {**JOB, "bot_id": run_id})
            await orchestrator.command("leave", "c-1")
            await orchestrator.command("dance", 2)
            await orchestrator.wait_for("heartbeat")
            await orchestrator.wait_for("rejected")
            assert await control.drain(WAIT_S)
    for model in (Ready, Heartbeat, Reply, Rejected, StatusChange):
        bodies = orchestrator.of(model.kind)
        assert bodies, model.kind
        for body in bodies:
            model.model_validate_json(json.dumps(body), strict=True)
    assert len(orchestrator.of("rejected")) == 1


FRAME = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"job", b"ack", b"leave", b"get_status", b"{}", b'{"id": 1}']),
    st.dictionaries(
        st.sampled_from(["id", "seq", "bot_id", "run_id"]),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none(), max_size=1),
    ).map(lambda body: json.dumps(body).encode()),
)


@given(st.lists(st.lists(FRAME, min_size=1, max_size=3), min_size=5, max_size=40))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_frames_leave_the_worker_answering(messages: list[list[bytes]]) -> None:
    """Whatever is sent over a real socket, the next command is answered and no event is lost."""

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}

    async def converse(folder: Path) -> None:
        endpoint = f"ipc://{folder}/socket"
        async with (
            Orchestrator(endpoint) as orchestrator,
            Worker(endpoint, folder / "outbox", Setup(handler)) as worker,
        ):
            await orchestrator.wait_for("ready")
            for frames in messages:
                await orchestrator.send_frames(frames)
            await worker.speak("accepted")
            await orchestrator.send("get_status", {"id": "fence"})
            async with asyncio.timeout(WAIT_S):
                while "fence" not in [reply["id"] for reply in orchestrator.of("reply")]:
                    await orchestrator.wait_for("reply", len(orchestrator.of("reply")) + 1)
            assert await worker.control.drain(WAIT_S)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(converse(Path(folder)))

"""Damaged jobs, frames and commands crash nothing. 22,000 of them, from one seed."""

import random
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.control import Control, ControlConfig
from tests.bot.fuzzing import SEED, frames, numbers, try_commands, try_frames, try_jobs
from tests.bot.orchestrator import Orchestrator

pytestmark = pytest.mark.timeout(150)
ASKED_AGAIN = 24
ANSWER_S = 5.0


def replied(orchestrator: Orchestrator, command: str) -> bool:
    """Whether a command has been answered."""
    return any(reply["id"] == command for reply in orchestrator.of("reply"))


@pytest.fixture
def rng() -> random.Random:
    """Always the same damage; the seed is printed where a test fails."""
    print(f"python -m tests.bot.fuzzing {SEED}")  # noqa: T201 - how to do the same again
    return numbers(SEED)


def test_jobs_are_taken_or_refused_by_field(rng: random.Random) -> None:
    """8,000 damaged jobs: each is a job, or refused with every bad field named; no secret told."""
    accepted = try_jobs(rng, 8_000)
    assert 1_000 < accepted < 7_000, "the damage is too great or too small to prove anything"


def test_frames_have_a_meaning_or_none(rng: random.Random) -> None:
    """8,000 damaged messages, read by both ends: a value each, never an exception."""
    meant = try_frames(rng, 8_000)
    assert 1_000 < meant < 7_990


async def test_commands_get_one_reply_in_any_status(rng: random.Random, tmp_path: Path) -> None:
    """4,000 damaged commands to bots in every status: one reply each, the same for the same id."""
    done = await try_commands(rng, 4_000, tmp_path)
    assert 200 < done < 3_000


async def test_a_worker_survives_them_on_a_real_socket(rng: random.Random, tmp_path: Path) -> None:
    """2,000 damaged messages over ZeroMQ: the next command is answered, on the same connection."""

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"name": name}

    async def ready() -> Mapping[str, Any]:
        return {"run_id": "r"}

    endpoint = f"ipc://{tmp_path}/r"
    control = Control(ControlConfig(endpoint, "w1"), handler, ready=ready, heartbeat=ready)
    async with Orchestrator(endpoint) as orchestrator, control:
        await orchestrator.wait_for("ready")
        for said in frames(rng, 2_000):
            await orchestrator.send_frames(said or [b""])
        for _ in range(ASKED_AGAIN):  # what comes while too many answers are due is dropped
            await orchestrator.send("get_status", {"id": "fence"})
            with suppress(TimeoutError):
                await orchestrator.until(lambda: replied(orchestrator, "fence"), ANSWER_S)
                break
        assert replied(orchestrator, "fence")
        assert control.malformed_count > 100
    assert len(orchestrator.of("ready")) == 1


async def test_text_that_no_reply_could_repeat_ends_no_worker(tmp_path: Path) -> None:
    """Half a surrogate pair as a command's or a second job's id: no crash, the next is answered."""

    async def handler(name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"name": name}

    async def ready() -> Mapping[str, Any]:
        return {"run_id": "r"}

    endpoint = f"ipc://{tmp_path}/r"
    control = Control(ControlConfig(endpoint, "w1"), handler, ready=ready, heartbeat=ready)
    async with Orchestrator(endpoint) as orchestrator, control:
        await orchestrator.wait_for("ready")
        await orchestrator.send_frames([b"leave", b'{"id": "\\ud800"}'])
        await orchestrator.send("job", {"bot_id": "a"})
        await orchestrator.send_frames([b"job", b'{"bot_id": "\\ud800"}'])
        (rejected,) = await orchestrator.wait_for("rejected")
        assert rejected["errors"][0]["code"] == "WORKER_BUSY"
        assert (await orchestrator.command("get_status", 1))["ok"] is True

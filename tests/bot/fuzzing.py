"""Damaged jobs, frames and commands, from a seed. `python -m tests.bot.fuzzing [SEED] [COUNT]`.

What is mutated is valid, so that damage reaches deep; a third of it is damaged as bytes, the rest
as JSON.
"""

import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.contract import Command as CommandName
from bot.contract import Status
from bot.control import supported_commands
from bot.desk import Desk
from bot.dispatch.said import Said, parse_said
from bot.errors import FieldErrorCode, JobRejected
from bot.job import Job, parse_job
from bot.machine import TRANSITIONS
from bot.replies import INTERNAL, Replies
from bot.wire import Ack, Command, JobFrame, Malformed, parse_frames
from tests.bot.rig import URL, rig

SEED = 20_261_124
PLANTED = "PLANTED-hunter2"
JOB: Mapping[str, Any] = {
    "bot_id": "123e4567-e89b-12d3-a456-426614174000",
    "event_id": None,
    "meeting_url": URL,
    "bot_name": "Notes",
    "recording_mode": "speaker_view",
    "entry_message": "hello",
    "timeout_config": {"waiting_room_timeout": 60, "grace_period": 0},
    "ignored_participant_names": ["Otter"],
    "callback_enabled": True,
    "callback_config": {"url": "https://example.com/x", "secret": PLANTED},
    "join_at": "2030-01-02T03:04:05Z",
    "retention": {"keep_chunks": True},
    "extra": {"ticket": [1, {"a": None}]},
}
COMMANDS: Mapping[str, Mapping[str, Any]] = {
    **{command.value: {} for command in CommandName},
    "send_chat_message": {"text": "hi"},
    "update_config": {
        "timeout_config": {"silence_timeout": 5},
        "callback_enabled": True,
        "callback_config": {"url": "https://example.com/", "secret": PLANTED},
    },
    "dance": {"x": 1},
}
EVENT: Mapping[str, Any] = {
    "event": "bot.status_change", "bot_id": "b", "run_id": "r", "seq": 7, "data": {"status": {}},
}  # fmt: skip
KINDS = (*COMMANDS, "ack", "job", "ready", "reply", "heartbeat", "rejected", EVENT["event"])
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 10**400, 1.5, 1e308, "", " ", "\0", "\ud800", "é" * 300,
    "x" * 5_000, [], {}, [[]], {"a": {}}, [None] * 50, "https://", "2030-13-99T99:99:99Z",
    PLANTED, "javascript:alert(1)", "../../etc/passwd", "{{7*7}}", float("nan"), float("inf"),
)  # fmt: skip


def numbers(seed: int) -> random.Random:
    """Numbers that are the same in every run."""
    return random.Random(seed)  # noqa: S311 - damage, not secrets


def damaged(rng: random.Random, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value with something in it replaced, removed, added, doubled or nested."""
    if isinstance(value, Mapping) and value and rng.random() < 0.85:
        found = dict(value)
        key = rng.choice(list(found))
        match rng.randrange(6):
            case 0:
                del found[key]
            case 1:
                found[rng.choice(["", "x", "id", key.upper(), key + "_", "\ud800"])] = odd(rng)
            case 2 | 3:
                found[key] = odd(rng)
            case _:
                found[key] = damaged(rng, found[key])
        return found
    if isinstance(value, list) and value and rng.random() < 0.5:
        at = rng.randrange(len(value))
        return [*value[:at], damaged(rng, value[at]), *value[at:]]
    return odd(rng)


def odd(rng: random.Random) -> Any:  # noqa: ANN401 - any JSON
    """Something nobody expects."""
    found = rng.choice(ODD)
    for _ in range(rng.choice([0, 0, 0, 1, 3, 90])):
        found = [found] if rng.random() < 0.5 else {"a": found}
    return found


def as_bytes(rng: random.Random, value: Any) -> bytes:  # noqa: ANN401 - any JSON
    """The value as a body, often with damaged bytes."""
    data = bytearray(json.dumps(value).encode())
    if rng.random() < 0.35:
        for _ in range(rng.randrange(1, 5)):
            at = rng.randrange(len(data) + 1)
            match rng.randrange(4):
                case 0:
                    data[at:at] = rng.randbytes(rng.randrange(1, 6))
                case 1:
                    del data[at : at + rng.randrange(1, 30)]
                case 2:
                    data[at:at] = data[at : at + 20]
                case _:
                    data[at : at + 1] = rng.choice([b'"', b"{", b"}", b"[", b"\\", b"\xff", b","])
    return bytes(data)


def judged(body: bytes, *, local_run: bool) -> Job | JobRejected:
    """The job, or its refusal; whatever else is raised is a crash."""
    try:
        return parse_job(body, local_run=local_run)
    except JobRejected as error:
        return error


def try_jobs(rng: random.Random, count: int) -> int:
    """Judge so many jobs; how many were accepted. Each is a job or refused with named fields."""
    accepted = 0
    for _ in range(count):
        job: Any = JOB
        for _ in range(rng.randrange(3)):
            job = damaged(rng, job)
        body = as_bytes(rng, job)
        found = judged(body, local_run=rng.random() < 0.5)
        if isinstance(found, Job):
            assert PLANTED not in repr(found.callback_config)
            accepted += 1
            continue
        assert found.errors
        assert all(bad.code in set(FieldErrorCode) for bad in found.errors)
        assert PLANTED not in str(found)
    return accepted


def frames(rng: random.Random, count: int, kinds: Sequence[str] = KINDS) -> Iterator[list[bytes]]:
    """So many messages: some right, most damaged in one place or more."""
    for number in range(count):
        kind = rng.choice(kinds)
        body: Any = {**COMMANDS.get(kind, EVENT), "id": number}
        for _ in range(rng.randrange(3)):
            body = damaged(rng, body)
        said = [kind.encode(), as_bytes(rng, body)]
        if rng.random() < 0.15:
            said[0] = rng.randbytes(rng.randrange(70))
        if rng.random() < 0.1:
            said = said * 2 if rng.random() < 0.5 else said[: rng.randrange(2)]
        yield said


def try_frames(rng: random.Random, count: int) -> int:
    """Read so many messages, at both ends; how many had a meaning."""
    meant = 0
    for said in frames(rng, count):
        found = parse_frames(said)
        assert isinstance(found, JobFrame | Ack | Command | Malformed)
        other = parse_said([b"w1", *said])
        assert isinstance(other, Said | Malformed)
        meant += not isinstance(found, Malformed) or not isinstance(other, Malformed)
    return meant


async def try_commands(rng: random.Random, count: int, folder: Path) -> int:
    """Give so many commands to bots in all statuses; how many were carried out.

    Each gets one reply with its id, and the same id again the same bytes.
    """
    done = 0
    for status in Status:
        with rig(folder / status.value) as parts:
            for step in _way_to(status):
                await parts.context.reporter.advance(step)
            desk = Desk(parts.context)
            # `shutdown` is the connection's, not the desk's
            replies = Replies(desk.command, supported_commands() - {CommandName.SHUTDOWN}, 60)
            for said in frames(rng, count // len(Status), list(COMMANDS)):
                command = parse_frames(said)
                if not isinstance(command, Command):
                    continue
                reply = await replies.answer(command)
                assert reply == await replies.answer(command)
                body = json.loads(reply or b"")
                assert body["id"] == command.id
                assert body["ok"] is ("error" not in body)
                assert body.get("error") != INTERNAL, command
                assert PLANTED not in body.get("error", "")
                done += body["ok"]
    return done


def _way_to(status: Status) -> list[Status]:
    """A shortest walk along the table from `queued`."""
    ways = {Status.QUEUED: list[Status]()}
    ahead = [Status.QUEUED]
    for here in ahead:
        for after in sorted(TRANSITIONS[here]):
            if after not in ways:
                ways[after] = [*ways[here], after]
                ahead.append(after)
    return ways[status]


def main(seed: int, count: int) -> None:
    """Try so many of each, and say the seed first: the same one does the same again."""
    sys.stdout.write(f"seed {seed}\n")
    rng = numbers(seed)
    sys.stdout.write(f"jobs: {try_jobs(rng, count)} of {count} accepted\n")
    sys.stdout.write(f"frames: {try_frames(rng, count)} of {count} meant something\n")
    with tempfile.TemporaryDirectory() as folder:
        done = asyncio.run(try_commands(rng, count, Path(folder)))
    sys.stdout.write(f"commands: {done} of {count} carried out\n")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(given[0] if given else random.SystemRandom().getrandbits(32), (given[1:] or [20_000])[0])

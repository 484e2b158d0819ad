"""The control plane: one job in, durable events out, commands answered. The wire contract's words.

The orchestrator may be absent, restarted or silent at any time: nothing here ends the bot for it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import structlog

from bot.answers import Answers
from bot.contract import Command as CommandName
from bot.contract import command_supported
from bot.errors import (
    EndpointRefusedError,
    FieldError,
    FieldErrorCode,
    NoJobError,
    OutboxClosedError,
    OutboxError,
)
from bot.keys import CurveKeys
from bot.link import Link
from bot.outbox import Envelope, Outbox
from bot.pace import Pace
from bot.relay import Present, Relay, as_stored
from bot.replies import Handler, Replies
from bot.strict_json import json_object
from bot.wire import (
    HEARTBEAT,
    REJECTED,
    REPLY,
    SHUTDOWN,
    Ack,
    Command,
    JobFrame,
    Malformed,
    encode_body,
    endpoint_problem,
    is_unicode,
    parse_frames,
    same_id,
)

log = structlog.get_logger(__name__)

SPEAK_TIMEOUT_S = 10.0
"""How long a `reply` or `rejected` waits for a peer before it is dropped (replies are kept)."""
MALFORMED_LOG_S = 10.0

Facts = Callable[[], Awaitable[Mapping[str, Any]]]
"""Makes the body of a `ready` or a `heartbeat`."""


def supported_commands() -> AbstractSet[str]:
    """The commands this version carries out."""
    return {command.value for command in CommandName if command_supported(command)}


@dataclass(frozen=True, slots=True)
class ControlConfig:
    """Whom to speak to, and how patiently."""

    endpoint: str
    worker_id: str
    keys: CurveKeys | None = None
    allow_plain_off_loopback: bool = False
    heartbeat_s: float = 10.0
    resend_s: float = 30.0
    command_timeout_s: float = 30.0


class Control:
    """The worker's side of the conversation. An async context manager.

    `ready` gives run_id, version, schema_version, capabilities and, with a bot, its status;
    `heartbeat` gives the heartbeat's body; `handler(name, args)` carries out a command and raises
    `CommandRefused` to refuse it; `present` sees to the URLs of a terminal event when it is sent.
    """

    def __init__(
        self,
        config: ControlConfig,
        handler: Handler,
        *,
        ready: Facts,
        heartbeat: Facts,
        present: Present = as_stored,
        commands: AbstractSet[str] | None = None,
    ) -> None:
        """Raises `EndpointRefusedError` where the contract forbids the endpoint."""
        problem = endpoint_problem(
            config.endpoint,
            encrypted=config.keys is not None,
            waived=config.allow_plain_off_loopback,
        )
        if problem is not None:
            raise EndpointRefusedError(config.endpoint, problem)
        self.shutdown_requested = asyncio.Event()
        self.malformed_count = 0
        self._config = config
        self._handler = handler
        self._ready = ready
        self._heartbeat = heartbeat
        self._link = Link(config.endpoint, config.worker_id, config.keys)
        self._relay = Relay(self._link, present, config.resend_s)
        self._replies = Replies(
            self._carry_out,
            supported_commands() if commands is None else commands,
            config.command_timeout_s,
        )
        self._pace = Pace()
        self._live: Outbox | None = None
        self._extra: Mapping[str, Any] | None = None
        self._job: bytes | None = None
        self._job_came = asyncio.Event()
        self._malformed_logged_at_s = float("-inf")
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Connect and begin to listen."""
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._link)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            self._answers = Answers(tasks)
            loops = [self._greet(), self._listen(), self._beat(), self._relay.run()]
            for task in [tasks.create_task(loop) for loop in loops]:
                stack.callback(task.cancel)
            stack.push_async_callback(self._answers.close)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give replies under way two seconds, then close; unacknowledged events stay on disk."""
        del exc_type, exc, traceback
        await self._stack.aclose()

    async def wait_for_job(self, timeout_s: float) -> bytes | None:
        """The first job's body, unjudged; None when the orchestrator said `shutdown` instead.

        Raises `NoJobError` after `timeout_s`. A worker takes one job in its life.
        """
        waits = [
            asyncio.ensure_future(self._job_came.wait()),
            asyncio.ensure_future(self.shutdown_requested.wait()),
        ]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
        if not done:
            raise NoJobError(timeout_s)
        return self._job

    async def reject(self, errors: Sequence[FieldError]) -> bool:
        """Say why the job is refused; False when nobody took it within ten seconds."""
        words = [{"field": e.field, "code": e.code.value, "message": e.message} for e in errors]
        body = encode_body({"errors": words})
        return await self._link.send_within(REJECTED, body, SPEAK_TIMEOUT_S)

    def add_dead_run(self, outbox: Outbox) -> None:
        """Send what an earlier run of this worker left unacknowledged, before anything of ours."""
        self._relay.add(outbox)

    def attach(self, outbox: Outbox, extra: Mapping[str, Any] | None = None) -> None:
        """From now on `emit` writes here; `extra` is the job's, echoed in every event."""
        self._live = outbox
        self._extra = extra
        self._relay.add(outbox)

    async def emit(self, event: str, data: Mapping[str, Any]) -> Envelope:
        """Make an event durable, and leave its delivery to this object. Raises `OutboxError`."""
        if self._live is None:
            raise OutboxClosedError(event, None)
        try:
            return await asyncio.to_thread(self._live.append, event, data, self._extra)
        finally:
            self._relay.wake()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until the orchestrator has acknowledged every event; False when it did not."""
        return await self._relay.drain(timeout_s)

    async def _greet(self) -> None:
        while True:
            connection = await self._link.wait_connected()
            if self._link.greet(connection, encode_body(await self._hello())):
                self._relay.rewind()

    async def _hello(self) -> Mapping[str, Any]:
        hello = {"worker_id": self._config.worker_id, **await _facts_of(self._ready)}
        if self._live is None:
            return hello
        last_seq = await asyncio.to_thread(lambda live: live.last_seq, self._live)
        return {**hello, "bot_id": self._live.bot_id, "last_seq": last_seq}

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._config.heartbeat_s)
            if self._live is not None and (facts := await _facts_of(self._heartbeat)):
                self._link.send(HEARTBEAT, encode_body(facts))

    async def _listen(self) -> None:
        while True:
            message = parse_frames(await self._link.receive())
            match message:
                case Malformed(reason):
                    self._count_malformed(reason)
                case JobFrame(body):
                    await self._take_job(body)
                case Command():
                    self._answers.begin(self._answer(message))
                case Ack():
                    await self._take_ack(message)
            # Else a flood would be all this loop does: taking what is there suspends nothing.
            if (pause_s := self._pace.take(asyncio.get_running_loop().time())) > 0:
                await asyncio.sleep(pause_s)

    async def _take_ack(self, ack: Ack) -> None:
        try:
            await self._relay.ack(ack)
        except OutboxError as error:
            log.exception("ack_not_stored", problem=error.problem)

    async def _take_job(self, body: bytes) -> None:
        if self._job is None:
            self._job = body
            self._job_came.set()
            return
        bot_id = _bot_id(body)
        ours = _bot_id(self._job) if self._live is None else self._live.bot_id
        if body == self._job or (bot_id is not None and same_id(bot_id, ours)):
            log.info("job_repeated", repeated_bot_id=bot_id)
            return
        log.warning("second_job_refused", refused_bot_id=bot_id)
        text = f"this worker has a job already; {(bot_id or 'this one')[:64]} was not taken"
        self._answers.begin(self._refuse(FieldError("bot_id", FieldErrorCode.WORKER_BUSY, text)))

    async def _refuse(self, error: FieldError) -> None:
        if not await self.reject([error]):
            log.warning("rejected_undelivered", field=error.field, code=error.code.value)

    async def _answer(self, command: Command) -> None:
        reply = await self._replies.answer(command)
        if reply is None:
            return
        if not await self._link.send_within(REPLY, reply, SPEAK_TIMEOUT_S):
            log.warning("reply_undelivered", command=command.name, command_id=command.id)

    async def _carry_out(self, name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        if name == SHUTDOWN:
            self.shutdown_requested.set()
            return {}
        return await self._handler(name, args)

    def _count_malformed(self, reason: str) -> None:
        self.malformed_count += 1
        now_s = asyncio.get_running_loop().time()
        if now_s - self._malformed_logged_at_s >= MALFORMED_LOG_S:
            self._malformed_logged_at_s = now_s
            log.warning("frames_malformed", reason=reason, count=self.malformed_count)


async def _facts_of(maker: Facts) -> Mapping[str, Any]:
    """What a caller's function says, or nothing where it fails: a heartbeat is not worth a bot."""
    try:
        facts = dict(await maker())
        encode_body(facts)
    except Exception:
        log.exception("facts_unavailable")
        return {}
    return facts


def _bot_id(job: bytes) -> str | None:
    """The bot's id as an unjudged job has it."""
    bot_id = (json_object(job) or {}).get("bot_id")
    return bot_id if isinstance(bot_id, str) and is_unicode(bot_id) else None

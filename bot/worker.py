"""Takes one job over ZeroMQ, runs it, and stays until its last word was acknowledged."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final
from uuid import uuid4

import structlog

import bot
from bot.afterlife import end_worker_runs, worker_outboxes
from bot.contract import SCHEMA_VERSION, capabilities
from bot.control import Control, ControlConfig
from bot.end_reasons import EXIT_CALLER, EXIT_INFRASTRUCTURE
from bot.errors import JobRejected, NoJobError, NoJobYetError
from bot.job import Job, parse_job
from bot.job_secrets import job_secrets
from bot.keys import chosen_keys
from bot.links import present
from bot.logs import bind_bot, register_secrets
from bot.outbox import Outbox, opened
from bot.patience import Step, running, unless
from bot.preflight import preflight, refuse_if_ended
from bot.session import Session
from bot.settings import Settings
from bot.signals import Signals
from bot.unmarked import pay_marks
from media.types import Storage

log = structlog.get_logger(__name__)

DRAIN_S: Final = 30.0
"""How long the last events wait for their acknowledgement; then they stay in the outbox."""


class Worker:
    """One worker process: one job in its life. `run` returns the exit code."""

    def __init__(self, settings: Settings, endpoint: str, signals: Signals) -> None:
        self._settings = settings
        self._endpoint = endpoint
        self._signals = signals
        self._run_id = str(uuid4())
        self._outboxes = worker_outboxes(settings)
        self._session: Session | None = None
        self._browser_args: tuple[str, ...] = ()
        self._storage: Storage
        self._control: Control

    async def run(self) -> int:
        """Raises `PreflightFailed`, before the worker said it was ready unless storage failed."""
        async with AsyncExitStack() as outboxes:
            ending = end_worker_runs(self._settings, None, outboxes)
            dead = await unless(self._signals.came, ending) or ()
            ready = await preflight(self._settings)
            self._storage, self._browser_args = ready.storage, ready.browser_args
            await pay_marks(self._settings.spool_dir, self._storage)
            self._control = self._new_control()
            for outbox in dead:
                self._control.add_dead_run(outbox)
            async with self._control:
                return await self._serve(outboxes)

    async def _serve(self, outboxes: AsyncExitStack) -> int:
        try:
            body = await unless(
                self._signals.came, self._control.wait_for_job(self._settings.job_timeout_s)
            )
            if body is None:
                return self._signals.exit_code_without_bot
            job = parse_job(body, local_run=False)
            register_secrets(job_secrets(job))
            await refuse_if_ended(self._storage, job)
        except NoJobError as error:
            log.warning("no_job", timeout_s=error.timeout_s)
            return EXIT_INFRASTRUCTURE
        except JobRejected as error:
            log.warning("job_rejected", errors=[str(bad) for bad in error.errors])
            await self._control.reject(error.errors)
            return EXIT_CALLER
        return await self._run_job(job, outboxes)

    async def _run_job(self, job: Job, outboxes: AsyncExitStack) -> int:
        bot_id = str(job.bot_id)
        bind_bot(bot_id, self._run_id)
        outbox = Outbox(self._outboxes, bot_id, self._run_id)
        self._control.attach(await outboxes.enter_async_context(opened(outbox)), job.extra)
        session = self._session = Session(
            job,
            run_id=self._run_id,
            settings=self._settings,
            storage=self._storage,
            emit=self._control.emit,
            browser_args=self._browser_args,
        )
        self._signals.attach(session)
        async with running(self._terminate_on_shutdown()):
            outcome = await session.run()
            if not await self._control.drain(session.patience.left_s(Step.DELIVERY, DRAIN_S)):
                log.warning("events_unacknowledged", kept_in=str(self._outboxes))
        return self._signals.exit_code(outcome)

    async def _terminate_on_shutdown(self) -> None:
        await self._control.shutdown_requested.wait()
        self._signals.terminate()

    def _new_control(self) -> Control:
        settings = self._settings
        config = ControlConfig(
            endpoint=self._endpoint,
            worker_id=settings.worker_id,
            keys=chosen_keys(settings.curve_server_key_file, settings.curve_secret_key_file),
            allow_plain_off_loopback=settings.allow_plain_off_loopback,
        )
        return Control(
            config,
            self._command,
            ready=self._ready,
            heartbeat=self._heartbeat,
            present=lambda envelope: present(self._storage, envelope, settings.url_lifetime_s),
        )

    async def _command(self, name: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._session is None:
            raise NoJobYetError(name)
        return await self._session.command(name, args)

    async def _ready(self) -> Mapping[str, Any]:
        facts: dict[str, Any] = {
            "run_id": self._run_id,
            "version": bot.__version__,
            "schema_version": SCHEMA_VERSION,
            "capabilities": list(capabilities()),
        }
        if self._session is not None:
            facts["status"] = self._session.status.value
        return facts

    async def _heartbeat(self) -> Mapping[str, Any]:
        return {} if self._session is None else self._session.heartbeat()

"""Ends the dead runs in the spool and nothing else: what a supervisor starts after a death.

It loads no browser: it must fit where memory has just run out.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, NoReturn, TextIO

import structlog

import bot
from bot.afterlife import end_local_runs, end_worker_runs, storage_of, worker_outboxes
from bot.callback_again import call_back_for_dead
from bot.contract import SCHEMA_VERSION, EndReason, Status, capabilities
from bot.control import Control, ControlConfig, Facts
from bot.end_reasons import EXIT_COMPLETED, EXIT_INFRASTRUCTURE
from bot.errors import FieldError, FieldErrorCode, WrongStatusError
from bot.job import Job
from bot.job_secrets import job_secrets
from bot.keys import chosen_keys
from bot.links import present
from bot.logs import register_secrets
from bot.outbox import Outbox
from bot.patience import running
from bot.replies import Handler
from bot.settings import Settings
from media.types import Storage

log = structlog.get_logger(__name__)

DELIVERY_S: Final = 60.0
"""How long the last words wait for an orchestrator; then they wait for the next start."""


async def finish_local_runs(
    settings: Settings, stream: TextIO, reason: EndReason, job: Job | None = None
) -> int:
    """End the dead runs of `meetbot run`, and write to `stream` what they had not said yet.

    The run of `job` owed a callback, perhaps. Returns the exit code. Raises `PreflightFailed` for
    a storage that is none.
    """
    register_secrets([] if job is None else job_secrets(job))
    ended = await end_local_runs(settings, stream, reason)
    if job is not None and str(job.bot_id) in ended:
        await call_back_for_dead(job, await storage_of(settings), settings)
    return EXIT_COMPLETED


async def finish_worker_runs(settings: Settings, endpoint: str, reason: EndReason) -> int:
    """End the dead runs of a worker, and send the orchestrator what it has not acknowledged.

    Returns the exit code: 3 where it did not within a minute. Raises as above.
    """
    async with AsyncExitStack() as stack:
        outboxes = await end_worker_runs(settings, reason, stack)
        if not outboxes:
            return EXIT_COMPLETED
        delivered = await deliver(settings, endpoint, await storage_of(settings), outboxes)
    if not delivered:
        log.warning("events_unacknowledged", kept_in=str(worker_outboxes(settings)))
    return EXIT_COMPLETED if delivered else EXIT_INFRASTRUCTURE


async def deliver(
    settings: Settings, endpoint: str, storage: Storage, outboxes: Sequence[Outbox]
) -> bool:
    """Send what waits in `outboxes`, at least one; whether it was acknowledged within a minute."""
    *earlier, last = outboxes
    control = Control(
        _config(settings, endpoint),
        _refuse_command(last),
        ready=_ready_of(last),
        heartbeat=_no_heartbeat,
        present=lambda envelope: present(storage, envelope, settings.url_lifetime_s),
    )
    for outbox in earlier:
        control.add_dead_run(outbox)
    control.attach(last)
    async with control, running(_refuse_job(control)):
        return await control.drain(DELIVERY_S)


def _config(settings: Settings, endpoint: str) -> ControlConfig:
    return ControlConfig(
        endpoint=endpoint,
        worker_id=settings.worker_id,
        keys=chosen_keys(settings.curve_server_key_file, settings.curve_secret_key_file),
        allow_plain_off_loopback=settings.allow_plain_off_loopback,
    )


def _ready_of(outbox: Outbox) -> Facts:
    """Greets as a worker whose bot has failed: none that could take a job."""

    async def ready() -> Mapping[str, Any]:
        return {
            "run_id": outbox.run_id,
            "version": bot.__version__,
            "schema_version": SCHEMA_VERSION,
            "capabilities": list(capabilities()),
            "status": Status.FAILED.value,
        }

    return ready


def _refuse_command(outbox: Outbox) -> Handler:
    async def refuse(name: str, _: Mapping[str, Any]) -> NoReturn:
        raise WrongStatusError(name, outbox.bot_id, Status.FAILED.value)

    return refuse


async def _refuse_job(control: Control) -> None:
    """An orchestrator that sends a job all the same learns that nobody takes it."""
    if await control.wait_for_job(DELIVERY_S) is not None:
        text = "this worker is ending a dead run and takes no job"
        await control.reject([FieldError("bot_id", FieldErrorCode.WORKER_BUSY, text)])


async def _no_heartbeat() -> Mapping[str, Any]:
    return {}

"""Keeps the lease on a bot's recording while its run lives, and what a recovery needs to know."""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from bot.artifacts import EVENTS, json_lines
from bot.context import Context
from bot.contract import EndReason
from bot.outcome import Outcome, outcome
from bot.patience import Step
from media.errors import LeaseError, MediaError
from media.fence import FencedStorage, Lease
from media.lease import RENEW_EVERY_S
from media.types import Storage

log = structlog.get_logger(__name__)

REMOVE_LIMIT_S: Final = 10.0
STORE_PAUSE_S: Final = 1.0
NOT_KEPT: Final = "no lease is kept: the storage replaces nothing on condition"


def fenced(storage: Storage, bot_id: str, run_id: str) -> FencedStorage:
    """The storage, written to only while this run has the lease on the bot.

    A new run takes it from an older one of the same bot: whoever sent it wants this one.
    """
    return FencedStorage(storage, Lease(storage, f"{bot_id}/", run_id, force=True))


def taken_over(error: LeaseError) -> Outcome:
    """The outcome of a run that another has replaced: it says no last word, the other does."""
    return outcome(EndReason.FORCE_KILLED, "lease/taken-over", str(error))


class LeaseKeeper:
    """Renews the lease twice a minute, and stores the events when there are new ones.

    A lease that was taken over ends the run.
    """

    def __init__(self, context: Context, lease: Lease) -> None:
        self._context = context
        self._lease = lease
        self._stored_events = 0

    async def keep(self) -> None:
        """Until cancelled, or until the lease is lost."""
        while await self._renew():
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW_EVERY_S):
                    await self._store_what_is_said()

    async def remove(self) -> None:
        """Let it go after the last word. What stays is seen to be over by `terminal.json`."""
        with suppress(MediaError, TimeoutError):
            async with self._context.patience.step(Step.DELIVERY, REMOVE_LIMIT_S):
                await asyncio.to_thread(self._lease.remove)

    async def _renew(self) -> bool:
        try:
            await asyncio.to_thread(self._lease.renew)
        except LeaseError as error:
            self._context.gate.settle(taken_over(error))
            return False
        except MediaError as error:  # an outage: the uploads wait for its end too
            log.warning("lease_not_renewed", problem=str(error))
        if not self._lease.is_kept and NOT_KEPT not in self._context.facts.warnings:
            self._context.facts.warnings.append(NOT_KEPT)
        return True

    async def _store_what_is_said(self) -> None:
        """Elsewhere nothing else tells of this run. Cancelled at any point, it is done again."""
        reporter = self._context.reporter
        while True:
            events = list(reporter.events)
            if len(events) > self._stored_events:
                row = await self._context.shelf.put(EVENTS, json_lines(events))
                if row.state == "stored":
                    self._stored_events = len(events)
            await asyncio.sleep(STORE_PAUSE_S)  # people may come and go in crowds
            reporter.said.clear()
            if len(reporter.events) == len(events):
                await reporter.said.wait()

"""Ends the dead runs of a storage from anywhere: whoever recorded them need not be there any more.

What a bot had said it keeps stored beside its recording (`bot.lease_keeper`). Nothing is done to a
bot whose lease is fresh, and what was ended stays ended, however often this is run.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import structlog

from bot.artifacts import AUDIO, CHUNKS, EVENTS, VIDEO
from bot.contract import EndReason
from bot.dead_run import DeadRun
from bot.errors import OutboxError
from bot.finisher import deliver
from bot.listener import Listener
from bot.outbox import Outbox, opened
from bot.outcome import Outcome, outcome
from bot.settings import Settings
from bot.strict_json import json_objects
from bot.terminal import read_terminal
from bot.wire import same_id
from media.errors import LeaseHeld, MediaError, ObjectMissing
from media.fence import LEASE_NAME, FencedStorage, Lease
from media.lease import LeaseRecord
from media.types import Storage

log = structlog.get_logger(__name__)

LAPSED_ROW: Final = "recover/lease-lapsed"
FORCED_ROW: Final = "recover/forced"


class Verdict(StrEnum):
    """What was made of a bot."""

    FINISHED = "finished"
    OVER = "over"
    """It had ended; nothing was done."""
    HELD = "held"
    """Its run lives, or may live; nothing was done."""
    FAILED = "failed"
    """What was tried did not succeed; it can be tried again."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """One bot, and what is to be said about it."""

    bot_id: str
    verdict: Verdict
    detail: str = ""


def recovery_id(bot_id: str) -> str:
    """The run id under which every recovery of a bot speaks: twice said is the same event."""
    return str(uuid5(NAMESPACE_URL, f"meetbot:recovery:{UUID(bot_id)}"))


class Recovery:
    """Recovers bots, one after another, and tells `stream` or, if given, the `endpoint`."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        stream: TextIO,
        *,
        endpoint: str | None = None,
        force: bool = False,
    ) -> None:
        self._settings = settings
        self._storage = storage
        self._listener = Listener(storage, settings.url_lifetime_s, stream)
        self._endpoint = endpoint
        self._force = force

    async def bots(self) -> Sequence[str]:
        """All whose last word is not in the storage, living ones too. Raises MediaError."""
        names = [name for name in await asyncio.to_thread(self._storage.folders) if _is_id(name)]
        return [name async for name in self._unspoken(names)]

    async def recover(self, bot_id: str) -> Recovered:
        """End one bot, unless it lives or has ended. Never raises for what the storage does."""
        try:
            return await self._recover(bot_id)
        except LeaseHeld as error:
            return Recovered(bot_id, Verdict.HELD, f"{error}; --force takes it over all the same")
        except (MediaError, OutboxError) as error:
            log.warning("bot_not_recovered", dead_bot_id=bot_id, problem=str(error))
            return Recovered(bot_id, Verdict.FAILED, str(error))

    async def _unspoken(self, names: Sequence[str]) -> AsyncIterator[str]:
        for name in names:
            mark = await read_terminal(self._storage, name)
            if mark is None or self._may_be_ours(name, mark.run_id):
                yield name

    async def _recover(self, bot_id: str) -> Recovered:
        prefix = f"{bot_id}/"
        mark = await read_terminal(self._storage, bot_id)
        if mark is not None and not self._may_be_ours(bot_id, mark.run_id):
            return Recovered(bot_id, Verdict.OVER, f"has ended: {mark.event or 'unreadable'}")
        found = await asyncio.to_thread(self._storage.read_version, prefix + LEASE_NAME)
        if found is not None and LeaseRecord.decode(found.data).ended:
            return Recovered(bot_id, Verdict.OVER, "was recovered before")
        if found is None and not self._force:
            if not await asyncio.to_thread(self._storage.list, prefix + CHUNKS):
                return Recovered(bot_id, Verdict.OVER, "has left nothing to finish")
            return Recovered(bot_id, Verdict.HELD, "no lease tells whether it lives; see --force")
        lease = Lease(self._storage, prefix, f"recovery {uuid4()}", force=self._force)
        await asyncio.to_thread(lease.renew)
        return await self._end(bot_id, lease, found.age_s if found is not None else None)

    async def _end(self, bot_id: str, lease: Lease, age_s: float | None) -> Recovered:
        run_id = recovery_id(bot_id)
        events = await asyncio.to_thread(read_events, self._storage, f"{bot_id}/{EVENTS}")
        # what an earlier recovery said is said again, as the same events
        told = [event for event in events if event.get("run_id") != run_id]
        outbox = Outbox(self._spool("outbox"), bot_id, run_id)
        async with opened(outbox):
            dead = DeadRun(
                outbox,
                FencedStorage(self._storage, lease),
                self._spool("spool") / run_id,
                self._death(age_s),
                told,
            )
            await dead.end()
            if not await self._deliver(outbox):
                text = "the orchestrator has not acknowledged its last word; it is kept"
                return Recovered(bot_id, Verdict.FAILED, text)
            await asyncio.to_thread(lease.end)
        standing = await asyncio.to_thread(self._storage.list, f"{bot_id}/")
        sizes = {info.key: info.size_bytes for info in standing}
        stored = ", ".join(
            f"{name} {sizes[key]} bytes"
            for name in (VIDEO, AUDIO)
            if (key := f"{bot_id}/{name}") in sizes
        )
        return Recovered(bot_id, Verdict.FINISHED, stored or "it had recorded nothing")

    async def _deliver(self, outbox: Outbox) -> bool:
        if self._endpoint is not None:
            return await deliver(self._settings, self._endpoint, self._storage, [outbox])
        await asyncio.to_thread(self._listener.hear_all, outbox)
        return True

    def _death(self, age_s: float | None) -> Outcome:
        row = FORCED_ROW if self._force else LAPSED_ROW
        since = "never" if age_s is None else f"{age_s:.0f} s ago"
        return outcome(EndReason.FORCE_KILLED, row, f"its run is gone: it was heard of {since}")

    def _may_be_ours(self, bot_id: str, run_id: str | None) -> bool:
        """Whether a mark is an earlier recovery's, which may have died before it spoke."""
        return run_id is not None and same_id(run_id, recovery_id(bot_id))

    def _spool(self, name: str) -> Path:
        return self._settings.spool_dir / "recovery" / name


def read_events(storage: Storage, key: str) -> list[dict[str, Any]]:
    """What a dead bot had said, as far as it was stored and can be read. Blocks."""
    try:
        lines = storage.get(key).splitlines()
    except ObjectMissing:
        return []
    return [event for event in json_objects(lines) if _is_event(event)]


def _is_event(found: Mapping[str, Any]) -> bool:
    is_named = isinstance(found.get("event"), str)
    return is_named and isinstance(found.get("data"), Mapping) and "extra" in found


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False

"""From the outbox to the orchestrator: in order, again after reconnects, until acknowledged."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from bot.errors import OutboxError
from bot.link import Link
from bot.outbox import Envelope, Outbox
from bot.wire import Ack, encode_body, same_id

log = structlog.get_logger(__name__)

MAX_SILENCES: Final = 3
"""So often events are sent again on one connection; one that brings no acknowledgement then is
taken for one that leads nowhere: whoever has taken this worker's id left its old one deaf."""

Present = Callable[[Envelope], Envelope]
"""Turns the artifact keys of a terminal event into signed URLs when it is sent; may block."""


def as_stored(envelope: Envelope) -> Envelope:
    """Present an event as it is."""
    return envelope


class Relay:
    """Sends what the outboxes hold, one outbox after the other: those of dead runs come first.

    An ack names no run, so only one outbox is under way at a time. A dead run's events that nobody
    acknowledges within `resend_s` are left on disk for the next process.
    """

    def __init__(self, link: Link, present: Present, resend_s: float) -> None:
        self._link = link
        self._present = present
        self._resend_s = resend_s
        self._outboxes: list[Outbox] = []
        self._sent_seq = 0
        self._epoch = 0
        self._silences = 0
        self._wake = asyncio.Event()
        self._acked = asyncio.Event()
        self._progress_at_s = 0.0

    def add(self, outbox: Outbox) -> None:
        """Send this outbox's events too, after those added before."""
        self._outboxes.append(outbox)
        self._wake.set()

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    def rewind(self) -> None:
        """Send again from the first unacknowledged event: the connection is new."""
        self._sent_seq = 0
        self._epoch += 1
        self._progress_at_s = _now_s()
        self._wake.set()

    async def ack(self, ack: Ack) -> None:
        """Take an acknowledgement; one for what was not sent here is ignored."""
        outbox = self._current()
        if outbox is None or not same_id(ack.bot_id, outbox.bot_id) or ack.seq > self._sent_seq:
            log.warning("ack_ignored", ack_bot_id=ack.bot_id, seq=ack.seq)
            return
        if ack.run_id is not None and not same_id(ack.run_id, outbox.run_id):
            log.warning("ack_ignored", ack_bot_id=ack.bot_id, ack_run_id=ack.run_id)
            return
        await asyncio.to_thread(outbox.ack, ack.seq)
        self._progress_at_s = _now_s()
        self._silences = 0
        self._acked.set()
        self._wake.set()

    async def drain(self, timeout_s: float) -> bool:
        """Wait until every event of the last outbox is acknowledged; False if it was not."""
        try:
            async with asyncio.timeout(timeout_s):
                while not await self._is_drained():
                    self._acked.clear()
                    if not await self._is_drained():
                        await self._acked.wait()
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Send for ever. A disk that fails is logged and tried again."""
        self._progress_at_s = _now_s()
        while True:
            try:
                await self._send_pending()
                await self._judge_silence()
            except OutboxError as error:
                log.exception("outbox_unreadable", problem=error.problem)
            try:
                async with asyncio.timeout(self._resend_s):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    def _current(self) -> Outbox | None:
        return self._outboxes[0] if self._outboxes else None

    async def _send_pending(self) -> None:
        while (outbox := self._current()) is not None:
            epoch = self._epoch
            batch = await asyncio.to_thread(outbox.pending, self._sent_seq)
            if batch:
                go_on = await self._send_batch(batch, epoch)
            else:
                go_on = await self._step_over(outbox)
            if not go_on:
                return

    async def _send_batch(self, batch: Sequence[Envelope], epoch: int) -> bool:
        """False where nobody takes messages now; True too when the batch is of an old epoch."""
        for envelope in batch:
            body = await self._encode(envelope)
            # `send` does not suspend when it succeeds: no epoch can begin between it and the
            # number noted, so an event is never sent ahead of those before it.
            while epoch == self._epoch and not self._link.send(envelope.event, body):
                if not await self._link.wait_writable():
                    return False
            if epoch != self._epoch:
                return True
            self._sent_seq = envelope.seq
        return True

    async def _step_over(self, outbox: Outbox) -> bool:
        """Go on to the next outbox once this one holds nothing."""
        if len(self._outboxes) == 1 or await asyncio.to_thread(_has_pending, outbox):
            return False
        self._next_outbox()
        return True

    async def _encode(self, envelope: Envelope) -> bytes:
        if not envelope.is_terminal:
            return encode_body(envelope.body())
        try:
            shown = await asyncio.to_thread(self._present, envelope)
            return encode_body(shown.body())
        except Exception:
            # The last word goes out in any case: with keys rather than not at all.
            log.exception("present_failed", seq=envelope.seq)
            return encode_body(envelope.body())

    async def _judge_silence(self) -> None:
        outbox = self._current()
        if outbox is None or not self._link.is_greeted:
            return
        if _now_s() - self._progress_at_s < self._resend_s:
            return
        if not await asyncio.to_thread(_has_pending, outbox):
            return
        if len(self._outboxes) > 1:
            log.warning("dead_run_not_acknowledged", dead_run_id=outbox.run_id)
            self._next_outbox()
        self.rewind()
        self._silences += 1
        if self._silences >= MAX_SILENCES:
            log.warning("nothing_acknowledged", silences=self._silences)
            self._silences = 0
            self._link.renew()

    def _next_outbox(self) -> None:
        self._outboxes.pop(0)
        self.rewind()

    async def _is_drained(self) -> bool:
        if not self._outboxes:
            return True
        return not await asyncio.to_thread(_has_pending, self._outboxes[-1])


def _has_pending(outbox: Outbox) -> bool:
    return bool(outbox.pending(0, 1))


def _now_s() -> float:
    return asyncio.get_running_loop().time()

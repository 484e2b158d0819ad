"""The orchestrator itself: gives jobs, keeps and acknowledges events, sends commands.

An event is printed, then stored, then acknowledged: killed in between it comes again, under the
same (bot_id, run_id, seq). Started again with the same journal, it goes on where it was.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from bot import wire
from bot.dispatch.commander import Commander, Peer
from bot.dispatch.jobs import Job
from bot.dispatch.keyboard import Keyboard, Write
from bot.dispatch.local import LocalWorker
from bot.dispatch.memory import Memory
from bot.dispatch.receipts import Verdict
from bot.dispatch.router import Router
from bot.dispatch.said import Event, Said, parse_said
from bot.end_reasons import EXIT_COMPLETED, EXIT_INFRASTRUCTURE
from bot.errors import FieldErrorCode
from bot.patience import unless
from bot.wire import Malformed, encode_body

log = structlog.get_logger(__name__)

TICK_S: Final = 1.0
"""How often reservations and silences are judged, beside what is judged when something is said."""
LOCAL_END_S: Final = 90.0
"""How long the local worker may go on once every job is over."""
MAX_FRUITLESS: Final = 3
"""So many local workers in a row that died without a word about a bot: something is wrong here."""


class Dispatch:
    """One orchestrator.

    `say` takes what was heard, as JSON lines, and raises OSError where nobody reads any more;
    `tell` is for whoever types. `local` is the worker of this machine, None where all workers are
    elsewhere.
    """

    def __init__(
        self, router: Router, memory: Memory, local: LocalWorker | None, say: Write, tell: Write
    ) -> None:
        self._router = router
        self._memory = memory
        self._jobs = memory.jobs
        self._local = local
        self._say: Write | None = say
        self._commander = Commander(router)
        self._keyboard = Keyboard(self._commander, memory, self.terminate, tell)
        self._is_leaving = False
        self._exit_code: int | None = None
        self._heard_count = 0
        self._all_over_at_s: float | None = None
        self._over = asyncio.Event()
        self._changed = asyncio.Event()
        self._worker_wanted = asyncio.Event()

    async def run(self, job_files: Sequence[Path], lines: AsyncIterator[str]) -> int:
        """Serve until every job is over, or without a job until told to end; the exit code.

        Raises `SettingError` for a file that holds no job.
        """
        await self._memory.recall(self._now_s())
        await self._router.forget_refused()
        for path in job_files:
            await self._memory.add_job(path)
        await unless(self._over, self._serve(lines))
        return self._jobs.exit_code if self._exit_code is None else self._exit_code

    def leave(self) -> None:
        """Give no job any more, and tell every bot to leave. Idempotent."""
        self._jobs.cancel_waiting()
        for job in [] if self._is_leaving else self._jobs.under_way:
            self._commander.leave(job.worker_id or "")
        self._is_leaving = True
        if not self._jobs.under_way:
            self._end(EXIT_COMPLETED)

    def terminate(self) -> None:
        """End now: the local worker as by SIGTERM, those elsewhere go on. Idempotent."""
        self._end(EXIT_COMPLETED)

    def _end(self, exit_code: int) -> None:
        """End; what is local is told to end and waited for."""
        self._exit_code = exit_code
        if self._local is not None and self._local.is_running:
            self._local.terminate()
        else:
            self._over.set()

    async def _serve(self, lines: AsyncIterator[str]) -> None:
        works = [self._listen(), self._keyboard.obey(lines), self._tick()]
        if self._local is not None:
            works.append(self._keep_local(self._local))
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in works:
                    tasks.create_task(work)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _listen(self) -> None:
        while True:
            said = parse_said(await self._router.receive())
            await self._memory.keep_identities()
            match said:
                case Malformed(reason):
                    log.warning("frames_malformed", reason=reason)
                case Event():
                    await self._take_event(said)
                case Said():
                    await self._take(said)
            self._changed.set()

    async def _take_event(self, event: Event) -> None:
        verdict = self._memory.receipts.judge(event)
        if verdict is Verdict.EARLY:
            log.warning("events_missing", missing_of_bot_id=event.bot_id, seq=event.seq)
        if verdict is Verdict.NEW:
            self._show(event.body)
            job = self._jobs.given_to(event.worker_id)
            if not await self._memory.take(event, self._now_s()):
                return
            self._heard_count += 1
            self._note(event, is_first=job is not None and job.bot_id == event.bot_id)
        last_seq = self._memory.receipts.last_seq(event)
        ack = {"bot_id": event.bot_id, "run_id": event.run_id, "seq": last_seq}
        self._router.send(event.worker_id, wire.ACK, encode_body(ack))

    def _note(self, event: Event, *, is_first: bool) -> None:
        peer = self._commander.peers.get(event.worker_id)
        if peer is None:
            return
        if is_first:
            peer.bot_id = event.bot_id
        if event.is_terminal and peer.bot_id == event.bot_id:
            self._commander.forget(event.worker_id)
        elif is_first and self._is_leaving:
            self._commander.leave(event.worker_id)

    async def _take(self, said: Said) -> None:
        match said.kind:
            case wire.READY:
                self._greet(said)
            case wire.HEARTBEAT:
                self._note_status(said)
            case wire.REJECTED:
                self._show_said(said)
                await self._take_rejection(said)
            case _:
                self._show_said(said)
                self._commander.take_reply(said)

    def _greet(self, said: Said) -> None:
        log.info("worker_ready", worker_id=said.worker_id, ready_bot_id=said.text("bot_id"))
        peer = self._commander.peers[said.worker_id] = Peer(said.worker_id)
        given = self._jobs.given_to(said.worker_id)
        self._note_status(said)
        self._commander.send_again(said.worker_id)
        if peer.bot_id is None and given is not None:
            self._give(given, peer)

    def _note_status(self, said: Said) -> None:
        peer, bot_id = self._commander.peers.get(said.worker_id), said.text("bot_id")
        if peer is not None and bot_id is not None:
            peer.bot_id, peer.status = bot_id.lower(), said.text("status")
            self._jobs.heard(bot_id.lower(), said.worker_id, self._now_s())

    async def _take_rejection(self, said: Said) -> None:
        job = self._jobs.given_to(said.worker_id)
        if job is None:
            return
        if FieldErrorCode.WORKER_BUSY in _codes(said.body):
            self._jobs.put_back(job)
            if (peer := self._commander.peers.get(said.worker_id)) is not None:
                peer.is_free = False
            return
        self._heard_count += 1
        self._commander.forget(said.worker_id)
        await self._memory.reject(job, said.body)

    async def _tick(self) -> None:
        while True:
            self._arrange()
            try:
                async with asyncio.timeout(TICK_S):
                    await self._changed.wait()
            except TimeoutError:
                continue
            self._changed.clear()

    def _arrange(self) -> None:
        """Give what can be given, and see whether all is over."""
        now_s = self._now_s()
        for peer in list(self._commander.peers.values()):
            idle = peer.is_free and peer.bot_id is None
            if not idle or self._jobs.given_to(peer.worker_id) is not None:
                continue
            if (job := self._jobs.next_for(peer.worker_id, now_s)) is not None:
                self._give(job, peer)
        if self._jobs.wants_worker(now_s):
            self._worker_wanted.set()
        if self._jobs.are_over:
            self._judge_end(now_s)

    def _give(self, job: Job, peer: Peer) -> None:
        if not self._router.send(peer.worker_id, wire.JOB, job.body or b""):
            self._commander.forget(peer.worker_id)
            return
        self._jobs.give(job, peer.worker_id, self._now_s())
        log.info("job_given", worker_id=peer.worker_id, given_bot_id=job.bot_id)

    def _judge_end(self, now_s: float) -> None:
        """Every job is over: the end, once the local worker has gone by itself."""
        self._all_over_at_s = self._all_over_at_s or now_s
        local = self._local
        if local is None or not local.is_running or now_s - self._all_over_at_s > LOCAL_END_S:
            self._over.set()
            return
        peer = self._commander.peers.pop(local.worker_id, None)
        if peer is not None and peer.bot_id is None:
            self._commander.command(peer.worker_id, wire.SHUTDOWN, {})

    async def _keep_local(self, local: LocalWorker) -> None:
        """Start a worker whenever there is something for it to do."""
        fruitless = 0
        while self._exit_code is None:
            self._worker_wanted.clear()
            await self._worker_wanted.wait()
            heard_before = self._heard_count
            await local.start()
            code = await local.wait()
            was_ready = local.worker_id in self._commander.peers
            log.info("local_worker_ended", worker_id=local.worker_id, exit_code=code)
            self._commander.forget(local.worker_id)
            self._jobs.worker_died(local.worker_id)
            fruitless = 0 if self._heard_count > heard_before else fruitless + 1
            if fruitless == MAX_FRUITLESS or (fruitless and not was_ready):
                self._exit_code = code if code > 0 else EXIT_INFRASTRUCTURE
            self._changed.set()
        self._over.set()

    def _show_said(self, said: Said) -> None:
        self._show({"kind": said.kind, "worker_id": said.worker_id, "body": said.body})

    def _show(self, body: Mapping[str, Any]) -> None:
        """Print one line; nobody reading is no reason to take no events."""
        if self._say is None:
            return
        try:
            self._say(json.dumps(body, ensure_ascii=False))
        except OSError as error:
            log.warning("output_closed", problem=type(error).__name__)
            self._say = None

    def _now_s(self) -> float:
        return asyncio.get_running_loop().time()


def _codes(rejected: Mapping[str, Any]) -> set[str]:
    errors = rejected.get("errors")
    found = (
        [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    )
    return {str(error.get("code")) for error in found}

"""Joins one meeting and stays until there is one outcome.

Looks and reacts; the deciding is left to tables: `bot.outcome` says what a page means, `bot.leave`
how long to wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

from bot.chores import Chores
from bot.context import Context
from bot.contract import EndReason, Status
from bot.leave import Look, attendees
from bot.machine import IN_CALL, WAITING
from bot.outcome import (
    Attempt,
    Outcome,
    Phase,
    outcome,
    outcome_of_error,
    outcome_of_finding,
    outcome_of_verdict,
    phase_of,
)
from bot.patience import running
from bot.people import in_silence
from platforms.types import MeetingClient, Observation, PageState

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 0.5
LOOK_SOON_S: Final = 0.15
TIDY_EVERY_S: Final = 2.0
ASK_EVERY_S: Final = 2.0
HEARD_RECENTLY_S: Final = 3.0
SPOKE_S: Final = 1.0
ENTERING: Final = WAITING | {Status.JOINING_CALL}
PAGE_CRASHED: Final = "page-crashed"
"""The one death that can be mended: a new page takes its place, before admission."""
AGAIN_AFTER_S: Final = (2.0, 5.0)
"""Before admission a failure that may pass is tried again so often, after so long."""


class Recording(Protocol):
    """What is needed of a recording."""

    def begin(self) -> datetime:
        """Start; returns time 0."""

    async def slim(self) -> None:
        """Have no more of the page drawn than is recorded."""

    @property
    def recorded_s(self) -> float:
        """Seconds recorded."""

    @property
    def problem(self) -> BaseException | None:
        """What ended it by itself."""

    @property
    def sound_alive(self) -> bool | None:
        """Whether sound arrives, silence included; None before it could be told."""

    @property
    def heard_ago_s(self) -> float | None:
        """Seconds since sound was last heard, in a pause too; None when never."""


class Meeting:
    """One bot's way into one meeting and through it, in one to three attempts before admission.

    `dead` tells of a browser or page that has died, `renew` puts a new page in a dead one's place.
    Attempts are numbered from 1; what a superseded one finds counts no more.
    """

    def __init__(
        self,
        context: Context,
        client: MeetingClient,
        recording: Recording,
        dead: Callable[[], str | None],
        renew: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._context = context
        self._client = client
        self._recording = recording
        self._dead, self._renew = dead, renew
        self._reporter = context.reporter
        self._gate = context.gate
        self._attempt: Attempt = context.gate.attempt()
        self._failed: Outcome | None = None
        self._attempts = 1
        self._began_s = context.clock()
        self._chores = Chores(context, client, recording)
        self._asked = False
        self._tidied_at_s = self._asked_at_s = float("-inf")
        self.looks = 0
        self._ask_from: Callable[[], bool] = lambda: True

    async def run(self, *, ask_from: Callable[[], bool]) -> None:
        """Join and stay until the gate holds an outcome. `ask_from` holds the ask back."""
        self._ask_from = ask_from
        async with running(self._chores.run()):
            await self._stay()
        self._context.facts.warnings.extend(self._chores.warnings)

    async def _stay(self) -> None:
        await self._or_woken(self._open())
        while self._gate.outcome is None:
            self._check_health()
            if self._failed is not None:
                await self._try_again(self._failed)
                continue
            observation = self._believed(await self._client.look(self._context.clock()))
            self.looks += 1
            if self._gate.outcome is None:
                await self._react(observation)
                self._judge(observation)
            if self._gate.outcome is None:
                await self._pause(self._next_look_s(observation))

    def _believed(self, observation: Observation) -> Observation:
        """The look without speakers who are only named still: there is nothing to hear of them."""
        people = observation.people
        if people is None or not self._context.traits.last_speaker_stays:
            return observation
        if self._heard(SPOKE_S):
            return observation
        return replace(observation, people=in_silence(people))

    def _heard(self, within_s: float) -> bool:
        heard_ago_s = self._recording.heard_ago_s
        return heard_ago_s is not None and heard_ago_s < within_s

    def _next_look_s(self, observation: Observation) -> float:
        """On the way in an unknown page is one in between: what it becomes is worth being early.

        So is the form after the ask.
        """
        state = observation.finding.state
        passing = state is PageState.UNKNOWN or (state is PageState.PREJOIN and self._asked)
        return LOOK_SOON_S if passing and self._reporter.status in ENTERING else LOOK_EVERY_S

    async def _open(self) -> None:
        try:
            await self._client.open(self._context.settings.load_timeout_s)
        except Exception as error:  # noqa: BLE001 - every error has an outcome
            log.warning("page_not_opened", problem=type(error).__name__)
            self._settle(outcome_of_error(error, self._phase()))

    def _settle(self, found: Outcome) -> None:
        """End with `found`, or with this attempt alone where another may do better in time."""
        settings = self._context.settings
        mendable = self._dead() in (None, PAGE_CRASHED if self._renew else None)
        passes = found.retryable and self._reporter.status in ENTERING and mendable
        in_time = self._context.clock() - self._began_s < settings.load_timeout_s
        if passes and in_time and self._attempts <= len(AGAIN_AFTER_S):
            self._failed = found
        else:
            self._attempt.settle(found)

    async def _try_again(self, failed: Outcome) -> None:
        told = f"attempt {self._attempts} ended as {failed.reason.value}, {failed.row}"
        self._context.facts.warnings.append(told)
        log.warning(
            "attempt_failed",
            attempt=self._attempts,
            reason=failed.reason.value,
            row=failed.row,
            detail=failed.detail,
        )
        self._failed, self._asked = None, False
        self._attempt = self._gate.attempt()
        await self._pause(AGAIN_AFTER_S[self._attempts - 1])
        self._attempts += 1
        if self._gate.outcome is None and await self._is_mended():
            await self._or_woken(self._open())

    async def _is_mended(self) -> bool:
        """Whether there is a living page: a new one where the old one crashed."""
        if self._dead() is None or self._renew is None:
            return True
        try:
            await self._renew()
        except Exception as error:
            log.exception("page_not_renewed")
            self._attempt.settle(outcome_of_error(error, self._phase()))
            return False
        return True

    def _check_health(self) -> None:
        died = self._dead()
        if died is not None:
            self._settle(outcome(EndReason.INTERNAL_ERROR, f"browser/{died}", died))
        elif self._recording.problem is not None:
            self._attempt.settle(outcome_of_error(self._recording.problem, self._phase()))

    def _phase(self) -> Phase:
        return phase_of(self._reporter.status, asked=self._asked)

    async def _react(self, observation: Observation) -> None:
        finding = observation.finding
        found = outcome_of_finding(
            finding, self._phase(), self._recording.recorded_s, self._context.traits
        )
        if found is not None:
            self._settle(found)
            return
        handler = HANDLERS.get(finding.state)
        if handler is not None:
            await handler(self)
        await self._note_people(observation)

    async def on_prejoin(self) -> None:
        """Answer dialogs and ask, again every two seconds until the ask was made."""
        await self._tidy()
        now_s = self._context.clock()
        if not self._ask_from() or now_s - self._asked_at_s < ASK_EVERY_S:
            return
        self._asked_at_s = now_s
        asked = await self._or_woken(self._client.ask_to_join(self._context.shown_name))
        self._asked = self._asked or bool(asked)

    async def on_lobby(self) -> None:
        """Wait to be let in."""
        self._asked = True
        if self._reporter.status in ENTERING:
            await self._reporter.advance(Status.IN_WAITING_ROOM)
        await self._tidy()

    async def on_waiting_for_host(self) -> None:
        """Wait for the host to come."""
        self._asked = True
        if self._reporter.status in ENTERING:
            await self._reporter.advance(Status.IN_WAITING_FOR_HOST)
        await self._tidy()

    async def on_in_call(self) -> None:
        """On admission record at once; then keep dialogs away."""
        if self._reporter.status in ENTERING:
            self._asked = True
            await self._reporter.advance(Status.IN_CALL_NOT_RECORDING)
            if self._gate.outcome is not None:  # told to leave while we said so
                return
            start_time = self._recording.begin()
            self._context.facts.joined_at = start_time
            await self._reporter.advance(Status.IN_CALL_RECORDING, start_time=start_time)
            await self._or_woken(self._client.watch())
            await self._or_woken(self._recording.slim())
            await self._say_entry_message()
        await self._tidy()
        self._chores.begin()

    async def _say_entry_message(self) -> None:
        text = self._context.job.entry_message
        if text and not await self._or_woken(self._client.say(text)):
            self._context.facts.warnings.append("entry_message could not be said")

    async def _note_people(self, observation: Observation) -> None:
        if self._reporter.status not in IN_CALL:
            return
        at_s, people = self._recording.recorded_s, observation.people
        if people is not None and self._reporter.status is Status.RECORDING_PAUSED:
            people = in_silence(people)  # what is said in a pause is nowhere in the recording
        if self._context.roster.look(people, at_s):
            await self._reporter.people(list(self._context.roster.here.values()), at_s)

    def _judge(self, observation: Observation) -> None:
        present = attendees(observation.people, self._context.job.ignored_participant_names)
        heard = self._heard(HEARD_RECENTLY_S)
        speaking = heard or (None if present is None else any(p.speaking for p in present))
        verdict = self._context.watch.feed(
            self._context.clock(),
            Look(
                status=self._reporter.status,
                page=observation.finding.state,
                others=None if present is None else len(present),
                speaking=speaking,
                audio_alive=self._recording.sound_alive,
                heard=heard,
            ),
        )
        if verdict is not None:
            self._attempt.settle(outcome_of_verdict(verdict))

    async def _tidy(self) -> None:
        now_s = self._context.clock()
        if now_s - self._tidied_at_s >= TIDY_EVERY_S:
            self._tidied_at_s = now_s
            await self._or_woken(self._client.tidy())

    async def _pause(self, seconds: float = LOOK_EVERY_S) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._context.wake.wait()
        except TimeoutError:
            return
        self._context.wake.clear()

    async def _or_woken(self, work: Awaitable[Any]) -> Any:  # noqa: ANN401 - the work's result
        """The work's result, or None when an outcome came first: nothing holds a leaving bot."""
        task = asyncio.ensure_future(work)
        woken = asyncio.ensure_future(self._settled())
        try:
            await asyncio.wait({task, woken}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            for waiting in (task, woken):
                waiting.cancel()
            await asyncio.gather(task, woken, return_exceptions=True)

    async def _settled(self) -> None:
        while self._gate.outcome is None:
            self._check_health()
            await self._pause()


HANDLERS: Final[Mapping[PageState, Callable[[Meeting], Awaitable[None]]]] = {
    PageState.PREJOIN: Meeting.on_prejoin,
    PageState.LOBBY: Meeting.on_lobby,
    PageState.WAITING_FOR_HOST: Meeting.on_waiting_for_host,
    PageState.IN_CALL: Meeting.on_in_call,
}
"""What to do in a state that is no ending; UNKNOWN and RECONNECTING are waited out."""

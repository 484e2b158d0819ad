"""Joins one meeting and stays until there is one outcome.

Looks and reacts; the deciding is left to tables: `bot.outcome` says what a page means, `bot.leave`
how long to wait. What fails on the way, and what dies, is for `bot.attempts`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from bot.attempts import ENTERING, Attempts
from bot.attempts import Recording as AttemptedRecording
from bot.chores import Chores
from bot.context import Context
from bot.contract import Status
from bot.leave import Look, attendees
from bot.machine import IN_CALL
from bot.outcome import outcome_of_finding, outcome_of_verdict
from bot.patience import running, unless
from bot.people import in_silence
from platforms.types import Finding, MeetingClient, Observation, PageState

LOOK_EVERY_S: Final = 0.5
LOOK_SOON_S: Final = 0.15
TIDY_EVERY_S: Final = 2.0
ASK_EVERY_S: Final = 2.0
HEARD_RECENTLY_S: Final = 3.0
SPOKE_S: Final = 1.0
NO_PAGE: Final = Observation(Finding(PageState.UNKNOWN, "none"))


class Recording(AttemptedRecording, Protocol):
    """What is needed of a recording."""

    def begin(self) -> datetime:
        """Start; returns time 0."""

    async def rest(self) -> None:
        """Have the page drawn no oftener than it must be: nothing may happen for minutes."""

    async def slim(self) -> None:
        """Have no more of the page drawn than is recorded."""

    @property
    def sound_alive(self) -> bool | None:
        """Whether sound arrives, silence included; None before it could be told."""

    @property
    def heard_ago_s(self) -> float | None:
        """Seconds since sound was last heard, in a pause too; None when never."""


class Meeting:
    """One bot's way into one meeting and through it.

    `dead` tells of a browser or page that has died, `renew` puts living ones in their place.
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
        self._reporter = context.reporter
        self._gate = context.gate
        self._attempts = Attempts(context, client, recording, dead, renew)
        self._or_over = self._attempts.unless_over
        self._chores = Chores(context, client, recording)
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
        await self._attempts.open()
        while self._gate.outcome is None:
            self._attempts.check_health()
            if self._attempts.failed is not None:
                await self._again()
            elif self._gate.outcome is None:
                await self._look()

    async def _look(self) -> None:
        looked = await unless(self._context.ended, self._client.look(self._context.clock()))
        if looked is None:
            return
        observation = self._believed(looked)
        self.looks += 1
        if self._gate.outcome is None:
            await self._react(observation)
            self._judge(observation)
        if not self._attempts.over:
            await self._attempts.pause(self._next_look_s(observation))

    async def _again(self) -> None:
        self._chores.rest()
        await self._attempts.again()
        if self._context.rejoining:  # however long there is no page, the deadlines count
            self._judge(NO_PAGE)

    def _believed(self, observation: Observation) -> Observation:
        """The look without ghosts, and without speakers who are only named still."""
        now_s = self._context.clock()
        people = self._context.ghosts.without(observation.people, now_s)
        arriving = self._context.rejoining or self._context.rejoins.settling(now_s)
        if people is not None and arriving:  # its page may not show everybody yet
            shown = {person.id for person in people}
            people = people if shown.issuperset(self._context.roster.here) else None
        stays = self._context.traits.last_speaker_stays and not self._heard(SPOKE_S)
        if people is not None and stays:
            people = in_silence(people)  # there is nothing to hear of them
        return replace(observation, people=people)

    def _heard(self, within_s: float) -> bool:
        heard_ago_s = self._recording.heard_ago_s
        return heard_ago_s is not None and heard_ago_s < within_s

    def _next_look_s(self, observation: Observation) -> float:
        """On the way in an unknown page is one in between: what it becomes is worth being early.

        So is the form after the ask.
        """
        state = observation.finding.state
        passing = state is PageState.UNKNOWN or (
            state is PageState.PREJOIN and self._attempts.asked
        )
        on_the_way = self._reporter.status in ENTERING or self._context.rejoining
        return LOOK_SOON_S if passing and on_the_way else LOOK_EVERY_S

    async def _react(self, observation: Observation) -> None:
        finding = observation.finding
        found = outcome_of_finding(
            finding, self._attempts.phase, self._recording.recorded_s, self._context.traits
        )
        if found is not None:
            self._attempts.settle(found)
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
        asked = await self._or_over(self._client.ask_to_join(self._context.shown_name))
        if asked:
            self._attempts.has_asked()

    async def on_lobby(self) -> None:
        """Wait to be let in."""
        await self._wait_as(Status.IN_WAITING_ROOM)

    async def on_waiting_for_host(self) -> None:
        """Wait for the host to come."""
        await self._wait_as(Status.IN_WAITING_FOR_HOST)

    async def _wait_as(self, status: Status) -> None:
        self._attempts.has_asked()
        if self._reporter.status in ENTERING:
            await self._reporter.advance(status)
        await self._or_over(self._recording.rest())
        await self._tidy()

    async def on_in_call(self) -> None:
        """On admission record at once; then keep dialogs away."""
        if self._reporter.status in ENTERING:
            self._attempts.has_asked()
            await self._reporter.advance(Status.IN_CALL_NOT_RECORDING)
            if self._gate.outcome is not None:  # told to leave while we said so
                return
            start_time = self._recording.begin()
            self._context.facts.joined_at = start_time
            await self._reporter.advance(Status.IN_CALL_RECORDING, start_time=start_time)
            await self._or_over(self._client.watch())
            await self._or_over(self._recording.slim())
            await self._say_entry_message()
        elif self._context.rejoining:
            if not await self._attempts.return_to_call():
                return
            await self._or_over(self._client.watch())
        await self._tidy()
        self._chores.begin()

    async def _say_entry_message(self) -> None:
        text = self._context.job.entry_message
        if text and not await self._or_over(self._client.say(text)):
            self._context.facts.warnings.append("entry_message could not be said")

    async def _note_people(self, observation: Observation) -> None:
        if self._reporter.status not in IN_CALL or self._context.rejoining:
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
                rejoining=self._context.rejoining,
            ),
        )
        if verdict is not None:
            self._attempts.conclude(outcome_of_verdict(verdict))

    async def _tidy(self) -> None:
        now_s = self._context.clock()
        if now_s - self._tidied_at_s >= TIDY_EVERY_S:
            self._tidied_at_s = now_s
            await self._or_over(self._client.tidy())


HANDLERS: Final[Mapping[PageState, Callable[[Meeting], Awaitable[None]]]] = {
    PageState.PREJOIN: Meeting.on_prejoin,
    PageState.LOBBY: Meeting.on_lobby,
    PageState.WAITING_FOR_HOST: Meeting.on_waiting_for_host,
    PageState.IN_CALL: Meeting.on_in_call,
}
"""What to do in a state that is no ending; UNKNOWN and RECONNECTING are waited out."""

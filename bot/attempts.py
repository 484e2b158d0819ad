"""The tries at one meeting: what ends one of them alone, and what puts another in its place.

Before admission a failure that may pass is tried again. In the call a page or browser that died
is replaced, and the bot asks to join again (`bot.rejoin` says how often).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import structlog

from bot.context import Context
from bot.contract import EndReason, Status
from bot.machine import IN_CALL, WAITING
from bot.outcome import Attempt, Outcome, Phase, outcome, outcome_of_error, phase_of
from bot.patience import before, unless
from media.errors import CaptureError
from platforms.types import MeetingClient

log = structlog.get_logger(__name__)

WAKE_EVERY_S: Final = 0.5
ENTERING: Final = WAITING | {Status.JOINING_CALL}
AGAIN_AFTER_S: Final = (2.0, 5.0)
"""Before admission a failure that may pass is tried again so often, after so long."""
CAPTURE_TRIES: Final = 3
"""A bot that is back in the call begins to capture it so often, until it is recorded."""


class Recording(Protocol):
    """What is needed of a recording."""

    @property
    def recorded_s(self) -> float:
        """Seconds recorded."""

    @property
    def problem(self) -> BaseException | None:
        """What ended it by itself."""

    async def cut_off(self) -> None:
        """Take nothing more from the present capture. Never raises."""

    async def recapture(self) -> None:
        """Capture the page there is now. Raises `media.errors.CaptureError`."""


class Attempts:
    """Attempts are numbered from 1; what a superseded one finds counts no more.

    `dead` tells of a browser or page that has died, `renew` puts living ones in their place.
    `asked` is whether the request to join was really sent in this attempt.
    """

    def __init__(
        self,
        context: Context,
        client: MeetingClient,
        recording: Recording,
        dead: Callable[[], str | None],
        renew: Callable[[], Awaitable[None]] | None,
    ) -> None:
        self._context = context
        self._client = client
        self._recording = recording
        self._dead, self._renew = dead, renew
        self._attempt: Attempt = context.gate.attempt()
        self._made = 1
        self._capture_tries = 0
        self._began_s = context.clock()
        self.failed: Outcome | None = None
        self.asked = False

    @property
    def phase(self) -> Phase:
        """How far the bot has come."""
        status, readmitting = self._context.reporter.status, self._context.rejoining
        return phase_of(status, asked=self.asked, readmitting=readmitting)

    @property
    def over(self) -> bool:
        """Whether the bot has ended, or this attempt."""
        return self._context.gate.outcome is not None or self.failed is not None

    def conclude(self, found: Outcome) -> None:
        """End with `found`, unless another attempt has taken over."""
        self._attempt.settle(found)

    def settle(self, found: Outcome) -> None:
        """End with what the page proves, or with this attempt alone where another may do better."""
        if self._passes(found):
            self.failed = found
        else:
            self.conclude(found)

    def check_health(self) -> None:
        """End, or end this attempt, for what has died or ended by itself."""
        died, problem = self._dead(), self._recording.problem
        if problem is not None:
            self.conclude(outcome_of_error(problem, self.phase))
        elif died is not None:
            found = outcome(EndReason.INTERNAL_ERROR, f"browser/{died}", died)
            if self._may_rejoin:
                self.failed = found
            else:
                self.settle(found)

    def has_asked(self) -> None:
        """The request to join was really sent."""
        self.asked = True
        self._context.rejoins.asked(self._context.clock())

    async def open(self) -> None:
        """Load the meeting's page; a failure is this attempt's."""
        try:
            await self.unless_over(self._client.open(self._context.settings.load_timeout_s))
        except Exception as error:  # noqa: BLE001 - every error has an outcome
            log.warning("page_not_opened", problem=type(error).__name__)
            found = outcome_of_error(error, self.phase)
            if self._context.rejoining and found.retryable:
                self.failed = found
            else:
                self.settle(found)

    async def again(self) -> None:
        """Another attempt in place of the one that failed."""
        failed, self.failed = self.failed, None
        if failed is None:
            return
        log.warning(
            "attempt_failed",
            attempt=self._made,
            reason=failed.reason.value,
            row=failed.row,
            detail=failed.detail,
        )
        self.asked = False
        self._attempt = self._context.gate.attempt()
        died = self._dead()
        if self._in_call:
            await self._lose(died)
        else:
            told = f"attempt {self._made} ended as {failed.reason.value}, {failed.row}"
            self._context.facts.warnings.append(told)
            await self.pause(AGAIN_AFTER_S[self._made - 1])
        self._made += 1
        if self._context.gate.outcome is None and await self._is_mended():
            await self.open()

    async def _lose(self, died: str | None) -> None:
        """In the call: stop recording what died, or rest before the page is loaded once more."""
        context = self._context
        if died is None:
            await self.pause(AGAIN_AFTER_S[-1])
            return
        context.lost_page(died, self._recording.recorded_s)
        await unless(context.ended, self._recording.cut_off())

    async def _is_mended(self) -> bool:
        """Whether there is a living page: a new one where the old one died."""
        if self._dead() is None or self._renew is None:
            return True
        try:
            await unless(self._context.ended, self._renewed(self._renew))
        except Exception as error:
            log.exception("page_not_renewed")
            self._not_renewed(error)
            return False
        return self._context.gate.outcome is None

    async def _renewed(self, renew: Callable[[], Awaitable[None]]) -> None:
        await renew()
        if not self._in_call:  # a lobby is not recorded: in the call that waits for readmission
            await self._recording.recapture()

    def _not_renewed(self, error: Exception) -> None:
        found = outcome_of_error(error, self.phase)
        if self._may_rejoin:  # it could be had before
            self.failed = found
        else:
            self.conclude(found)

    async def return_to_call(self) -> bool:
        """Admitted again: record on. Whether the bot is back."""
        self.has_asked()  # whatever the ask came to: where doors are open it may be cut short
        try:
            await self.unless_over(self._recording.recapture())
        except CaptureError as error:
            self._not_captured(error)
            return False
        if self.over:
            return False
        self._capture_tries = 0
        self._context.returned()
        return True

    def _not_captured(self, error: CaptureError) -> None:
        """A tab that died takes its capture along; of a living one it is tried again."""
        log.warning("not_captured_on_return", problem=str(error), tries=self._capture_tries)
        if self._dead() is not None:
            return
        self._capture_tries += 1
        if self._capture_tries >= CAPTURE_TRIES:
            self.conclude(outcome_of_error(error, self.phase))

    @property
    def _in_call(self) -> bool:
        return self._context.reporter.status in IN_CALL

    @property
    def _may_rejoin(self) -> bool:
        context = self._context
        can = self._renew is not None and self._in_call
        return can and context.rejoins.allowed(context.clock())

    def _passes(self, found: Outcome) -> bool:
        context = self._context
        mendable = self._dead() is None or self._renew is not None
        passes = found.retryable and context.reporter.status in ENTERING and mendable
        in_time = context.clock() - self._began_s < context.settings.load_timeout_s
        return passes and in_time and self._made <= len(AGAIN_AFTER_S)

    async def pause(self, seconds: float = WAKE_EVERY_S) -> None:
        """Wait, or until woken."""
        try:
            async with asyncio.timeout(seconds):
                await self._context.wake.wait()
        except TimeoutError:
            return
        self._context.wake.clear()

    async def unless_over(self, work: Awaitable[Any]) -> Any:  # noqa: ANN401 - the work's result
        """The work's result, or None when the attempt was over first.

        Nothing holds a leaving bot.
        """
        return await before(self._until_over(), work)

    async def _until_over(self) -> None:
        while not self.over:
            self.check_health()
            if not self.over:
                await self.pause()

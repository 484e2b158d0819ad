"""What a bot does once it records, beside looking: has the view chosen, reads the chat.

A busy page may take its time for either; nobody who speaks meanwhile is missed for it.
"""

import asyncio
from typing import Final, Protocol

import structlog

from bot.context import Context
from bot.contract import Status
from bot.patience import unless
from bot.views import ViewChoice
from platforms.types import MeetingClient

log = structlog.get_logger(__name__)

EVERY_S: Final = 2.0


class Recording(Protocol):
    """What is needed of a recording."""

    @property
    def recorded_s(self) -> float:
        """Seconds recorded."""


class Chores:
    """One meeting's chores. `run` waits for `begin`, and again after `rest`, until cancelled."""

    def __init__(self, context: Context, client: MeetingClient, recording: Recording) -> None:
        self._context = context
        self._client = client
        self._recording = recording
        self._view = ViewChoice(context.job.recording_mode)
        self._warned: list[str] = []
        self._begun = asyncio.Event()
        self._resting = asyncio.Event()

    def begin(self) -> None:
        """The call is on. Idempotent."""
        self._resting.clear()
        self._begun.set()

    def rest(self) -> None:
        """The call's page is gone: the one after it shows a view of its own, and the chat anew."""
        self._begun.clear()
        self._resting.set()
        self._warned = list(self.warnings)
        self._view = ViewChoice(self._context.job.recording_mode)
        self._context.chat.new_page()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What could not be done."""
        last = [] if self._view.warning is None else [self._view.warning]
        return tuple(dict.fromkeys([*self._warned, *last]))

    async def run(self) -> None:
        """Do what there is to do, again and again."""
        try:
            while True:
                await self._begun.wait()
                await unless(self._resting, self._work())
        except Exception:
            log.exception("chores_failed")

    async def _work(self) -> None:
        while True:
            await self._choose_view()
            await self._read_chat()
            await asyncio.sleep(EVERY_S)

    async def _choose_view(self) -> None:
        view = self._view.due(self._context.clock())
        if view is not None:
            chosen = await self._client.show(view)
            self._view.tried(self._context.clock(), chosen=chosen)

    async def _read_chat(self) -> None:
        lines = await self._client.chat()
        if self._context.reporter.status is Status.RECORDING_PAUSED:
            self._context.chat.pass_over(lines)
            return
        reporter, at_s = self._context.reporter, self._recording.recorded_s
        for message in self._context.chat.read(lines, reporter.now(), at_s):
            if not message.line.is_self:
                await reporter.chat(message)

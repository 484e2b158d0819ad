"""Says what happens to the bot, in order, exactly once: statuses, people, the last word."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog
from pydantic import BaseModel

from bot.chat import Message
from bot.contract import Status
from bot.errors import OutboxError
from bot.events import (
    AcceptedData,
    ChatMessageData,
    Participant,
    ParticipantsData,
    StatusChangeData,
    StatusData,
)
from bot.job import Job
from bot.machine import Machine
from bot.outbox import Envelope
from platforms.types import MeetingUrl, Person

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]


class Emit(Protocol):
    """Makes one event durable and sees to its delivery."""

    def __call__(self, event: str, data: Mapping[str, Any]) -> Awaitable[Envelope]:
        """Raises `OutboxError` where the event cannot be kept."""


def utc_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


class Reporter:
    """The bot's voice. `events` are the bodies of all that was said, oldest first.

    `said` is set with each of them.
    """

    def __init__(
        self, job: Job, url: MeetingUrl, shown_name: str, emit: Emit, *, clock: Clock = utc_now
    ) -> None:
        self._job = job
        self._url = url
        self._shown_name = shown_name
        self._emit = emit
        self._clock = clock
        self.machine = Machine(clock())
        self.events: list[Mapping[str, Any]] = []
        self.said = asyncio.Event()

    @property
    def status(self) -> Status:
        """The bot's present status."""
        return self.machine.status

    async def accepted(self) -> None:
        """Say that the job was taken, then the first status."""
        job, platform = self._job, self._url.platform
        data = AcceptedData(
            bot_id=job.bot_id,
            event_id=job.event_id,
            platform=platform,
            bot_name_shown=self._shown_name,
        )
        await self._say("accepted", data)
        await self._say_status(StatusData(code=Status.QUEUED, created_at=self.machine.updated_at))

    async def advance(
        self,
        status: Status,
        *,
        start_time: datetime | None = None,
        error_message: str | None = None,
    ) -> None:
        """Go to a status and say so; the same status again is not said twice."""
        at = self._clock()
        if not self.machine.advance(status, at):
            return
        log.info("status_changed", status=status.value)
        await self._say_status(
            StatusData(
                code=status,
                created_at=at,
                start_time=None if start_time is None else int(start_time.timestamp()),
                error_message=error_message,
            )
        )

    async def people(self, people: Sequence[Person], at_s: float) -> None:
        """Say who is in the call; no room for it in the outbox is logged, not fatal."""
        data = ParticipantsData(
            bot_id=self._job.bot_id,
            event_id=self._job.event_id,
            participants=tuple(
                Participant(
                    id=person.id,
                    name=person.name,
                    is_host=person.is_host,
                    is_presenting=person.presenting,
                )
                for person in people
            ),
            seen_at=self._clock(),
            at_seconds=round(at_s, 2),
        )
        try:
            await self._say("bot.participants", data)
        except OutboxError as error:
            log.warning("participants_not_said", problem=str(error))

    def now(self) -> datetime:
        """The time of day, as events bear it."""
        return self._clock()

    async def chat(self, message: Message) -> None:
        """Say what somebody wrote; no room for it in the outbox is logged, not fatal."""
        data = ChatMessageData(
            bot_id=self._job.bot_id,
            event_id=self._job.event_id,
            sender=message.line.sender,
            text=message.line.text,
            received_at=message.received_at,
            at_seconds=round(message.at_s, 2),
        )
        try:
            await self._say("bot.chat_message", data)
        except OutboxError as error:
            log.warning("chat_message_not_said", problem=str(error))

    async def terminal(self, event: str, data: BaseModel) -> None:
        """The last word."""
        await self._say(event, data)

    async def _say_status(self, status: StatusData) -> None:
        data = StatusChangeData(
            bot_id=self._job.bot_id,
            event_id=self._job.event_id,
            bot_name_shown=self._shown_name,
            status=status,
        )
        await self._say("bot.status_change", data)

    async def _say(self, event: str, data: BaseModel) -> None:
        envelope = await self._emit(event, data.model_dump(mode="json"))
        self.events.append(envelope.body())
        self.said.set()

"""The server's end of one page: its WebSocket, its member of the room, its media."""

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import structlog
from aiohttp import web

from platforms.simulator.commands import parse_command
from platforms.simulator.director import Director
from platforms.simulator.errors import CommandRefusedError
from platforms.simulator.media import PageMedia, Studio
from platforms.simulator.members import Member
from platforms.simulator.room import Room
from platforms.simulator.state import Kind, Status
from platforms.simulator.wire import Ask, Chat, Devices, HostCommand, Inbound, Offer, Signal

OUTBOX_MESSAGES = 500

log = structlog.get_logger(__name__)


class PageLink:
    """Everything the server holds for one page. A page that reads nothing is cut off."""

    def __init__(
        self, room: Room, studio: Studio, director: Director, socket: web.WebSocketResponse
    ) -> None:
        self._room = room
        self._studio = studio
        self._director = director
        self._socket = socket
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue(OUTBOX_MESSAGES)
        self._member: Member | None = None
        self._media: PageMedia | None = None
        self._stack = AsyncExitStack()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._member:
            self._room.leave(self._member, Status.GONE)
            self._member.page = None
        if self._writer:
            self._writer.cancel()
            await asyncio.wait([self._writer])
        await self._stack.aclose()

    def send(self, message: dict[str, Any]) -> None:
        """Queue a message; a full queue closes the page's socket (named in the log)."""
        try:
            self._outbox.put_nowait(message)
        except asyncio.QueueFull:
            log.warning("page_outbox_full", messages=OUTBOX_MESSAGES)
            if self._writer:
                self._writer.cancel()

    async def receive(self, message: Inbound) -> None:
        """Do what the page says."""
        if isinstance(message, Ask):
            if self._member is None:
                self._member = self._room.ask(self, message)
            return
        if self._member is None:
            return
        match message:
            case Offer():
                await self._connect(self._member, message.sdp)
            case Signal():
                self._relay(self._member, message)
            case Devices():
                self._room.devices(self._member, mic=message.mic, camera=message.camera)
            case Chat():
                self._room.say(self._member, message.text)
            case HostCommand():
                self._command(self._member, message)
            case _:
                await self._plain(self._member, message.type)

    async def _plain(self, member: Member, kind: str) -> None:
        if kind == "leave":
            self._room.leave(member)
        else:
            self._room.consent(member)

    async def _connect(self, member: Member, sdp: str) -> None:
        if self._media is None:
            self._media = await self._stack.enter_async_context(
                PageMedia(self._room, self._studio, member)
            )
            self.send({"type": "answer", "sdp": await self._media.answer(sdp)})

    def _relay(self, member: Member, message: Signal) -> None:
        for other in self._room.present():
            if other.id == message.to and other.page:
                other.page.send({"type": "signal", "from": member.id, "data": message.data})

    def _command(self, member: Member, message: HostCommand) -> None:
        if member.kind is not Kind.HOST or member.status is not Status.IN_CALL:
            return
        fields = {} if message.do == "end" else {"who": message.id}
        try:
            self._director.carry_out(parse_command(message.do, fields), member.name)
        except CommandRefusedError as error:
            log.warning("host_command_refused", do=error.do, reason=error.reason)

    async def _write(self) -> None:
        try:
            while not self._socket.closed:
                await self._socket.send_json(await self._outbox.get())
        except ConnectionError:
            log.debug("page_gone")
        finally:
            await self._socket.close()

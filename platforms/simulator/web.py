"""HTTP and WebSocket handlers: the client's pages, the host console, the live interface.

Only loopback names are answered on the plain port, only the meeting's on the TLS port; whatever
changes the meeting must be same-origin JSON, so that no page elsewhere can press its buttons.
"""

import asyncio
import json
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError

from platforms.simulator.commands import Join, parse_command
from platforms.simulator.director import Director
from platforms.simulator.errors import CommandRefusedError, ScenarioError
from platforms.simulator.link import PageLink
from platforms.simulator.looks import drawn
from platforms.simulator.media import Studio
from platforms.simulator.pageview import Html, NoAnswer, Redirect, Visit, page
from platforms.simulator.room import Room
from platforms.simulator.skins import HOSTS, skin_at, skin_of
from platforms.simulator.state import Info
from platforms.simulator.wire import INBOUND

LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "[::1]"))
_STATIC = {"js": "text/javascript", "css": "text/css"}

log = structlog.get_logger(__name__)


class Site:
    """Both web applications over one room. `info` is set once the ports are known."""

    def __init__(self, room: Room, director: Director, studio: Studio) -> None:
        self.info: Info | None = None
        self._room = room
        self._director = director
        self._studio = studio
        self._stopping = asyncio.Event()
        self._sockets: set[web.WebSocketResponse] = set()

    def public_app(self) -> web.Application:
        """What the browser finds under the real names."""
        app = web.Application(middlewares=[_only_hosts(HOSTS)])
        app.add_routes(self._shared_routes())
        return app

    def local_app(self, *, host_console: bool) -> web.Application:
        """What people find under http://localhost, and the live interface."""
        app = web.Application(middlewares=[_only_hosts(LOCAL_HOSTS)])
        app.add_routes(
            [
                *([web.get("/", self._console)] if host_console else []),
                web.get("/api/state", self._get_state),
                web.get("/api/info", self._get_info),
                web.post("/api/{do}", self._post_command),
                *self._shared_routes(),
            ]
        )
        return app

    async def stop(self) -> None:
        """Let go of every held request and socket."""
        self._stopping.set()
        for socket in tuple(self._sockets):
            await socket.close()

    def _shared_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_/static/{file}", self._static),
            web.get("/_/ws", self._socket),
            web.get("/_/hold", self._hold),
            web.get("/favicon.ico", self._no_icon),
            web.get("/{path:.*}", self._skin),
        ]

    # Pages

    async def _skin(self, request: web.Request) -> web.StreamResponse:
        scenario = self._room.scenario
        host = request.url.host or ""
        local = host not in HOSTS
        skin = skin_of(scenario.platform) if local else skin_at(host)
        visit = Visit(host, request.path, dict(request.query), local=local)
        await self._think(scenario.answers_after_s)
        match skin.answer(visit, scenario):
            case Redirect(url):
                raise web.HTTPFound(url)
            case NoAnswer():
                await self._stopping.wait()
                return web.Response(status=503)
            case Html() as found:
                return _html(found)

    async def _think(self, for_s: float) -> None:
        """Let that much time go by; none more once the simulator stops."""
        try:
            async with asyncio.timeout(for_s):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _console(self, _request: web.Request) -> web.StreamResponse:
        scenario = self._room.scenario
        return _html(page("console.html", path=skin_of(scenario.platform).path(scenario)))

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        folder = resources.files("platforms.simulator") / "pages"
        kind = _STATIC.get(name.rpartition(".")[2])
        if kind is None or name not in {f.name for f in folder.iterdir()}:
            raise web.HTTPNotFound
        text = drawn((folder / name).read_text("utf-8"), self._room.scenario)
        return web.Response(text=text, content_type=kind, headers={"Cache-Control": "no-store"})

    async def _no_icon(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    async def _hold(self, request: web.Request) -> web.StreamResponse:
        """Answer late: a page that asks synchronously hangs meanwhile, at no cost."""
        try:
            for_s = min(float(request.query["for_s"]), 3600.0)
        except (KeyError, ValueError):
            raise web.HTTPBadRequest from None
        await self._think(for_s)
        return web.Response(text="")

    # The live interface

    async def _get_state(self, _request: web.Request) -> web.StreamResponse:
        return _json(self._room.state().model_dump_json())

    async def _get_info(self, _request: web.Request) -> web.StreamResponse:
        if self.info is None:
            raise web.HTTPServiceUnavailable
        return _json(self.info.model_dump_json())

    async def _post_command(self, request: web.Request) -> web.StreamResponse:
        _require_same_origin(request)
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            fields = _json_object(await request.text())
            await self.command(request.match_info["do"], fields)
        except (ScenarioError, json.JSONDecodeError) as error:
            field = getattr(error, "field", "")
            return _json(json.dumps({"error": str(error), "field": field}), status=422)
        except CommandRefusedError as error:
            return _json(json.dumps({"error": str(error)}), status=409)
        return _json(self._room.state().model_dump_json())

    async def command(self, do: str, fields: dict[str, Any], by: str = "api") -> None:
        """Carry out a live command; `reset` starts the scenario again.

        Raises:
            ScenarioError: unknown command or field.
            CommandRefusedError: it does not fit the meeting as it is.
        """
        if do == "reset" and not fields:
            self._room.begin()
            return
        command = parse_command(do, fields)
        if isinstance(command, Join):
            await self._studio.prepare_next(command.picture)
        self._director.carry_out(command, by)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        _require_same_origin(request)
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=1 << 20)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async with PageLink(self._room, self._studio, self._director, socket) as link:
                async for message in socket:
                    if message.type is not WSMsgType.TEXT:
                        continue
                    try:
                        inbound = INBOUND.validate_json(message.data)
                    except ValidationError as error:
                        log.warning("page_message_refused", reason=error.errors()[0]["msg"])
                        continue
                    await link.receive(inbound)
        finally:
            self._sockets.discard(socket)
        return socket


def _json_object(text: str) -> dict[str, Any]:
    fields = json.loads(text or "{}")
    if not isinstance(fields, dict):
        raise ScenarioError("body", "", "must be a JSON object")
    return fields


def _only_hosts(hosts: frozenset[str]) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host.rpartition(":")[0] not in hosts and request.host not in hosts:
            raise web.HTTPMisdirectedRequest
        return await handler(request)

    return check


def _require_same_origin(request: web.Request) -> None:
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden


def _html(found: Html) -> web.Response:
    return web.Response(text=found.text, content_type="text/html", headers=found.headers)


def _json(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=text,
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )

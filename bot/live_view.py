"""Serves a bot's live stream, from whatever storage, to a player on this machine."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiohttp import web

from bot.errors import PreflightFailed
from media.errors import MediaError, ObjectMissing
from media.playlist import INIT_NAME, PLAYLIST_NAME
from media.types import Storage

HOST: Final = "127.0.0.1"
NAMES: Final = re.compile(rf"{re.escape(PLAYLIST_NAME)}|{re.escape(INIT_NAME)}|\d+\.m4s")
TYPES: Final = {"m3u8": "application/vnd.apple.mpegurl", "mp4": "video/mp4", "m4s": "video/mp4"}
READ_LIMIT_S: Final = 30.0

log = structlog.get_logger(__name__)


@asynccontextmanager
async def live_view(storage: Storage, bot_id: str, port: int = 0) -> AsyncIterator[str]:
    """Serve the stream while the block runs; the playlist's address.

    Only this machine is answered, and only who knows the address: its path is a secret made for
    this view, so that no other page or user here can look on. What is served is read from the
    storage at every request and kept nowhere. Raises `PreflightFailed` for a stream that is not
    there, a storage that does not answer, or a port that is taken.
    """
    prefix = f"{bot_id}/chunks/"
    await _must_be_there(storage, prefix, bot_id)
    path = secrets.token_urlsafe(16)
    app = web.Application()
    app.router.add_get(f"/{path}/{{name}}", _Chunks(storage, prefix).answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            raise PreflightFailed("show", f"port {port}: {error.strerror}") from error
        host, bound_port = runner.addresses[0][:2]
        yield f"http://{host}:{bound_port}/{path}/{PLAYLIST_NAME}"
    finally:
        await runner.cleanup()


async def _must_be_there(storage: Storage, prefix: str, bot_id: str) -> None:
    try:
        async with asyncio.timeout(READ_LIMIT_S):
            found = await asyncio.to_thread(storage.head, prefix + PLAYLIST_NAME)
    except (MediaError, TimeoutError) as error:
        raise PreflightFailed("storage", str(error) or "no answer in time") from error
    if found is None:
        problem = f"no live stream of {bot_id}: it has not begun to record, or its video is whole"
        raise PreflightFailed(storage.describe(), problem)


class _Chunks:
    """Answers with the objects of one stream and nothing else."""

    def __init__(self, storage: Storage, prefix: str) -> None:
        self._storage = storage
        self._prefix = prefix

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if not NAMES.fullmatch(name):
            raise web.HTTPNotFound
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                data = await asyncio.to_thread(self._storage.get, self._prefix + name)
        except ObjectMissing:
            raise web.HTTPNotFound from None
        except (MediaError, TimeoutError) as error:
            log.warning("chunk_not_read", name=name, problem=str(error) or "no answer in time")
            raise web.HTTPBadGateway from None
        headers = {
            # a player in a page (hls.js) may be anywhere: who knows the address may read
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": "no-store" if name == PLAYLIST_NAME else "max-age=3600",
        }
        return web.Response(body=data, content_type=TYPES[name.rpartition(".")[2]], headers=headers)

"""`meetbot show`: what a bot has stored, or its live stream, until Ctrl-C."""

import asyncio
import sys

from bot.afterlife import storage_of
from bot.end_reasons import EXIT_COMPLETED
from bot.errors import PreflightFailed
from bot.live_view import live_view
from bot.settings import Settings
from bot.signals import signals
from media.errors import MediaError
from media.types import Storage


async def show_live(settings: Settings, bot_id: str, port: int) -> int:
    """Serve the live stream to local players until a signal comes; returns the exit code."""
    with await storage_of(settings) as storage:
        async with signals(settings.grace_s) as received:
            async with live_view(storage, bot_id, port) as url:
                sys.stdout.write(f"{url}\n")
                sys.stdout.flush()
                await received.came.wait()
            received.disarm()
    return EXIT_COMPLETED


async def show_stored(settings: Settings, bot_id: str) -> int:
    """Print a line for each stored artifact: its size in bytes and where it can be read."""
    with await storage_of(settings) as storage:
        sys.stdout.write(await asyncio.to_thread(listing, storage, bot_id, settings.url_lifetime_s))
    return EXIT_COMPLETED


def listing(storage: Storage, bot_id: str, lifetime_s: int) -> str:
    """The lines. Raises `PreflightFailed` for a bot of which nothing is stored. Blocks."""
    try:
        found = storage.list(f"{bot_id}/")
        lines = [f"{each.size_bytes:>12} {storage.url(each.key, lifetime_s)}\n" for each in found]
    except MediaError as error:
        raise PreflightFailed("storage", str(error)) from error
    if not lines:
        raise PreflightFailed(storage.describe(), f"nothing is stored of {bot_id}")
    return "".join(lines)

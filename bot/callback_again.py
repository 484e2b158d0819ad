"""A bot's callback from what is stored: where none was made, or the first one did not arrive.

The secret is never written to disk: whoever wants the callback brings its configuration again.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping

import structlog

from bot.artifacts import REPORT
from bot.callback import call_back
from bot.contract import MAX_BODY_BYTES
from bot.errors import NoLastWordError
from bot.job import CallbackConfig, Job
from bot.report import CallbackReport
from bot.settings import Settings
from bot.strict_json import json_object
from bot.terminal import read_terminal
from media.errors import MediaError
from media.types import Storage

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/json"


async def call_back_again(
    bot_id: str,
    config: CallbackConfig,
    storage: Storage,
    settings: Settings,
    *,
    ssl_context: ssl.SSLContext | None = None,
) -> CallbackReport:
    """Send the bot's terminal event as its callback, and note in its report how that went.

    Raises `NoLastWordError` for a bot that has not ended, and StorageError.
    """
    mark = await read_terminal(storage, bot_id)
    body = None if mark is None else mark.body
    if body is None or not isinstance(body.get("data"), Mapping):
        raise NoLastWordError(bot_id)
    report = await call_back(config, body, storage, settings, ssl_context=ssl_context)
    log.info("callback_ended", dead_bot_id=bot_id, **report.model_dump())
    await asyncio.to_thread(_note, storage, f"{bot_id}/{REPORT}", report)
    return report


async def call_back_for_dead(job: Job, storage: Storage, settings: Settings) -> None:
    """The callback that a run which died owes `job`, unless its report says that it was made.

    Never raises for what storage or destination do: `meetbot callback` can make it later.
    """
    bot_id = str(job.bot_id)
    if not job.callback_enabled or job.callback_config is None:
        return
    try:
        if not await asyncio.to_thread(_was_delivered, storage, f"{bot_id}/{REPORT}"):
            await call_back_again(bot_id, job.callback_config, storage, settings)
    except (MediaError, NoLastWordError) as error:
        log.warning("callback_not_made", dead_bot_id=bot_id, problem=str(error))


def _was_delivered(storage: Storage, key: str) -> bool:
    callback = _read(storage, key).get("callback")
    return isinstance(callback, Mapping) and callback.get("delivered") is True


def _note(storage: Storage, key: str, report: CallbackReport) -> None:
    try:
        found = _read(storage, key)
        if found:
            noted = {**found, "callback": report.model_dump()}
            storage.put(key, json.dumps(noted, ensure_ascii=False, indent=1).encode(), CONTENT_TYPE)
    except MediaError as error:
        log.warning("callback_not_noted", problem=str(error))


def _read(storage: Storage, key: str) -> dict[str, object]:
    """The stored report; nothing where there is none that can be read."""
    info = storage.head(key)
    if info is None or info.size_bytes > MAX_BODY_BYTES:
        return {}
    return json_object(storage.get(key)) or {}

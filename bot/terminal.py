"""`terminal.json`: the mark in storage that a bot has spoken its last word.

It is created once, by whoever comes first. A run that finds it neither joins nor speaks again.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.contract import MAX_BODY_BYTES
from bot.strict_json import json_object
from media.types import Storage

CONTENT_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A mark that is there. The fields are None where it cannot be read: it counts all the same."""

    event: str | None
    run_id: str | None
    body: Mapping[str, object] | None


def terminal_key(bot_id: str) -> str:
    """Where the mark of a bot is, relative to the storage's root."""
    return f"{bot_id}/terminal.json"


async def read_terminal(storage: Storage, bot_id: str) -> Terminal | None:
    """The bot's mark, or None where there is none. Raises the storage's errors."""
    return await asyncio.to_thread(_read, storage, terminal_key(bot_id))


async def claim_terminal(storage: Storage, bot_id: str, body: Mapping[str, object]) -> bool:
    """Create the mark from the terminal event's body (its keys, not signed URLs).

    True when this run may speak: it made the mark, or an earlier try of its own did whose answer
    was lost (the `run_id` tells). False when another run has spoken. Raises the storage's errors.
    """
    return await asyncio.to_thread(_claim, storage, terminal_key(bot_id), body)


def _claim(storage: Storage, key: str, body: Mapping[str, object]) -> bool:
    data = json.dumps(body, ensure_ascii=False).encode()
    if storage.put_if_absent(key, data, CONTENT_TYPE):
        return True
    found = _read(storage, key)
    return found is not None and found.run_id is not None and found.run_id == body.get("run_id")


def _read(storage: Storage, key: str) -> Terminal | None:
    info = storage.head(key)
    if info is None:
        return None
    body = json_object(storage.get(key, 0, min(info.size_bytes, MAX_BODY_BYTES)))
    if body is None:
        return Terminal(None, None, None)
    return Terminal(_text(body.get("event")), _text(body.get("run_id")), body)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

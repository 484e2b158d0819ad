"""Marks that are owed: of last words said while the storage was down, kept until it can be marked.

Without its mark a bot that has ended looks, from elsewhere, like one that died in silence, and
`bot.recover` would say a second last word for it. The note is written before the word is said.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from bot.strict_json import json_object
from bot.terminal import claim_terminal
from media.errors import MediaError
from media.types import Storage

log = structlog.get_logger(__name__)

FOLDER: Final = "unmarked"


def owe_mark(spool_dir: Path, body: Mapping[str, Any]) -> None:
    """Keep the mark's body (keys, not signed URLs). Blocks. Raises OSError."""
    folder = spool_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{body['bot_id']}.json"
    half = path.with_suffix(".new")
    with half.open("w") as file:
        json.dump(body, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


async def pay_marks(spool_dir: Path, storage: Storage) -> None:
    """Mark what is owed, where nobody else has; what cannot be done stays for the next time."""
    for path in await asyncio.to_thread(_owed, spool_dir):
        body = await asyncio.to_thread(_read, path)
        try:
            if body is not None:
                ours = await claim_terminal(storage, str(body["bot_id"]), body)
                log.info("mark_paid", ended_bot_id=body["bot_id"], ours=ours)
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except (MediaError, OSError) as error:
            log.warning("mark_still_owed", ended_bot_id=path.stem, problem=str(error))


def _owed(spool_dir: Path) -> list[Path]:
    return sorted((spool_dir / FOLDER).glob("*.json"))


def _read(path: Path) -> dict[str, Any] | None:
    """What is to be stored, None for what is none."""
    try:
        found = json_object(path.read_bytes())
    except OSError:
        return None
    return found if found is not None and found.get("bot_id") == path.stem else None

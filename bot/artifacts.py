"""The names of everything a bot stores, and how the small ones are written."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

import structlog

from bot.logs import mask
from bot.patience import Patience, Step
from bot.report import ArtifactRow
from bot.rewrites import Rewrites
from media.errors import MediaError
from media.types import ObjectInfo, Storage
from platforms.types import FailureBundle

RowState = Literal["stored", "absent", "failed"]

log = structlog.get_logger(__name__)

VIDEO: Final = "video.mp4"
AUDIO: Final = "audio.mp3"
FLAC_AUDIO: Final = "audio.flac"
CHUNKS: Final = "chunks/"
SCREENSHOTS: Final = "screenshots/"
CHAT: Final = "chat_messages.json"
DIARIZATION: Final = "diarization.jsonl"
EVENTS: Final = "events.jsonl"
LOGS: Final = "logs.jsonl"
REPORT: Final = "report.json"
PREVIEW: Final = "preview.jpg"
PICTURE: Final = "report.png"
FAILURE: Final = "failure"

PUT_LIMIT_S: Final = 45.0

CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """One bot's place in a storage."""

    storage: Storage
    bot_id: str
    patience: Patience
    _rewrites: Rewrites = field(default_factory=Rewrites, repr=False, compare=False)

    @property
    def prefix(self) -> str:
        """The start of every key of this bot."""
        return f"{self.bot_id}/"

    def key(self, name: str) -> str:
        """The key of an artifact."""
        return self.prefix + name

    async def put(self, name: str, data: bytes, step: Step = Step.ARTIFACTS) -> ArtifactRow:
        """Store a small artifact. What cannot be stored is a row that says so, never raised.

        Of several puts of a name the last one stands, also where an earlier one, given up or made
        by somebody else, takes longer.
        """
        content_type = CONTENT_TYPES[Path(name).suffix]
        write = partial(self.storage.put, self.key(name), data, content_type)
        in_turn = self._rewrites.ask(name, write)
        try:
            async with self.patience.step(step, PUT_LIMIT_S):
                await asyncio.to_thread(in_turn)
        except (MediaError, OSError) as error:
            problem = str(error) or "the storage did not answer in time"
            return not_stored(name, problem)
        return ArtifactRow(name=name, key=self.key(name), size_bytes=len(data), state="stored")

    async def standing(self) -> Sequence[ObjectInfo]:
        """What of this bot is in the storage. Raises MediaError, or TimeoutError."""
        async with self.patience.step(Step.ARTIFACTS, PUT_LIMIT_S):
            return await asyncio.to_thread(self.storage.list, self.prefix)


def not_stored(name: str, problem: str) -> ArtifactRow:
    """The row of what was to be there; `problem` is logged, and masked in the row."""
    log.warning("artifact_not_stored", name=name, problem=problem)
    return ArtifactRow(name=name, key=None, size_bytes=None, state="failed", note=mask(problem))


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """One JSON object a line."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


async def store_bundle(
    shelf: Shelf, bundle: FailureBundle | None, events: Iterable[Mapping[str, object]]
) -> list[ArtifactRow]:
    """Store what a failure left to see, masked, below `failure/`; without a page, the events."""
    files = {"events.jsonl": mask(json_lines(events).decode()).encode()}
    if bundle is not None:
        files["evidence.json"] = json.dumps(dict(bundle.matches), indent=1).encode()
        files["console.txt"] = mask("\n".join(bundle.console)).encode()
        if bundle.html is not None:
            files["page.html"] = mask(bundle.html).encode()
        if bundle.screenshot_jpeg is not None:
            files["screenshot.jpg"] = bundle.screenshot_jpeg
    puts = [shelf.put(f"{FAILURE}/{name}", data) for name, data in files.items()]
    return list(await asyncio.gather(*puts))

"""The names of everything a bot stores, and how the small ones are written."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import structlog

from bot.logs import mask
from bot.report import ArtifactRow
from media.errors import MediaError
from media.types import Storage
from platforms.types import FailureBundle

RowState = Literal["stored", "absent", "failed"]

log = structlog.get_logger(__name__)

VIDEO: Final = "video.mp4"
AUDIO: Final = "audio.mp3"
DIARIZATION: Final = "diarization.jsonl"
EVENTS: Final = "events.jsonl"
LOGS: Final = "logs.jsonl"
REPORT: Final = "report.json"
PREVIEW: Final = "preview.jpg"
FAILURE: Final = "failure"

CONTENT_TYPES: Final[Mapping[str, str]] = {
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """One bot's place in a storage."""

    storage: Storage
    bot_id: str

    @property
    def prefix(self) -> str:
        """The start of every key of this bot."""
        return f"{self.bot_id}/"

    def key(self, name: str) -> str:
        """The key of an artifact."""
        return self.prefix + name

    async def put(self, name: str, data: bytes) -> ArtifactRow:
        """Store a small artifact. What cannot be stored is a row that says so, never raised."""
        content_type = CONTENT_TYPES[Path(name).suffix]
        try:
            await asyncio.to_thread(self.storage.put, self.key(name), data, content_type)
        except MediaError as error:
            log.warning("artifact_not_stored", name=name, problem=str(error))
            return self.row(name, "failed", note=str(error))
        return self.row(name, "stored", len(data))

    def row(
        self,
        name: str,
        state: RowState,
        size_bytes: int | None = None,
        note: str = "",
    ) -> ArtifactRow:
        """The report's row of an artifact."""
        key = self.key(name) if state == "stored" else None
        return ArtifactRow(name=name, key=key, size_bytes=size_bytes, state=state, note=note)


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """One JSON object a line."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()


async def store_bundle(
    shelf: Shelf, bundle: FailureBundle, events: Iterable[Mapping[str, object]]
) -> list[ArtifactRow]:
    """Store what a failure left to see, masked, below `failure/`."""
    files: dict[str, bytes] = {
        "evidence.json": json.dumps(dict(bundle.matches), indent=1).encode(),
        "console.txt": mask("\n".join(bundle.console)).encode(),
        "events.jsonl": mask(json_lines(events).decode()).encode(),
    }
    if bundle.html is not None:
        files["page.html"] = mask(bundle.html).encode()
    if bundle.screenshot_jpeg is not None:
        files["screenshot.jpg"] = bundle.screenshot_jpeg
    return [await shelf.put(f"{FAILURE}/{name}", data) for name, data in files.items()]

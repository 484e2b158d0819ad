"""Ends one run that died: finishes its recording, marks it, and writes the last word it owes.

Everything about it comes from its outbox, its place in the spool and the storage. Dying in the
middle of it is no harm: the next start does the rest.
"""

import asyncio
import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from bot.artifacts import (
    AUDIO,
    CHAT,
    CHUNKS,
    DIARIZATION,
    EVENTS,
    LOGS,
    PREVIEW,
    REPORT,
    SCREENSHOTS,
    VIDEO,
    Shelf,
    json_lines,
)
from bot.chat import chat_file
from bot.epitaph import Epitaph, last_status
from bot.notes import last_notes
from bot.outbox import Outbox
from bot.outcome import Outcome
from bot.patience import Patience
from bot.preview import contact_sheet_of
from bot.report import ArtifactRow
from bot.story import Story, chat_of, story_of
from bot.terminal import Terminal, claim_terminal, read_terminal
from bot.wire import same_id
from media.errors import LeaseError, StorageError
from media.recovery import Salvage, clear_spool, salvage
from media.types import Storage

log = structlog.get_logger(__name__)

DEADLINE_S: Final = 1_800.0
"""How long finishing one recording may take."""
CHUNKS_PLAY: Final = ", kept: init.mp4 and the chunks after it, joined, play"


@dataclass(frozen=True, slots=True)
class Remains:
    """What stands of the recording; `problem` says what kept it from being finished."""

    salvage: Salvage | None
    problem: str | None = None

    @property
    def duration_s(self) -> float:
        """Of what was recorded, 0 where nothing was."""
        return self.salvage.duration_s if self.salvage else 0.0


class DeadRun:
    """One dead run, its outbox open. `run_folder` is its place in the spool.

    `told` are the bodies of what it had said before, as far as the outbox does not have them.
    """

    def __init__(
        self,
        outbox: Outbox,
        storage: Storage,
        run_folder: Path,
        died: Outcome,
        told: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._outbox = outbox
        self._storage = storage
        self._folder = run_folder
        self._died = died
        self._told = told
        self._shelf = Shelf(storage, outbox.bot_id, Patience())

    async def end(self) -> None:
        """Finish, mark and speak, unless that was done.

        Raises StorageError, `OutboxError`, and `LeaseError` where another is at it.
        """
        if await asyncio.to_thread(lambda: self._outbox.terminal) is None:
            await self._end()
        await asyncio.to_thread(clear_spool, self._folder)

    async def _end(self) -> None:
        history = await self._history()
        story = story_of(history)
        mark = await read_terminal(self._storage, self._outbox.bot_id)
        if mark is None:
            body = await self._conclude(story, history)
            if await claim_terminal(self._storage, self._outbox.bot_id, body):
                await self._speak(story, body)
                return
        elif self._is_ours(mark) and mark.body is not None:
            await self._speak(story, mark.body)
            return
        log.error("another_run_has_spoken", dead_run_id=self._outbox.run_id)
        await asyncio.to_thread(self._outbox.end_unspoken)

    def _is_ours(self, mark: Terminal) -> bool:
        return mark.run_id is not None and same_id(mark.run_id, self._outbox.run_id)

    async def _conclude(self, story: Story, history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Finish the recording, store the small artifacts; the body of the last word."""
        remains = await self._salvage()
        died = self._died
        if remains.problem is not None:
            words = (died.detail, f"the recording is unfinished: {remains.problem}")
            died = dataclasses.replace(died, detail="; ".join(word for word in words if word))
        found = (self._folder, self._storage, self._shelf.prefix, remains.duration_s)
        stood, turns = await asyncio.to_thread(last_notes, *found)
        small = await self._store_small(story, history, turns if story.start_time else None)
        await self._store_preview(remains.salvage, turns or ())
        standing = {info.key: info.size_bytes for info in await self._shelf.standing()}
        rows = [*self._recording_rows(story, remains), *self._standing_rows(standing), *small]
        end = Epitaph(
            self._outbox.bot_id,
            self._outbox.run_id,
            story,
            died,
            remains.salvage,
            tuple(dict.fromkeys(turn["speaker"] for turn in turns or () if turn["speaker"])),
            self._screenshots(standing),
            stood,
        )
        report = end.report(rows).model_dump_json(indent=1).encode()
        rows.append(await self._shelf.put(REPORT, report))
        log.info("dead_run_concluded", dead_run_id=end.run_id, reason=died.reason.value)
        return {
            "event": "bot.failed",
            "bot_id": end.bot_id,
            "run_id": end.run_id,
            "data": end.data(rows).model_dump(mode="json"),
            "extra": story.extra,
        }

    async def _salvage(self) -> Remains:
        try:
            found = await asyncio.to_thread(
                salvage,
                self._storage,
                key_prefix=self._shelf.prefix,
                run_folder=self._folder,
                deadline_s=DEADLINE_S,
            )
        except (StorageError, LeaseError):
            raise
        except Exception as error:  # broken chunks: no later try would make more of them
            log.exception("salvage_failed", dead_run_id=self._outbox.run_id)
            return Remains(None, str(error) or type(error).__name__)
        return Remains(found)

    def _recording_rows(self, story: Story, remains: Remains) -> list[ArtifactRow]:
        found = remains.salvage
        lost = found is None and story.start_time is not None
        problem = remains.problem or ("no chunk of it was found" if lost else "")
        audio = Path(found.audio_key).name if found and found.audio_key else AUDIO
        sizes: dict[str, int | None] = {VIDEO: None, audio: None}
        if found is not None:
            sizes[VIDEO] = found.video_bytes if found.video_key else None
            sizes[audio] = found.audio_bytes if found.audio_key else None
        return [
            ArtifactRow(
                name=name,
                key=None if size_bytes is None else self._shelf.key(name),
                size_bytes=size_bytes,
                state="stored" if size_bytes is not None else "failed" if problem else "absent",
                note="" if size_bytes is not None else problem,
            )
            for name, size_bytes in sizes.items()
        ]

    def _standing_rows(self, found: Mapping[str, int]) -> list[ArtifactRow]:
        """The chunks, and what the run had come to make of its end before it died."""
        rows = [
            ArtifactRow(name=name, key=key, size_bytes=found[key], state="stored")
            for name in (DIARIZATION, PREVIEW, CHAT)
            if (key := self._shelf.key(name)) in found
        ]
        for name, note in ((SCREENSHOTS, ""), (CHUNKS, CHUNKS_PLAY)):
            prefix = self._shelf.key(name)
            sizes = [size_bytes for key, size_bytes in found.items() if key.startswith(prefix)]
            if sizes:
                row = ArtifactRow(
                    name=name,
                    key=prefix,
                    size_bytes=sum(sizes),
                    state="stored",
                    note=f"{len(sizes)} objects{note}",
                )
                rows.append(row)
        return rows

    def _screenshots(self, found: Mapping[str, int]) -> tuple[str, ...] | None:
        prefix = self._shelf.key(SCREENSHOTS)
        return tuple(sorted(key for key in found if key.startswith(prefix))) or None

    async def _store_small(
        self,
        story: Story,
        history: Sequence[Mapping[str, Any]],
        turns: Sequence[Mapping[str, Any]] | None,
    ) -> list[ArtifactRow]:
        rows = [await self._shelf.put(EVENTS, json_lines(history))]
        if turns is not None:
            await self._shelf.put(DIARIZATION, json_lines(turns))
        if said := chat_of(history, story.bot_name_shown):
            await self._shelf.put(CHAT, chat_file(said))
        path = self._folder / LOGS
        if await asyncio.to_thread(path.is_file):
            lines = await asyncio.to_thread(path.read_bytes)
            rows.append(await self._shelf.put(LOGS, lines))
        return rows

    async def _store_preview(
        self, found: Salvage | None, turns: Sequence[Mapping[str, Any]]
    ) -> None:
        """As the run itself would have; it is worth no failure."""
        if found is None or found.video_key is None:
            return

        def spoke_at(at_s: float) -> list[str]:
            said = (turn for turn in turns if turn["start_time"] <= at_s <= turn["end_time"])
            return list(dict.fromkeys(turn["speaker"] for turn in said))

        try:
            sheet = await asyncio.to_thread(
                contact_sheet_of, self._storage, found.video_key, spoke_at
            )
        except Exception:
            log.exception("preview_not_made", dead_run_id=self._outbox.run_id)
        else:
            await self._shelf.put(PREVIEW, sheet)

    async def _speak(self, story: Story, body: Mapping[str, Any]) -> None:
        """The last status, if it is missing, and the last word, as the mark has it."""
        event, data, extra = str(body["event"]), body["data"], story.extra
        if not story.has_ended:
            status = last_status(self._outbox.bot_id, story, event, data)
            said = status.model_dump(mode="json")
            await asyncio.to_thread(self._outbox.append, "bot.status_change", said, extra)
        await asyncio.to_thread(self._outbox.append, event, data, extra)
        await self._shelf.put(EVENTS, json_lines(await self._history()))

    async def _history(self) -> Sequence[Mapping[str, Any]]:
        return [*self._told, *await asyncio.to_thread(self._outbox.history)]

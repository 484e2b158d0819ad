"""The small artifacts of a run, stored at its end; what is drawn is given up before the rest."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from bot.artifacts import (
    CHAT,
    DIARIZATION,
    EVENTS,
    LOGS,
    PICTURE,
    PREVIEW,
    REPORT,
    json_lines,
    not_stored,
    store_bundle,
)
from bot.context import Context
from bot.outcome import Outcome
from bot.patience import Step
from bot.preview import contact_sheet
from bot.report import ArtifactRow, CallbackReport, Report
from bot.report_picture import report_picture
from bot.report_writer import sheet_of

log = structlog.get_logger(__name__)

BUNDLE_EVENTS: Final = 200
DRAW_LIMIT_S: Final = 60.0
READ_LIMIT_S: Final = 30.0
WRITTEN_ON: Final = "goes on until the end"

Drawing = tuple[str, Callable[[], bytes]]


class Shelving:
    """Stores one run's small artifacts. Nothing here raises for what cannot be stored or drawn."""

    def __init__(self, context: Context, log_path: Path) -> None:
        self._context = context
        self._facts = context.facts
        self._shelf = context.shelf
        self._reporter = context.reporter
        self._log_path = log_path

    async def store(self, outcome: Outcome) -> list[ArtifactRow]:
        """All but the report, side by side: the drawings keep none of the others waiting."""
        roster = self._context.roster
        puts = [self._put_logs(Step.ARTIFACTS), self._put_events(Step.ARTIFACTS)]
        if self._facts.start_time is not None:
            turns = sorted(roster.turns, key=lambda turn: turn.start_s)
            puts.append(self._shelf.put(DIARIZATION, json_lines(t.as_line() for t in turns)))
            puts.append(self._shelf.put(CHAT, self._context.chat.as_json()))
        rows, drawn, bundle = await asyncio.gather(
            asyncio.gather(*puts), self._put_drawings(outcome), self._put_bundle(outcome)
        )
        return [*rows, *drawn, *bundle]

    async def store_report(self, report: Report, step: Step = Step.ARTIFACTS) -> ArtifactRow:
        """The report as it is now."""
        return await self._shelf.put(REPORT, report.model_dump_json(indent=1).encode(), step)

    async def store_again(self, report: Report, callback: CallbackReport | None) -> None:
        """Once more what has gone on since: nothing that was told depends on it."""
        puts = [self._put_logs(Step.DELIVERY), self._put_events(Step.DELIVERY)]
        if callback is not None:
            told = report.model_copy(update={"callback": callback})
            puts.append(self.store_report(told, Step.DELIVERY))
        await asyncio.gather(*puts)

    async def _put_events(self, step: Step) -> ArtifactRow:
        return written_on(await self._shelf.put(EVENTS, json_lines(self._reporter.events), step))

    async def _put_logs(self, step: Step) -> ArtifactRow:
        try:
            async with self._context.patience.step(step, READ_LIMIT_S):
                lines = await asyncio.to_thread(self._log_path.read_bytes)
        except OSError as error:
            return not_stored(LOGS, str(error) or "the disk did not answer in time")
        return written_on(await self._shelf.put(LOGS, lines, step))

    async def _put_bundle(self, outcome: Outcome) -> list[ArtifactRow]:
        if outcome.is_completed:
            return []
        events = self._without_chat()[-BUNDLE_EVENTS:]
        return await store_bundle(self._shelf, self._facts.bundle, events)

    def _without_chat(self) -> list[Mapping[str, Any]]:
        """What was said, but for what people wrote: a failure's bundle is handed on."""
        return [each for each in self._reporter.events if each["event"] != "bot.chat_message"]

    async def _put_drawings(self, outcome: Outcome) -> list[ArtifactRow]:
        return [await self._put_drawn(*drawing) for drawing in self._drawings(outcome)]

    def _drawings(self, outcome: Outcome) -> Iterator[Drawing]:
        thumbnails = self._facts.thumbnails
        if thumbnails is not None and (kept := thumbnails.kept()):
            yield PREVIEW, partial(contact_sheet, kept, self._context.roster.spoke_at)
        if (drawn := sheet_of(self._context, outcome)) is not None:
            yield PICTURE, partial(report_picture, drawn)

    async def _put_drawn(self, name: str, draw: Callable[[], bytes]) -> ArtifactRow:
        try:
            async with self._context.patience.step(Step.PICTURES, DRAW_LIMIT_S):
                picture = await asyncio.to_thread(draw)
        except TimeoutError:
            return not_stored(name, "not drawn: out of time")
        except Exception as error:  # a picture is no reason to say nothing
            log.exception("drawing_failed", name=name)
            return not_stored(name, f"not drawn: {type(error).__name__}")
        return await self._shelf.put(name, picture)


def written_on(row: ArtifactRow) -> ArtifactRow:
    """The row of an artifact that is stored now and again at the very end: its size will differ."""
    if row.state != "stored":
        return row
    return row.model_copy(update={"size_bytes": None, "note": WRITTEN_ON})

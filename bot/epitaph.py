"""What is said and reported of a run that died. Pure, but for the time of day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import bot
from bot.artifacts import AUDIO, CHAT, DIARIZATION, FLAC_AUDIO, REPORT, VIDEO
from bot.contract import SCHEMA_VERSION, Status
from bot.events import Billing, Evidence, FailedData, StatusChangeData, StatusData
from bot.outcome import Outcome
from bot.presentations import within
from bot.report import ArtifactRow, PresentationReport, Report
from bot.standing import Standing, gave_way
from bot.story import Story
from media.recovery import Salvage

NOT_MADE: Final = "the run died before it could send a callback"
NOT_KNOWN: Final = (
    "how the recording stood was noted nowhere that is left: gaps, and pictures left out when this "
    "machine was too slow, are not known"
)


@dataclass(frozen=True, slots=True)
class Epitaph:
    """How a dead run ended. `rows` below are what is stored of it, the report itself excepted.

    `standing` is the run's own last note of its recording; None: there is none.
    """

    bot_id: str
    run_id: str
    story: Story
    died: Outcome
    salvage: Salvage | None
    speakers: tuple[str, ...] = ()
    screenshots: tuple[str, ...] | None = None
    standing: Standing | None = None

    def data(self, rows: Sequence[ArtifactRow]) -> FailedData:
        """The terminal event's data, with keys."""
        keys = {row.name: row.key for row in rows}
        recorded_s = round(self.salvage.duration_s) if self.salvage else 0
        return FailedData(
            bot_id=UUID(self.bot_id),
            event_id=event_id_of(self.story),
            video=keys.get(VIDEO),
            audio=keys.get(AUDIO) or keys.get(FLAC_AUDIO),
            diarization=keys.get(DIARIZATION),
            chat_messages=keys.get(CHAT),
            screenshots=self.screenshots,
            report=keys.get(REPORT),
            participants=self.story.participants,
            speakers=self.speakers,
            duration_seconds=recorded_s if self.salvage else None,
            joined_at=self.story.joined_at,
            exited_at=self.exited_at,
            sent_at=datetime.now(UTC),
            billing=Billing(waiting_room_seconds=self.story.waited_s, recording_seconds=recorded_s),
            error_code=self.died.reason,
            error_message=self.died.error_message,
            retryable=self.died.retryable,
            evidence=Evidence(row=self.died.row, platform=self.story.platform),
        )

    def report(self, rows: Sequence[ArtifactRow]) -> Report:
        """The report: its sections are what the run had noted, up to where the recording ends."""
        story = self.story
        recorded_s = self.salvage.duration_s if self.salvage else 0.0
        stood = None if self.standing is None else self.standing.until(recorded_s)
        return Report(
            schema_version=SCHEMA_VERSION,
            version=bot.__version__,
            bot_id=self.bot_id,
            run_id=self.run_id,
            platform=story.platform or "",
            bot_name=story.bot_name_shown or "",
            bot_name_shown=story.bot_name_shown or "",
            end_reason=self.died.reason,
            end_row=self.died.row,
            end_detail=self.died.detail,
            platform_verdict=None,
            start_time=story.start_time,
            duration_seconds=round(recorded_s, 3) if self.salvage else None,
            pauses=list(stood.pauses) if stood else [],
            rejoins=list(stood.rejoins) if stood else [],
            joined_at=story.joined_at,
            exited_at=self.exited_at,
            participants=list(story.participants),
            speakers=list(self.speakers),
            presentations=[
                PresentationReport.of(each) for each in within(story.presentations, recorded_s)
            ],
            capture=stood.capture if stood else None,
            quality=stood.quality if stood else None,
            upload=None,
            cost=stood.cost if stood else None,
            callback=None,
            timings_seconds={},
            artifacts=list(rows),
            warnings=[NOT_MADE, *self._warnings(stood, recorded_s)],
        )

    def _warnings(self, stood: Standing | None, recorded_s: float) -> list[str]:
        if stood is not None:
            return [*stood.warnings, *gave_way(stood.quality.degraded, recorded_s)]
        return [] if self.story.start_time is None else [NOT_KNOWN]

    @property
    def exited_at(self) -> datetime | None:
        """The end of what was recorded: the last moment the bot is known to have been there."""
        if self.story.start_time is None or self.salvage is None:
            return None
        return self.story.start_time + timedelta(seconds=self.salvage.duration_s)


def last_status(bot_id: str, story: Story, event: str, data: Mapping[str, Any]) -> StatusChangeData:
    """The status before the last word."""
    ended = Status.COMPLETED if event == "bot.completed" else Status.FAILED
    return StatusChangeData(
        bot_id=UUID(bot_id),
        event_id=event_id_of(story),
        bot_name_shown=story.bot_name_shown,
        status=StatusData(
            code=ended, created_at=datetime.now(UTC), error_message=data.get("error_message")
        ),
    )


def event_id_of(story: Story) -> UUID | None:
    """The calendar event's id, as the wire has it."""
    return None if story.event_id is None else UUID(story.event_id)

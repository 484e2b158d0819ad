"""What follows a meeting: the recording is finished while the bot leaves. Nothing here raises."""

import asyncio
import time
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from bot.context import Context
from bot.contract import Status
from bot.outcome import Outcome, Phase, outcome_of_error
from bot.patience import Step
from bot.recording import Recording
from media.errors import LeaseError, MediaError, StorageError
from media.recovery import Salvage, salvage
from platforms.types import MeetingClient

log = structlog.get_logger(__name__)

LEAVE_TIMEOUT_S: Final = 15.0
FAREWELL_LIMIT_S: Final = 25.0
SAY_LIMIT_S: Final = 60.0
FINISH_DEADLINE_S: Final = 1_800.0
"""How long a storage that is down is waited for after the meeting."""


async def part(context: Context, client: MeetingClient, *, alive: bool) -> None:
    """Keep what a failure has to show, leave, say so. Without a living page only the last."""
    try:
        async with context.patience.step(Step.FAREWELL, FAREWELL_LIMIT_S):
            if alive and page_is_evidence(context.gate.outcome):
                context.facts.bundle = await client.bundle()
            if alive:
                await client.leave(LEAVE_TIMEOUT_S)
    except TimeoutError:
        log.warning("farewell_cut_short")
        context.facts.warnings.append("the farewell was cut short: out of time")
    except Exception:
        log.exception("farewell_failed")
    context.facts.exited_at = datetime.now(UTC)
    try:
        async with context.patience.step(Step.RECORDING, SAY_LIMIT_S):
            await context.reporter.advance(Status.CALL_ENDED)
    except Exception:
        log.exception("call_ended_not_said")


async def finish(context: Context, recording: Recording) -> None:
    """Store the recording, if it has begun, and look at it: `facts` say how it stands.

    What cannot be finished is made from its chunks, up to where they go.
    """
    facts = context.facts
    if recording.start_time is None:
        return
    began_s = time.monotonic()
    deadline_s = context.patience.left_s(Step.RECORDING, FINISH_DEADLINE_S)
    try:
        async with context.patience.step(Step.RECORDING, FINISH_DEADLINE_S):
            await recording.finish(deadline_s=deadline_s)
    except Exception as error:  # whatever it was, this recording is not a complete one
        late = isinstance(error, TimeoutError)
        problem = recording.out_of_time(time.monotonic() - began_s) if late else error
        log.exception("recording_unfinished", problem=str(problem))
        facts.unfinished = outcome_of_error(problem, Phase.OVER)
        facts.stood = recording.so_far()
        if recording.stored is None and not isinstance(problem, (StorageError, LeaseError)):
            facts.salvage = await _salvaged(context, recording)
    facts.summary, facts.upload = recording.summary, recording.stored
    facts.first_look = recording.first_look
    upload = recording.stats()[1]
    facts.upload_retries = upload.retries
    if upload.stalled_seconds:
        waited = f"{upload.stalled_seconds} s"
        facts.warnings.append(f"the local disk kept the encoder waiting: {waited}")
    facts.timings_s["finish_recording"] = time.monotonic() - began_s
    if facts.unfinished is None and not context.job.retention.keep_chunks:
        await _delete_chunks(context, recording)


async def _salvaged(context: Context, recording: Recording) -> Salvage | None:
    """What was made of the chunks of a recording that ended by itself: its disk is full, say."""
    deadline_s = context.patience.left_s(Step.RECORDING, FINISH_DEADLINE_S)
    make = partial(
        salvage,
        context.shelf.storage,
        key_prefix=context.shelf.prefix,
        run_folder=context.run_folder,
        deadline_s=deadline_s,
    )
    try:
        async with context.patience.step(Step.RECORDING, FINISH_DEADLINE_S):
            await recording.let_go()
            return await asyncio.to_thread(make)
    except Exception:  # then the chunks are the recording
        log.exception("recording_not_salvaged")
        return None


async def _delete_chunks(context: Context, recording: Recording) -> None:
    try:
        async with context.patience.step(Step.RECORDING, FINISH_DEADLINE_S):
            await recording.delete_chunks()
    except (MediaError, TimeoutError) as error:
        log.warning("chunks_not_deleted", problem=str(error))
        context.facts.warnings.append("the chunks could not be deleted")


def page_is_evidence(ended: Outcome | None) -> bool:
    """Whether the page has something to do with a failure: not where somebody told us to go."""
    if ended is None or ended.is_completed:
        return False
    return not ended.row.startswith(("command/", "signal/"))

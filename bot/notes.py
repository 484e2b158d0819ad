"""What a run keeps for whoever ends it after its death: in the spool, and beside its chunks.

Its log is in the spool as well (`bot.session`), and its chunks are until they are stored. What is
stored beside them is for a machine whose spool is lost with it.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import structlog
from pydantic import BaseModel

from bot.artifacts import CHUNKS, DIARIZATION, json_lines
from bot.people import Roster
from bot.pulse import renewed
from bot.standing import Standing
from bot.vitals import noting
from media.live import NOTES_NAME, Put
from media.types import Storage

TURNS_EVERY_S: Final = 5.0
STANDING_EVERY_S: Final = 1.0
"""Less than what a death takes of the end of a recording: what stands of it is in the note."""
STANDING: Final = "standing.json"
STORED_EVERY_S: Final = 30.0
"""A note that tells of no new loss is stored no more often."""

log = structlog.get_logger(__name__)


class Noted(BaseModel):
    """A run's notes as one object: how its recording stood, and who had spoken when."""

    standing: Standing
    turns: tuple[dict[str, Any], ...] = ()


@asynccontextmanager
async def kept_notes(
    run_folder: Path,
    roster: Roster,
    standing: Callable[[], Standing | None],
    *,
    turns_every_s: float = TURNS_EVERY_S,
    standing_every_s: float = STANDING_EVERY_S,
) -> AsyncIterator[None]:
    """Keep them inside the block; at its end they go: who gets there stores the real thing.

    `standing` is called in a thread; None: nothing is recorded.
    """

    def turns() -> str:
        return json_lines(turn.as_line() for turn in roster.turns_so_far).decode()

    def stands() -> str | None:
        found = standing()
        return None if found is None else found.model_dump_json()

    async with (
        noting(run_folder),
        renewed(run_folder / DIARIZATION, turns, turns_every_s),
        renewed(run_folder / STANDING, stands, standing_every_s),
    ):
        yield


class NotesBeside:
    """Stores both notes beside the chunks: `store` is a `media.live.Note`.

    A loss is stored before the chunk that has it. Never raises but what `put` does.
    """

    def __init__(self, roster: Roster, standing: Callable[[], Standing | None]) -> None:
        self._roster = roster
        self._standing = standing
        self._losses: tuple[object, ...] | None = None
        self._stored_at_s = 0.0

    def store(self, put: Put) -> None:
        """Store them where there is something new to say."""
        try:
            standing = self._standing()
        except Exception:  # no note is worth a chunk
            log.exception("standing_not_noted")
            return
        if standing is None or not self._due(standing):
            return
        turns = tuple(turn.as_line() for turn in self._roster.turns_so_far)
        put(Noted(standing=standing, turns=turns).model_dump_json().encode())
        self._losses, self._stored_at_s = standing.losses, time.monotonic()

    def _due(self, standing: Standing) -> bool:
        rested_s = time.monotonic() - self._stored_at_s
        return standing.losses != self._losses or rested_s >= STORED_EVERY_S


def last_notes(
    run_folder: Path, storage: Storage, key_prefix: str, until_s: float
) -> tuple[Standing | None, Sequence[Mapping[str, Any]] | None]:
    """How a dead run's recording stood, and its turns of speech up to `until_s`.

    From its folder, or else, where that is lost, from beside its chunks; None: nothing is known.
    Raises StorageError.
    """
    standing, turns = noted_standing(run_folder), noted_turns(run_folder, until_s)
    if standing is None and (beside := _notes_beside(storage, key_prefix)) is not None:
        standing = beside.standing
        turns = _cut(beside.turns, until_s) if turns is None else turns
    return standing, turns


def _notes_beside(storage: Storage, key_prefix: str) -> Noted | None:
    key = f"{key_prefix}{CHUNKS}{NOTES_NAME}"
    try:
        return Noted.model_validate_json(storage.get(key)) if storage.head(key) else None
    except ValueError:  # another version's
        return None


def noted_standing(run_folder: Path) -> Standing | None:
    """How a dead run's recording stood when that was last noted; None: nothing is known."""
    try:
        return Standing.model_validate_json((run_folder / STANDING).read_bytes())
    except (OSError, ValueError):  # as for the turns
        return None


def noted_turns(run_folder: Path, until_s: float) -> Sequence[Mapping[str, Any]] | None:
    """Lines of a dead run's diarization, as far as its recording goes; None: nothing is known."""
    try:
        lines = (run_folder / DIARIZATION).read_text(encoding="utf-8").splitlines()
        turns = [json.loads(line) for line in lines]
    except (OSError, ValueError):  # a machine that lost its power may leave half a file
        return None
    return _cut(turns, until_s)


def _cut(turns: Sequence[dict[str, Any]], until_s: float) -> Sequence[Mapping[str, Any]]:
    return [
        turn | {"end_time": min(turn["end_time"], round(until_s, 2))}
        for turn in turns
        if turn["start_time"] < until_s
    ]

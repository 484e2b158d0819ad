"""What a run keeps in its folder of the spool for whoever ends it after its death.

Its log is there as well (`bot.session`), and its chunks are until they are stored.
"""

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from bot.artifacts import DIARIZATION, json_lines
from bot.people import Roster
from bot.pulse import renewed
from bot.standing import Standing
from bot.vitals import noting

TURNS_EVERY_S: Final = 5.0
STANDING_EVERY_S: Final = 1.0
"""Less than what a death takes of the end of a recording: what stands of it is in the note."""
STANDING: Final = "standing.json"


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
    return [
        turn | {"end_time": min(turn["end_time"], round(until_s, 2))}
        for turn in turns
        if turn["start_time"] < until_s
    ]

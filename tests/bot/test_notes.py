"""What a run leaves to whoever ends it after its death."""

import asyncio
from pathlib import Path

from bot.notes import kept_notes, noted_turns
from bot.people import Roster
from platforms.types import Person
from tests.bot.test_pulse import wait_until


async def test_turns_are_noted_while_they_go_on(tmp_path: Path) -> None:
    """Who speaks is in the note before the turn is over; in good order nothing is left."""
    roster = Roster()
    async with kept_notes(tmp_path, roster, every_s=0.01):
        for at_s in (1.0, 1.5, 2.0):
            roster.look([Person("1", "Ada Łovelace", speaking=True)], at_s)
        await asyncio.to_thread(wait_until, lambda: noted_turns(tmp_path, 60.0))
        (turn,) = await asyncio.to_thread(noted_turns, tmp_path, 60.0) or ()
        (cut,) = await asyncio.to_thread(noted_turns, tmp_path, 1.7) or ()
    assert (turn["speaker"], turn["start_time"], turn["end_time"]) == ("Ada Łovelace", 1.0, 2.0)
    assert cut["end_time"] == 1.7
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


def test_a_run_that_died_at_once_noted_nothing(tmp_path: Path) -> None:
    """Neither a folder that is not there nor half a file has turns."""
    assert noted_turns(tmp_path / "gone", 60.0) is None
    (tmp_path / "diarization.jsonl").write_text('{"speaker": "A')
    assert noted_turns(tmp_path, 60.0) is None

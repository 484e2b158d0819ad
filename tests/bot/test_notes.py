"""What a run leaves to whoever ends it after its death."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.notes import STANDING, NotesBeside, kept_notes, noted_standing, noted_turns
from bot.people import Roster
from bot.standing import Standing
from platforms.types import Person
from tests.bot.test_pulse import wait_until
from tests.bot.test_standing import standing


async def test_turns_are_noted_while_they_go_on(tmp_path: Path) -> None:
    """Who speaks is in the note before the turn is over; in good order nothing is left."""
    roster = Roster()
    async with kept_notes(tmp_path, roster, lambda: None, turns_every_s=0.01):
        for at_s in (1.0, 1.5, 2.0):
            roster.look([Person("1", "Ada Łovelace", speaking=True)], at_s)
        await asyncio.to_thread(wait_until, lambda: noted_turns(tmp_path, 60.0))
        (turn,) = await asyncio.to_thread(noted_turns, tmp_path, 60.0) or ()
        (cut,) = await asyncio.to_thread(noted_turns, tmp_path, 1.7) or ()
    assert (turn["speaker"], turn["start_time"], turn["end_time"]) == ("Ada Łovelace", 1.0, 2.0)
    assert cut["end_time"] == 1.7
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_how_the_recording_stands_is_noted_once_there_is_one(tmp_path: Path) -> None:
    """Nothing before time 0; then the last word, whole, until the run ends in good order."""
    so_far: list[Standing | None] = [None, standing(1.0), standing(2.0)]

    def stands() -> Standing | None:
        return so_far.pop(0) if len(so_far) > 1 else so_far[0]

    async with kept_notes(tmp_path, Roster(), stands, standing_every_s=0.01):
        await asyncio.to_thread(wait_until, lambda: noted_standing(tmp_path) == standing(2.0))
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


def test_a_note_is_stored_when_something_was_lost() -> None:
    """The first time, and then with each new loss: not because time went on."""
    stored: list[bytes] = []
    so_far: list[Standing | None] = [None]
    notes = NotesBeside(Roster(), lambda: so_far[0])
    lost = standing(4.0)
    lost = lost.model_copy(
        update={"quality": lost.quality.model_copy(update={"frames_thinned": 14})}
    )
    for said in (None, standing(1.0), standing(2.0), lost, lost):
        so_far[0] = said
        notes.store(stored.append)
    known = [json.loads(note)["standing"]["quality"]["known_until_seconds"] for note in stored]
    assert known == [1.0, 4.0]
    so_far[0] = standing(5.0)
    with pytest.raises(OSError, match="no answer"):
        notes.store(failing)
    notes.store(stored.append)
    assert len(stored) == 3


def failing(data: bytes) -> None:
    """A storage that is away."""
    raise OSError(f"no answer for {len(data)} bytes")


def test_a_run_that_died_at_once_noted_nothing(tmp_path: Path) -> None:
    """Neither a folder that is not there nor half a file has turns, or tells of a recording."""
    assert noted_turns(tmp_path / "gone", 60.0) is None
    assert noted_standing(tmp_path / "gone") is None
    (tmp_path / "diarization.jsonl").write_text('{"speaker": "A')
    (tmp_path / STANDING).write_text('{"quality": {')
    assert noted_turns(tmp_path, 60.0) is None
    assert noted_standing(tmp_path) is None

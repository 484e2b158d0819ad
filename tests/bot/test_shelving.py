"""The small artifacts at a run's end; how they are told of is in tests/bot/test_conclusion.py."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import shelving
from bot.contract import EndReason
from bot.outcome import Outcome, outcome, outcome_of_sigterm
from bot.preview import Thumbnails
from bot.report import ArtifactRow
from bot.shelving import WRITTEN_ON, Shelving
from tests.bot.rig import Rig, rig
from tests.bot.test_conclusion import recorded
from tests.bot.test_preview import frame

LEFT = outcome(EndReason.API_REQUEST, "command/leave")
ALL_BUT_THE_PREVIEW = {"logs.jsonl", "events.jsonl", "diarization.jsonl", "chat_messages.json"}


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """What a drawing waits for until the test is over."""
    over = threading.Event()
    yield over
    over.set()


async def stored(parts: Rig, ended: Outcome) -> dict[str, ArtifactRow]:
    """The rows of a run that has recorded, and kept a picture for its preview."""
    await recorded(parts, 60.0)
    parts.context.facts.thumbnails = Thumbnails()
    parts.context.facts.thumbnails.take(frame(100), 0.0)
    rows = await Shelving(parts.context, parts.log_path).store(ended)
    return {row.name: row for row in rows}


async def test_all_of_a_run_that_has_recorded(tmp_path: Path) -> None:
    """Logs and events go on until the end, and their sizes are not told."""
    with rig(tmp_path) as parts:
        rows = await stored(parts, LEFT)
        names = {path.name for path in parts.folder.iterdir()}
    assert names == set(rows) == ALL_BUT_THE_PREVIEW | {"preview.jpg"}
    assert {row.state for row in rows.values()} == {"stored"}
    told = {name for name, row in rows.items() if row.note == WRITTEN_ON}
    assert told == {"logs.jsonl", "events.jsonl"}
    assert rows["events.jsonl"].size_bytes is None


async def test_a_drawing_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, never: threading.Event
) -> None:
    """By name, and alone: all else was stored without waiting for it."""

    def draws(*_: object) -> bytes:
        never.wait(60.0)
        return b""

    monkeypatch.setattr(shelving, "contact_sheet", draws)
    monkeypatch.setattr(shelving, "DRAW_LIMIT_S", 0.1)
    with rig(tmp_path) as parts:
        rows = await stored(parts, outcome_of_sigterm())
    never.set()  # the event loop's end waits for its threads
    assert (rows["preview.jpg"].state, rows["preview.jpg"].key) == ("failed", None)
    assert rows["preview.jpg"].note == "not drawn: out of time"
    assert {rows[name].state for name in ALL_BUT_THE_PREVIEW} == {"stored"}
    assert rows["failure/events.jsonl"].state == "stored"


async def test_a_drawing_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that cannot be drawn is no reason to say nothing."""

    def draws(*_: object) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(shelving, "contact_sheet", draws)
    with rig(tmp_path) as parts:
        rows = await stored(parts, LEFT)
    assert rows["preview.jpg"].note == "not drawn: ZeroDivisionError"
    assert {rows[name].state for name in ALL_BUT_THE_PREVIEW} == {"stored"}


async def test_a_log_that_is_gone_is_told(tmp_path: Path) -> None:
    """Nothing here raises."""
    with rig(tmp_path) as parts:
        await recorded(parts, 60.0)
        rows = await Shelving(parts.context, tmp_path / "nothing").store(LEFT)
    (row,) = [row for row in rows if row.name == "logs.jsonl"]
    assert row.state == "failed"

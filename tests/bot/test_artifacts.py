"""How small artifacts are stored."""

import asyncio
import json
import threading
from pathlib import Path

from bot.artifacts import EVENTS, PREVIEW, REPORT, Shelf, json_lines, store_bundle
from bot.logs import forget_secrets, register_secrets
from bot.patience import Patience
from media.storage_folder import FolderStorage
from platforms.types import FailureBundle


def shelf(root: Path) -> Shelf:
    """A bot's place in a real folder."""
    return Shelf(FolderStorage(root), "b-1", Patience())


async def test_put_stores_and_tells(tmp_path: Path) -> None:
    """The row names the key and the size of what lies there."""
    row = await shelf(tmp_path).put(REPORT, b"{}")
    assert (row.state, row.key, row.size_bytes) == ("stored", "b-1/report.json", 2)
    assert (tmp_path / "b-1" / "report.json").read_bytes() == b"{}"
    assert [item.key for item in await shelf(tmp_path).standing()] == ["b-1/report.json"]


class Slow(FolderStorage):
    """The first put takes until it is let go."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        if not self.begun.is_set():
            self.begun.set()
            assert self.go_on.wait(30.0)
        super().put(key, data, content_type)


async def test_what_was_put_last_stands(tmp_path: Path) -> None:
    """Events are stored while the bot runs and at its end: the last word is not overwritten."""
    storage = Slow(tmp_path)
    place = Shelf(storage, "b-1", Patience())
    running = asyncio.create_task(place.put(EVENTS, b"all but the last word"))
    assert await asyncio.to_thread(storage.begun.wait, 30.0)
    ending = asyncio.create_task(place.put(EVENTS, b"all"))
    await asyncio.wait({ending}, timeout=0.2)  # time enough to be overtaken
    storage.go_on.set()
    rows = await asyncio.gather(running, ending)
    assert [row.state for row in rows] == ["stored", "stored"]
    assert (tmp_path / "b-1" / EVENTS).read_bytes() == b"all"


async def test_what_cannot_be_stored_is_a_row(tmp_path: Path) -> None:
    """A storage that refuses is told in the row, without raising."""
    (tmp_path / "b-1").write_bytes(b"a file where a folder should be")
    row = await shelf(tmp_path).put(REPORT, b"{}")
    assert (row.state, row.key, row.size_bytes) == ("failed", None, None)
    assert row.note


async def test_no_time_is_told(tmp_path: Path) -> None:
    """When the grace period is over nothing more is waited for."""
    patience = Patience()
    patience.hurry(0.0)
    row = await Shelf(FolderStorage(tmp_path), "b-1", patience).put(PREVIEW, b"x")
    assert (row.state, row.note) == ("failed", "the storage did not answer in time")


def test_json_lines_keep_letters() -> None:
    """One object a line, names readable."""
    assert json_lines([{"speaker": "Žofie"}, {}]).decode() == '{"speaker": "Žofie"}\n{}\n'


async def test_bundle_is_masked(tmp_path: Path) -> None:
    """Everything of a failed page is stored, and no registered secret with it."""
    register_secrets(["PLANTED-SECRET"])
    bundle = FailureBundle(
        b"jpeg", "<p>PLANTED-SECRET</p>", ("log: PLANTED-SECRET",), {"leave": True}
    )
    try:
        rows = await store_bundle(shelf(tmp_path), bundle, [{"text": "PLANTED-SECRET"}])
    finally:
        forget_secrets()
    folder = tmp_path / "b-1" / "failure"
    names = {"events.jsonl", "evidence.json", "console.txt", "page.html", "screenshot.jpg"}
    assert {path.name for path in folder.iterdir()} == names
    assert {row.name for row in rows} == {f"failure/{name}" for name in names}
    assert json.loads((folder / "evidence.json").read_bytes()) == {"leave": True}
    assert not [path for path in folder.iterdir() if b"PLANTED" in path.read_bytes()]


async def test_bundle_without_a_page(tmp_path: Path) -> None:
    """Where no page was there to see, the events are kept all the same."""
    (row,) = await store_bundle(shelf(tmp_path), None, [{"event": "accepted"}])
    assert row.name == "failure/events.jsonl"

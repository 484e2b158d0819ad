"""Keys become URLs when an event is told."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.links import MAX_SCREENSHOT_BYTES, URL_FIELDS, present, presented
from bot.outbox import Envelope
from media.storage_folder import FolderStorage


def test_every_key_becomes_a_url(tmp_path: Path) -> None:
    """All link fields and screenshots; what is null stays null, all else as it was."""
    storage = FolderStorage(tmp_path)
    data: dict[str, Any] = {name: f"b/{name}" for name in URL_FIELDS}
    data |= {"audio": None, "screenshots": ["b/1.jpg"], "end_reason": "API_REQUEST"}
    shown = presented(storage, data, 60)
    assert shown["video"] == storage.url("b/video", 60)
    assert shown["audio"] is None
    assert shown["screenshots"] == [storage.url("b/1.jpg", 60)]
    assert shown["end_reason"] == "API_REQUEST"
    assert data["video"] == "b/video"


def test_expiry_is_told(tmp_path: Path) -> None:
    """`urls_expire_at` is the lifetime from now, as the wire writes times."""
    before = datetime.now(UTC)
    shown = presented(FolderStorage(tmp_path), {}, 3_600)
    expires = datetime.fromisoformat(shown["urls_expire_at"])
    assert 3_595 < (expires - before).total_seconds() < 3_660
    assert shown["urls_expire_at"].endswith("Z")


def test_a_link_that_cannot_be_made_is_null(tmp_path: Path) -> None:
    """A key that leads out of the storage gets no link, and the event is told all the same."""
    shown = presented(FolderStorage(tmp_path), {"video": "../x", "screenshots": ["../y"]}, 60)
    assert (shown["video"], shown["screenshots"]) == (None, [])


def test_screenshots_are_bounded(tmp_path: Path) -> None:
    """However many there are, the event still fits a frame."""
    keys = [f"b/screenshots/{number:06d}_{'x' * 200}.jpg" for number in range(10_000)]
    links = presented(FolderStorage(tmp_path), {"screenshots": keys}, 60)["screenshots"]
    assert 0 < sum(map(len, links)) <= MAX_SCREENSHOT_BYTES
    assert len(links) < len(keys)


def test_envelope_keeps_its_number(tmp_path: Path) -> None:
    """What is presented is the same event: only its links differ."""
    envelope = Envelope("bot.failed", "b", "r", 7, "t", {"video": "b/v"}, {"x": 1})
    shown = present(FolderStorage(tmp_path), envelope, 60)
    assert (shown.seq, shown.run_id, shown.extra) == (7, "r", {"x": 1})
    assert shown.data["video"].startswith("file://")

"""Marks of last words that were said while the storage was down: made as soon as it is back."""

import json
from pathlib import Path
from uuid import uuid4

from bot.terminal import claim_terminal, read_terminal
from bot.unmarked import FOLDER, owe_mark, pay_marks
from media.storage_folder import FolderStorage

BODY = {"event": "bot.completed", "run_id": "r", "data": {"video": "b/video.mp4"}, "extra": None}


def owed(spool: Path) -> list[str]:
    """The names of what is owed."""
    return [path.name for path in (spool / FOLDER).iterdir()]


async def test_a_mark_is_paid_once_the_storage_is_back(tmp_path: Path) -> None:
    """While it is down the note stays; then the mark is the last word's, and the note goes."""
    bot_id = str(uuid4())
    body = {**BODY, "bot_id": bot_id}
    owe_mark(tmp_path, body)
    root = tmp_path / "recordings"
    root.write_bytes(b"a file where the storage's folder should be")
    await pay_marks(tmp_path, FolderStorage(root))
    assert owed(tmp_path) == [f"{bot_id}.json"]
    root.unlink()
    await pay_marks(tmp_path, FolderStorage(root))
    mark = await read_terminal(FolderStorage(root), bot_id)
    assert mark is not None
    assert mark.body == body
    assert owed(tmp_path) == []


async def test_a_mark_of_another_stays(tmp_path: Path) -> None:
    """Whoever was first has said the last word; the debt is settled by it."""
    bot_id, storage = str(uuid4()), FolderStorage(tmp_path / "recordings")
    owe_mark(tmp_path, {**BODY, "bot_id": bot_id})
    await claim_terminal(storage, bot_id, {**BODY, "bot_id": bot_id, "run_id": "other"})
    await pay_marks(tmp_path, storage)
    mark = await read_terminal(storage, bot_id)
    assert mark is not None
    assert mark.run_id == "other"
    assert owed(tmp_path) == []


async def test_what_is_no_note_goes(tmp_path: Path) -> None:
    """Half a file, and one that names another bot, mark nothing."""
    folder, storage = tmp_path / FOLDER, FolderStorage(tmp_path / "recordings")
    folder.mkdir()
    (folder / "half.json").write_bytes(b'{"bot_id": "ha')
    (folder / "a.json").write_text(json.dumps({**BODY, "bot_id": "../b"}))
    await pay_marks(tmp_path, storage)
    assert owed(tmp_path) == []
    assert storage.folders() == []


async def test_nothing_is_owed(tmp_path: Path) -> None:
    """A spool without notes is no error, and none is made."""
    await pay_marks(tmp_path, FolderStorage(tmp_path / "recordings"))
    assert not (tmp_path / FOLDER).exists()

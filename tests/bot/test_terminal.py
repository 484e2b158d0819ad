import json
from pathlib import Path

import pytest

from bot.terminal import claim_terminal, read_terminal, terminal_key
from media.storage_folder import FolderStorage

BODY = {"event": "bot.completed", "bot_id": "b", "run_id": "r1", "seq": 9, "data": {"video": "b/v"}}


async def test_first_run_claims_and_every_later_one_sees_it(tmp_path: Path) -> None:
    """The mark is made once; another run is refused and reads who spoke."""
    with FolderStorage(tmp_path) as storage:
        assert await read_terminal(storage, "b") is None
        assert await claim_terminal(storage, "b", BODY)
        assert not await claim_terminal(storage, "b", {**BODY, "run_id": "r2"})
        terminal = await read_terminal(storage, "b")
        assert terminal is not None
        assert (terminal.event, terminal.run_id, terminal.body) == ("bot.completed", "r1", BODY)
        assert await read_terminal(storage, "other") is None
        assert json.loads((tmp_path / "b" / "terminal.json").read_bytes()) == BODY


async def test_own_claim_whose_answer_was_lost_is_still_ours(tmp_path: Path) -> None:
    """The same run claiming again may speak: its first try had succeeded."""
    with FolderStorage(tmp_path) as storage:
        assert await claim_terminal(storage, "b", BODY)
        assert await claim_terminal(storage, "b", BODY)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'{"event": 1, "run_id": null}'])
async def test_garbled_mark_counts(tmp_path: Path, content: bytes) -> None:
    """A mark nobody can read still says that the last word was spoken."""
    with FolderStorage(tmp_path) as storage:
        storage.put(terminal_key("b"), content, "application/json")
        terminal = await read_terminal(storage, "b")
        assert terminal is not None
        assert terminal.event is None
        assert not await claim_terminal(storage, "b", BODY)


@pytest.mark.s3
async def test_claim_on_a_real_s3_server(s3_storage: object) -> None:
    """`If-None-Match: *` holds where it matters: on S3."""
    storage: FolderStorage = s3_storage  # type: ignore[assignment]  # the Storage both are
    assert await claim_terminal(storage, "b", BODY)
    assert not await claim_terminal(storage, "b", {**BODY, "run_id": "r2"})

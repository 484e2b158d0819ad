"""What is checked before a job is taken."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import preflight
from bot.checks.types import Finding, ok
from bot.errors import JobRejected, PreflightFailed
from bot.job import parse_job
from bot.preflight import (
    ready_machine,
    ready_storage,
    refuse_if_ended,
    simulator_args,
)
from bot.settings import Settings
from media.storage import open_storage
from media.storage_folder import FolderStorage
from platforms.simulator.errors import SimulatorUnreachableError
from tests.bot.rig import URL


async def test_storage_is_proved(tmp_path: Path) -> None:
    """A folder that can be written is given back; nothing of the proof is left in it."""
    storage = await ready_storage(Settings(storage=str(tmp_path / "x")))
    assert storage.list("") == []


async def test_storage_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the folder's place."""
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(PreflightFailed) as caught:
        await ready_storage(Settings(storage=str(tmp_path / "x")))
    assert caught.value.part == "storage"


async def test_storage_that_does_not_answer_is_named_in_time() -> None:
    """An S3 server that is not there: said, well within fifteen seconds."""
    settings = Settings(storage="s3://bucket/x", s3_endpoint="http://127.0.0.1:1")
    with pytest.raises(PreflightFailed, match="storage: "):
        await ready_storage(settings)


async def test_machine(tmp_path: Path) -> None:
    """A fit machine passes, its spool is made; what fails is named in the words of the check."""
    browser = tmp_path / "browser"
    browser.write_bytes(b"")
    browser.chmod(0o700)
    await ready_machine(Settings(spool_dir=tmp_path / "a" / "b", browser=browser))
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PreflightFailed, match=r"spool: .*file/b: .*MEETBOT_SPOOL_DIR"):
        await ready_machine(Settings(spool_dir=tmp_path / "file" / "b", browser=browser))
    with pytest.raises(PreflightFailed, match=r"browser: .*none not found; apt-get install"):
        await ready_machine(Settings(browser=tmp_path / "none"))


async def test_what_is_unfit_but_works_is_logged(tmp_path: Path) -> None:
    """A check that only warns refuses nothing, and its words are in the log."""
    settings = Settings(spool_dir=tmp_path, browser=Path("/bin/true"), spool_max_bytes=1 << 60)
    with capture_logs() as logs:
        await ready_machine(settings)
    (entry,) = [entry for entry in logs if entry.get("check") == "spool"]
    assert (entry["event"], entry["log_level"]) == ("machine_unfit", "warning")
    assert "MEETBOT_SPOOL_MAX_BYTES" in entry["found"]


async def test_a_check_that_hangs_is_named_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that does not answer ends the preflight with the check's name, not the process."""
    os.mkfifo(tmp_path / "hung")

    def hung_disk(_: Settings) -> Finding:
        return ok("disk", (tmp_path / "hung").read_text())

    monkeypatch.setattr(preflight, "CHECKS", (hung_disk,))
    monkeypatch.setattr(preflight, "CHECK_DEADLINE_S", 0.05)
    with pytest.raises(PreflightFailed, match="hung disk: no answer"):
        await ready_machine(Settings())


async def test_a_storage_name_that_is_none(tmp_path: Path) -> None:
    """A bucket's name that no server takes is said, not a traceback."""
    with pytest.raises(PreflightFailed, match=r"storage: .*A_B"):
        await ready_storage(Settings(storage="s3://A_B/x"))


async def test_simulator() -> None:
    """No simulator, no flags; one that does not answer is named, one elsewhere refused."""
    assert await simulator_args(Settings()) == ()
    with pytest.raises(SimulatorUnreachableError, match=r"127\.0\.0\.1:1"):
        await simulator_args(Settings(simulator="http://127.0.0.1:1"))
    with pytest.raises(SimulatorUnreachableError, match="not an address of this machine"):
        await simulator_args(Settings(simulator="http://example.com:8080"))


async def test_a_bot_ends_once(tmp_path: Path) -> None:
    """Without a mark nothing happens; with one, even an unreadable one, the job is refused."""
    storage = FolderStorage(tmp_path)
    job = parse_job({"meeting_url": URL, "bot_name": "Notes"}, local_run=True)
    await refuse_if_ended(storage, job)
    key = f"{job.bot_id}/terminal.json"
    storage.put(key, b'{"event": "bot.failed"}', "application/json")
    with pytest.raises(JobRejected, match=r"bot_id: .*bot\.failed.*ALREADY_ENDED"):
        await refuse_if_ended(storage, job)
    storage.put(key, b"torn", "application/json")
    with pytest.raises(JobRejected, match="cannot be read"):
        await refuse_if_ended(storage, job)


async def test_a_bot_that_recorded_and_died_is_refused(tmp_path: Path) -> None:
    """A run before it left chunks and no last word: they are not written over."""
    storage = FolderStorage(tmp_path)
    job = parse_job({"meeting_url": URL, "bot_name": "Notes"}, local_run=True)
    storage.put(f"{job.bot_id}/chunks/init.mp4", b"header", "video/mp4")
    with pytest.raises(JobRejected, match=r"bot_id: .*recorded before.*ALREADY_ENDED"):
        await refuse_if_ended(storage, job)


async def test_a_mark_that_cannot_be_asked_for_is_named() -> None:
    """A storage that fails after its check is a failed preflight, not a traceback."""
    job = parse_job({"meeting_url": URL, "bot_name": "Notes"}, local_run=True)
    storage = open_storage(
        "s3://bucket/x",
        endpoint_url="http://127.0.0.1:1",
        region="us-east-1",
        access_key_id="a",
        secret_access_key="b",
    )
    with pytest.raises(PreflightFailed, match="storage: "):
        await refuse_if_ended(storage, job)

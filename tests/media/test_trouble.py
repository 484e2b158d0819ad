"""A recording while its storage is in trouble: it goes on, catches up, and nothing is lost.

The meeting passes as fast as it can be encoded; a real S3 server is reached through a proxy that
breaks it.
"""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media import uploader
from media.errors import SpoolFull, StorageError, UploadUnfinished
from media.fence import FencedStorage, Lease
from media.locations import S3Location
from media.recovery import salvage
from media.s3_client import S3Settings
from media.spool import UPLOADS, SpoolFile
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from media.types import Storage
from media.uploader import RecordingUpload, UploadResult
from tests.media.numbered import CODES, Numbered, codes_in, missing, numbers_in
from tests.media.outage import OutageStorage
from tests.media.stored import chunks_joined
from tests.servers.faulty_proxy import FaultyProxy, Trouble
from tests.servers.radosgw import RadosGateway

pytestmark = pytest.mark.timeout(240)

DEADLINE_S = 120.0
SPOOL_BYTES = 64 * 1024 * 1024
TROUBLES = (Trouble.REFUSED, Trouble.HANGING, Trouble.SLOW, Trouble.UNAVAILABLE)


def upload_to(storage: Storage, spool_dir: Path) -> RecordingUpload:
    """An upload with a bounded spool."""
    return RecordingUpload(
        storage, key_prefix="bot/", spool_dir=spool_dir, max_spool_bytes=SPOOL_BYTES
    )


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for another thread, with a deadline."""
    until_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.02)


def finish(upload: RecordingUpload, source: Numbered) -> UploadResult:
    """End a recording as the recorder does."""
    source.end()
    return upload.finish(DEADLINE_S)


def assert_nothing_lost(storage: Storage, source: Numbered) -> None:
    """Each picture and each piece of sound is in the file, the audio and the chunks."""
    for data in (storage.get("bot/video.mp4"), chunks_joined(storage)):
        assert missing(numbers_in(data), source.pictures) == []
        assert missing(codes_in(data), source.codes - 1, CODES) == []
    heard = codes_in(storage.get("bot/audio.mp3"))
    assert missing(heard, source.codes - 2, CODES) == []


def meet_in(trouble: Trouble, location: S3Location, settings: S3Settings, spool_dir: Path) -> None:
    """A recording in whose middle the way to the server, which `settings` name, is troubled."""
    with FaultyProxy(settings.endpoint_url or "") as proxy:
        through = dataclasses.replace(
            settings, endpoint_url=proxy.endpoint_url, read_timeout_s=2.0, attempts=1
        )
        with S3Storage(location, through) as bare:
            # as a bot reaches it: with a lease
            storage = FencedStorage(bare, Lease(bare, "bot/", "run 1"))
            source = record_through(trouble, proxy, storage, spool_dir)
    with S3Storage(location, settings) as patient:
        assert_nothing_lost(patient, source)
    assert list(spool_dir.iterdir()) == []


def record_through(
    trouble: Trouble, proxy: FaultyProxy, storage: Storage, spool_dir: Path
) -> Numbered:
    """The recording: what was fed to it, once it is stored."""
    with upload_to(storage, spool_dir) as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        source.record(6)
        wait_until(lambda: upload.stats().pending_bytes == 0)
        stored_bytes = upload.stats().uploaded_bytes
        with proxy.troubled(trouble):
            waiting_bytes: list[int] = []
            source.record(10, lambda: waiting_bytes.append(upload.stats().pending_bytes))
            assert max(waiting_bytes) > 0
            wait_until(proxy.hurt.is_set)
            if trouble is not Trouble.SLOW:
                wait_until(lambda: isinstance(upload.stats().problem, StorageError))
                assert upload.stats().uploaded_bytes == stored_bytes
                assert upload.stats().pending_bytes > 0  # a slow one may have caught up by now
            assert upload.stats().spool_bytes < SPOOL_BYTES
        source.record(4)
        result = finish(upload, source)
        assert upload.stats().problem is None
        assert result.video_key is not None
        return source


@pytest.mark.s3
def test_trouble_in_mid_meeting(
    s3_location: S3Location, s3_settings: S3Settings, tmp_path: Path
) -> None:
    """The recording goes on, its spool bounded, the trouble named; afterwards all is stored.

    One recording for each trouble, side by side: what they do most is wait.
    """
    with ThreadPoolExecutor(len(TROUBLES)) as pool:
        meetings = {
            trouble: pool.submit(
                meet_in,
                trouble,
                S3Location(s3_location.bucket, trouble.value),
                s3_settings,
                tmp_path / trouble.value,
            )
            for trouble in TROUBLES
        }
    problems = {trouble: meeting.exception() for trouble, meeting in meetings.items()}
    assert problems == dict.fromkeys(TROUBLES)


@pytest.mark.s3
def test_a_clock_that_is_wrong_for_a_while(
    s3_storage: S3Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signatures of another hour are refused, and named; once the clock is right all is stored."""

    def an_hour_ahead() -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    with upload_to(s3_storage, tmp_path) as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        with monkeypatch.context() as wrong:
            wrong.setattr("botocore.auth.get_current_datetime", an_hour_ahead)
            source.record(6)
            wait_until(lambda: upload.stats().problem is not None)
            assert "set this machine's clock" in str(upload.stats().problem)
        wait_until(lambda: upload.stats().problem is None)
        finish(upload, source)
    assert_nothing_lost(s3_storage, source)


@pytest.mark.s3
def test_keys_that_end_and_are_renewed_in_their_file(
    s3_server: RadosGateway,
    s3_location: S3Location,
    s3_settings: S3Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A credentials file that is written anew in mid-meeting is read again, and all is stored."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))

    def write(key: str) -> None:
        s3_server.add_key(key, "a-secret")
        file.write_text(f"[default]\naws_access_key_id={key}\naws_secret_access_key=a-secret\n")

    write("firstkey")
    settings = S3Settings(endpoint_url=s3_settings.endpoint_url)
    with (
        S3Storage(s3_location, settings) as storage,
        upload_to(storage, tmp_path / "spool") as upload,
    ):
        source = Numbered(upload.video_sink, upload.audio_sink)
        source.record(6)
        wait_until(lambda: upload.stats().pending_bytes == 0)
        s3_server.remove_key("firstkey")
        source.record(6)
        wait_until(lambda: upload.stats().problem is not None)
        assert "InvalidAccessKeyId" in str(upload.stats().problem)
        write("secondkey")
        wait_until(lambda: upload.stats().problem is None and not upload.stats().pending_bytes)
        source.record(4)
        finish(upload, source)
        assert_nothing_lost(storage, source)


class Disk:
    """A disk of the spool that is full, or stands still, for a while."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        self.answers = threading.Event()
        self.answers.set()
        write = SpoolFile._write

        def limited(file: SpoolFile, offset: int, data: bytes) -> None:
            assert self.answers.wait(DEADLINE_S)
            if self.full:
                raise OSError(28, "No space left on device")
            write(file, offset, data)

        monkeypatch.setattr(SpoolFile, "_write", limited)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """A disk that answers in the end."""
    disk = Disk(monkeypatch)
    yield disk
    disk.answers.set()


def test_a_full_disk_is_named_and_what_was_cut_is_stored(tmp_path: Path, disk: Disk) -> None:
    """The recording ends as one whose spool is full; up to there its chunks play, and are a file.

    What waited in the spool beside them makes room for that.
    """
    storage = FolderStorage(tmp_path / "out")
    with upload_to(storage, tmp_path / "spool") as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        source.record(12)
        disk.full = True
        with pytest.raises(SpoolFull):
            source.record(10)
        assert isinstance(upload.stats().problem, SpoolFull)
        disk.full = False
        with pytest.raises(SpoolFull):
            upload.finish(DEADLINE_S)
        source.abandon()
    found = numbers_in(chunks_joined(storage))
    assert missing(found, len(found)) == []
    assert len(found) >= 100
    assert list((tmp_path / "spool").glob(f"{UPLOADS}*/*"))
    saved = salvage(
        storage, key_prefix="bot/", run_folder=tmp_path / "spool", deadline_s=DEADLINE_S
    )
    assert saved is not None
    assert saved.names == ("video.mp4", "audio.mp3")
    assert numbers_in(storage.get("bot/video.mp4")) == found
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_disk_that_stands_still_holds_up_no_picture(tmp_path: Path, disk: Disk) -> None:
    """All is encoded while it does not answer, and is in the files when it has answered."""
    storage = FolderStorage(tmp_path / "out")
    with upload_to(storage, tmp_path / "spool") as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        source.record(4)
        disk.answers.clear()
        encoding = threading.Thread(target=source.record, args=(8,), daemon=True)
        encoding.start()
        encoding.join(DEADLINE_S / 2)
        assert not encoding.is_alive()
        assert upload.stats().pending_bytes > 0
        disk.answers.set()
        finish(upload, source)
        assert upload.stats().stalled_seconds == 0
    assert_nothing_lost(storage, source)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_disk_that_never_answers_again_is_not_waited_for(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end names it, and leaves what hangs alone."""
    monkeypatch.setattr(uploader, "LAST_CHUNKS_S", 0.1)
    with upload_to(FolderStorage(tmp_path / "out"), tmp_path / "spool") as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        disk.answers.clear()
        source.record(4)
        source.end()
        with pytest.raises(UploadUnfinished, match="the disk is slow"):
            upload.finish(0.1)
    assert list((tmp_path / "spool").iterdir())
    disk.answers.set()
    upload.abort()


def test_a_long_outage_fills_no_more_than_the_spool(tmp_path: Path) -> None:
    """A storage that stays away: named before the spool is full, and ended then all is kept."""
    down = OutageStorage(FolderStorage(tmp_path / "out"))
    down.down = True
    with RecordingUpload(
        down, key_prefix="bot/", spool_dir=tmp_path / "spool", max_spool_bytes=1_500_000
    ) as upload:
        source = Numbered(upload.video_sink, upload.audio_sink)
        while not isinstance(upload.stats().problem, SpoolFull):
            source.record(1)
        assert upload.stats().spool_bytes <= 1_500_000
        down.down = False
        finish(upload, source)
    assert source.recorded_s > 15
    assert_nothing_lost(down, source)

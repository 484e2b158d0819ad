"""Whole recordings, by the real muxer, into a folder and a real S3 server."""

import dataclasses
import io
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from media.errors import SpoolFull, StorageError, UploadUnfinished
from media.locations import PART_BYTES, S3Location
from media.s3_client import S3Settings
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from media.types import Storage
from media.uploader import RecordingUpload, UploadResult
from tests.media.outage import OutageStorage
from tests.media.stored import chunks_joined
from tests.media.synthetic import Recording
from tests.servers.radosgw import RadosGateway

# Encoding is what takes the time, and machines differ.
pytestmark = pytest.mark.timeout(300)

DEADLINE_S = 120.0
AnyStorage = FolderStorage | S3Storage


@pytest.fixture(
    params=[
        "folder",
        pytest.param("s3", marks=pytest.mark.s3),
    ]
)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AnyStorage]:
    """An empty storage of each kind."""
    if request.param == "folder":
        with FolderStorage(tmp_path / "out") as folder:
            yield folder
    else:
        s3: S3Storage = request.getfixturevalue("s3_storage")
        yield s3


def upload_to(storage: Storage, tmp_path: Path, max_spool_bytes: int = 1 << 30) -> RecordingUpload:
    """An upload of a bot named 'bot'."""
    return RecordingUpload(
        storage,
        key_prefix="bot/",
        spool_dir=tmp_path / "spool",
        max_spool_bytes=max_spool_bytes,
    )


def close(upload: RecordingUpload, recording: Recording) -> UploadResult:
    """End a recording as the recorder does."""
    recording.flush()
    upload.video_sink.closing()
    recording.close_container()
    upload.video_sink.sealed()
    return upload.finish(DEADLINE_S)


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for another thread, with a deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def decoded_pictures(data: bytes) -> int:
    """How many pictures the file plays."""
    with av.open(io.BytesIO(data), "r") as container:
        return len(list(container.decode(video=0)))


def test_a_short_recording_is_stored_whole(storage: AnyStorage, tmp_path: Path) -> None:
    """The stored file plays every picture and has its index; chunks play the same; audio stands."""
    local = io.BytesIO()
    reference = Recording(local)
    reference.record(5)
    reference.close()
    with upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink)
        recording.record(5)
        upload.audio_sink.write(b"mp3" * 1000)
        result = close(upload, recording)
    assert (result.video_key, result.audio_key) == ("bot/video.mp4", "bot/audio.mp3")
    assert storage.get("bot/video.mp4") == local.getvalue()
    assert storage.get("bot/audio.mp3") == b"mp3" * 1000
    assert (result.video_bytes, result.audio_bytes) == (len(local.getvalue()), 3000)
    assert decoded_pictures(chunks_joined(storage)) == 75
    assert result.chunks == 3
    assert list((tmp_path / "spool").iterdir()) == []
    upload.delete_chunks()
    assert [info.key for info in storage.list("")] == ["bot/audio.mp3", "bot/video.mp4"]


def test_a_large_recording_leaves_in_parts(storage: AnyStorage, tmp_path: Path) -> None:
    """Several parts, part 1 patched at the end: byte for byte what the muxer would have made."""
    local = io.BytesIO()
    reference = Recording(local, noise=True)
    reference.record(20)
    reference.close()
    with upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink, noise=True)
        recording.record(20)
        result = close(upload, recording)
    assert result.parts == -(-len(local.getvalue()) // PART_BYTES) >= 3
    assert storage.get("bot/video.mp4") == local.getvalue()
    assert result.audio_key is None


def test_nothing_written_leaves_nothing(storage: AnyStorage, tmp_path: Path) -> None:
    """A recording that never began has no objects and no uploads."""
    with upload_to(storage, tmp_path) as upload:
        result = upload.finish(DEADLINE_S)
    assert (result.video_key, result.audio_key, result.chunks) == (None, None, 0)
    assert storage.list("") == []
    assert storage.abort_uploads("") == 0


def test_leaving_before_anything_was_written_leaves_no_folder(tmp_path: Path) -> None:
    """A recording that never began leaves no spool behind, even without `finish`."""
    with upload_to(FolderStorage(tmp_path / "out"), tmp_path):
        pass
    assert list((tmp_path / "spool").iterdir()) == []


def test_abort_forgets_everything(storage: AnyStorage, tmp_path: Path) -> None:
    """An aborted recording leaves neither objects nor uploads nor spool."""
    with upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink, noise=True)
        recording.record(10)
        wait_until(lambda: upload.stats().pending_bytes == 0)
        upload.abort()
    recording_ends_unheard(recording, upload)
    assert storage.list("") == []
    assert storage.abort_uploads("") == 0
    assert list((tmp_path / "spool").iterdir()) == []


def recording_ends_unheard(recording: Recording, upload: RecordingUpload) -> None:
    """Free the muxer without sending what it writes."""
    upload.video_sink.closing()
    recording.close_container()


def test_an_exception_leaves_what_recovery_needs(storage: AnyStorage, tmp_path: Path) -> None:
    """Leaving by an exception, the chunks are stored and the upload is not aborted."""
    recordings = []

    def record_and_fail() -> None:
        with upload_to(storage, tmp_path) as upload:
            recordings.append((Recording(upload.video_sink, noise=True), upload))
            recordings[0][0].record(11)
            wait_until(lambda: upload.stats().pending_bytes == 0)
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        record_and_fail()
    recording_ends_unheard(*recordings[0])
    assert decoded_pictures(chunks_joined(storage)) == 150
    assert storage.head("bot/video.mp4") is None
    assert storage.abort_uploads("bot/") == 1


def test_the_live_stream_can_stand_alone(tmp_path: Path) -> None:
    """Without a video name the chunks are stored, and no video."""
    storage = FolderStorage(tmp_path / "out")
    spool_dir = tmp_path / "spool"
    with RecordingUpload(
        storage, key_prefix="bot/", spool_dir=spool_dir, video_name=None, audio_name="audio.flac"
    ) as upload:
        recording = Recording(upload.video_sink)
        recording.record(3)
        upload.audio_sink.write(b"fLaC....")
        upload.audio_sink.closing()
        upload.audio_sink.seek(4)
        upload.audio_sink.write(b"size")
        upload.audio_sink.sealed()
        result = close(upload, recording)
    assert (result.video_key, result.video_bytes, result.chunks) == (None, 0, 2)
    assert storage.get("bot/audio.flac") == b"fLaCsize"
    assert decoded_pictures(chunks_joined(storage)) == 45


def test_what_leaves_after_the_meeting_does_not_grow_with_it(tmp_path: Path) -> None:
    """Four times the recording, the same bytes after leaving, up to its index and open part."""
    after, indexes = [], []
    for seconds in (10, 40):
        storage = FolderStorage(tmp_path / f"out{seconds}")
        with upload_to(storage, tmp_path) as upload:
            recording = Recording(upload.video_sink, noise=True)
            recording.record(seconds)
            wait_until(lambda: upload.stats().pending_bytes == 0)
            result = close(upload, recording)
            indexes.append(len(upload.video_sink.tail))
        after.append(result.bytes_after_leaving)
        assert result.video_bytes > seconds * 800_000
    # Once part 1, the rest of the open part, the tail, and the tail's fragments as chunks.
    bounds = [2 * PART_BYTES + 2 * index for index in indexes]
    assert all(sent <= bound for sent, bound in zip(after, bounds, strict=True))


@pytest.mark.parametrize(("fps", "moving"), [(15, True), (1, False)])
def test_bytes_leave_within_the_bound_of_loss(tmp_path: Path, fps: int, moving: bool) -> None:
    """On a moving and on a still page, media older than 4 s is always in a stored chunk."""
    storage = FolderStorage(tmp_path / "out")
    worst_s = 0.0
    with upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink, fps=fps, moving=moving)

        def look() -> None:
            nonlocal worst_s
            wait_until(lambda: upload.stats().pending_bytes == 0)
            worst_s = max(worst_s, recording.time_s - upload.stored_s)

        recording.record(21, look)
        close(upload, recording)
    assert 0 < worst_s <= 4.0


KILLED = """
    import sys, time
    from pathlib import Path
    from media.storage_folder import FolderStorage
    from media.uploader import RecordingUpload
    from tests.media.synthetic import Recording
    out, spool = Path(sys.argv[1]), Path(sys.argv[2])
    upload = RecordingUpload(FolderStorage(out), key_prefix="bot/", spool_dir=spool)
    recording = Recording(upload.video_sink, fps=1, moving=False)
    recording.record(20)
    while upload.stats().pending_bytes:
        time.sleep(0.01)
    print("recorded", flush=True)
    time.sleep(60)
"""


def test_a_killed_process_loses_at_most_4_s_of_a_still_page(tmp_path: Path) -> None:
    """After SIGKILL at 20 s of a page that never changes, the stored chunks play at least 16 s."""
    command = (sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path / "out"))
    with subprocess.Popen(
        (*command, str(tmp_path / "spool")), stdout=subprocess.PIPE, cwd=Path.cwd()
    ) as process:
        assert process.stdout is not None
        assert b"recorded\n" in process.stdout  # after lines of log
        process.kill()
    assert decoded_pictures(chunks_joined(FolderStorage(tmp_path / "out"))) >= 16


def test_an_outage_is_survived_and_told(tmp_path: Path) -> None:
    """While the storage is down recording goes on and stats say why; afterwards all is stored."""
    storage = OutageStorage(FolderStorage(tmp_path / "out"))
    with upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink)
        recording.record(3)
        storage.down = True
        recording.record(4)
        wait_until(lambda: upload.stats().problem is not None)
        stats = upload.stats()
        assert isinstance(stats.problem, StorageError)
        assert stats.pending_bytes > 0
        assert stats.spool_bytes > 0
        assert stats.written_bytes > stats.uploaded_bytes
        wait_until(lambda: upload.stats().lag_seconds > 0)
        storage.down = False
        result = close(upload, recording)
    assert upload.stats().retries > 0
    assert upload.stats().problem is None
    assert result.chunks == 4
    assert decoded_pictures(storage.get("bot/video.mp4")) == 7 * 15


def test_an_outage_past_the_deadline_is_named(tmp_path: Path) -> None:
    """When the storage does not come back in time, finish says how much waits, and where."""
    storage = OutageStorage(FolderStorage(tmp_path / "out"))
    with upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink)
        recording.record(3)
        storage.down = True
        recording.flush()
        upload.video_sink.closing()
        recording.close_container()
        upload.video_sink.sealed()
        with pytest.raises(UploadUnfinished, match="outage"):
            upload.finish(0.5)
        storage.down = False
    assert list((tmp_path / "spool").iterdir())


def test_a_full_spool_is_announced_then_refused_and_never_a_hole(tmp_path: Path) -> None:
    """First stats say it is nearly full; then writes are refused, and stay refused."""
    storage = OutageStorage(FolderStorage(tmp_path / "out"))
    storage.down = True
    with upload_to(storage, tmp_path, max_spool_bytes=400_000) as upload:
        recording = Recording(upload.video_sink)

        def announced() -> bool:
            return isinstance(upload.stats().problem, SpoolFull)

        while not announced():
            recording.record(1 / 15)
            assert upload._writes.drain(time.monotonic() + DEADLINE_S)
        assert upload.stats().spool_bytes <= 400_000
        with pytest.raises(SpoolFull):
            recording.record(60)
        written = upload.video_sink.size_bytes
        with pytest.raises(SpoolFull):
            upload.audio_sink.write(b"x")
        assert upload.stats().spool_bytes <= 400_000
        storage.down = False
        with pytest.raises(SpoolFull):
            upload.finish(DEADLINE_S)
    upload.video_sink.closing()
    with pytest.raises(av.error.PyAVCallbackError):
        recording.close_container()
    stored = chunks_joined(storage)
    assert 0 < len(stored) <= written
    assert decoded_pictures(stored) > 0


def test_ending_when_the_spool_is_nearly_full_keeps_the_whole_recording(tmp_path: Path) -> None:
    """A recorder that heeds the announcement ends in good order: nothing is refused or lost."""
    storage = OutageStorage(FolderStorage(tmp_path / "out"))
    storage.down = True
    with upload_to(storage, tmp_path, max_spool_bytes=8_000_000) as upload:
        recording = Recording(upload.video_sink)
        while not isinstance(upload.stats().problem, SpoolFull):
            recording.record(1)
            upload.audio_sink.write(bytes(500_000))
        storage.down = False
        result = close(upload, recording)
    assert result.audio_bytes == len(storage.get("bot/audio.mp3"))
    assert decoded_pictures(storage.get("bot/video.mp4")) == round(recording.time_s * 15)


def test_finish_needs_a_sealed_sink(tmp_path: Path) -> None:
    """Finishing before the muxer was closed is our mistake, and said."""
    with upload_to(FolderStorage(tmp_path / "out"), tmp_path) as upload:
        upload.audio_sink.write(b"x")
        upload.audio_sink.closing()
        with pytest.raises(ValueError, match="before the muxer was closed"):
            upload.finish(1)


@pytest.mark.s3
def test_a_server_that_hangs_for_a_while_is_caught_up_with(
    s3_server: RadosGateway,
    s3_storage: S3Storage,
    s3_location: S3Location,
    s3_settings: S3Settings,
    tmp_path: Path,
) -> None:
    """A real server stops answering for longer than its timeout, comes back, and gets it all."""
    impatient = dataclasses.replace(s3_settings, read_timeout_s=2.0, attempts=1)
    with S3Storage(s3_location, impatient) as storage, upload_to(storage, tmp_path) as upload:
        recording = Recording(upload.video_sink, noise=True)
        recording.record(8)
        with s3_server.paused():
            recording.record(8)
            wait_until(lambda: isinstance(upload.stats().problem, StorageError))
            assert upload.stats().pending_bytes > 0
        result = close(upload, recording)
    assert result.video_bytes == len(s3_storage.get("bot/video.mp4"))
    assert decoded_pictures(chunks_joined(s3_storage)) == 16 * 15

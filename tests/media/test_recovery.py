"""Runs that died, and what is made of what they left."""

import io
import time
from pathlib import Path

import av
import numpy as np
import pytest

from media.errors import NothingToRecover
from media.recovery import (
    Salvage,
    StoredStream,
    clear_spool,
    recover_recording,
    salvage,
)
from media.storage_folder import FolderStorage
from media.uploader import RecordingUpload, UploadResult
from media.verify import Expectation, verify_audio, verify_recording
from tests.media.synthetic import HEIGHT, MP4_OPTIONS, RATE_HZ, WIDTH, Recording


def die_recording(
    storage: FolderStorage, spool_dir: Path, recording_s: float, *, key_prefix: str = "bot/"
) -> None:
    """Record, and leave without finishing."""
    with RecordingUpload(storage, key_prefix=key_prefix, spool_dir=spool_dir) as upload:
        recording = Recording(upload.video_sink, noise=True)
        recording.record(recording_s)
        deadline = time.monotonic() + 60
        while upload.stats().pending_bytes:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    upload.video_sink.closing()
    recording.close_container()


def recover(storage: FolderStorage, spool_dir: Path) -> UploadResult:
    """Recover the bot named 'bot'."""
    return recover_recording(storage, key_prefix="bot/", spool_dir=spool_dir, deadline_s=30)


def test_a_dead_run_becomes_a_verified_recording(tmp_path: Path) -> None:
    """From chunks alone: video with its index and sound, audio, and the old upload can go."""
    storage = FolderStorage(tmp_path / "out")
    die_recording(storage, tmp_path / "spool", 11)
    result = recover(storage, tmp_path / "elsewhere")
    assert (result.video_key, result.audio_key) == ("bot/video.mp4", "bot/audio.mp3")
    assert result.chunks == 5
    expect = Expectation(10.0, WIDTH, HEIGHT, must_have_sound=True)
    assert verify_recording(storage, "bot/video.mp4", expect).size_bytes == result.video_bytes
    assert verify_audio(storage, "bot/audio.mp3", expect).has_sound
    assert storage.abort_uploads("bot/") == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_dead_run_of_sound_alone_becomes_audio(tmp_path: Path) -> None:
    """An audio-only stream gives the MP3, and no video."""
    storage = FolderStorage(tmp_path / "out")
    options = {**MP4_OPTIONS, "frag_duration": "1000000"}
    with RecordingUpload(
        storage, key_prefix="bot/", spool_dir=tmp_path / "spool", video_name=None
    ) as upload:
        container = av.open(upload.video_sink, "w", format="mp4", options=options)
        stream = container.add_stream("aac", rate=RATE_HZ, layout="stereo")
        for number in range(5 * RATE_HZ // 1024):
            noise = np.random.default_rng(number).uniform(-0.5, 0.5, (2, 1024))
            frame = av.AudioFrame.from_ndarray(noise.astype(np.float32), "fltp", "stereo")
            frame.sample_rate, frame.pts = RATE_HZ, number * 1024
            container.mux(stream.encode(frame))
    upload.video_sink.closing()
    container.close()
    result = recover(storage, tmp_path / "elsewhere")
    assert (result.video_key, result.audio_key) == (None, "bot/audio.mp3")
    expect = Expectation(4.5, must_have_sound=True)
    assert verify_audio(storage, "bot/audio.mp3", expect).has_sound
    assert storage.head("bot/video.mp4") is None


def test_recovering_again_gives_the_same(tmp_path: Path) -> None:
    """A recovery that died can be repeated: chunks are left as they were."""
    storage = FolderStorage(tmp_path / "out")
    die_recording(storage, tmp_path / "spool", 5)
    first = recover(storage, tmp_path / "elsewhere")
    again = recover(storage, tmp_path / "elsewhere")
    assert (first.video_bytes, first.chunks) == (again.video_bytes, again.chunks)


def test_nothing_is_made_from_nothing(tmp_path: Path) -> None:
    """Without chunks there is an error, and no object."""
    storage = FolderStorage(tmp_path / "out")
    with pytest.raises(NothingToRecover, match="bot/"):
        recover(storage, tmp_path / "spool")
    assert storage.list("") == []


def test_stored_objects_read_as_one_stream(tmp_path: Path) -> None:
    """Reads cross from object to object and end after the last."""
    storage = FolderStorage(tmp_path)
    for key, data in {"a": b"0123", "b": b"", "c": b"456789"}.items():
        storage.put(key, data, "video/mp4")
    stream = StoredStream(storage, ["a", "b", "c"])
    assert stream.readable()
    assert [stream.read(3), stream.read(3), stream.read(3)] == [b"012", b"3", b"456"]
    assert (stream.read(), stream.read(), stream.read(5)) == (b"789", b"", b"")


def save(storage: FolderStorage, run_folder: Path) -> Salvage | None:
    """Finish what the dead run of 'bot' left in storage and in its folder of the spool."""
    return salvage(storage, key_prefix="bot/", run_folder=run_folder, deadline_s=30)


def die_in_outage(storage: FolderStorage, run_folder: Path) -> None:
    """Leave the chunks of 7 s from the second on in the spool, a half-written one last."""
    die_recording(storage, run_folder, 7)
    spool = run_folder / "upload-of-the-dead"
    spool.mkdir()
    chunks = storage.root / "bot" / "chunks"
    for path in sorted(chunks.glob("*.m4s"))[1:]:
        path.replace(spool / path.name)
    (last,) = sorted(spool.iterdir())[-1:]
    (spool / "000099.m4s").write_bytes(last.read_bytes()[:-1])


def test_chunks_left_in_the_spool_are_part_of_the_salvage(tmp_path: Path) -> None:
    """What was cut and not stored is stored first; a half-written chunk is let go."""
    storage = FolderStorage(tmp_path / "out")
    die_in_outage(storage, tmp_path / "spool")
    found = save(storage, tmp_path / "spool")
    assert found is not None
    assert found.duration_s == pytest.approx(6, abs=0.5)
    assert (found.video_key, found.audio_key) == ("bot/video.mp4", "bot/audio.mp3")
    assert found.chunks == 3
    assert storage.head("bot/chunks/000099.m4s") is None
    assert storage.abort_uploads("bot/") == 0
    clear_spool(tmp_path / "spool")
    assert not (tmp_path / "spool").exists()


def test_salvage_can_be_done_again(tmp_path: Path) -> None:
    """A second time, chunks there or not, the finished files are looked at and stay the same."""
    storage = FolderStorage(tmp_path / "out")
    die_recording(storage, tmp_path / "spool", 5)
    first = save(storage, tmp_path / "spool")
    storage.delete(["bot/chunks/000001.m4s"])
    again = save(storage, tmp_path / "spool")
    assert first is not None
    assert again is not None
    assert (first.chunks, again.chunks) == (2, 0)
    assert first.video_bytes == again.video_bytes
    assert again.duration_s == first.duration_s


def test_broken_video_is_made_again_from_chunks(tmp_path: Path) -> None:
    """A finished file that does not play is no reason to leave the chunks alone."""
    storage = FolderStorage(tmp_path / "out")
    die_recording(storage, tmp_path / "spool", 5)
    for name in ("video.mp4", "audio.mp3"):
        storage.put(f"bot/{name}", b"nonsense" * 99, "video/mp4")
    found = save(storage, tmp_path / "spool")
    assert found is not None
    assert found.chunks == 2


def test_run_without_a_recording_has_no_salvage(tmp_path: Path) -> None:
    """Nothing stored, nothing in the spool: there was no recording, and that is no error."""
    assert save(FolderStorage(tmp_path / "out"), tmp_path / "never") is None


def test_spool_with_chunks_is_kept(tmp_path: Path) -> None:
    """A folder with chunks that are not stored is not cleared."""
    chunk = tmp_path / "upload-x" / "000001.m4s"
    chunk.parent.mkdir()
    chunk.write_bytes(b"")
    clear_spool(tmp_path)
    assert chunk.exists()


def test_finished_sound_alone_stands(tmp_path: Path) -> None:
    """A FLAC that the run had stored is its recording: nothing is made of the chunks beside it."""
    storage = FolderStorage(tmp_path / "out")
    die_recording(storage, tmp_path / "spool", 5)
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=RATE_HZ, layout="stereo", format="s16")
        noise = np.random.default_rng(1).integers(-9999, 9999, (1, 8 * RATE_HZ), dtype=np.int16)
        frame = av.AudioFrame.from_ndarray(noise, "s16", "stereo")
        frame.sample_rate = RATE_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    storage.put("bot/audio.flac", file.getvalue(), "audio/flac")
    found = save(storage, tmp_path / "spool")
    assert found is not None
    assert (found.video_key, found.audio_key) == (None, "bot/audio.flac")
    assert found.duration_s == pytest.approx(4.0, abs=0.1)
    assert storage.head("bot/video.mp4") is None

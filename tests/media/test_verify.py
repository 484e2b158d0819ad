"""Stored recordings made by the real muxer, sound ones and damaged ones."""

import dataclasses
import io
from pathlib import Path

import av
import numpy as np
import pytest

from media.errors import VerificationFailed
from media.storage_folder import FolderStorage
from media.storage_s3 import S3Storage
from media.verify import Expectation, unplayable, verify_audio, verify_recording
from tests.media.synthetic import HEIGHT, RATE_HZ, WIDTH, Recording

KEY = "bot/video.mp4"
EXPECT = Expectation(7.0, WIDTH, HEIGHT)


def recorded(
    seconds: float, *, loud: bool = True, sound: bool = True, noise: bool = False
) -> bytes:
    """A closed recording."""
    file = io.BytesIO()
    recording = Recording(file, loud=loud, sound=sound, noise=noise)
    recording.record(seconds)
    recording.close()
    return file.getvalue()


def mp3(seconds: int, tone_from_s: float = 0.0) -> bytes:
    """An MP3 as the recorder writes it: constant bit rate, no Xing header."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp3", options={"write_xing": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, layout="stereo")
        stream.codec_context.bit_rate = 128_000
        for second in range(seconds):
            times = np.arange(RATE_HZ) / RATE_HZ
            tone = 0.5 * np.sin(2 * np.pi * 440 * times) * (second >= tone_from_s)
            planes = (np.stack([tone, tone]) * 32767).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(planes, "s16p", "stereo")
            frame.sample_rate, frame.pts = RATE_HZ, second * RATE_HZ
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="module")
def good() -> bytes:
    """Seven seconds with a tone."""
    return recorded(7)


@pytest.fixture
def storage(tmp_path: Path, good: bytes) -> FolderStorage:
    """A folder with a good recording."""
    storage = FolderStorage(tmp_path)
    storage.put(KEY, good, "video/mp4")
    return storage


def test_a_good_recording_is_verified(storage: FolderStorage, good: bytes) -> None:
    """Size, length, streams and sound are told as they are stored."""
    found = verify_recording(storage, KEY, dataclasses.replace(EXPECT, must_have_sound=True))
    assert (found.size_bytes, found.width, found.height) == (len(good), WIDTH, HEIGHT)
    assert found.duration_s == pytest.approx(7.0, abs=0.05)
    assert found.audio_rate_hz == RATE_HZ
    assert found.peak == pytest.approx(0.3, abs=0.06)
    assert found.has_sound


@pytest.mark.s3
@pytest.mark.timeout(300)
def test_a_recording_on_s3_is_verified_by_ranges(s3_storage: S3Storage, good: bytes) -> None:
    """The same over a real server's range reads."""
    s3_storage.put(KEY, good, "video/mp4")
    assert verify_recording(s3_storage, KEY, EXPECT).has_sound


def test_looking_costs_the_same_for_longer_recordings(storage: FolderStorage) -> None:
    """Twice the recording is not twice the reading."""
    fetched = []
    for seconds in (10, 20):
        data = recorded(seconds, noise=True)
        storage.put(KEY, data, "video/mp4")
        expect = dataclasses.replace(EXPECT, duration_s=seconds)
        fetched.append(verify_recording(storage, KEY, expect).fetched_bytes)
    assert fetched[1] < 1.3 * fetched[0]
    assert fetched[1] < len(data) / 2


@pytest.mark.parametrize(
    ("expect", "what"),
    [
        (Expectation(9.0, WIDTH, HEIGHT), "duration_s"),
        (Expectation(5.0, WIDTH, HEIGHT), "duration_s"),
        (Expectation(7.0, 1280, HEIGHT), "width"),
        (Expectation(7.0, WIDTH, 720), "height"),
    ],
)
def test_what_differs_from_the_report_is_named(
    storage: FolderStorage, expect: Expectation, what: str
) -> None:
    """A recording of another length or size than reported fails by that name."""
    with pytest.raises(VerificationFailed) as caught:
        verify_recording(storage, KEY, expect)
    assert caught.value.what == what


def test_a_missing_recording_is_named(storage: FolderStorage) -> None:
    """No object is no recording."""
    with pytest.raises(VerificationFailed, match="missing"):
        verify_recording(storage, "bot/none.mp4", EXPECT)


def test_silence_fails_only_where_sound_was_heard(storage: FolderStorage) -> None:
    """Digital silence is fine for a silent meeting, and a failure for one that was heard."""
    storage.put(KEY, recorded(7, loud=False), "video/mp4")
    assert not verify_recording(storage, KEY, EXPECT).has_sound
    with pytest.raises(VerificationFailed, match="sound is peak") as caught:
        verify_recording(storage, KEY, dataclasses.replace(EXPECT, must_have_sound=True))
    assert caught.value.what == "sound"


def test_a_recording_without_sound_track_fails(storage: FolderStorage) -> None:
    """Both tracks must be there."""
    storage.put(KEY, recorded(7, sound=False), "video/mp4")
    with pytest.raises(VerificationFailed, match="tracks"):
        verify_recording(storage, KEY, EXPECT)


def test_damage_is_seen(storage: FolderStorage, good: bytes) -> None:
    """A file cut off, one with its end overwritten and one that is no MP4 all fail."""
    moov = good.rindex(b"moov")
    ruined_end = good[: moov - 20_000] + b"\xff" * 19_000 + good[moov - 1000 :]
    for data in (good[: len(good) // 2], ruined_end, b"not a recording" * 1000):
        storage.put(KEY, data, "video/mp4")
        with pytest.raises(VerificationFailed):
            verify_recording(storage, KEY, EXPECT)


def test_an_mp3_is_verified_without_reading_it_whole(storage: FolderStorage) -> None:
    """Length and sound of an MP3 are told from a part of it."""
    data = mp3(12) * 50  # frames of a constant bit rate can be joined
    duration_s = len(data) * 8 / 128_000
    storage.put("bot/audio.mp3", data, "audio/mpeg")
    found = verify_audio(storage, "bot/audio.mp3", Expectation(duration_s, must_have_sound=True))
    assert found.duration_s == pytest.approx(duration_s, abs=0.5)
    assert (found.width, found.audio_rate_hz) == (0, RATE_HZ)
    assert found.peak == pytest.approx(0.5, abs=0.1)
    assert found.fetched_bytes < len(data) / 2


def test_sound_is_looked_for_where_it_was_heard(storage: FolderStorage) -> None:
    """A meeting with one late sound is no failure when the recorder says where it was."""
    storage.put("bot/audio.mp3", mp3(40, tone_from_s=39), "audio/mpeg")
    expect = Expectation(40.0, must_have_sound=True)
    with pytest.raises(VerificationFailed, match="sound"):
        verify_audio(storage, "bot/audio.mp3", expect)
    heard = dataclasses.replace(expect, sound_at_s=(39.5,))
    assert verify_audio(storage, "bot/audio.mp3", heard).has_sound


def test_an_mp3_cut_short_is_named(storage: FolderStorage) -> None:
    """Half of an MP3 has half of its length, which is not what was reported."""
    data = mp3(20)
    storage.put("bot/audio.mp3", data[: len(data) // 2], "audio/mpeg")
    with pytest.raises(VerificationFailed, match="duration_s"):
        verify_audio(storage, "bot/audio.mp3", Expectation(20.0))


def test_a_recording_so_far_plays_or_does_not() -> None:
    """Of an unclosed file its first fragments play; its header alone, or noise, does not."""
    file = io.BytesIO()
    recording = Recording(file)
    recording.record(7)
    so_far = file.getvalue()
    recording.close()
    assert unplayable(so_far) is None
    assert unplayable(so_far, pictures=False) is None
    assert unplayable(so_far[: so_far.index(b"moof") - 4]) is not None
    assert "does not open" in str(unplayable(bytes(2_000)))


@pytest.mark.parametrize(
    ("loud", "heard_at_s", "found"),
    [
        (True, (0.0, 5.0), None),
        (False, (), None),
        (False, (20.0,), None),
        (False, (20.0, 3.0), "its sound is silence"),
    ],
    ids=["sound", "nobody spoke", "not stored yet", "lost"],
)
def test_sound_that_was_heard_must_be_in_a_recording_so_far(
    *, loud: bool, heard_at_s: tuple[float, ...], found: str | None
) -> None:
    """Silence is a fault where there was sound in what is stored."""
    file = io.BytesIO()
    recording = Recording(file, loud=loud)
    recording.record(7)
    so_far = file.getvalue()
    recording.close()
    assert unplayable(so_far, heard_at_s) == found


def test_a_recording_so_far_without_sound_is_named() -> None:
    """A track that is not there, or has nothing in it."""
    file = io.BytesIO()
    recording = Recording(file, sound=False)
    recording.record(7)
    so_far = file.getvalue()
    recording.close()
    assert unplayable(so_far) is not None

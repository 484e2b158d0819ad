from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from platforms.simulator.clips import (
    SHARED,
    Clip,
    ClipStore,
    VideoCodec,
    encode_audio,
    pack_clip,
    unpack_clip,
)
from platforms.simulator.picture import FLASH_FRAMES, FPS, LOOP_FRAMES
from platforms.simulator.voice import SAMPLE_RATE, beep_loop, voice_hz


def pictures(clip: Clip, decoder: str) -> list[av.VideoFrame]:
    """Every frame of a clip, decoded."""
    codec = VideoCodecContext.create(decoder, "r")
    assert isinstance(codec, VideoCodecContext)
    codec.thread_count = 1
    frames: list[av.VideoFrame] = []
    for packet in clip.packets:
        frames.extend(codec.decode(av.Packet(packet)))
    return [*frames, *codec.decode(None)]


def sound(clip: Clip) -> npt.NDArray[np.float64]:
    """All samples of a clip, decoded, one channel."""
    codec = AudioCodecContext.create("libopus", "r")
    assert isinstance(codec, AudioCodecContext)
    codec.sample_rate = SAMPLE_RATE
    codec.layout = "mono"
    parts: list[npt.NDArray[np.float64]] = []
    for packet in clip.packets:
        parts.extend(f.to_ndarray().astype(np.float64) for f in codec.decode(av.Packet(packet)))
    return np.asarray(np.concatenate(parts, axis=1)[0], dtype=np.float64)


@pytest.mark.parametrize(("codec", "decoder"), [("H264", "h264"), ("VP8", "vp8")])
def test_a_moving_picture_decodes_and_moves(codec: VideoCodec, decoder: str) -> None:
    """Every packet is one frame, a keyframe comes each second, and the picture is not still."""
    frames = pictures(SHARED.moving(0, codec), decoder)
    assert len(frames) == LOOP_FRAMES
    assert [i for i, f in enumerate(frames) if f.key_frame] == list(range(0, LOOP_FRAMES, FPS))
    first, later = (frames[i].to_ndarray(format="gray").astype(int) for i in (0, FPS))
    assert np.abs(first - later).mean() > 2


def test_a_small_picture_is_the_same_at_a_quarter_of_the_size() -> None:
    """As many pictures of 320x180, that show what the large ones do."""
    small, large = (pictures(draw(0, "H264"), "h264") for draw in (SHARED.small, SHARED.moving))
    assert (len(small), small[0].width, small[0].height) == (LOOP_FRAMES, 320, 180)
    halved, whole = (f.to_ndarray(format="gray").astype(int) for f in (small[0], large[0]))
    assert np.abs(halved - whole[::2, ::2]).mean() < 4


def test_ada_and_grace_have_colours_of_their_own() -> None:
    """Two participants differ in chroma far beyond what coding does."""
    ada, grace = (pictures(SHARED.moving(i, "H264"), "h264")[0] for i in (0, 1))
    means = [f.to_ndarray(format="rgb24").mean(axis=(0, 1)) for f in (ada, grace)]
    assert np.abs(means[0] - means[1]).max() > 30


@pytest.mark.parametrize("index", [0, 1, 5, 11])
def test_a_voice_survives_coding_at_its_pitch(index: int) -> None:
    """The strongest frequency of the decoded clip is the participant's own."""
    samples = sound(SHARED.voice(index))
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    peak_hz = spectrum.argmax() * SAMPLE_RATE / len(samples)
    assert peak_hz == pytest.approx(voice_hz(index), abs=1.0)


def test_silence_is_digital() -> None:
    """Nothing but zeros comes out of the silent clip."""
    assert np.abs(sound(SHARED.silence())).max() < 1e-4


def test_flash_and_beep_begin_together() -> None:
    """The white frames open the second, and so does the tone, to within a packet."""
    frames = pictures(SHARED.flash("H264"), "h264")
    white = [i for i, f in enumerate(frames) if f.to_ndarray(format="gray").mean() > 200]
    samples = np.abs(sound(encode_audio(beep_loop())))
    onset_s = int((samples > 0.1).argmax()) / SAMPLE_RATE
    assert white == list(range(FLASH_FRAMES))
    assert onset_s < 0.02


def test_a_packed_clip_unpacks_to_itself() -> None:
    """Packing loses nothing, and a file cut short is no clip."""
    clip = Clip((b"one", b"", b"three"), 30)
    data = pack_clip(clip)
    assert unpack_clip(data) == clip
    assert [unpack_clip(data[:n]) for n in range(len(data))] == [None] * len(data)


def test_the_cache_folder_is_used_and_repaired(tmp_path: Path) -> None:
    """A second store reads what the first wrote; a damaged file is made again."""
    clip = ClipStore(tmp_path).silence()
    (path,) = tmp_path.iterdir()
    path.write_bytes(pack_clip(Clip((b"marker",), 50)))
    assert ClipStore(tmp_path).silence().packets == (b"marker",)
    path.write_bytes(b"\0")
    assert ClipStore(tmp_path).silence() == clip


def test_what_changed_or_was_left_half_written_is_thrown_away(tmp_path: Path) -> None:
    """One file a clip, whatever its sources were before; other clips stay."""
    for name in ("beep-0123456789abcdef.clip", "beep-0123456789abcdef.4f1d", "voice-1-0123.clip"):
        (tmp_path / name).write_bytes(b"old")
    ClipStore(tmp_path).beep()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2
    assert names[0].startswith("beep-")
    assert "0123456789abcdef" not in names[0]
    assert names[1] == "voice-1-0123.clip"


@pytest.mark.parametrize("place", ["taken", "taken/clips", "/proc/clips"])
def test_a_cache_that_cannot_be_used_is_done_without(tmp_path: Path, place: str) -> None:
    """A file in its place, or a place nobody can write: the clip is made all the same."""
    (tmp_path / "taken").write_bytes(b"a file")
    store = ClipStore(tmp_path / place)
    assert store.silence() is store.silence()
    assert store.silence().rate == 50

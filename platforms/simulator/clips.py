"""Sound and pictures encoded once, replayed as packets for as long as the meeting lasts.

Encoding is blocking: call it in a thread. Clips stay in memory for the life of the process, and in
`cache_dir` where the caller names one that can be written.
"""

import hashlib
import secrets
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Literal, TypeAlias

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from platforms.simulator.picture import (
    FPS,
    Planes,
    flash_frames,
    moving_frames,
    screen_frames,
    small_frames,
)
from platforms.simulator.voice import SAMPLE_RATE, Samples, beep_loop, silence_loop, voice_loop

VideoCodec: TypeAlias = Literal["H264", "VP8"]

AUDIO_PACKETS_PER_S = 50
SUFFIX = ".clip"
_SAMPLES_PER_PACKET = SAMPLE_RATE // AUDIO_PACKETS_PER_S
_ENCODERS: dict[VideoCodec, tuple[str, dict[str, str]]] = {
    "H264": (
        "libx264",
        {
            "profile": "baseline",
            "preset": "veryfast",
            "tune": "zerolatency",
            "crf": "25",
            "x264-params": f"keyint={FPS}:min-keyint={FPS}:scenecut=0:repeat-headers=1",
        },
    ),
    "VP8": (
        "libvpx",
        {"deadline": "realtime", "cpu-used": "8", "crf": "20", "keyint_min": str(FPS)},
    ),
}


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded packets of equal duration: `rate` of them a second; a video keyframe every `rate`."""

    packets: tuple[bytes, ...]
    rate: int


class ClipStore:
    """Makes each clip once. Safe to call from several threads.

    The cache in `cache_dir` is keyed by everything that shapes a clip, this package's sources
    included: a changed drawing is drawn anew, and the old one thrown away. Several processes may
    use one folder. Where it cannot be read or written a clip is made, and kept in memory alone.
    """

    def __init__(self, cache_dir: Path | None = None) -> None:
        self._cache_dir = cache_dir
        self._clips: dict[str, Clip] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def voice(self, index: int) -> Clip:
        """The voice of the participant at `index`, Opus, 20 ms a packet."""
        return self._once(f"voice-{index}", lambda: encode_audio(voice_loop(index)))

    def beep(self) -> Clip:
        """One second of `flash`'s sound."""
        return self._once("beep", lambda: encode_audio(beep_loop()))

    def silence(self) -> Clip:
        """One second of digital silence."""
        return self._once("silence", lambda: encode_audio(silence_loop()))

    def moving(self, index: int, codec: VideoCodec) -> Clip:
        """The picture of the participant at `index`."""
        return self._once(
            f"moving-{index}-{codec}", lambda: encode_video(moving_frames(index), codec)
        )

    def small(self, index: int, codec: VideoCodec) -> Clip:
        """The same at a quarter of the size."""
        return self._once(
            f"small-{index}-{codec}", lambda: encode_video(small_frames(index), codec)
        )

    def flash(self, codec: VideoCodec) -> Clip:
        """One second of `flash`'s picture."""
        return self._once(f"flash-{codec}", lambda: encode_video(flash_frames(), codec))

    def screen(self, codec: VideoCodec) -> Clip:
        """One second of a shared screen."""
        return self._once(f"screen-{codec}", lambda: encode_video(screen_frames(), codec))

    def _once(self, key: str, make: Callable[[], Clip]) -> Clip:
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._clips:
                self._clips[key] = self._read(key) or self._write(key, make())
            return self._clips[key]

    def _path(self, key: str) -> Path | None:
        return self._cache_dir / f"{key}-{_fingerprint()}{SUFFIX}" if self._cache_dir else None

    def _read(self, key: str) -> Clip | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            return unpack_clip(path.read_bytes())
        except OSError:  # not there, or not to be read: it is made
            return None

    def _write(self, key: str, clip: Clip) -> Clip:
        path = self._path(key)
        if path is not None:
            with suppress(OSError):  # it is quicker next time where there is room for it, no more
                _put(path, pack_clip(clip))
                _remove_others(key, path)
        return clip


SHARED = ClipStore()


def _put(path: Path, data: bytes) -> None:
    """The whole file or none of it: another process may read or write it meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{secrets.token_hex(8)}")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _remove_others(key: str, path: Path) -> None:
    """What the same clip was before its drawing changed, and what killed processes left of it."""
    for other in path.parent.glob(f"{key}-*"):
        if other != path:
            other.unlink(missing_ok=True)


def pack_clip(clip: Clip) -> bytes:
    """A clip as one string of bytes; `unpack_clip` is the inverse."""
    sizes = [clip.rate, len(clip.packets), *map(len, clip.packets)]
    return struct.pack(f"<{len(sizes)}I", *sizes) + b"".join(clip.packets)


def unpack_clip(data: bytes) -> Clip | None:
    """The clip in `data`, or None where it is cut short."""
    if len(data) < 8:  # noqa: PLR2004 - the two counts
        return None
    rate, count = struct.unpack_from("<2I", data)
    if len(data) < 8 + 4 * count:
        return None
    sizes = struct.unpack_from(f"<{count}I", data, 8)
    packets, offset = [], 8 + 4 * count
    for size in sizes:
        packets.append(data[offset : offset + size])
        offset += size
    return Clip(tuple(packets), rate) if offset == len(data) else None


def encode_audio(samples: Samples) -> Clip:
    """A seamless Opus loop: encoded twice over, the second pass kept."""
    codec = AudioCodecContext.create("libopus", "w")
    codec.sample_rate = SAMPLE_RATE
    codec.layout = "mono"
    codec.format = "s16"
    codec.bit_rate = 48_000
    codec.time_base = Fraction(1, SAMPLE_RATE)
    pcm = (np.tile(samples, 3) * 32767).astype(np.int16)
    packets: list[bytes] = []
    for start in range(0, len(pcm), _SAMPLES_PER_PACKET):
        chunk = pcm[start : start + _SAMPLES_PER_PACKET]
        frame = av.AudioFrame.from_ndarray(chunk[None, :], format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = start
        packets.extend(bytes(p) for p in codec.encode(frame))
    count = len(samples) // _SAMPLES_PER_PACKET
    return Clip(tuple(packets[count : 2 * count]), AUDIO_PACKETS_PER_S)


def encode_video(frames: Iterable[Planes], codec_name: VideoCodec) -> Clip:
    """A loop that begins with a keyframe and has one every second."""
    encoder, options = _ENCODERS[codec_name]
    codec = VideoCodecContext.create(encoder, "w")
    if not isinstance(codec, VideoCodecContext):
        raise TypeError(encoder)
    codec.pix_fmt = "yuv420p"
    codec.framerate = Fraction(FPS)
    codec.time_base = Fraction(1, FPS)
    codec.gop_size = FPS
    codec.thread_count = 1
    codec.options = options
    packets: list[bytes] = []
    for pts, planes in enumerate(frames):
        if not codec.is_open:
            codec.height, codec.width = planes.y.shape
        frame = _frame(planes)
        frame.pts = pts
        packets.extend(bytes(p) for p in codec.encode(frame))
    packets.extend(bytes(p) for p in codec.encode(None))
    return Clip(tuple(packets), FPS)


def _frame(planes: Planes) -> av.VideoFrame:
    height, width = planes.y.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for target, source in zip(frame.planes, planes, strict=True):
        rows = np.zeros((source.shape[0], target.line_size), dtype=np.uint8)
        rows[:, : source.shape[1]] = source
        target.update(rows.tobytes())
    return frame


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for module in _sources():
        digest.update(module)
    return digest.hexdigest()[:16]


def _sources() -> Iterator[bytes]:
    folder = resources.files("platforms.simulator")
    for name in ("clips.py", "picture.py", "voice.py"):
        yield (folder / name).read_bytes()

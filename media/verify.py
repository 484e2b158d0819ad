"""Reopens what was stored and looks at it, before anybody is told that a recording is complete.

Blocks: run it in a thread. It reads a few MiB whatever the length of the recording.
"""

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import av
import numpy as np
from av.stream import Discard

from media.errors import ObjectMissing, VerificationFailed
from media.stored_file import StoredFile
from media.types import AUDIO_RATE_HZ, Storage

SOUND_SPOTS: Final = 12
SPOT_S: Final = 0.5
SILENT_PEAK: Final = 1e-4
"""-80 dBFS: below it a decoder's own noise, above it anything that a microphone gave."""

LAST_STRETCH_S: Final = 3.0
"""More than the longest fragment, so that a seek so far before the end lands before the last."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the recorder says it recorded; times in seconds of recorded time, None: not known.

    `sound_at_s` are moments with sound, looked at instead of `SOUND_SPOTS` spread evenly; a meeting
    may have been silent nearly everywhere.
    """

    duration_s: float | None
    width: int | None = 1280
    height: int | None = 720
    must_have_sound: bool = False
    sound_at_s: tuple[float, ...] = ()
    tolerance_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Verified:
    """What is stored. `peak` is the loudest sample looked at (1.0 is full scale).

    `fetched_bytes` is what looking cost; width and height are 0 for sound alone.
    """

    size_bytes: int
    duration_s: float
    width: int
    height: int
    audio_rate_hz: int
    peak: float
    fetched_bytes: int

    @property
    def has_sound(self) -> bool:
        """Whether any spot was more than digital silence."""
        return self.peak > SILENT_PEAK


def verify_recording(storage: Storage, key: str, expect: Expectation) -> Verified:
    """Look at a stored MP4: header, first and last fragment, length, streams, sound.

    Raises `VerificationFailed` naming the first thing that is not as expected, StorageError when
    it cannot be read.
    """
    with _opened(storage, key) as (file, container):
        _require("tracks", ["h264", "aac"], [s.codec_context.name for s in container.streams])
        video, audio = container.streams.video[0], container.streams.audio[0]
        if expect.width is not None:
            _require("width", expect.width, video.codec_context.width)
        if expect.height is not None:
            _require("height", expect.height, video.codec_context.height)
        _require("audio_rate_hz", AUDIO_RATE_HZ, audio.codec_context.sample_rate)
        duration_s = _checked_duration_s(container, expect)
        _decode_ends(container, "video", duration_s)
        _decode_ends(container, "audio", duration_s)
        peak = _peak(container, duration_s, expect)
        return Verified(
            size_bytes=file.size_bytes,
            duration_s=duration_s,
            width=video.codec_context.width,
            height=video.codec_context.height,
            audio_rate_hz=audio.codec_context.sample_rate,
            peak=peak,
            fetched_bytes=file.fetched_bytes,
        )


def verify_audio(storage: Storage, key: str, expect: Expectation) -> Verified:
    """Look at a stored MP3, FLAC or M4A; the picture's size is of no account. Raises as above."""
    with _opened(storage, key) as (file, container):
        _require("audio tracks", 1, len(container.streams.audio))
        audio = container.streams.audio[0]
        duration_s = _checked_duration_s(container, expect)
        _decode_ends(container, "audio", duration_s)
        peak = _peak(container, duration_s, expect)
        return Verified(
            size_bytes=file.size_bytes,
            duration_s=duration_s,
            width=0,
            height=0,
            audio_rate_hz=audio.codec_context.sample_rate,
            peak=peak,
            fetched_bytes=file.fetched_bytes,
        )


def unplayable(
    joined: bytes, heard_at_s: Collection[float] = (), *, pictures: bool = True
) -> str | None:
    """What is wrong with a recording so far, header and chunks joined; None when it plays.

    One picture, where there are to be some, and all the sound are decoded. It is at fault when
    none is to be heard although there was some in the second that begins at one of `heard_at_s`.
    """
    try:
        with av.open(io.BytesIO(joined), "r", format="mp4") as container:
            if pictures and next(iter(_decode(container, "video", 0.0)), None) is None:
                return "no video decodes"
            end_s, peak = -1.0, 0.0
            for frame in _decode(container, "audio", 0.0):
                end_s = float(frame.time or 0.0) + frame.samples / frame.sample_rate
                peak = max(peak, _loudest(frame))
    except (av.error.FFmpegError, IndexError) as error:
        return f"{type(error).__name__}: it does not open"
    if end_s < 0:
        return "no audio decodes"
    if peak <= SILENT_PEAK and any(at_s + 1 <= end_s for at_s in heard_at_s):
        return "its sound is silence"
    return None


@contextmanager
def _opened(storage: Storage, key: str) -> Iterator[tuple[StoredFile, Any]]:
    try:
        file = StoredFile(storage, key)
    except ObjectMissing as error:
        raise VerificationFailed(key, "stored", "missing") from error
    try:
        # fastseek: an MP3 has no index, and would else be read from its start to every spot.
        with av.open(file, "r", options={"fflags": "fastseek"}) as container:
            yield file, container
    except av.error.FFmpegError as error:
        raise VerificationFailed(key, "playable", str(error)) from error


def _require(what: str, expected: object, got: object) -> None:
    if got != expected:
        raise VerificationFailed(what, expected, got)


def _checked_duration_s(container: Any, expect: Expectation) -> float:  # noqa: ANN401 - PyAV
    duration_s = float((container.duration or 0) / av.time_base)
    if expect.duration_s is None:
        return duration_s
    if abs(duration_s - expect.duration_s) > expect.tolerance_s:
        wanted = f"{expect.duration_s:.3f} +- {expect.tolerance_s:g}"
        raise VerificationFailed("duration_s", wanted, f"{duration_s:.3f}")
    return duration_s


def _decode_ends(container: Any, kind: str, duration_s: float) -> None:  # noqa: ANN401 - PyAV
    """Decode the first frame of a kind, and the last fragment up to the end."""
    first = next(iter(_decode(container, kind, 0.0)), None)
    if first is None:
        raise VerificationFailed(f"first {kind}", "decodable", "nothing")
    last_s = -1.0
    for frame in _decode(container, kind, max(0.0, duration_s - LAST_STRETCH_S)):
        last_s = float(frame.time or 0.0)
    if last_s < duration_s - LAST_STRETCH_S:
        raise VerificationFailed(f"last {kind}", f"near {duration_s:.3f} s", f"{last_s:.3f} s")


def _decode(container: Any, kind: str, from_s: float) -> Iterator[Any]:  # noqa: ANN401 - PyAV
    stream = getattr(container.streams, kind)[0]
    for each in container.streams:
        # What is discarded is not even fetched: sound is looked at without its pictures.
        each.discard = Discard.default if each.index == stream.index else Discard.all
    container.seek(int(from_s / stream.time_base), stream=stream)
    yield from container.decode(stream)


def _peak(container: Any, duration_s: float, expect: Expectation) -> float:  # noqa: ANN401 - PyAV
    evenly = tuple(duration_s * (spot + 0.5) / SOUND_SPOTS for spot in range(SOUND_SPOTS))
    spots_s = expect.sound_at_s[:SOUND_SPOTS] or evenly
    peak = max(_peak_at(container, spot_s) for spot_s in spots_s)
    if expect.must_have_sound and peak <= SILENT_PEAK:
        raise VerificationFailed("sound", "heard", f"peak {peak:.6f} at {len(spots_s)} spots")
    return peak


def _peak_at(container: Any, spot_s: float) -> float:  # noqa: ANN401 - PyAV
    """The loudest sample within `SPOT_S` round a moment."""
    peak = 0.0
    begin_s = max(0.0, spot_s - SPOT_S / 2)
    for frame in _decode(container, "audio", begin_s):
        at_s = float(frame.time or 0.0)
        if at_s > begin_s + SPOT_S:
            break
        if at_s + frame.samples / frame.sample_rate >= begin_s:
            peak = max(peak, _loudest(frame))
    return peak


def _loudest(frame: Any) -> float:  # noqa: ANN401 - PyAV
    samples = frame.to_ndarray()
    whole = np.iinfo(samples.dtype).max if samples.dtype.kind == "i" else 1.0
    return float(np.abs(samples.astype(np.float64)).max()) / float(whole)

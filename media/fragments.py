"""Cuts a growing fragmented MP4 into its header and its fragments. Pure.

What PyAV's muxer writes with `hybrid_fragmented+delay_moov` (FFmpeg 8, looked at byte by byte):
`ftyp`, `free` (8 bytes), a second `free` that hides a copy of `ftyp` and whose own header becomes
that of one big `mdat` at close, `moov`, then `moof` + `mdat` for each fragment; at close the last
fragments and a second `moov`, the index. Box layouts are those of ISO/IEC 14496-12.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from media.errors import BrokenContainer

_BOX = struct.Struct(">I4s")
_U32 = struct.Struct(">I")
_U64 = struct.Struct(">Q")
_LARGEST_HEAD_BYTES = 16

_NOT_A_KEYFRAME = 0x0001_0000  # sample_is_non_sync_sample
_BEFORE_A_FRAGMENT = frozenset({b"styp", b"sidx", b"prft", b"emsg"})


@dataclass(frozen=True, slots=True)
class Track:
    """One track of a header: `kind` is 'vide' or 'soun'; times are in 1/`timescale_hz` s."""

    track_id: int
    kind: str
    timescale_hz: int


@dataclass(frozen=True, slots=True)
class Init:
    """The header: `data` is `ftyp` + `moov`, a valid HLS initialisation segment."""

    data: bytes
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class TrackRun:
    """One track's part of a fragment, in units of its track's timescale."""

    track: Track
    start: int
    duration: int
    starts_with_keyframe: bool

    @property
    def end_s(self) -> float:
        """When it ends on the media's own time line."""
        return (self.start + self.duration) / self.track.timescale_hz


@dataclass(frozen=True, slots=True)
class Fragment:
    """One `moof` + `mdat` with what belongs before it; `sequence` is the muxer's number."""

    data: bytes
    sequence: int
    runs: tuple[TrackRun, ...]

    @property
    def leading(self) -> TrackRun:
        """The picture's run, or the sound's where there is no picture."""
        return next((run for run in self.runs if run.track.kind == "vide"), self.runs[0])

    @property
    def start_s(self) -> float:
        """When the leading run starts on the media's own time line."""
        return self.leading.start / self.leading.track.timescale_hz

    @property
    def duration_s(self) -> float:
        """How long the leading run lasts."""
        return self.leading.duration / self.leading.track.timescale_hz

    @property
    def starts_with_keyframe(self) -> bool:
        """Whether playing can start here."""
        return self.leading.starts_with_keyframe


class FragmentCutter:
    """Takes the file's bytes in order, in pieces of any size, and gives what is whole.

    Never holds more than one fragment. The index at the end of a file (a second `moov`) and all
    after it is ignored.
    """

    def __init__(self) -> None:
        self._pending = bytearray()
        self._offset = 0
        self._file_type = b""
        self._lead_in = b""
        self._fragment_head: tuple[int, tuple[TrackRun, ...]] | None = None
        self._defaults: dict[int, tuple[Track, _Defaults]] = {}
        self._ended = False

    @property
    def pending_bytes(self) -> int:
        """Bytes taken that are no whole fragment yet."""
        return len(self._pending) + len(self._lead_in)

    def feed(self, data: bytes) -> list[Init | Fragment]:
        """Take more bytes. Raises `BrokenContainer` for what is no MP4 of ours."""
        if self._ended:
            return []
        self._pending += data
        found: list[Init | Fragment] = []
        while not self._ended and (box := self._next_box()) is not None:
            kind, content, head_bytes = box
            result = self._take(kind, content, head_bytes)
            if result is not None:
                found.append(result)
            self._offset += len(content)
        return found

    def _next_box(self) -> tuple[bytes, bytes, int] | None:
        head = _head(self._pending, 0, self._offset)
        if head is None or len(self._pending) < head[1]:
            return None
        kind, size, head_bytes = head
        content = bytes(self._pending[:size])
        del self._pending[:size]
        return kind, content, head_bytes

    def _take(self, kind: bytes, content: bytes, head_bytes: int) -> Init | Fragment | None:
        if kind == b"ftyp":
            self._file_type = content
        elif kind == b"moov":
            return self._take_header(content)
        elif kind == b"moof":
            if not self._defaults:
                raise BrokenContainer("a fragment before the header", self._offset)
            self._lead_in += content
            self._fragment_head = _read_moof(content, head_bytes, self._defaults, self._offset)
        elif kind in _BEFORE_A_FRAGMENT:
            self._lead_in += content
        elif kind == b"mdat":
            if self._fragment_head is None:
                raise BrokenContainer("media without a fragment head", self._offset)
            sequence, runs = self._fragment_head
            whole = Fragment(self._lead_in + content, sequence, runs)
            self._lead_in, self._fragment_head = b"", None
            return whole
        return None

    def _take_header(self, content: bytes) -> Init | None:
        if self._defaults:
            self._ended = True
            self._pending.clear()
            return None
        self._defaults = _read_moov(content, self._offset)
        tracks = tuple(track for track, _ in self._defaults.values())
        return Init(self._file_type + content, tracks)


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What holds for a sample where its fragment says nothing else (`trex`, then `tfhd`)."""

    duration: int
    flags: int


def _head(data: bytes | bytearray, at: int, offset: int) -> tuple[bytes, int, int] | None:
    """Kind, size and size of the head of the box at `at`; None when its head is not whole."""
    if len(data) - at < _BOX.size:
        return None
    size, kind = _BOX.unpack_from(data, at)
    head_bytes = _BOX.size
    if size == 1:
        if len(data) - at < _LARGEST_HEAD_BYTES:
            return None
        (size,) = _U64.unpack_from(data, at + _BOX.size)
        head_bytes = _LARGEST_HEAD_BYTES
    if size < head_bytes:
        raise BrokenContainer(f"a box {kind!r} of {size} bytes", offset + at)
    return kind, size, head_bytes


def _children(content: bytes, at: int, offset: int) -> Iterator[tuple[bytes, bytes]]:
    """Kind and payload of each box inside `content` from `at` on."""
    while at < len(content):
        head = _head(content, at, offset)
        if head is None or at + head[1] > len(content):
            raise BrokenContainer("a box larger than the one round it", offset + at)
        kind, size, head_bytes = head
        yield kind, content[at + head_bytes : at + size]
        at += size


def _read_moov(content: bytes, offset: int) -> dict[int, tuple[Track, _Defaults]]:
    tracks: dict[int, Track] = {}
    defaults: dict[int, _Defaults] = {}
    for kind, payload in _children(content, _BOX.size, offset):
        if kind == b"trak":
            track = _read_trak(payload, offset)
            tracks[track.track_id] = track
        elif kind == b"mvex":
            for inner, trex in _children(payload, 0, offset):
                if inner == b"trex":
                    track_id, _, duration, _, flags = struct.unpack_from(">5I", trex, 4)
                    defaults[track_id] = _Defaults(duration, flags)
    if not tracks or tracks.keys() != defaults.keys():
        raise BrokenContainer("a header that is not one of fragments", offset)
    return {track_id: (track, defaults[track_id]) for track_id, track in tracks.items()}


def _read_trak(trak: bytes, offset: int) -> Track:
    boxes = dict(_children(trak, 0, offset))
    media = dict(_children(boxes[b"mdia"], 0, offset))
    tkhd, mdhd, hdlr = boxes[b"tkhd"], media[b"mdhd"], media[b"hdlr"]
    (track_id,) = _U32.unpack_from(tkhd, 20 if tkhd[0] else 12)
    (timescale_hz,) = _U32.unpack_from(mdhd, 20 if mdhd[0] else 12)
    return Track(track_id, hdlr[8:12].decode("latin-1"), timescale_hz)


def _read_moof(
    content: bytes, head_bytes: int, known: dict[int, tuple[Track, _Defaults]], offset: int
) -> tuple[int, tuple[TrackRun, ...]]:
    sequence = 0
    runs = []
    for kind, payload in _children(content, head_bytes, offset):
        if kind == b"mfhd":
            (sequence,) = _U32.unpack_from(payload, 4)
        elif kind == b"traf":
            runs.append(_read_traf(payload, known, offset))
    if not runs:
        raise BrokenContainer("a fragment without tracks", offset)
    return sequence, tuple(runs)


def _read_traf(traf: bytes, known: dict[int, tuple[Track, _Defaults]], offset: int) -> TrackRun:
    track: Track | None = None
    defaults = _Defaults(0, 0)
    start = duration = 0
    first_flags: int | None = None
    for kind, payload in _children(traf, 0, offset):
        if kind == b"tfhd":
            (track_id,) = _U32.unpack_from(payload, 4)
            if track_id not in known:
                raise BrokenContainer(f"a fragment of the unknown track {track_id}", offset)
            track, defaults = known[track_id]
            defaults = _read_tfhd(payload, defaults)
        elif kind == b"tfdt":
            (start,) = (_U64 if payload[0] else _U32).unpack_from(payload, 4)
        elif kind == b"trun":
            length, flags = _read_trun(payload, defaults)
            duration += length
            first_flags = flags if first_flags is None else first_flags
    if track is None or first_flags is None:
        raise BrokenContainer("a fragment without samples", offset)
    return TrackRun(track, start, duration, not first_flags & _NOT_A_KEYFRAME)


def _read_tfhd(payload: bytes, inherited: _Defaults) -> _Defaults:
    """`tfhd`: base offset (1), description (2), duration (8), size (0x10), flags (0x20)."""
    (present,) = _U32.unpack_from(payload, 0)
    at = 8 + (8 if present & 0x1 else 0) + (4 if present & 0x2 else 0)
    duration, flags = inherited.duration, inherited.flags
    if present & 0x8:
        (duration,) = _U32.unpack_from(payload, at)
        at += 4
    if present & 0x10:
        at += 4
    if present & 0x20:
        (flags,) = _U32.unpack_from(payload, at)
    return _Defaults(duration, flags)


def _read_trun(payload: bytes, defaults: _Defaults) -> tuple[int, int]:
    """`trun`: duration of all its samples, and the flags of the first."""
    (present,) = _U32.unpack_from(payload, 0)
    (count,) = _U32.unpack_from(payload, 4)
    at = 8 + (4 if present & 0x1 else 0)
    first_flags = defaults.flags
    first_flags_said = bool(present & 0x4)
    if first_flags_said:
        (first_flags,) = _U32.unpack_from(payload, at)
        at += 4
    # Per sample, each where present: duration (0x100), size, flags (0x400), composition offset.
    stride = 4 * (present >> 8 & 0xF).bit_count()
    if present & 0x400 and not first_flags_said and count:
        flags_at = at + 4 * (present >> 8 & 0x3).bit_count()
        (first_flags,) = _U32.unpack_from(payload, flags_at)
    if not present & 0x100:
        return count * defaults.duration, first_flags
    ends = range(at, at + count * stride, stride)
    return sum(_U32.unpack_from(payload, place)[0] for place in ends), first_flags

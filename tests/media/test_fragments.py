"""The cutter against the real muxer's bytes, and against hand-made boxes for each branch."""

import io
import struct

import av
import pytest

from media.errors import BrokenContainer
from media.fragments import Fragment, FragmentCutter, Init
from tests.media.synthetic import MP4_OPTIONS, Recording


def box(kind: bytes, *payloads: bytes) -> bytes:
    """A box round payloads."""
    payload = b"".join(payloads)
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def large_box(kind: bytes, payload: bytes) -> bytes:
    """A box with a 64-bit size."""
    return struct.pack(">I4sQ", 1, kind, 16 + len(payload)) + payload


def words(*values: int) -> bytes:
    """32-bit numbers, big-endian."""
    return struct.pack(f">{len(values)}I", *values)


def trak(track_id: int, kind: bytes, timescale_hz: int, *, version: int = 0) -> bytes:
    """A track of a header."""
    before = words(version << 24) + bytes(16 if version else 8)
    return box(
        b"trak",
        box(b"tkhd", before + words(track_id)),
        box(
            b"mdia",
            box(b"mdhd", before + words(timescale_hz)),
            box(b"hdlr", bytes(8) + kind),
        ),
    )


def moov(*traks: bytes, track_ids: tuple[int, ...] = (1,)) -> bytes:
    """A header whose samples default to 100 units and no keyframe."""
    trexes = [box(b"trex", words(0, each, 1, 100, 0, 0x1_0000)) for each in track_ids]
    return box(b"moov", *traks, box(b"mvex", box(b"mehd", bytes(8)), *trexes), box(b"udta"))


def moof(sequence: int, *trafs: bytes) -> bytes:
    """The head of a fragment."""
    return box(b"moof", box(b"mfhd", words(0, sequence)), box(b"free"), *trafs)


def traf(tfhd: bytes, *runs: bytes, start: int = 0, wide: bool = False) -> bytes:
    """A track's runs in the head of a fragment."""
    other = box(b"free")
    tfdt = struct.pack(">IQ", 1 << 24, start) if wide else words(0, start)
    truns = [box(b"trun", run) for run in runs]
    return box(b"traf", box(b"tfhd", tfhd), box(b"tfdt", tfdt), other, *truns)


HEADER = box(b"ftyp", b"iso5") + moov(trak(1, b"vide", 1000))


def cut_one(fragment_head: bytes, header: bytes = HEADER) -> Fragment:
    """The fragment that such a head gives."""
    found = FragmentCutter().feed(header + fragment_head + box(b"mdat", b"x"))
    assert isinstance(found[-1], Fragment)
    return found[-1]


@pytest.fixture(scope="module")
def recorded() -> bytes:
    """Seven seconds of a moving picture and a tone, closed."""
    file = io.BytesIO()
    recording = Recording(file)
    recording.record(7)
    recording.close()
    return file.getvalue()


@pytest.fixture(scope="module")
def unfinished() -> tuple[bytes, bytes]:
    """The bytes of such a recording before it closes, and what closing appends."""
    file = io.BytesIO()
    recording = Recording(file)
    recording.record(7)
    recording.flush()
    before = file.getvalue()
    recording.close_container()
    return before, file.getvalue()[len(before) :]


def test_the_muxer_hides_a_placeholder_that_the_header_leaves_out(
    unfinished: tuple[bytes, bytes],
) -> None:
    """The muxer's two `free` boxes are there, and Init is `ftyp` + `moov` without them."""
    before, _ = unfinished
    init = FragmentCutter().feed(before)[0]
    assert isinstance(init, Init)
    assert before[32:36] == before[40:44] == b"free"
    assert b"free" not in init.data
    assert [(t.track_id, t.kind, t.timescale_hz) for t in init.tracks] == [
        (1, "vide", 90_000),
        (2, "soun", 48_000),
    ]


def test_header_and_fragments_alone_play_as_long_as_was_recorded(
    unfinished: tuple[bytes, bytes],
) -> None:
    """Init and fragments joined decode to every picture of the recording."""
    cutter = FragmentCutter()
    pieces = [piece.data for data in unfinished for piece in cutter.feed(data)]
    with av.open(io.BytesIO(b"".join(pieces)), "r") as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 7 * 15
    assert frames[-1].time == pytest.approx(7 - 1 / 15, abs=0.001)


def test_times_and_keyframes_are_the_muxers(unfinished: tuple[bytes, bytes]) -> None:
    """Fragments start at the forced keyframes, 2 s apart, numbered from 1 without holes."""
    cutter = FragmentCutter()
    found = [each for data in unfinished for each in cutter.feed(data)]
    fragments = [each for each in found if isinstance(each, Fragment)]
    pictures = [each for each in fragments if each.leading.track.kind == "vide"]
    assert [each.start_s for each in pictures] == [0, 2, 4, 6]
    assert [each.duration_s for each in pictures] == pytest.approx([2, 2, 2, 1], abs=0.04)
    assert all(each.starts_with_keyframe for each in pictures)
    assert [each.sequence for each in fragments] == [*range(1, len(fragments) + 1)]
    assert max(run.end_s for each in fragments for run in each.runs) == pytest.approx(7, abs=0.05)


def test_fragments_between_keyframes_say_so() -> None:
    """A fragment cut by time in the middle of a group does not claim to start with a keyframe."""
    file = io.BytesIO()
    recording = Recording(file, options={**MP4_OPTIONS, "frag_duration": "1000000"})
    recording.record(5)
    found = FragmentCutter().feed(file.getvalue())
    fragments = [each for each in found if isinstance(each, Fragment)]
    recording.close()
    assert [each.starts_with_keyframe for each in fragments] == [True, False, True, False]


@pytest.mark.parametrize("piece_bytes", [1, 7, 1000, 10**9])
def test_pieces_of_any_size_give_the_same(
    unfinished: tuple[bytes, bytes], piece_bytes: int
) -> None:
    """However the bytes are split, the same header and fragments come out."""
    data = unfinished[0][:40_000]
    cutter = FragmentCutter()
    found = []
    for at in range(0, len(data), piece_bytes):
        found += cutter.feed(data[at : at + piece_bytes])
    assert found == FragmentCutter().feed(data)
    assert cutter.pending_bytes < len(data)


def test_the_index_at_the_end_is_no_fragment(unfinished: tuple[bytes, bytes]) -> None:
    """What close() appends gives its last fragments; its index and all after it are ignored."""
    before, tail = unfinished
    cutter = FragmentCutter()
    cutter.feed(before)
    assert all(isinstance(each, Fragment) for each in cutter.feed(tail))
    assert cutter.feed(before) == []
    assert cutter.pending_bytes == 0


def test_a_closed_file_has_no_fragments(recorded: bytes) -> None:
    """Read from its start, a patched file is one large box and an index: no fragment."""
    with pytest.raises(BrokenContainer, match="media without a fragment head"):
        FragmentCutter().feed(recorded)


def test_boxes_before_a_fragment_belong_to_it() -> None:
    """`styp`, `sidx` and `prft` travel with the fragment they precede; others are dropped."""
    head = box(b"styp", b"msdh") + box(b"sidx") + box(b"prft") + box(b"free", b"drop")
    fragment = cut_one(head + moof(3, traf(words(0, 1), words(0, 2))))
    assert fragment.data.startswith(box(b"styp", b"msdh") + box(b"sidx") + box(b"prft"))
    assert b"drop" not in fragment.data
    assert (fragment.sequence, fragment.leading.duration) == (3, 200)


def test_large_boxes_and_wide_times_are_read() -> None:
    """64-bit sizes, 64-bit start times and version 1 headers are understood."""
    header = box(b"ftyp") + moov(trak(1, b"soun", 48_000, version=1))
    data = header + moof(1, traf(words(0, 1), words(0, 1), start=2**40, wide=True))
    cutter = FragmentCutter()
    assert len(cutter.feed(data + large_box(b"mdat", b"x")[:12])) == 1
    found = cutter.feed(large_box(b"mdat", b"x")[12:])
    assert isinstance(found[0], Fragment)
    assert found[0].start_s == 2**40 / 48_000
    assert found[0].runs[0].track.kind == "soun"


@pytest.mark.parametrize(
    ("tfhd", "run", "duration", "keyframe"),
    [
        (words(0x00, 1), words(0, 3), 300, False),
        (words(0x08, 1, 40), words(0, 3), 120, False),
        (words(0x3B, 1, 9, 9, 9, 40, 7, 0), words(0, 3), 120, True),
        (words(0x20, 1, 0), words(0, 1), 100, True),
        (words(0x00, 1), words(0x005, 1, 77, 0), 100, True),
        (words(0x00, 1), words(0x105, 2, 77, 0, 10, 20), 30, True),
        (words(0x00, 1), words(0xF01, 2, 77, 10, 5, 0, 0, 20, 5, 0x1_0000, 0), 30, True),
        (words(0x00, 1), words(0x404, 1, 0x1_0000, 0), 100, False),
        (words(0x00, 1), words(0x400, 1, 0), 100, True),
        (words(0x00, 1), words(0x400, 0), 0, False),
    ],
)
def test_durations_and_flags_come_from_where_the_standard_says(
    tfhd: bytes, run: bytes, duration: int, keyframe: bool
) -> None:
    """Sample, then run, then fragment, then header: the nearest that speaks is believed."""
    fragment = cut_one(moof(1, traf(tfhd, run)))
    assert (fragment.leading.duration, fragment.starts_with_keyframe) == (duration, keyframe)


def test_runs_of_one_track_add_up() -> None:
    """Two runs of a track are one stretch, which starts as the first does."""
    fragment = cut_one(moof(1, traf(words(0, 1), words(4, 1, 0), words(0, 2), start=50)))
    assert (fragment.leading.start, fragment.leading.duration) == (50, 300)
    assert fragment.starts_with_keyframe


def test_the_picture_leads_wherever_it_stands() -> None:
    """A fragment's time is that of its picture, or of its sound where it has no picture."""
    header = box(b"ftyp") + moov(trak(1, b"soun", 10), trak(2, b"vide", 1000), track_ids=(1, 2))
    sound, picture = traf(words(0, 1), words(0, 1)), traf(words(0, 2), words(0, 2))
    assert cut_one(moof(1, sound, picture), header).duration_s == 0.2
    assert cut_one(moof(1, sound), header).duration_s == 10.0


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (words(4, 0), "of 4 bytes"),
        (moof(1), "before the header"),
        (HEADER + box(b"mdat"), "without a fragment head"),
        (HEADER + moof(1), "without tracks"),
        (HEADER + moof(1, traf(words(0, 9), words(0, 1))), "unknown track 9"),
        (HEADER + moof(1, traf(words(0, 1))), "without samples"),
        (HEADER + moof(1, box(b"traf")), "without samples"),
        (box(b"moov", trak(1, b"vide", 1000)), "not one of fragments"),
        (box(b"moov"), "not one of fragments"),
        (HEADER + box(b"moof", words(100)), "larger than the one round it"),
        (HEADER + box(b"moof", words(100, 0)), "larger than the one round it"),
    ],
)
def test_what_is_no_fragmented_mp4_is_named(data: bytes, complaint: str) -> None:
    """Bytes that break the format raise, with what and where."""
    with pytest.raises(BrokenContainer, match=complaint):
        FragmentCutter().feed(data)

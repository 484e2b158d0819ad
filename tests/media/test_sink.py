import io
import random

import pytest

from media.errors import HoleInFile, SpoolFull
from media.sink import MuxerSink, Patch
from tests.media.synthetic import Recording


def make_sink() -> tuple[MuxerSink, bytearray]:
    """A sink and what it forwarded so far."""
    forwarded = bytearray()
    return MuxerSink(forwarded.extend), forwarded


def patched(forwarded: bytearray, sink: MuxerSink) -> bytes:
    """The file that the pieces stand for."""
    body = bytearray(forwarded)
    for patch in sink.patches:
        body[patch.offset : patch.offset + len(patch.data)] = patch.data
    return bytes(body) + sink.tail


def test_new_bytes_go_on_and_rewritten_ones_are_kept() -> None:
    """Sequential bytes are forwarded once; a rewrite is a patch, and what follows it is new."""
    sink, forwarded = make_sink()
    sink.write(b"0123456789")
    sink.seek(8)
    assert sink.write(b"abcd") == 4
    assert bytes(forwarded) == b"0123456789cd"
    assert sink.patches == [Patch(8, b"ab")]
    assert (sink.tell(), sink.size_bytes, sink.seekable()) == (12, 12, True)


def test_nothing_is_forwarded_once_closing_begins() -> None:
    """The index stays back, with its own rewrites applied; one over the border is split."""
    sink, forwarded = make_sink()
    sink.write(b"body")
    sink.closing()
    assert (sink.is_closing, sink.is_sealed) == (True, False)
    sink.write(b"index")
    sink.seek(-1, io.SEEK_END)
    sink.write(b"X!")
    sink.seek(2)
    sink.write(b"DYI")
    sink.closing()
    sink.sealed()
    assert bytes(forwarded) == b"body"
    assert sink.tail == b"IndeX!"
    assert sink.patches == [Patch(2, b"DY")]
    assert (sink.is_closing, sink.is_sealed) == (False, True)
    with pytest.raises(ValueError, match="sealed sink"):
        sink.write(b"late")


def test_positions_are_those_of_a_file() -> None:
    """Seeking works from start, position and end; before the start is refused."""
    sink, _ = make_sink()
    sink.write(b"0123456789")
    assert sink.seek(3) == 3
    assert sink.seek(2, io.SEEK_CUR) == 5
    assert sink.seek(0, io.SEEK_END) == 10
    with pytest.raises(ValueError, match="seek to -1"):
        sink.seek(-1)


def test_a_hole_is_named() -> None:
    """Writing beyond the end would leave bytes nobody wrote: refused, with both offsets."""
    sink, _ = make_sink()
    sink.write(b"01")
    sink.seek(5)
    with pytest.raises(HoleInFile, match="bytes 2 to 5"):
        sink.write(b"x")


def test_files_beyond_4_gib_keep_nothing_in_memory() -> None:
    """After 5 GiB, 16 bytes at offset 28 are one patch, and only the index is held."""
    block = bytes(1 << 20)
    counted = 0

    def count(data: bytes) -> None:
        nonlocal counted
        counted += len(data)

    sink = MuxerSink(count)
    for _ in range(5 * 1024):
        sink.write(block)
    sink.closing()
    sink.write(b"moov")
    sink.seek(28)
    sink.write(b"\0\0\0\1mdat\0\0\0\1\x40\0\0\0")
    sink.sealed()
    assert counted == 5 << 30
    assert sink.size_bytes == (5 << 30) + 4
    assert (sink.tail, [(p.offset, len(p.data)) for p in sink.patches]) == (b"moov", [(28, 16)])


@pytest.mark.parametrize("seed", range(20))
def test_forwarded_patched_and_tail_make_the_file(seed: int) -> None:
    """Whatever is written where, body with patches and tail equal the file it stands for."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    sink, forwarded = make_sink()
    file = io.BytesIO()
    for step in range(200):
        if step == 120:
            sink.closing()
        offset = chance.choice([len(file.getvalue()), chance.randint(0, len(file.getvalue()))])
        data = chance.randbytes(chance.randint(0, 40))
        for each in (sink, file):
            each.seek(offset)
            each.write(data)
    sink.sealed()
    assert patched(forwarded, sink) == file.getvalue()


def test_the_real_muxer_writes_through_it() -> None:
    """A real recording, split and put together again, is the file the muxer would have made."""
    sink, forwarded = make_sink()
    file = io.BytesIO()
    for target in (sink, file):
        recording = Recording(target)
        recording.record(5)
        recording.flush()
        sink.closing() if target is sink else None
        recording.close_container()
    sink.sealed()
    assert patched(forwarded, sink) == file.getvalue()
    assert [(patch.offset, len(patch.data)) for patch in sink.patches] == [(36, 8)]


def test_what_the_consumer_raises_reaches_the_recorder() -> None:
    """An exception from the consumer comes out of the muxing call as itself."""

    def refuse(data: bytes) -> None:
        raise SpoolFull(len(data), 0)

    recording = Recording(MuxerSink(refuse))
    with pytest.raises(SpoolFull):
        recording.record(5)

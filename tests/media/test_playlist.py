import pytest

from media.fragments import Fragment, Track, TrackRun
from media.playlist import Chunker, HlsPlaylist

PICTURE = Track(1, "vide", 1000)
SOUND = Track(2, "soun", 1000)


def fragment(start: int, duration: int, *, key: bool = True, sound: int = 0) -> Fragment:
    """A fragment of a picture, a sound or both, in milliseconds."""
    runs = [TrackRun(PICTURE, start, duration, key)] if duration else []
    if sound:
        runs.append(TrackRun(SOUND, start, sound, starts_with_keyframe=True))
    return Fragment(b"[%d]" % start, 1, tuple(runs))


def test_a_chunk_closes_with_the_fragment_that_fills_it() -> None:
    """No chunk waits for a next fragment: the one that brings it to 2 s, or nearly, closes it."""
    chunker = Chunker(chunk_s=2.0)
    assert chunker.add(fragment(0, 1000)) is None
    first = chunker.add(fragment(1000, 960, key=False))
    second = chunker.add(fragment(1960, 4000))
    assert first is not None
    assert second is not None
    assert (first.name, first.data, first.duration_s) == ("000001.m4s", b"[0][1000]", 1.96)
    assert (second.number, second.start_s, second.starts_with_keyframe) == (2, 1.96, True)


def test_lengths_add_up_over_chunks() -> None:
    """A chunk's length is its picture's, even where sound reaches further."""
    chunker = Chunker(chunk_s=2.0)
    chunker.add(fragment(0, 1000, sound=1020))
    chunker.add(fragment(1000, 0, sound=20))
    chunk = chunker.add(fragment(1000, 1000, sound=1020))
    assert chunk is not None
    assert chunk.duration_s == 2.0


def test_the_last_chunk_is_as_long_as_its_longest_track() -> None:
    """What waits at the end is a chunk of its own; with nothing waiting there is none."""
    chunker = Chunker(chunk_s=2.0)
    chunker.add(fragment(0, 500, sound=900))
    chunk = chunker.flush()
    assert chunk is not None
    assert (chunk.number, chunk.duration_s) == (1, 0.9)
    assert chunker.flush() is None


def test_the_playlist_grows_and_ends() -> None:
    """An EVENT playlist with its map, true lengths and, at the end, an end mark."""
    chunker, playlist = Chunker(chunk_s=2.0), HlsPlaylist(target_s=2.0)
    for start, duration in ((0, 2000), (2000, 2033)):
        chunk = chunker.add(fragment(start, duration))
        assert chunk is not None
        playlist.add(chunk.number, chunk.duration_s)
    growing = playlist.render().decode()
    assert growing.splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:EVENT",
        '#EXT-X-MAP:URI="init.mp4"',
        "#EXTINF:2.000000,",
        "000001.m4s",
        "#EXTINF:2.033000,",
        "000002.m4s",
    ]
    playlist.ended = True
    assert playlist.render().decode() == growing + "#EXT-X-ENDLIST\n"


def test_the_target_covers_the_longest_chunk() -> None:
    """No chunk may be longer than the target says."""
    playlist = HlsPlaylist(target_s=2.0)
    chunk = Chunker().add(fragment(0, 6500))
    assert chunk is not None
    playlist.add(chunk.number, chunk.duration_s)
    assert "#EXT-X-TARGETDURATION:7" in playlist.render().decode()


def test_a_hole_in_the_numbers_is_refused() -> None:
    """The playlist never names a chunk that was not published before it."""
    with pytest.raises(ValueError, match="chunk 2 does not follow 0"):
        HlsPlaylist().add(2, 2.0)

"""The reading end of the ring, against slots written as the layout says."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.errors import RingUnavailable
from media.tab import layout
from media.tab.ring import RingReader, find_ring

WIDTH, HEIGHT = 32, 18
SIZE_BYTES = layout.ring_bytes(WIDTH, HEIGHT)
CAPTURE_ID = 0xABCDEF


class Writer:
    """Writes as the page's worker does: payload, slot header, count."""

    def __init__(self, path: Path, capture_id: int = CAPTURE_ID) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(SIZE_BYTES))
        self._file = path.open("r+b", buffering=0)
        self._put(layout.CAPTURE_ID_AT, struct.pack("<Q", capture_id))
        self._put(0, struct.pack("<Q", layout.MAGIC))
        self.pictures = self.packets = 0

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _put(self, at: int, data: bytes) -> None:
        self._file.seek(at)
        self._file.write(data)

    def picture(self, luma: int, *, counted: bool = True, sequence: int | None = None) -> None:
        """Store a plain picture."""
        slot = self.pictures % layout.VIDEO_SLOTS
        at = layout.HEADER_BYTES + slot * layout.video_slot_bytes(WIDTH, HEIGHT)
        payload = bytes([luma]) * (WIDTH * HEIGHT * 3 // 2)
        self._put(at + layout.SLOT_HEADER_BYTES, payload)
        number = sequence or self.pictures + 1
        self._put(
            at, struct.pack("<QqqIIII", number, luma, 1000 + luma, WIDTH, HEIGHT, 1, len(payload))
        )
        if counted:
            self.pictures += 1
            self._put(layout.VIDEO_WRITTEN_AT, struct.pack("<Q", self.pictures))

    def packet(self, level: float, channels: int = 2, rate_hz: int = 44_100) -> None:
        """Store 10 ms of sound."""
        slot = self.packets % layout.AUDIO_SLOTS
        at = layout.HEADER_BYTES + layout.VIDEO_SLOTS * layout.video_slot_bytes(WIDTH, HEIGHT)
        at += slot * layout.audio_slot_bytes()
        frames = rate_hz // 100
        payload = np.full((channels, frames), level, "<f4").tobytes()
        self._put(at + layout.SLOT_HEADER_BYTES, payload)
        header = (self.packets + 1, self.packets * 10_000, 7, rate_hz, channels, frames)
        self._put(at, struct.pack("<QqqIIII", *header, len(payload)))
        self.packets += 1
        self._put(layout.AUDIO_WRITTEN_AT, struct.pack("<Q", self.packets))

    def dropped(self, pictures: int, packets: int) -> None:
        """Publish what was thrown away."""
        self._put(layout.VIDEO_DROPPED_AT, struct.pack("<Q", pictures))
        self._put(layout.AUDIO_DROPPED_AT, struct.pack("<Q", packets))

    def read_by_reader(self) -> tuple[int, int]:
        """What the reader published as read: pictures, packets."""
        self._file.seek(layout.VIDEO_READ_AT)
        pictures, packets = struct.unpack("<QQ", self._file.read(16))
        return pictures, packets


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a browser would keep the ring."""
    return tmp_path / "Default" / "File System" / "000" / "t" / "00" / "00000001"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    """The writing end."""
    writer = Writer(path)
    yield writer
    writer.close()


def test_the_ring_is_found_by_size_magic_and_capture(writer: Writer, tmp_path: Path) -> None:
    """Not by name, and not another capture's ring that has not gone yet."""
    folder = tmp_path / "Default" / "File System"
    (folder / "decoy").write_bytes(bytes(SIZE_BYTES))
    (folder / "small").write_bytes(struct.pack("<Q", layout.MAGIC))
    other = folder / "000" / "t" / "00" / "00000002"
    Writer(other, capture_id=5).close()
    assert find_ring(tmp_path, SIZE_BYTES, 5) == other
    found = find_ring(tmp_path, SIZE_BYTES, CAPTURE_ID)
    assert found is not None
    assert found.name == "00000001"
    assert find_ring(tmp_path, SIZE_BYTES, 6) is None
    assert find_ring(tmp_path / "elsewhere", SIZE_BYTES, 5) is None


def test_items_come_out_as_they_were_written_and_free_their_slots(
    writer: Writer, path: Path
) -> None:
    """Times, sizes, rates and contents; arrival is put on the reader's clock."""
    with RingReader(path, WIDTH, HEIGHT, clock_offset_us=-7) as ring:
        assert list(ring.video()) == []
        writer.picture(50)
        writer.packet(0.25)
        writer.packet(-0.5, channels=1, rate_hz=48_000)
        (frame,) = ring.video()
        assert (frame.timestamp_us, frame.arrival_us) == (50, 1043)
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
        assert set(frame.i420.tolist()) == {50}
        stereo, mono = ring.audio()
        assert (stereo.rate_hz, stereo.samples.shape) == (44_100, (2, 441))
        assert (mono.rate_hz, mono.samples.shape) == (48_000, (1, 480))
        assert mono.samples[0, 0] == -0.5
        assert (stereo.timestamp_us, mono.timestamp_us, mono.arrival_us) == (0, 10_000, 0)
        assert writer.read_by_reader() == (1, 2)
        assert list(ring.audio()) == []


def test_the_ring_goes_round(writer: Writer, path: Path) -> None:
    """Far more items than slots come out in order, each as it was."""
    with RingReader(path, WIDTH, HEIGHT) as ring:
        seen: list[int] = []
        for luma in range(5 * layout.VIDEO_SLOTS):
            writer.picture(luma)
            if luma % 5 == 4:
                seen += [int(frame.i420[0]) for frame in ring.video()]
        assert seen == list(range(5 * layout.VIDEO_SLOTS))
        levels: list[float] = []
        for index in range(2 * layout.AUDIO_SLOTS):
            writer.packet(float(index))
            levels += [float(packet.samples[0, 0]) for packet in ring.audio()]
        assert levels == list(range(2 * layout.AUDIO_SLOTS))


def test_an_item_is_not_read_before_it_is_counted(writer: Writer, path: Path) -> None:
    """A slot header alone proves nothing: it may be half written."""
    with RingReader(path, WIDTH, HEIGHT) as ring:
        writer.picture(9, counted=False)
        assert list(ring.video()) == []
        writer.picture(9)
        assert [int(frame.i420[0]) for frame in ring.video()] == [9]


def test_a_count_that_is_ahead_of_its_item_is_not_believed(writer: Writer, path: Path) -> None:
    """A counted slot that does not carry its number is not read, and is once it does."""
    with RingReader(path, WIDTH, HEIGHT) as ring:
        writer.picture(9, sequence=4)
        assert list(ring.video()) == []
        writer.pictures = 0
        writer.picture(9)
        assert [int(frame.i420[0]) for frame in ring.video()] == [9]


def test_what_was_dropped_before_the_first_look_does_not_count(writer: Writer, path: Path) -> None:
    """While nobody reads yet the ring runs full: that is no loss of a recording."""
    writer.dropped(3, 4)
    with RingReader(path, WIDTH, HEIGHT) as ring:
        assert list(ring.video()) == []
        assert (ring.pictures_dropped, ring.packets_dropped) == (0, 0)
        writer.dropped(5, 4)
        assert (ring.pictures_dropped, ring.packets_dropped) == (2, 0)


def test_after_closing_nothing_is_left_but_the_counts(writer: Writer, path: Path) -> None:
    """Reading a closed ring yields nothing; what was dropped stays known; closing twice is fine."""
    ring = RingReader(path, WIDTH, HEIGHT)
    writer.picture(1)
    writer.packet(0.1)
    next(ring.audio())
    writer.dropped(3, 4)
    assert (ring.pictures_dropped, ring.packets_dropped) == (3, 4)
    ring.close()
    ring.close()
    assert list(ring.video()) == []
    assert list(ring.audio()) == []
    assert (ring.pictures_dropped, ring.packets_dropped) == (3, 4)


def test_a_file_that_is_too_small_is_refused(path: Path) -> None:
    """The error names the bytes needed."""
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(1000))
    with pytest.raises(RingUnavailable, match=str(SIZE_BYTES)):
        RingReader(path, WIDTH, HEIGHT)

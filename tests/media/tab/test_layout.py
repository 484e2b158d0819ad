"""The ring's numbers, as Python and as the page's worker see them."""

import json

import pytest

from media.tab import layout


def as_json(width: int, height: int) -> dict[str, object]:
    """What the worker's script defines."""
    script = layout.as_javascript(width, height)
    parsed: dict[str, object] = json.loads(script.removeprefix("const RING = ").removesuffix(";\n"))
    return parsed


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (640, 360)])
def test_slots_lie_end_to_end_and_fill_the_file(size: tuple[int, int]) -> None:
    """Header, picture slots and sound slots follow each other without room or overlap."""
    ring = as_json(*size)
    video, audio = ring["video"], ring["audio"]
    assert isinstance(video, dict)
    assert isinstance(audio, dict)
    assert video["firstAt"] == layout.HEADER_BYTES
    assert audio["firstAt"] == video["firstAt"] + video["slots"] * video["slotBytes"]
    assert ring["ringBytes"] == audio["firstAt"] + audio["slots"] * audio["slotBytes"]
    assert ring["ringBytes"] == layout.ring_bytes(*size)


def test_the_magic_word_survives_javascript() -> None:
    """It is told as text: as a number JavaScript would round it."""
    assert as_json(1280, 720)["magic"] == str(layout.MAGIC)
    assert layout.MAGIC > 2**53


def test_a_720p_ring_leaves_room_in_a_64_mb_ram_disk() -> None:
    """The ring and a browser profile of 25 MB fit the /dev/shm containers have by default."""
    assert layout.ring_bytes(1280, 720) + 25_000_000 < 64 * 1024 * 1024


def test_counters_lie_apart_inside_the_header() -> None:
    """Every 8-byte word of the header is its own."""
    words = (
        0,
        layout.VIDEO_WRITTEN_AT,
        layout.VIDEO_DROPPED_AT,
        layout.AUDIO_WRITTEN_AT,
        layout.AUDIO_DROPPED_AT,
        layout.CAPTURE_ID_AT,
        layout.VIDEO_READ_AT,
        layout.AUDIO_READ_AT,
    )
    assert len(set(words)) == len(words)
    assert all(at % 8 == 0 and at + 8 <= layout.HEADER_BYTES for at in words)


def test_a_sound_slot_holds_what_a_browser_sends() -> None:
    """40 ms of stereo at 48 kHz fit, four times what Chromium sends at once."""
    assert layout.audio_slot_bytes() - layout.SLOT_HEADER_BYTES >= 1920 * 2 * 4

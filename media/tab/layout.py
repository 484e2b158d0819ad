"""The ring's layout: the one source of its numbers, for Python and for the page's worker.

One file, little-endian: a header of `HEADER_BYTES`, `VIDEO_SLOTS` slots for pictures, then
`AUDIO_SLOTS` slots for packets of sound. A slot is a header of `SLOT_HEADER_BYTES` and a payload.

    file header  0 magic u64 | 8 video_written u64 | 16 video_dropped u64
                 24 audio_written u64 | 32 audio_dropped u64 | 40 capture_id u64   (the writer's)
                 64 video_read u64 | 72 audio_read u64            (the reader's)
    slot header  0 sequence u64, from 1 | 8 timestamp_us i64 | 16 arrival_us i64
                 24 width or rate_hz u32 | 28 height or channels u32
                 32 frames per channel u32 | 36 payload bytes u32

Item n (from 1) lies in slot (n - 1) % slots. The writer stores the slot, then the count of written
items: what is counted and carries its sequence number is whole. It never laps the reader: when all
slots hold unread items, the new one is dropped and counted.
"""

import json
from typing import Final

MAGIC: Final = 0x31474E495254424D  # "MBTRING1"
HEADER_BYTES: Final = 4096
SLOT_HEADER_BYTES: Final = 64
VIDEO_SLOTS: Final = 8
AUDIO_SLOTS: Final = 512
"""20 s of 40 ms: sound outlives a reader that is held up for seconds."""
AUDIO_PAYLOAD_BYTES: Final = 16_320
"""Stereo float32 packets of up to 42 ms at 48 kHz; Chromium sends 10 ms, the page joins four."""

VIDEO_WRITTEN_AT: Final = 8
VIDEO_DROPPED_AT: Final = 16
AUDIO_WRITTEN_AT: Final = 24
AUDIO_DROPPED_AT: Final = 32
CAPTURE_ID_AT: Final = 40
VIDEO_READ_AT: Final = 64
AUDIO_READ_AT: Final = 72


def video_slot_bytes(width: int, height: int) -> int:
    """Size of a picture slot for I420 frames up to `width` x `height`, both even."""
    return SLOT_HEADER_BYTES + width * height * 3 // 2


def audio_slot_bytes() -> int:
    """Size of a sound slot."""
    return SLOT_HEADER_BYTES + AUDIO_PAYLOAD_BYTES


def ring_bytes(width: int, height: int) -> int:
    """Size of the whole file: 19.5 MB at 1280x720, so that it fits a 64 MB /dev/shm."""
    return (
        HEADER_BYTES
        + VIDEO_SLOTS * video_slot_bytes(width, height)
        + AUDIO_SLOTS * audio_slot_bytes()
    )


def as_javascript(width: int, height: int) -> str:
    """The same numbers as a script for the worker: `const RING = {...}`."""
    numbers = {
        "magic": str(MAGIC),  # beyond what a JavaScript number holds
        "ringBytes": ring_bytes(width, height),
        "slotHeaderBytes": SLOT_HEADER_BYTES,
        "videoWrittenAt": VIDEO_WRITTEN_AT,
        "captureIdAt": CAPTURE_ID_AT,
        "videoReadAt": VIDEO_READ_AT,
        "audioReadAt": AUDIO_READ_AT,
        "video": {
            "slots": VIDEO_SLOTS,
            "slotBytes": video_slot_bytes(width, height),
            "firstAt": HEADER_BYTES,
        },
        "audio": {
            "slots": AUDIO_SLOTS,
            "slotBytes": audio_slot_bytes(),
            "firstAt": HEADER_BYTES + VIDEO_SLOTS * video_slot_bytes(width, height),
        },
    }
    return f"const RING = {json.dumps(numbers)};\n"

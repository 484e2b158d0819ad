"""What each kind of work costs in the measured process itself, by its threads."""

import threading
from collections.abc import Mapping
from typing import Final

import psutil

KINDS: Final[Mapping[str, str]] = {
    "MainThread": "event loop",
    "recorder-ring": "reading",
    "display-screen": "reading",
    "recorder-encoder": "encoding",
    "write-behind": "storing",
}
"""Encoding is feeding the encoders, those of the sound included, and measuring quality."""
OTHERS: Final = "storing"
"""Threads of Python without a row above: pools, the courier's."""
CODECS: Final = "codec threads"
"""Threads that no Python made: x264's."""


def thread_seconds() -> Mapping[str, float]:
    """Processor seconds so far, by kind; a thread that has ended is not in it."""
    kinds = {thread.native_id: KINDS.get(thread.name, OTHERS) for thread in threading.enumerate()}
    found: dict[str, float] = {}
    for thread in psutil.Process().threads():
        kind = kinds.get(thread.id, CODECS)
        found[kind] = found.get(kind, 0.0) + thread.user_time + thread.system_time
    return found


def cores_between(
    before: Mapping[str, float], after: Mapping[str, float], elapsed_s: float
) -> dict[str, float]:
    """Cores by kind; a kind whose threads have ended meanwhile counts as none."""
    return {
        kind: round(max(0.0, seconds - before.get(kind, 0.0)) / elapsed_s, 4)
        for kind, seconds in after.items()
    }

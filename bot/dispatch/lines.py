"""Lines typed at a terminal, or sent through a pipe, without holding up the event loop."""

import os
from collections.abc import AsyncIterator
from typing import Final

from bot.checks.threads import in_daemon_thread

MAX_LINE_BYTES: Final = 64 * 1024
"""A longer line is cut."""


async def lines_of(descriptor: int) -> AsyncIterator[str]:
    """Each line as it is finished, until the other side closes.

    Reads the descriptor itself: a thread that waits inside Python's own buffered reader would hold
    its lock, and the process could not end.
    """
    rest = b""
    while chunk := await in_daemon_thread(lambda: _read(descriptor)):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[:MAX_LINE_BYTES]
        for line in lines:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # no terminal, or none any more
        return b""

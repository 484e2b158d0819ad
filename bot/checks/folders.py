"""Where a bot keeps what it needs while it lives: spool, temporary folder, shared memory."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from bot.checks.types import MIB, Finding, failed, ok, size, warning
from bot.settings import Settings
from media.tab.layout import ring_bytes
from platforms.chromium import PROFILE_ROOM_BYTES

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a RAM disk is the point
SHARED_MEMORY_BYTES: Final = ring_bytes(1920, 1080) + PROFILE_ROOM_BYTES
"""The ring at its largest, and the browser's profile with the cache of a real client: 80 MiB."""
SPOOL_LEAST_BYTES: Final = 64 * MIB
"""Some seconds of recording, and the parts under way: with less, the first stall of the storage
ends the bot."""
TEMPORARY_LEAST_BYTES: Final = 64 * MIB
"""Chromium keeps what its processes share there: Playwright starts it so."""


def spool(settings: Settings) -> Finding:
    """The spool folder can be made and written, and has room."""
    folder = settings.spool_dir.absolute()
    problem = _unwritable(folder)
    mend = "make the folder writable, or name another: --spool-dir or MEETBOT_SPOOL_DIR"
    if problem:
        return failed("spool", f"{folder}: {problem}", mend)
    free_bytes = shutil.disk_usage(folder).free
    found = f"{folder} can be written, {size(free_bytes)} free"
    if free_bytes < SPOOL_LEAST_BYTES:
        wanted = f"make room for {size(SPOOL_LEAST_BYTES)} at least, or set MEETBOT_SPOOL_DIR"
        return failed("spool", found, wanted)
    if free_bytes < settings.spool_max_bytes:
        bound = f"of the {size(settings.spool_max_bytes)} that MEETBOT_SPOOL_MAX_BYTES allows"
        mend = "make room, or lower the bound: a storage that is down fills the spool"
        return warning("spool", f"{found} {bound}", mend)
    return ok("spool", found)


def temporary_folder(_: Settings) -> Finding:
    """The temporary folder can be written and has room."""
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        mend = "mount a writable /tmp (--tmpfs /tmp, an emptyDir), or set TMPDIR"
        return failed("temporary folder", error.strerror or str(error), mend)
    free_bytes = shutil.disk_usage(folder).free
    found = f"{folder} can be written, {size(free_bytes)} free"
    if free_bytes < TEMPORARY_LEAST_BYTES:
        mend = f"make room for {size(TEMPORARY_LEAST_BYTES)}, or set TMPDIR"
        return failed("temporary folder", found, mend)
    return ok("temporary folder", found)


def shared_memory(_: Settings) -> Finding:
    """The RAM disk has room for the capture ring and the browser's profile."""
    name, needed = "shared memory", f"{size(SHARED_MEMORY_BYTES)} needed"
    mend = (
        "give the container more: --shm-size 256m, or in Kubernetes an emptyDir with "
        "`medium: Memory` at /dev/shm"
    )
    if not SHARED_MEMORY.is_dir():
        return failed(name, f"no {SHARED_MEMORY}, {needed}", mend)
    usage = shutil.disk_usage(SHARED_MEMORY)
    room = f"{size(usage.free)} free of {size(usage.total)} in {SHARED_MEMORY}"
    if not os.access(SHARED_MEMORY, os.W_OK | os.X_OK):
        return failed(name, f"{SHARED_MEMORY} cannot be written", "chmod 1777 /dev/shm")
    if usage.free < SHARED_MEMORY_BYTES:
        return failed(name, f"{room}, {needed}", mend)
    return ok(name, f"{room}, {needed}")


def _unwritable(folder: Path) -> str | None:
    """Why nothing can be written there; the folder is made first."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"meetbot")
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return None

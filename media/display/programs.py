"""Programs that live no longer than the bot that started them."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from media.errors import DisplayUnavailable

END_DEADLINE_S: Final = 5.0
REAPER: Final = "setpriv"
"""Of util-linux, which is on every Debian: has the kernel end a program with its parent."""

log = structlog.get_logger(__name__)


def missing(programs: Collection[str]) -> tuple[str, ...]:
    """Which of these programs, and of what starts them, are not installed."""
    return tuple(name for name in (*programs, REAPER) if shutil.which(name, path=search()) is None)


def search() -> str:
    """Where programs are looked for, whatever the bot's own environment says."""
    return f"/usr/local/bin:{os.defpath}"


@asynccontextmanager
async def running(
    arguments: Sequence[str], *, folder: Path, pass_fds: Collection[int] = ()
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program while the context is open, its home and its complaints in `folder`.

    It is told to end when the thread that started it does, however that ends, and gets nothing of
    the bot's environment. Raises `DisplayUnavailable` where it is not installed.
    """
    name = arguments[0]
    if absent := missing([name]):
        raise DisplayUnavailable(f"{', '.join(absent)} not found")
    environment: Mapping[str, str] = {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": search()}
    with complaints_of(name, folder).open("wb") as complaints:
        process = await asyncio.create_subprocess_exec(
            shutil.which(REAPER, path=search()) or REAPER,
            *("--pdeathsig", "TERM", "--", *arguments),
            env=environment,
            pass_fds=tuple(pass_fds),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=complaints,
        )
    try:
        yield process
    finally:
        await end(process, name)


def complaints_of(name: str, folder: Path) -> Path:
    """Where a program's standard error goes."""
    return folder / f"{name}.log"


def last_complaint(name: str, folder: Path) -> str:
    """The last line a program wrote to standard error."""
    text = complaints_of(name, folder).read_text(encoding="utf-8", errors="replace")
    return (text.strip().splitlines() or ["it said nothing"])[-1][:300]


async def end(process: asyncio.subprocess.Process, name: str) -> None:
    """Have a program end; one that does not is killed."""
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_DEADLINE_S):
            await process.wait()
    except TimeoutError:
        log.warning("program_killed", program=name)
        process.kill()
        await process.wait()

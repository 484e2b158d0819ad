"""A desktop of its own for one browser: Xvfb and a private PulseAudio with a null sink."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.simulator import ended

PROGRAMS: Final = ("Xvfb", "pulseaudio", "ffmpeg")
START_DEADLINE_S: Final = 30.0
STARTED: Final = "Daemon startup complete"
"""PulseAudio's own word, at log level `info`."""
SINK: Final = "meeting"


@dataclass(frozen=True, slots=True)
class Desktop:
    """Where to draw, where to play, and the source that hears what is played."""

    display: str
    pulse_server: str
    source: str = f"{SINK}.monitor"

    @property
    def environment(self) -> Mapping[str, str]:
        """This process's environment with the two in it, for programs that draw and play."""
        return {**os.environ, "DISPLAY": self.display, "PULSE_SERVER": self.pulse_server}


def missing() -> tuple[str, ...]:
    """Programs of the comparison that are not installed here."""
    return tuple(name for name in PROGRAMS if shutil.which(name) is None)


@asynccontextmanager
async def desktop(size: tuple[int, int], folder: Path) -> AsyncIterator[Desktop]:
    """Both servers while the block runs. Raises RuntimeError where one does not start."""
    async with screen(size) as display, sound(folder) as server:
        yield Desktop(display, server)


@asynccontextmanager
async def screen(size: tuple[int, int]) -> AsyncIterator[str]:
    """An X server on a free number, which it tells once it listens; 24 bits a pixel."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as told:
        try:
            server = await asyncio.create_subprocess_exec(
                *("Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size[0]}x{size[1]}x24"),
                *("-nolisten", "tcp", "-terminate", "-noreset"),
                stderr=asyncio.subprocess.DEVNULL,
                pass_fds=(writing,),
            )
        finally:
            os.close(writing)
        try:
            async with asyncio.timeout(START_DEADLINE_S):
                number = (await asyncio.to_thread(told.readline)).strip()
            if not number:
                raise RuntimeError("Xvfb does not start")
            yield f":{number.decode()}"
        finally:
            await ended(server)


@asynccontextmanager
async def sound(folder: Path) -> AsyncIterator[str]:
    """A PulseAudio that reads no configuration and is reached by a socket in `folder` alone."""
    socket = folder / "pulse" / "native"
    socket.parent.mkdir(mode=0o700)
    server = await asyncio.create_subprocess_exec(
        *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=60"),
        *("--log-target=stderr", "--log-level=info"),
        f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        f"--load=module-null-sink sink_name={SINK} rate=48000",
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PULSE_RUNTIME_PATH": str(socket.parent), "LC_ALL": "C"},
    )
    if server.stderr is None:
        raise AssertionError("it is a pipe")
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            await heard(server.stderr, STARTED)
        drain = asyncio.create_task(read_on(server.stderr))
        try:
            yield f"unix:{socket}"
        finally:
            drain.cancel()
            await asyncio.gather(drain, return_exceptions=True)
    finally:
        await ended(server)


async def heard(lines: asyncio.StreamReader, words: str) -> None:
    """Return once a line holds the words. Raises RuntimeError with the last lines otherwise."""
    said: list[str] = []
    while line := await lines.readline():
        said.append(line.decode(errors="replace").strip())
        if words in said[-1]:
            return
    raise RuntimeError(" ".join(["PulseAudio does not start:", *said[-3:]]))


async def read_on(lines: asyncio.StreamReader) -> None:
    """Nobody waits for a reader of the log."""
    while await lines.read(65536):
        pass

"""A screen and a sound card that exist for one bot alone, in memory: Xvfb and PulseAudio."""

import asyncio
import os
import secrets
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from media.display.programs import last_complaint, missing, running
from media.errors import DisplayUnavailable
from media.types import AUDIO_RATE_HZ

START_DEADLINE_S: Final = 30.0
MARGIN_PX: Final = 16
"""Chromium makes a window as large as its screen a pixel smaller, so the screen is larger."""
FRAMEBUFFER: Final = "Xvfb_screen0"
"""Xvfb's name for the file that its screen lies in."""
XAUTH_ANY_HOST: Final = 0xFFFF
COOKIE: Final = "MIT-MAGIC-COOKIE-1"
COOKIE_BYTES: Final = 16
SCREEN_PROGRAM: Final = "Xvfb"
SOUND_PROGRAM: Final = "pulseaudio"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Display:
    """A running display: what a browser needs to find it, and where its picture and sound lie.

    `framebuffer` is the file the screen lies in; `sound` a FIFO of float32 stereo samples at
    48 kHz, None where no sound was asked for.
    """

    name: str
    framebuffer: Path
    sound: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def missing_programs(*, sound: bool = True) -> tuple[str, ...]:
    """What is not installed of all that `display` starts."""
    return missing((SCREEN_PROGRAM, SOUND_PROGRAM) if sound else (SCREEN_PROGRAM,))


@asynccontextmanager
async def display(
    folder: Path, width: int, height: int, *, sound: bool = True
) -> AsyncIterator[Display]:
    """A display for windows up to `width` x `height`, all its files in `folder`.

    The folder, mode 0700 and on a RAM disk, is the caller's to make and to remove. Both programs
    end with the context, or with the process. Raises `DisplayUnavailable`.
    """
    if absent := missing_programs(sound=sound):
        raise DisplayUnavailable(f"{', '.join(absent)} not found")
    async with _screen(folder, width, height) as screen:
        if not sound:
            yield screen
            return
        async with _sound(folder) as (fifo, socket):
            environment = {**screen.environment, "PULSE_SERVER": f"unix:{socket}"}
            log.info("display_started", display=screen.name, sound=True)
            yield Display(screen.name, screen.framebuffer, fifo, environment)


@asynccontextmanager
async def _screen(folder: Path, width: int, height: int) -> AsyncIterator[Display]:
    authority = folder / "Xauthority"
    authority.touch(mode=0o600)
    authority.write_bytes(xauthority(secrets.token_bytes(COOKIE_BYTES)))
    read_end, write_end = os.pipe()
    told = os.fdopen(write_end, "wb")
    arguments = (
        *(SCREEN_PROGRAM, "-displayfd", str(write_end), "-auth", str(authority)),
        *("-screen", "0", f"{width + MARGIN_PX}x{height + MARGIN_PX}x24", "-fbdir", str(folder)),
        *("-nocursor", "-nolisten", "tcp", "-noreset"),
    )
    try:
        async with running(arguments, folder=folder, pass_fds=[write_end]):
            told.close()  # what is left open is Xvfb's: its end can be noticed
            number = await _first_bytes(read_end)
            if not number:
                raise DisplayUnavailable(f"{SCREEN_PROGRAM}: {last_complaint('Xvfb', folder)}")
            name = f":{number.decode().strip()}"
            environment = {"DISPLAY": name, "XAUTHORITY": str(authority)}
            yield Display(name, folder / FRAMEBUFFER, None, environment)
    finally:
        told.close()
        os.close(read_end)


@asynccontextmanager
async def _sound(folder: Path) -> AsyncIterator[tuple[Path, Path]]:
    fifo, socket = folder / "sound", folder / "pulse.socket"
    os.mkfifo(fifo, 0o600)
    sink = (
        f"module-pipe-sink sink_name=meetbot file={fifo} format=float32le rate={AUDIO_RATE_HZ} "
        "channels=2 use_system_clock_for_timing=yes"
    )
    arguments = (
        *(SOUND_PROGRAM, "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
        *("--realtime=no", "--high-priority=no", "--log-target=stderr", "--log-level=warning"),
        *("-L", f"module-native-protocol-unix auth-anonymous=1 socket={socket}", "-L", sink),
    )
    # it must not find the sound server of whoever runs the bot, nor leave anything in its home
    async with running(arguments, folder=folder) as process:
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        try:
            await _flowing(reader, process, folder)
        finally:
            os.close(reader)
        if not socket.is_socket():  # a long name is cut off, silently
            raise DisplayUnavailable(f"{SOUND_PROGRAM}: no socket at {socket}")
        yield fifo, socket


async def _first_bytes(read_end: int) -> bytes:
    """What comes first through a pipe; nothing when its other end was closed, or nothing came."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(read_end, came.set)
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            await came.wait()
    except TimeoutError:
        return b""
    finally:
        loop.remove_reader(read_end)
    return os.read(read_end, 16)


async def _flowing(reader: int, process: asyncio.subprocess.Process, folder: Path) -> None:
    """Wait until sound comes: samples flow from the start, silent ones too."""
    loop, came = asyncio.get_running_loop(), asyncio.Event()
    ended = asyncio.ensure_future(process.wait())
    ended.add_done_callback(lambda _: came.set())
    loop.add_reader(reader, came.set)
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            await came.wait()
    except TimeoutError as error:
        raise DisplayUnavailable(f"{SOUND_PROGRAM}: no sound came") from error
    finally:
        loop.remove_reader(reader)
        ended.cancel()
    if process.returncode is not None:
        complaint = last_complaint(SOUND_PROGRAM, folder)
        raise DisplayUnavailable(f"{SOUND_PROGRAM}: {complaint}")


def xauthority(cookie: bytes) -> bytes:
    """An Xauthority file with one cookie for every display: `Xau(3)`. Pure."""
    parts = (b"", b"", COOKIE.encode(), cookie)  # host, display number, kind, secret
    packed = b"".join(struct.pack(">H", len(part)) + part for part in parts)
    return struct.pack(">H", XAUTH_ANY_HOST) + packed

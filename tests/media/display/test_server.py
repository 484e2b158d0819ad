"""A real X server and a real sound server."""

import asyncio
import os
import struct
import sys
from pathlib import Path

import av
import psutil
import pytest

from media.display import programs
from media.display.server import display, missing_programs, xauthority
from media.errors import DisplayUnavailable
from platforms.chromium import browser_folder
from tests.media.flash import added

here = pytest.mark.skipif(
    bool(missing_programs()), reason="no Xvfb or PulseAudio: make display-programs"
)
SIZE = (320, 180)

VICTIM = """
import asyncio, sys
from pathlib import Path
import psutil
from media.display.server import display

async def main():
    async with display(Path(sys.argv[1]), 320, 180):
        print("pids", *(child.pid for child in psutil.Process().children()), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def opens(name: str) -> bool:
    """Whether a client of this environment is let in."""
    try:
        with av.open(name, format="x11grab", options={"video_size": "320x180"}):
            return True
    except OSError:
        return False


@here
async def test_a_display_is_open_to_whoever_has_its_cookie_alone(tmp_path: Path) -> None:
    """Two at once have names of their own; none lets a stranger in; nothing of them stays."""
    before = set(psutil.Process().children())
    with browser_folder() as one, browser_folder() as other:
        async with display(one, *SIZE) as first, display(other, *SIZE, sound=False) as second:
            assert first.name != second.name
            assert first.sound is not None
            assert second.sound is None
            assert set(second.environment) == {"DISPLAY", "XAUTHORITY"}
            with added({"XAUTHORITY": str(tmp_path / "none"), "HOME": str(tmp_path)}):
                assert not await asyncio.to_thread(opens, first.name)
            with added(second.environment):
                assert not await asyncio.to_thread(opens, first.name)
                assert await asyncio.to_thread(opens, second.name)
            assert (one / "Xauthority").stat().st_mode & 0o777 == 0o600
            started = set(psutil.Process().children()) - before
            assert {process.name() for process in started} == {"Xvfb", "pulseaudio"}
        assert not any(process.is_running() for process in started)


@here
async def test_a_display_does_not_outlive_a_bot_that_is_killed(tmp_path: Path) -> None:
    """Both programs end when the process that started them is gone."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", VICTIM, str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            while not (line := await process.stdout.readline()).startswith(b"pids"):
                assert line
        left = [psutil.Process(int(pid)) for pid in line.split()[1:]]
        assert len(left) == 2
    finally:
        process.kill()
        await process.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, left, timeout=60)
    assert not alive


@here
async def test_a_screen_that_cannot_be_had_is_told_in_the_programs_words(tmp_path: Path) -> None:
    """And nothing is left running."""
    before = len(psutil.Process().children())
    with pytest.raises(DisplayUnavailable, match=r"Xvfb: .*screen"):
        async with display(tmp_path, 90_000, 90_000):
            pass
    assert len(psutil.Process().children()) == before


@here
async def test_a_sound_server_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    """A folder with a name too long for a socket has a screen, and no sound."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with pytest.raises(DisplayUnavailable, match="pulseaudio: no socket"):
        async with display(folder, *SIZE):
            pass


async def test_what_is_not_installed_is_named_with_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is started, and when a program is."""
    monkeypatch.setattr(programs, "search", lambda: str(tmp_path))
    assert missing_programs() == ("Xvfb", "pulseaudio", "setpriv")
    assert missing_programs(sound=False) == ("Xvfb", "setpriv")
    with pytest.raises(DisplayUnavailable, match=r"Xvfb, pulseaudio, setpriv not found .apt-get"):
        async with display(tmp_path, *SIZE):
            pass


def test_the_cookie_is_for_every_display() -> None:
    """Family, then host, number, kind and secret, each with its length before it."""
    cookie = os.urandom(16)
    packed = xauthority(cookie)
    family, host, number, kind_bytes = struct.unpack(">HHHH", packed[:8])
    assert (family, host, number, kind_bytes) == (0xFFFF, 0, 0, 18)
    assert packed[8:26] == b"MIT-MAGIC-COOKIE-1"
    assert packed[26:] == struct.pack(">H", 16) + cookie

"""The browser as a program: where it is, its flags, its processes, its folder."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil
import structlog

from platforms.errors import BrowserUnavailable

log = structlog.get_logger(__name__)

SYSTEM_BROWSERS: Final = (
    # the binaries: Debian's wrapper script adds extension flags
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium-browser/chromium-browser",
)
FOLDER_PREFIX: Final = "meetbot-"
LOCK_NAME: Final = "lock"
KILL_DEADLINE_S: Final = 2.0
PROFILE_ROOM_BYTES: Final = 48 * 1024 * 1024
"""A fresh profile grows to about 25 MB beside the ring's 20 MB."""

FLAGS: Final = (
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=Translate,MediaRouter,OptimizationHints,CalculateNativeWinOcclusion",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--lang=en-US",
    "--hide-scrollbars",
    "--animation-duration-scale=0",  # of the browser's own surroundings, not of pages
    "--use-fake-device-for-media-stream",
)

_open_folders: set[Path] = set()


def candidates(setting: Path | None, playwright_path: Path | None) -> tuple[Path, ...]:
    """Browsers to try in order: the setting (alone), Playwright's, the system's."""
    if setting is not None:
        return (setting,)
    system = [Path(path) for path in SYSTEM_BROWSERS]
    return tuple(path for path in (playwright_path, *system) if path is not None and path.exists())


async def plain_user_agent(executable: Path) -> str:
    """The browser's own user agent without the word Headless, in Chromium's reduced form.

    Some web clients never load for HeadlessChrome; nothing else about the identity is altered
    (the client hints do not carry the word: seen on Chromium 156). Only the major version is told,
    as every Chromium does since 101. Raises `BrowserUnavailable`.
    """
    process = await asyncio.create_subprocess_exec(
        str(executable),
        "--version",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            with suppress(TimeoutError):  # its output is held by what it has started
                async with asyncio.timeout(KILL_DEADLINE_S):
                    await process.communicate()
    numbers = [word for word in output.decode(errors="replace").split() if word[:1].isdigit()]
    if not numbers:
        raise BrowserUnavailable({str(executable): "does not tell its version"})
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{numbers[0].split('.')[0]}.0.0.0 Safari/537.36"
    )


@contextmanager
def browser_folder(shared_memory: Path = Path("/dev/shm")) -> Iterator[Path]:  # noqa: S108 - a RAM disk is the point
    """A folder for profiles, on the RAM disk where it has room, else in the temporary folder.

    What dead runs left there goes first: a RAM disk can outlive its container, and be full of them.

    On leaving, every browser with a profile below it is killed and the folder removed: this runs
    last, without an await, so that not even a cancellation leaves anything behind.
    """
    remove_folders_of_the_dead(shared_memory)
    roomy = shared_memory.is_dir() and shutil.disk_usage(shared_memory).free > PROFILE_ROOM_BYTES
    parent = shared_memory if roomy and os.access(shared_memory, os.W_OK) else None
    if parent is None:
        log.warning("profile_on_disk", needed_bytes=PROFILE_ROOM_BYTES, cure="a larger /dev/shm")
        remove_folders_of_the_dead(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=parent))
    _open_folders.add(folder)
    try:
        with _lock_held(folder):
            yield folder
    finally:
        _remove(folder)


def remove_folders_of_the_dead(parent: Path) -> None:
    """Remove what runs killed with SIGKILL left in memory, their browsers first.

    A run holds the lock of its folder as long as it lives; a folder without one is just being made.
    """
    for lock in parent.glob(f"{FOLDER_PREFIX}*/{LOCK_NAME}"):
        try:
            with lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # somebody lives, or another bot is quicker
            continue
        log.info("dead_browser_folder_removed", folder=str(lock.parent))
        _remove(lock.parent)


@contextmanager
def _lock_held(folder: Path) -> Iterator[None]:
    made = folder / f"{LOCK_NAME}.new"
    with made.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        made.rename(folder / LOCK_NAME)  # nobody sees it unlocked
        yield


def remove_browser_folders() -> None:
    """Kill every browser this process has started and remove its folder: for an end at once."""
    for folder in tuple(_open_folders):
        _remove(folder)


def _remove(folder: Path) -> None:
    end_processes_of(folder)
    shutil.rmtree(folder, ignore_errors=True)
    _open_folders.discard(folder)


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process of a browser whose profile is `folder` or lies in it, by process id.

    Chromium gives the flag on to its children (156 does, to each of them).
    """
    flag = f"--user-data-dir={folder}"
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(
            word == flag or word.startswith(f"{flag}/") for word in process.info["cmdline"] or ()
        )
    ]


def main_processes_of(folder: Path) -> list[psutil.Process]:
    """Those of them that are no other's child: no `--type=`.

    The lowest process id does not tell: the numbers start anew at pid_max, in the middle of a tree.
    """
    return [
        process
        for process in processes_of(folder)
        if not any(word.startswith("--type=") for word in process.info["cmdline"])
    ]


def tree_of(process: psutil.Process) -> list[psutil.Process]:
    """The process and all its living descendants."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def end_processes_of(folder: Path) -> None:
    """Kill what is left of the browsers there: a hung renderer must not outlive the meeting."""
    trees = [child for main in main_processes_of(folder) for child in tree_of(main)]
    left = {each.pid: each for each in (*processes_of(folder), *trees)}
    for process in left.values():
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(list(left.values()), timeout=KILL_DEADLINE_S)


def blames_sandbox(error: Exception) -> bool:
    """Whether a browser did not start because its sandbox could not be made.

    Seen on Chromium 156: without user namespaces it says so (`No usable sandbox`), or a check in
    its `sandbox` folder fails; where namespaces work and chroot does not, its zygote dies of it.
    """
    words = str(error).lower()
    return any(sign in words for sign in ("sandbox", "sys_chroot", "zygote"))


def first_line(error: Exception) -> str:
    """The gist of an error for a log line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]

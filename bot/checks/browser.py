"""The browser, its sandbox, and the codecs that turn what it shows into files."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import av

from bot.checks.machine import HOME_MEND, user
from bot.checks.threads import in_daemon_thread
from bot.checks.types import Finding, Level, failed, ok, warning
from bot.launch import browser_of
from bot.settings import Settings
from media.display.server import missing_programs
from media.errors import DISPLAY_CURE, DisplayUnavailable
from platforms.chromium import SYSTEM_BROWSERS, candidates
from platforms.errors import BrowserUnavailable

INSTALL: Final = "apt-get install chromium libatomic1, or name one: --browser or MEETBOT_BROWSER"
WITHOUT_DISPLAY: Final = "MEETBOT_CAPTURE=tab and MEETBOT_BROWSER_MODE=headless need none"
CODECS: Final = ("libx264", "aac", "libmp3lame")
"""Encoders of `media.encoder`."""
ROOT_MEND: Final = "run as another user, as the image does (--user 10001)"
OBSTACLES: Final = (
    # (file, the content that stands in the sandbox's way, how to mend it), as root on the host
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)
SECCOMP_MEND: Final = (
    "meetbot manifest --seccomp-profile >meetbot.json, then --security-opt seccomp=meetbot.json "
    "(in Kubernetes a seccompProfile of type Localhost, as meetbot manifest writes it)"
)


def browser_there(settings: Settings) -> Finding:
    """A browser is where one is looked for. It is started only by `browser_works`."""
    found = [path for path in candidates(settings.browser, None) if path.exists()]
    if not found:
        wanted = settings.browser or " or ".join(SYSTEM_BROWSERS[:2])
        return failed("browser", f"{wanted} not found", INSTALL)
    if not os.access(found[0], os.X_OK):
        return failed("browser", f"{found[0]} cannot be executed", f"chmod +x {found[0]}")
    return ok("browser", str(found[0]))


async def browser_works(settings: Settings) -> Sequence[Finding]:
    """A browser starts, has what a recording needs, and delivers a picture and a sound.

    A second finding says whether its sandbox is on.
    """
    home = await in_daemon_thread(partial(user, settings))
    if home.level is Level.FAILED:
        return [failed("browser", "not started: its driver needs a home, see `user`", HOME_MEND)]
    try:
        async with browser_of(settings, name_card="meetbot doctor") as browser:
            where = f"{browser.executable}, version {browser.version}"
            sandbox = _sandbox(is_on=browser.sandbox)
    except DisplayUnavailable as error:
        return [failed("display", error.reason, f"{DISPLAY_CURE}; or {WITHOUT_DISPLAY}")]
    except BrowserUnavailable as error:
        problems = "; ".join(f"{path}: {why}" for path, why in error.problems.items())
        return [failed("browser", problems or "none was found", INSTALL)]
    able = "H.264" if settings.capture == "display" else "H.264, track processor and OPFS"
    return [ok("browser", f"{where}; has {able}; gave a picture and a sound"), sandbox]


def display_there(settings: Settings) -> Finding:
    """What a display is made with is installed, where the settings need one."""
    if not settings.is_headful:
        return ok("display", "not needed: the browser has no window")
    if absent := missing_programs(sound=settings.capture == "display"):
        mend = f"{DISPLAY_CURE}; or {WITHOUT_DISPLAY}"
        return failed("display", f"{', '.join(absent)} not found", mend)
    return ok("display", "Xvfb and PulseAudio are there")


def codecs(_: Settings) -> Finding:
    """PyAV can encode what is stored."""
    missing = [name for name in CODECS if not _encodes(name)]
    if missing:
        mend = "pip install --force-reinstall av (its wheels carry them)"
        return failed("codecs", f"PyAV {av.__version__} lacks {', '.join(missing)}", mend)
    return ok("codecs", f"PyAV {av.__version__} has {', '.join(CODECS)}")


def _encodes(codec: str) -> bool:
    try:
        av.Codec(codec, "w")
    except ValueError:  # unknown, or it only decodes
        return False
    return True


def _sandbox(*, is_on: bool) -> Finding:
    if is_on:
        return ok("sandbox", "on")
    why, mend = _obstacle()
    return warning("sandbox", f"off: {why}", mend)


def _obstacle() -> tuple[str, str]:
    """What keeps Chromium's sandbox from working here, and how to mend it."""
    if os.geteuid() == 0:
        return "Chromium has none for root", ROOT_MEND
    for file, content, mend in OBSTACLES:
        if _read(file) == content:
            return f"{file} is {content}", mend
    if "Seccomp:\t2" in _read("/proc/self/status"):
        return "the container's seccomp filter lets no user namespace be made", SECCOMP_MEND
    return "the kernel lets no user namespace be made", OBSTACLES[0][-1]


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""

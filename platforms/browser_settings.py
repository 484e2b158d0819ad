"""How a browser is started: what its user chooses, and what that is in Playwright's words."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platforms.access import NO_ACCESS, Access
from platforms.card import DeviceFiles
from platforms.chromium import FLAGS
from platforms.confines import confined


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """How the browser is started.

    `executable` is tried alone when given. `name_card` is the name the fake camera shows; without
    one it shows Chromium's test picture, and the microphone beeps. `sandbox=False` gives up
    Chromium's sandbox from the start; else it is given up only where it cannot work (as root, or
    when the kernel refuses it). `extra_args` are for the test meeting's host name and certificate.
    Programs are started inside `environment()`, which may keep variables from them. `access` says
    with whose session and through which proxy meetings are reached. With `bare` a headful page is
    shown alone, without the window round it, in the upper left corner of a larger screen.
    """

    executable: Path | None = None
    headless: bool = True
    width: int = 1280
    height: int = 720
    sandbox: bool = True
    name_card: str | None = None
    extra_args: Sequence[str] = field(default=())
    environment: Callable[[], AbstractContextManager[None]] = nullcontext
    access: Access = NO_ACCESS
    bare: bool = False


def launch_options(
    settings: BrowserSettings, capture_token: str, devices: DeviceFiles | None
) -> dict[str, Any]:
    """Arguments of Playwright's `launch_persistent_context`, but for executable and identity.

    A page whose title is `capture_token` may be captured without anybody choosing it.
    """
    size = {"width": settings.width, "height": settings.height}
    return {
        "headless": False,  # the new headless mode is a flag of the full browser
        "args": launch_args(settings, capture_token, devices),
        "ignore_default_args": ["--mute-audio"],
        "viewport": None if settings.bare else size,
        "no_viewport": settings.bare or None,
        "locale": "en-US",
        "permissions": ["microphone", "camera"],
        "accept_downloads": False,
        "proxy": settings.access.proxy,
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }


def launch_args(
    settings: BrowserSettings, capture_token: str, devices: DeviceFiles | None
) -> list[str]:
    """Chromium's command line."""
    args = [
        *FLAGS,
        f"--auto-select-tab-capture-source-by-title={capture_token}",
        f"--window-size={settings.width},{settings.height}",
        *confined(settings.extra_args, proxied=settings.access.proxy is not None),
    ]
    if settings.headless:
        # the screen is as large as the window: a window that fills it stays as it is
        args += ["--headless=new", f"--screen-info={{{settings.width}x{settings.height}}}"]
    if settings.bare:
        args += ["--kiosk", "--window-position=0,0"]
    if devices is not None:
        args += [
            f"--use-file-for-fake-video-capture={devices.camera_y4m}",
            f"--use-file-for-fake-audio-capture={devices.microphone_wav}",
        ]
    return args

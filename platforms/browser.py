"""Finds a browser, starts it with one meeting page and one recorder page, and ends it whole."""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil
import structlog
from playwright.async_api import BrowserContext, Page, Playwright, Route, async_playwright
from playwright.async_api import Error as PlaywrightError

from platforms.errors import BrowserUnavailable

log = structlog.get_logger(__name__)

SYSTEM_BROWSERS: Final = (
    # the binaries: Debian's wrapper script adds extension flags
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/usr/lib/chromium-browser/chromium-browser",
)
LAUNCH_DEADLINE_S: Final = 15.0
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
    "--use-fake-device-for-media-stream",
)


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """How the browser is started.

    `executable` is tried alone when given. `camera_mjpeg` and `microphone_wav` are what the fake
    devices show and play. `extra_args` are for the test meeting's host name and certificate.
    """

    executable: Path | None = None
    headless: bool = True
    width: int = 1280
    height: int = 720
    sandbox: bool = True
    camera_mjpeg: Path | None = None
    microphone_wav: Path | None = None
    extra_args: Sequence[str] = field(default=())


def candidates(setting: Path | None, playwright_path: Path | None) -> tuple[Path, ...]:
    """Browsers to try in order: the setting (alone), Playwright's, the system's."""
    if setting is not None:
        return (setting,)
    system = [Path(path) for path in SYSTEM_BROWSERS]
    return tuple(path for path in (playwright_path, *system) if path is not None and path.exists())


class MeetingBrowser:
    """A running browser: one page for the meeting, one for the recorder.

    `gone` is set when the browser has ended, `crashed` when the meeting page's renderer has.
    Raises `BrowserUnavailable` on entering when no candidate starts.
    """

    def __init__(
        self,
        settings: BrowserSettings,
        *,
        recorder_origin: str,
        recorder_files: Mapping[str, tuple[str, bytes]],
        required: Sequence[str] = ("h264", "processor", "opfs"),
    ) -> None:
        self._settings = settings
        self._origin = recorder_origin
        self._files = recorder_files
        self._required = required
        self._stack = AsyncExitStack()
        self._token = f"meetbot-{secrets.token_hex(8)}"
        self.gone = asyncio.Event()
        self.crashed = asyncio.Event()
        self.executable = Path()
        self.version = ""
        self.profile_dir = Path()
        self.context: BrowserContext
        self.page: Page
        self.recorder: Page

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            playwright = await stack.enter_async_context(async_playwright())
            self.profile_dir = stack.enter_context(profile_folder())
            await self._start_first(playwright, stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _start_first(self, playwright: Playwright, stack: AsyncExitStack) -> None:
        problems = {}
        own = Path(playwright.chromium.executable_path)
        for executable in candidates(self._settings.executable, own):
            try:
                async with AsyncExitStack() as attempt:
                    await self._start(playwright, executable, attempt)
                    stack.push_async_callback(attempt.pop_all().aclose)
            except (PlaywrightError, BrowserUnavailable, TimeoutError, OSError) as error:
                lines = str(error).strip().splitlines() or [type(error).__name__]
                problems[str(executable)] = lines[0][:300]
                log.warning("browser_refused", executable=str(executable), problem=lines[0][:300])
            else:
                self.executable = executable
                return
        raise BrowserUnavailable(problems)

    async def _start(self, playwright: Playwright, executable: Path, stack: AsyncExitStack) -> None:
        async with asyncio.timeout(LAUNCH_DEADLINE_S):
            user_agent = await plain_user_agent(executable)
            self.context = await playwright.chromium.launch_persistent_context(
                str(self.profile_dir),
                executable_path=str(executable),
                headless=False,  # the new headless mode is a flag of the full browser
                args=self._launch_args(),
                ignore_default_args=["--mute-audio"],
                chromium_sandbox=self._settings.sandbox,
                user_agent=user_agent,
                viewport={"width": self._settings.width, "height": self._settings.height},
                locale="en-US",
                permissions=["microphone", "camera"],
                accept_downloads=False,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            stack.push_async_callback(self._close_context)
            self.context.on("close", lambda _: self.gone.set())
            self.page = self.context.pages[0]
            self.page.on("crash", lambda _: self.crashed.set())
            self.recorder = await self.context.new_page()
            await self.recorder.route(f"{self._origin}/**", self._serve)
            await self.recorder.goto(f"{self._origin}/")
            found = await self.recorder.evaluate("() => capabilities()")
            missing = [name for name in self._required if not found.get(name)]
            if missing:
                raise BrowserUnavailable({str(executable): f"lacks {', '.join(missing)}"})
            await self.page.bring_to_front()
        browser = self.context.browser
        self.version = browser.version if browser else ""
        log.info("browser_started", executable=str(executable), version=self.version)

    def _launch_args(self) -> list[str]:
        settings = self._settings
        args = [
            *FLAGS,
            f"--auto-select-tab-capture-source-by-title={self._token}",
            f"--window-size={settings.width},{settings.height}",
            *settings.extra_args,
        ]
        if settings.headless:
            args.append("--headless=new")
        if settings.camera_mjpeg is not None:
            args.append(f"--use-file-for-fake-video-capture={settings.camera_mjpeg}")
        if settings.microphone_wav is not None:
            args.append(f"--use-file-for-fake-audio-capture={settings.microphone_wav}")
        return args

    async def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(self._origin)
        content_type, body = self._files.get(path, ("", b""))
        if content_type:
            await route.fulfill(status=200, content_type=content_type, body=body)
        else:
            await route.fulfill(status=404, body="")

    async def _close_context(self) -> None:
        try:
            async with asyncio.timeout(5):
                await self.context.close()
        except (TimeoutError, PlaywrightError) as error:
            log.warning("browser_close_failed", problem=type(error).__name__)
        await asyncio.to_thread(end_processes_of, self.profile_dir)

    @asynccontextmanager
    async def titled(self) -> AsyncIterator[None]:
        """The meeting page carries the capture flag's token as its title inside this block."""
        swap = "token => { const old = document.title; document.title = token; return old; }"
        old = await self.page.evaluate(swap, self._token)
        try:
            yield
        finally:
            await self.page.evaluate(swap, old)

    def processes(self) -> list[psutil.Process]:
        """The browser's process tree, found by its profile folder."""
        return processes_of(self.profile_dir)


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
    output, _ = await process.communicate()
    numbers = [word for word in output.decode(errors="replace").split() if word[:1].isdigit()]
    if not numbers:
        raise BrowserUnavailable({str(executable): "does not tell its version"})
    return (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{numbers[0].split('.')[0]}.0.0.0 Safari/537.36"
    )


@contextmanager
def profile_folder(shared_memory: Path = Path("/dev/shm")) -> Iterator[Path]:  # noqa: S108 - a RAM disk is the point
    """A fresh profile on the RAM disk where it has room, else in the temporary folder."""
    roomy = shared_memory.is_dir() and shutil.disk_usage(shared_memory).free > PROFILE_ROOM_BYTES
    parent = shared_memory if roomy and os.access(shared_memory, os.W_OK) else None
    if parent is None:
        log.warning("profile_on_disk", needed_bytes=PROFILE_ROOM_BYTES, cure="a larger /dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="meetbot-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def processes_of(profile_dir: Path) -> list[psutil.Process]:
    """Every live process of the browser that uses this profile, its children included."""
    flag = f"--user-data-dir={profile_dir}"
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter(["cmdline"]):
        if flag in (process.info["cmdline"] or ()):
            found[process.pid] = process
            with suppress(psutil.Error):
                found.update({child.pid: child for child in process.children(recursive=True)})
    return list(found.values())


def end_processes_of(profile_dir: Path) -> None:
    """Kill what is left of the browser: a hung renderer must not outlive the meeting."""
    for process in processes_of(profile_dir):
        with suppress(psutil.Error):
            process.kill()

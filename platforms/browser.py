"""Finds a browser, starts it with a meeting page and a recorder page, and ends it whole."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psutil
import structlog
from playwright.async_api import BrowserContext, Page, Playwright
from playwright.async_api import Error as PlaywrightError

from platforms.browser_settings import BrowserSettings, launch_options
from platforms.card import DeviceFiles, write_devices
from platforms.chromium import (
    blames_sandbox,
    browser_folder,
    candidates,
    end_processes_of,
    first_line,
    main_processes_of,
    plain_user_agent,
    tree_of,
)
from platforms.driver import driver
from platforms.errors import BrowserUnavailable, PageLost
from platforms.pages import answers, close_page, fill_screen, lacking, served, show, titled

log = structlog.get_logger(__name__)

LAUNCH_DEADLINE_S: Final = 30.0
CLOSE_DEADLINE_S: Final = 5.0
RECORDER_NEEDS: Final = ("processor", "opfs")
"""What a recorder page cannot work without."""


class MeetingBrowser:
    """A running browser: one page for the meeting, and one for the recorder if it has files.

    `gone` is set when the browser has ended, `crashed` when the meeting page's renderer has,
    `frozen` when that was given up, `recorder_crashed` when the recorder page's renderer has ended;
    `on_death` is called after the first three.
    `sandbox` says whether Chromium's is on.
    `probe` is run with the started browser and refuses it by raising; then the next candidate is
    tried. Raises `BrowserUnavailable` on entering when no candidate is left. On leaving, however
    it is left, no process and no file remains.
    """

    def __init__(
        self,
        settings: BrowserSettings,
        *,
        recorder_origin: str,
        recorder_files: Mapping[str, tuple[str, bytes]] | None,
        required: Sequence[str] = ("h264",),
        probe: "Callable[[MeetingBrowser], Awaitable[None]] | None" = None,
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._origin = recorder_origin
        self._files = recorder_files
        self._required = (*required, *(RECORDER_NEEDS if recorder_files else ()))
        self._probe = probe
        self._on_death = on_death
        self._stack = AsyncExitStack()
        self._running = AsyncExitStack()
        self._playwright: Playwright
        self._token = f"meetbot-{secrets.token_hex(8)}"
        self._attempts = 0
        self._folder = Path()
        self._devices: DeviceFiles | None = None
        self._main: psutil.Process | None = None
        self.gone = asyncio.Event()
        self.crashed = asyncio.Event()
        self.frozen = asyncio.Event()
        self.recorder_crashed = asyncio.Event()
        self.executable = Path()
        self.version = ""
        self.sandbox = False
        self.profile_dir = Path()
        self.context: BrowserContext
        self.page: Page
        self.recorder: Page

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._folder = stack.enter_context(browser_folder())
            with self._settings.environment():  # the driver hands its own on to the browser
                self._playwright = await stack.enter_async_context(driver())
            stack.push_async_callback(self._stop)
            if self._settings.name_card is not None:
                self._devices = await asyncio.to_thread(
                    write_devices, self._folder, self._settings.name_card
                )
            await self._start_first()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _start_first(self) -> None:
        problems = {}
        own = Path(self._playwright.chromium.executable_path)
        for executable in candidates(self._settings.executable, own):
            try:
                await self._start(executable, self._probe)
            except Exception as error:  # noqa: BLE001 - whatever refuses it, the next one may do
                problems[str(executable)] = first_line(error)
                log.warning("browser_refused", executable=str(executable), problem=str(error)[:300])
            else:
                log.info(
                    "browser_started",
                    executable=str(executable),
                    version=self.version,
                    sandbox="on" if self.sandbox else "off",
                )
                return
        raise BrowserUnavailable(problems)

    async def _start(
        self,
        executable: Path,
        probe: "Callable[[MeetingBrowser], Awaitable[None]] | None" = None,
    ) -> None:
        async with AsyncExitStack() as attempt:
            async with asyncio.timeout(LAUNCH_DEADLINE_S):
                with self._settings.environment():
                    user_agent = await plain_user_agent(executable)
                await self._launch(executable, user_agent)
                attempt.push_async_callback(self._close_context)
                await self._settings.access.assume(self.context)
                await self._open_pages(executable)
            if probe is not None:
                await probe(self)
            self._running = attempt.pop_all()
        self.executable = executable
        browser = self.context.browser
        self.version = browser.version if browser else ""

    async def _stop(self) -> None:
        await self._running.aclose()

    async def restart(self) -> Page:
        """Start the browser anew in place of one that has died: both pages are new and blank.

        What was left of the old one goes first. It has proved itself: it is not probed again.
        Raises `BrowserUnavailable`.
        """
        await self._stop()
        await asyncio.to_thread(shutil.rmtree, self.profile_dir, ignore_errors=True)
        try:
            await self._start(self.executable)
        except (TimeoutError, PlaywrightError) as error:
            raise BrowserUnavailable({str(self.executable): first_line(error)}) from error
        log.info("browser_restarted", executable=str(self.executable))
        return self.page

    async def _launch(self, executable: Path, user_agent: str) -> None:
        """With the sandbox if it may work, else without."""
        self.sandbox = self._settings.sandbox and os.geteuid() != 0
        try:
            await self._launch_once(executable, user_agent)
        except PlaywrightError as error:
            if not self.sandbox or not blames_sandbox(error):
                raise
            log.warning("browser_sandbox_refused", executable=str(executable))
            self.sandbox = False
            await self._launch_once(executable, user_agent)

    async def _launch_once(self, executable: Path, user_agent: str) -> None:
        self._attempts += 1
        self._main = None
        # a profile made by another browser may not suit this one
        self.profile_dir = self._folder / f"profile-{self._attempts}"
        self.context = await self._playwright.chromium.launch_persistent_context(
            str(self.profile_dir),
            executable_path=str(executable),
            chromium_sandbox=self.sandbox,
            user_agent=user_agent,
            **launch_options(self._settings, self._token, self._devices),
        )

    async def _open_pages(self, executable: Path) -> None:
        context = self.context
        self.gone.clear()
        context.on("close", lambda _: self._died(self.gone) if context is self.context else None)
        self._adopt_page(self.context.pages[0])
        await self._open_recorder()
        asked = self.page if self._files is None else self.recorder
        if missing := await lacking(asked, self._required):
            raise BrowserUnavailable({str(executable): f"lacks {', '.join(missing)}"})

    def _adopt_page(self, page: Page) -> None:
        self.page = page
        self.crashed.clear()
        self.frozen.clear()
        page.on("crash", lambda _: self._died(self.crashed) if page is self.page else None)

    def _died(self, event: asyncio.Event) -> None:
        event.set()
        self._on_death()

    async def answers(self) -> bool:
        """Whether the browser does, whatever its pages do."""
        return await answers(self.context)

    def give_up_page(self) -> None:
        """The meeting page will never answer again."""
        self._died(self.frozen)

    async def resize(self, width: int, height: int) -> None:
        """Have the meeting page laid out anew at this size. Raises `PageLost`."""
        try:
            await self.page.set_viewport_size({"width": width, "height": height})
        except PlaywrightError as error:
            raise PageLost("resizing the page") from error
        await self._fill_screen()

    async def renew_page(self) -> Page:
        """Replace the meeting page by a new, blank one: a crashed one cannot be mended.

        `crashed` and `frozen` are cleared. A capture of the old page has to be made anew. Raises
        `PageLost`.
        """
        old = self.page
        try:
            self._adopt_page(await self.context.new_page())
            await close_page(old)
            await self.page.bring_to_front()
        except PlaywrightError as error:
            raise PageLost("opening a new page") from error
        await self._fill_screen()
        return self.page

    async def renew_recorder(self) -> Page:
        """Replace the recorder page by a new one. A capture ends with its page.

        Raises `PageLost` where no new one can be opened.
        """
        old = self.recorder
        try:
            await self._open_recorder()
        except PlaywrightError as error:
            raise PageLost("opening the recorder page") from error
        await close_page(old)
        return self.recorder

    async def _open_recorder(self) -> None:
        if self._files is None:
            return
        page = self.recorder = await self.context.new_page()
        self.recorder_crashed.clear()
        page.on("crash", lambda _: self.recorder_crashed.set() if page is self.recorder else None)
        await page.route(f"{self._origin}/**", served(self._origin, self._files))
        await page.goto(f"{self._origin}/")
        await self.page.bring_to_front()
        await self._fill_screen()

    async def _fill_screen(self) -> None:
        if self._settings.headless:
            await fill_screen(self.page)

    async def _close_context(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_DEADLINE_S):
                await self.context.close()
        except (TimeoutError, PlaywrightError) as error:
            log.warning("browser_close_failed", problem=type(error).__name__)
        await asyncio.to_thread(end_processes_of, self.profile_dir)

    def titled(self) -> AbstractAsyncContextManager[None]:
        """The meeting page carries the capture flag's token as its title inside this block."""
        return titled(self.page, self._token)

    @asynccontextmanager
    async def behind(self) -> AsyncIterator[None]:
        """The meeting page lies behind the recorder page inside this block. Never raises.

        Captured, it is drawn for the capture alone, and not a second time for a window nobody sees.
        What is not captured is not drawn there: a capture of it has to last as long as the block.
        """
        await show(self.recorder)
        try:
            yield
        finally:
            if not any(each.is_set() for each in (self.crashed, self.frozen, self.gone)):
                await show(self.page)

    def processes(self) -> list[psutil.Process]:
        """The browser's process tree. Blocks for some milliseconds: reads /proc."""
        if self._main is None or not self._main.is_running():
            self._main = next(iter(main_processes_of(self.profile_dir)), None)
        return tree_of(self._main) if self._main is not None else []

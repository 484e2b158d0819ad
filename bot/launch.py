"""Which browser a run starts, what drives the meeting in it, and what records it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from bot.access import access_of
from bot.backends import Backend, backend_of, prove
from bot.context import Context
from bot.machine import IN_CALL
from bot.page_watch import watch_over
from bot.recording import Recording
from bot.screenshots import Screenshots
from bot.settings import Settings, browser_environment
from bot.shape import ANY_SHAPE, Shape, shape_of
from bot.tables import refuse_bad_selectors, table_of
from bot.vigil import Vigil
from media.tab.capture import ORIGIN, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from platforms.receivers import Receivers
from platforms.web_client import WebClient

HEARD_S: Final = 3.0
"""Something heard so short a time ago comes from a page that lives."""


@asynccontextmanager
async def new_browser(
    context: Context, extra_args: tuple[str, ...]
) -> AsyncIterator[MeetingBrowser]:
    """The browser that goes into the meeting, under the bot's name; and what records it."""
    shape = shape_of(context.job)
    async with backend_of(context.settings, shape) as context.backend:
        browser = browser_on(
            context.settings,
            context.backend,
            shape,
            name_card=context.shown_name,
            extra_args=extra_args,
            on_death=context.wake.set,
        )
        async with browser:
            yield browser


@asynccontextmanager
async def browser_of(
    settings: Settings, *, name_card: str, extra_args: tuple[str, ...] = ()
) -> AsyncIterator[MeetingBrowser]:
    """The browser of the settings, refused unless it delivers a picture and a sound.

    Raises `BrowserUnavailable`, `DisplayUnavailable`, and `SettingError` for an identity or a proxy
    that cannot be used.
    """
    async with backend_of(settings, ANY_SHAPE) as backend:
        browser = browser_on(
            settings, backend, ANY_SHAPE, name_card=name_card, extra_args=extra_args
        )
        async with browser:
            yield browser


def browser_on(
    settings: Settings,
    backend: Backend,
    shape: Shape,
    *,
    name_card: str,
    extra_args: tuple[str, ...] = (),
    on_death: Callable[[], None] = lambda: None,
) -> MeetingBrowser:
    """The same, where its backend has been started already."""
    width, height = shape.joining_size
    return MeetingBrowser(
        BrowserSettings(
            executable=settings.browser,
            headless=not settings.is_headful,
            width=width,
            height=height,
            extra_args=extra_args,
            name_card=name_card,
            environment=partial(browser_environment, backend.environment),
            access=access_of(settings),
            bare=backend.bare,
        ),
        recorder_origin=ORIGIN,
        recorder_files=recorder_files(shape.capture) if backend.by_page else None,
        probe=lambda browser: prove(backend, browser, shape.capture),
        on_death=on_death,
    )


async def new_client(context: Context, browser: MeetingBrowser) -> WebClient:
    """The client of the meeting's platform, in the browser's meeting page.

    Raises `PlatformError` or `SettingError` for a table that cannot be used.
    """
    url, evidence_file = context.url, context.settings.evidence_file
    adapter = await asyncio.to_thread(table_of, url.platform, evidence_file)
    if evidence_file is not None:
        await refuse_bad_selectors(browser.page, adapter)
    return WebClient(browser.page, url, adapter)


async def renew_page(browser: MeetingBrowser, client: WebClient) -> None:
    """Put a new page in the place of one that died, in a new browser where that died too.

    The page is to be captured anew. Raises `PlatformError`.
    """
    gone = browser.gone.is_set()
    client.move_to(await (browser.restart() if gone else browser.renew_page()))


def new_recording(context: Context, browser: MeetingBrowser) -> Recording:
    """Records the browser's meeting page to the bot's place in the storage."""
    settings, shape = context.settings, shape_of(context.job)
    recording = Recording(
        browser,
        context.shelf.storage,
        key_prefix=context.shelf.prefix,
        spool_dir=context.run_folder,
        spool_max_bytes=settings.spool_max_bytes,
        shape=shape,
        patience=context.patience,
    )
    recording.backend = context.backend
    if shape.video_name is not None and context.traits.screenshots:
        recording.screenshots = Screenshots(context.shelf)
    return recording


def new_vigil(context: Context, browser: MeetingBrowser, recording: Recording) -> Vigil:
    """Watches over a recording of the browser's meeting page, while there is one."""
    receivers = Receivers(lambda: browser.page)

    def at_rest() -> bool:
        away = context.rejoins.current is not None or death_of(browser) is not None
        return away or context.ended.is_set()

    vigil = Vigil(recording, browser.recorder_crashed, context.wake, receivers, at_rest)
    vigil.lip_sync = context.facts.lip_sync
    return vigil


async def watch_page(
    context: Context, browser: MeetingBrowser, client: WebClient, recording: Recording
) -> None:
    """Give up the meeting page where it has frozen in mid-call, until cancelled."""

    def is_alive() -> bool:
        here = context.reporter.status in IN_CALL and not context.ended.is_set()
        if not here or context.rejoining or death_of(browser) is not None:
            return True
        heard_ago_s = recording.heard_ago_s
        heard = heard_ago_s is not None and heard_ago_s < HEARD_S
        return heard or client.matches is not None

    await watch_over(is_alive, browser.answers, browser.give_up_page)


def death_of(browser: MeetingBrowser) -> str | None:
    """What of the browser has died, None while all is well.

    A crash of the recorder page is none of it: `bot.vigil` mends that.
    """
    if browser.gone.is_set():
        return "gone"
    if browser.crashed.is_set():
        return "page-crashed"
    return "page-frozen" if browser.frozen.is_set() else None

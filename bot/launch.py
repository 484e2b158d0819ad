"""Which browser a run starts, what drives the meeting in it, and what records it."""

import asyncio
from collections.abc import Callable

from bot.access import access_of
from bot.context import Context
from bot.recording import Recording
from bot.screenshots import Screenshots
from bot.settings import Settings, browser_environment
from bot.shape import Shape, shape_of
from bot.tables import refuse_bad_selectors, table_of
from bot.vigil import Vigil
from media.tab.capture import ORIGIN, CaptureSettings, probe_capture, recorder_files
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from platforms.receivers import Receivers
from platforms.web_client import WebClient


def new_browser(context: Context, extra_args: tuple[str, ...]) -> MeetingBrowser:
    """The browser that goes into the meeting, under the bot's name."""
    return browser_of(
        context.settings,
        name_card=context.shown_name,
        extra_args=extra_args,
        shape=shape_of(context.job),
        on_death=context.wake.set,
    )


def browser_of(
    settings: Settings,
    *,
    name_card: str,
    extra_args: tuple[str, ...] = (),
    shape: Shape | None = None,
    on_death: Callable[[], None] = lambda: None,
) -> MeetingBrowser:
    """The browser of the settings, refused unless it delivers a sound, and a picture if wanted.

    Raises `SettingError` for an identity or a proxy that cannot be used.
    """
    capture = shape.capture if shape else CaptureSettings()
    width, height = shape.joining_size if shape else (capture.width, capture.height)
    return MeetingBrowser(
        BrowserSettings(
            executable=settings.browser,
            headless=settings.browser_mode == "headless",
            width=width,
            height=height,
            extra_args=extra_args,
            name_card=name_card,
            environment=browser_environment,
            access=access_of(settings),
        ),
        recorder_origin=ORIGIN,
        recorder_files=recorder_files(capture),
        probe=lambda browser: _prove(browser, capture),
        on_death=on_death,
    )


async def _prove(browser: MeetingBrowser, capture: CaptureSettings) -> None:
    """Raises `CaptureError` where this browser gives no picture or no sound."""
    await probe_capture(
        recorder=browser.recorder,
        titled=browser.titled,
        profile_dir=browser.profile_dir,
        settings=capture,
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
        spool_dir=settings.spool_dir / "spool" / context.run_id,
        spool_max_bytes=settings.spool_max_bytes,
        shape=shape,
        patience=context.patience,
    )
    if shape.video_name is not None and context.traits.screenshots:
        recording.screenshots = Screenshots(context.shelf)
    return recording


def new_vigil(context: Context, browser: MeetingBrowser, recording: Recording) -> Vigil:
    """Watches over a recording of the browser's meeting page, while there is one."""
    receivers = Receivers(lambda: browser.page)

    def at_rest() -> bool:
        away = context.rejoins.current is not None or death_of(browser) is not None
        return away or context.ended.is_set()

    return Vigil(recording, browser.recorder_crashed, context.wake, receivers.energies, at_rest)


def death_of(browser: MeetingBrowser) -> str | None:
    """What of the browser has died, None while all is well.

    A crash of the recorder page is none of it: `bot.vigil` mends that.
    """
    if browser.gone.is_set():
        return "gone"
    return "page-crashed" if browser.crashed.is_set() else None

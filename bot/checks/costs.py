"""What each way to record costs on this machine: measured, on a page that moves."""

import asyncio
from collections.abc import Sequence
from io import BytesIO
from typing import Final, Literal

from bot.backends import backend_of
from bot.checks.browser import display_there
from bot.checks.types import Finding, Level, ok, size, warning
from bot.launch import browser_on
from bot.settings import Settings
from bot.shape import ANY_SHAPE
from bot.usage import UsageMeter
from media.encoder import Encoder, EncoderSettings
from media.errors import MediaError
from media.recorder import Recorder
from platforms.errors import PlatformError

MEASURE_S: Final = 3.0
SETTLE_S: Final = 1.0
"""After recording has begun: encoders are open, the first pictures are through."""
BACKENDS: Final[tuple[Literal["tab", "display"], ...]] = ("tab", "display")
MOVING: Final = """<!doctype html><style>
body { margin: 0; background: #234; }
div { position: fixed; width: 40%; height: 40%; background: linear-gradient(#e62, #26e);
      animation: move 2s linear infinite alternate; }
@keyframes move { to { transform: translate(25%, 25%) rotate(20deg); } }
</style><div></div><div style="left: 50%"></div><div style="top: 50%"></div>
<div style="left: 50%; top: 50%"></div>"""
"""Four tiles that move all the time: as busy as a meeting's page gets."""


async def capture_costs(settings: Settings) -> Sequence[Finding]:
    """Cores and memory of the whole process tree for each backend, or why it is not possible.

    A backend that is not the settings' own is no failure. Other work on the machine does not
    count, but makes what is measured less sure.
    """
    return [await _cost(settings, name) for name in BACKENDS]


async def _cost(settings: Settings, name: Literal["tab", "display"]) -> Finding:
    check = f"capture {name}"
    mode = "auto" if name == "display" else settings.browser_mode
    chosen = settings.model_copy(update={"capture": name, "browser_mode": mode})
    there = await asyncio.to_thread(display_there, chosen)
    if there.level is Level.FAILED:
        return warning(check, f"not possible here: {there.found}", there.mend)
    try:
        return ok(check, await _measured(chosen))
    except (MediaError, PlatformError) as error:
        return warning(check, f"not possible here: {error}", "see `browser` and `display`")


async def _measured(settings: Settings) -> str:
    meter, capture = UsageMeter(), ANY_SHAPE.capture
    async with (
        backend_of(settings, ANY_SHAPE) as backend,
        browser_on(settings, backend, ANY_SHAPE, name_card="meetbot doctor") as browser,
        backend.capture(browser, capture) as opened,
        backend.drawn_once(browser),
    ):
        await browser.page.set_content(MOVING)
        recorder = Recorder(opened, lambda: _encoder(capture.width, capture.height))
        with recorder:
            recorder.begin()
            await asyncio.sleep(SETTLE_S)
            await asyncio.to_thread(meter.sample)
            before = recorder.stats()
            await asyncio.sleep(MEASURE_S)
            usage = await asyncio.to_thread(meter.sample)
            after = recorder.stats()
    pictures = (after.pictures_encoded - before.pictures_encoded) / MEASURE_S
    return (
        f"possible, {settings.shown_browser_mode}: {usage.cores:.2f} cores and "
        f"{size(usage.memory_bytes)} for a page that moves all over, "
        f"{pictures:.0f} pictures a second"
    )


def _encoder(width: int, height: int) -> Encoder:
    """As a recording's, but nothing is kept."""
    return Encoder(BytesIO(), BytesIO(), EncoderSettings(width, height))

"""The measured process: a browser in a test meeting, one variant after the other, in rounds.

A process of its own, so that neither the simulator nor what measures is counted. Writes one JSON
line per measured round to standard output.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Annotated, Any, Final

import typer

from bot.logs import configure_logs
from bot.usage import UsageMeter
from media.errors import MediaError
from media.tab.capture import ORIGIN, CaptureSettings
from platforms.browser import MeetingBrowser
from platforms.browser_settings import BrowserSettings
from platforms.registry import adapter_of, parse_meeting_url
from platforms.simulator.client import fetch_info
from tests.benchmarks.arriving import join
from tests.benchmarks.measuring import measured
from tests.benchmarks.sent import files
from tests.benchmarks.variants import VARIANTS, OpenedOnce, Scene

LOAD_DEADLINE_S: Final = 30.0
SETTLE_S: Final = 2.0
"""After a capture has begun: encoders are open, the first keyframe is out."""


async def measure(
    meeting_url: str, http_url: str, seconds: float, rounds: int, names: Sequence[str]
) -> None:
    """Join the meeting, then measure each variant in each round."""
    info = await fetch_info(http_url)
    capture = CaptureSettings()
    async with AsyncExitStack() as stack:
        settings = BrowserSettings(name_card="Benchmark", extra_args=info.browser_args)
        browser = await stack.enter_async_context(
            MeetingBrowser(settings, recorder_origin=ORIGIN, recorder_files=files(capture))
        )
        url = parse_meeting_url(meeting_url)
        client = OpenedOnce(browser.page, url, adapter_of(url.platform))
        await client.open(LOAD_DEADLINE_S)
        await join(client)
        scene = Scene(browser, url, client, capture)
        meter = UsageMeter()
        for number in range(1, rounds + 1):
            for name in names:
                line = await measure_once(scene, name, seconds, meter)
                sys.stdout.write(json.dumps({"round": number, "variant": name, **line}) + "\n")
                sys.stdout.flush()


async def measure_once(
    scene: Scene, name: str, seconds: float, meter: UsageMeter
) -> dict[str, Any]:
    """One round of one variant; `problem` is what a recording said when it was ended, or empty."""
    line: dict[str, Any] = {}
    try:
        async with VARIANTS[name](scene) as count:
            await asyncio.sleep(SETTLE_S)
            line = await measured(scene.browser.page, count, seconds, meter)
    except MediaError as error:
        if not line:
            raise
        return {**line, "problem": str(error)}
    return {**line, "problem": ""}


def main(
    meeting_url: str,
    http_url: str,
    seconds: float = 20.0,
    rounds: int = 3,
    variants: Annotated[str, typer.Option()] = ",".join(VARIANTS),
) -> None:
    """Measure `variants` in the meeting at `meeting_url` of the simulator at `http_url`."""
    configure_logs("json", "warning")
    asyncio.run(measure(meeting_url, http_url, seconds, rounds, variants.split(",")))


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()

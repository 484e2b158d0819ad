"""A bot that is paused, whose browser stands still for a while, and whose machine gets busy.

`python -m tests.e2e.disturbed 20 3 30` does so at full length and prints what the report says.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from bot.contract import Status
from tests.e2e.harness import Bot, Ended, bot_at

MEETING: Final[dict[str, object]] = {"participants": [{"name": "Flash", "picture": "flash"}]}
"""Somebody who flashes and beeps every second: every stretch of it has sound and picture."""
QUIET_S: Final = 2.5
"""Of undisturbed recording between two disturbances."""
HOGS_PER_PROCESSOR: Final = 2
BUSY_DEADLINE_S: Final = 90.0

Stretch = tuple[float, float]


@dataclass(frozen=True)
class Disturbed:
    """How it ended; where in the recording the browser stood still and the hog ran."""

    ended: Ended
    pause_s: float
    hiccup: Stretch
    hog: Stretch


async def disturbed(
    tmp_path: Path, pause_s: float, hiccup_s: float, hog_s: float, *, hog_nice: int = 0
) -> Disturbed:
    """One recording with all three, in this order; each lasts at least as long as asked.

    Hogs that are nice take only what others leave: the machine is full and the bot unhurt.
    """
    async with bot_at(tmp_path, MEETING) as (meeting, bot):
        await bot.reaches(Status.IN_WAITING_ROOM)
        await meeting.command("admit")
        await bot.reaches(Status.IN_CALL_RECORDING)
        await records(bot, QUIET_S)
        await bot.session.command("pause", {"id": 1})
        await asyncio.sleep(pause_s)
        await bot.session.command("resume", {"id": 2})
        await records(bot, QUIET_S)
        began_s = at_s(bot)
        with standing_still():
            await asyncio.sleep(hiccup_s)
        await records(bot, hiccup_s + QUIET_S)
        hiccup = (began_s, began_s + hiccup_s)
        began_s = at_s(bot)
        with hogs(hog_nice):
            await asyncio.sleep(hog_s)
            await bot.until(lambda: was_busy(bot, began_s), BUSY_DEADLINE_S)
            hog = (began_s, at_s(bot))
        await records(bot, QUIET_S)
        bot.session.leave()
        return Disturbed(await bot.ends(), pause_s, hiccup, hog)


def at_s(bot: Bot) -> float:
    """How much is recorded."""
    return bot.session.snapshot().recorder.recorded_s


async def records(bot: Bot, seconds: float) -> None:
    """Wait until so much more is recorded."""
    until_s = at_s(bot) + seconds
    await bot.until(lambda: at_s(bot) > until_s)


def was_busy(bot: Bot, since_s: float) -> bool:
    """Whether the bot has noticed by now that others took the processors."""
    stretches = bot.session._context.facts.contention.stretches
    return any(busy.end_s > since_s + 1 for busy in stretches)


@contextmanager
def standing_still() -> Iterator[None]:
    """Every process of the browser that this process has started is stopped inside the block."""
    browser = [each for each in psutil.Process().children(recursive=True) if is_browser(each)]
    assert browser, "no browser was started"
    for process in browser:
        process.suspend()
    try:
        yield
    finally:
        for process in browser:
            if process.is_running():
                process.resume()


def is_browser(process: psutil.Process) -> bool:
    """Whether it is one of Chromium's."""
    try:
        return "chrom" in process.name()
    except psutil.Error:
        return False


@contextmanager
def hogs(niceness: int) -> Iterator[None]:
    """Processes that want every processor inside the block."""
    count = HOGS_PER_PROCESSOR * (os.cpu_count() or 1)
    endless = ["nice", "-n", str(niceness), sys.executable, "-c", "while True: pass"]
    running = [subprocess.Popen(endless) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def told(report: dict[str, Any]) -> dict[str, Any]:
    """What of a report tells of disturbances, or of anything wrong."""
    quality = report["quality"]
    names = ["gaps", "degraded", "busy_machine", "frames_dropped", "frames_thinned"]
    names += ["frozen_seconds", "av_drift_ms", "frame_rate_seconds", "first_look"]
    return {
        "end_reason": report["end_reason"],
        "duration_seconds": report["duration_seconds"],
        "pauses": report["pauses"],
        "warnings": report["warnings"],
        **{name: quality[name] for name in names},
    }


async def main(pause_s: float, hiccup_s: float, hog_s: float) -> None:
    """Run it and print."""
    with tempfile.TemporaryDirectory(prefix="meetbot-disturbed-") as folder:
        found = await disturbed(Path(folder), pause_s, hiccup_s, hog_s)
        shown = {"hiccup": found.hiccup, "hog": found.hog, **told(found.ended.report)}
        sys.stdout.write(json.dumps(shown, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(main(*map(float, sys.argv[1:4])))

"""Watches over the meeting page: one that has frozen for good is as dead as one that crashed.

Nothing tells of it, and its tracks stay live with silence and the last picture. It is known by two
probes: the page answers no look, and nothing is heard of it, while its browser answers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

FROZEN_S: Final = 30.0
"""Half of what ends a bot whose page is unknown: a page that is only busy has answered by then."""
WATCH_EVERY_S: Final = 1.0
LONGEST_STEP_S: Final = 2.0


class Stillness:
    """For how long a page has given no sign of life. Pure; the clock is any monotonic one."""

    def __init__(self) -> None:
        """It has given one just now."""
        self.held_s = 0.0
        self._last_s: float | None = None

    def note(self, now_s: float, *, alive: bool) -> None:
        """Note what is seen now.

        Of a time in which nobody looked, because this process was stopped itself, little counts.
        """
        if alive:
            self.held_s, self._last_s = 0.0, None
            return
        if self._last_s is not None:
            self.held_s += min(now_s - self._last_s, LONGEST_STEP_S)
        self._last_s = now_s


async def watch_over(
    is_alive: Callable[[], bool],
    answers: Callable[[], Awaitable[bool]],
    give_up: Callable[[], None],
) -> None:
    """Give up every page that freezes, until cancelled.

    `is_alive`: the page has given a sign of life, or there is none to be watched. `answers`: the
    browser does; where that does not either, the machine may be too slow for both.
    """
    stillness, loop = Stillness(), asyncio.get_running_loop()
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        stillness.note(loop.time(), alive=is_alive())
        if stillness.held_s < FROZEN_S or not await answers() or is_alive():
            continue
        log.warning("page_frozen", held_s=round(stillness.held_s, 1))
        give_up()

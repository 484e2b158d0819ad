"""Calls that block keep none of the others waiting."""

import asyncio
import threading

from bot.threads import use_enough_threads

HUNG = 40
"""More than Python has threads for on any machine."""


async def test_calls_that_hang_leave_room_for_others() -> None:
    """A storage that has stopped answering keeps no event from being written."""
    use_enough_threads()
    over = threading.Event()
    hung = [asyncio.create_task(asyncio.to_thread(over.wait, 60.0)) for _ in range(HUNG)]
    try:
        async with asyncio.timeout(30.0):
            assert await asyncio.to_thread(lambda: "written") == "written"
    finally:
        over.set()
        await asyncio.gather(*hung)

"""Blocking work that can be given up, even on a disk or a name server that hangs."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """The work's result, from a thread of its own; raises what the work raises.

    Cancelled, the thread is left behind and holds up neither the loop's end nor the process's, as
    a thread of asyncio's own pool would.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(done: Callable[[], None]) -> None:
        if not result.done():
            done()

    def run() -> None:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            problem = error
            tell(lambda: result.set_exception(problem))
        else:
            tell(lambda: result.set_result(value))

    def tell(done: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # nobody waits any more: the loop is closed
            loop.call_soon_threadsafe(settle, done)

    threading.Thread(target=run, daemon=True).start()
    return await result

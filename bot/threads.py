"""How many calls that block, of a disk or a storage, may be under way at once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

THREADS: Final = 64
"""A thread is made when there is work and none is free. Python's own bound, processors and four,
is soon reached where a storage has stopped answering: then events waited for it as well."""


def use_enough_threads() -> None:
    """`asyncio.to_thread` has `THREADS` of them in the running loop from now on."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "work"))

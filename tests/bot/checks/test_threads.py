import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.checks.threads import in_daemon_thread


async def test_result_and_error_come_back() -> None:
    """What the work returns is returned; what it raises is raised."""
    assert await in_daemon_thread(threading.current_thread) is not threading.current_thread()
    assert await in_daemon_thread({"a": None}.popitem) == ("a", None)
    with pytest.raises(FileNotFoundError):
        await in_daemon_thread(Path("/none").read_bytes)


async def test_work_that_ends_after_nobody_waits_is_of_no_account(tmp_path: Path) -> None:
    """Given up on, the thread ends later without a word, and the loop goes on."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threads = set(threading.enumerate())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await in_daemon_thread(pipe.read_bytes)
    (left,) = set(threading.enumerate()) - threads
    await asyncio.to_thread(pipe.write_bytes, b"late")
    await asyncio.to_thread(left.join, 30)
    assert not left.is_alive()
    await asyncio.sleep(0)


def test_a_hung_thread_does_not_keep_the_process(tmp_path: Path) -> None:
    """The program ends though its disk never answers."""
    os.mkfifo(tmp_path / "pipe")
    program = (
        "import asyncio, pathlib\n"
        "from bot.checks.threads import in_daemon_thread\n"
        "async def main():\n"
        "    async with asyncio.timeout(0.05):\n"
        f"        await in_daemon_thread(pathlib.Path({str(tmp_path / 'pipe')!r}).read_bytes)\n"
        "try:\n"
        "    asyncio.run(main())\n"
        "except TimeoutError:\n"
        "    print('over')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=45, check=True
    )
    assert done.stdout == "over\n"

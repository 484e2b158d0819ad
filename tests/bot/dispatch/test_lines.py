"""Lines from a descriptor."""

import os
import subprocess
import sys

from bot.dispatch.lines import MAX_LINE_BYTES, lines_of

WAITS_FOR_A_LINE = """
import asyncio, sys
from bot.dispatch.lines import lines_of

async def first():
    async for line in lines_of(0):
        return line

async def main():
    task = asyncio.ensure_future(first())
    await asyncio.sleep(0)
    print("waiting", flush=True)

asyncio.run(main())
"""


async def test_lines_come_whole_and_the_last_without_its_end() -> None:
    """However the bytes are cut; what is no UTF-8 ends nothing; the end of the file ends it."""
    reading, writing = os.pipe()
    try:
        os.write(writing, b"one\ntw")
        lines = lines_of(reading)
        assert await anext(lines) == "one"
        os.write(writing, b"o\n\xff\nlast")
        os.close(writing)
        assert [line async for line in lines] == ["two", "\ufffd", "last"]
    finally:
        os.close(reading)


async def test_a_line_without_end_is_bounded() -> None:
    """More than 64 KiB of one line is not kept."""
    reading, writing = os.pipe()
    try:
        lines = lines_of(reading)
        task = subprocess.Popen(  # noqa: ASYNC220 - fills the pipe while it is read
            [sys.executable, "-c", f"print('x' * {3 * MAX_LINE_BYTES})"], stdout=writing
        )
        os.close(writing)
        (line,) = [line async for line in lines]
        assert len(line) <= MAX_LINE_BYTES + 4096
        assert task.wait(30) == 0
    finally:
        os.close(reading)


async def test_no_descriptor_is_no_line() -> None:
    """A closed terminal is the end of the lines."""
    assert [line async for line in lines_of(1_000_000)] == []


def test_a_process_ends_while_its_terminal_is_silent() -> None:
    """The thread that waits for a line holds up neither the loop nor the interpreter."""
    reading, writing = os.pipe()
    try:
        ended = subprocess.run(
            [sys.executable, "-c", WAITS_FOR_A_LINE],
            stdin=reading,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "waiting\n", "")

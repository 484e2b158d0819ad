"""The measured process: one browser, one pipeline, one scene, once.

Takes its order as JSON. Writes one line of JSON to standard output when it records, measures once
it is sent a line, and writes another when the recording is whole. Ends when its standard input
does, whatever it is doing: who started it may die.
"""

import asyncio
import json
import sys
from contextlib import suppress
from pkgutil import resolve_name
from typing import Any, Final

from bot.logs import configure_logs
from bot.usage import UsageMeter
from tests.benchmarks.measuring import measured
from tests.benchmarks.pipelines.scenes import Order

PIPELINES: Final = {
    "page": "tests.benchmarks.pipelines.ours:page_alone",
    "tab": "tests.benchmarks.pipelines.ours:tab",
    "display": "tests.benchmarks.pipelines.ours:display",
    "ffmpeg": "tests.benchmarks.pipelines.command_line:command_line",
    "in-page": "tests.benchmarks.pipelines.in_page:in_page",
    "socket": "tests.benchmarks.pipelines.ours:socket",
}
"""By name, in the order of each round. Imported by the process that runs one: the memory of one
pipeline holds nothing of another."""
SETTLE_S: Final = 2.0
"""After recording has begun: encoders are open, the first keyframe is out."""


async def measure(order: Order, go: asyncio.Event) -> dict[str, Any]:
    """One line of figures; the recording is whole when it is returned."""
    pipeline = resolve_name(PIPELINES[order.pipeline])
    meter = UsageMeter()
    async with pipeline(order) as (page, count):
        await asyncio.sleep(SETTLE_S)
        say({"recording": order.pipeline})
        await go.wait()
        return await measured(page, count, order.seconds, meter)


def say(line: dict[str, Any]) -> None:
    """To whoever started this process."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def until_input_ends(go: asyncio.Event) -> None:
    """Return once standard input is closed; the first line sets `go`."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        go.set()


async def run(order: Order) -> None:
    """Measure, unless the input ends first."""
    go = asyncio.Event()
    work = asyncio.ensure_future(measure(order, go))
    end = asyncio.ensure_future(until_input_ends(go))
    await asyncio.wait((work, end), return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        say({"variant": order.pipeline, "problem": "", **work.result()})
        end.cancel()
    else:
        work.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(work, end)


if __name__ == "__main__":
    configure_logs("json", "warning")
    asyncio.run(run(Order(**json.loads(sys.argv[1]))))

"""`python -m tests.benchmarks`: measure, print, keep."""

import asyncio
import dataclasses
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import av
import psutil
import typer
from rich.console import Console

import bot
from bot.logs import configure_logs
from platforms.chromium import candidates, plain_user_agent
from platforms.types import Platform
from tests.benchmarks.crowd import PLATFORMS, WATCHED, Watching, crowd, watching_of
from tests.benchmarks.finishing import FRAME_RATE, HEIGHT, WIDTH, finish, storages
from tests.benchmarks.flash import long_flash
from tests.benchmarks.joining import joining
from tests.benchmarks.pipelines.compare import Comparing
from tests.benchmarks.pipelines.plot import keep_comparison
from tests.benchmarks.pipelines.report import Comparison
from tests.benchmarks.pipelines.report import as_markdown as comparison_as_markdown
from tests.benchmarks.pipelines.started import Say
from tests.benchmarks.results import Results, as_markdown, rows_of
from tests.benchmarks.simulator import ended, simulator
from tests.benchmarks.variants import VARIANTS
from tests.benchmarks.whole_bot import whole_bot

CACHE: Final = Path(".cache/benchmarks")
WRITTEN: Final = Path(__file__).parent / "RESULTS.md"
FULL_S: Final = 60
"""As long as each variant must be measured for the results to be kept in RESULTS.md."""
COMPARED_S: Final = 16
"""The same for `pipelines`, with `fleet`, and benchmarks.md."""
BOT_S: Final = 20
FLASH_MINUTES: Final = 30.0
PAIRS: Final = 5
"""Of watched and unwatched rounds: enough for a median."""
SLIDE_VARIANTS: Final = ("page", "ring-recorded", "socket-recorded")
START_DEADLINE_S: Final = 90.0
ROUND_SPARE_S: Final = 180.0


class Part(StrEnum):
    """What can be measured alone."""

    FOUR = "four"
    SLIDE = "slide"
    WATCH = "watch"
    JOIN = "join"
    BOT = "bot"
    FINISH = "finish"
    FLASH = "flash"
    FLASH_DISPLAY = "flash-display"
    PIPELINES = "pipelines"
    FLEET = "fleet"


COMPARING: Final = frozenset((Part.PIPELINES, Part.FLEET))


def main(
    seconds: Annotated[float, typer.Option(min=1, help="Length of one measured round.")] = 20,
    rounds: Annotated[int, typer.Option(min=1, help="How often each variant has its turn.")] = 3,
    only: Annotated[
        list[Part] | None,
        typer.Option(help="Measure this part alone; may be given more than once."),
    ] = None,
    minutes: Annotated[
        str, typer.Option(help="Lengths of the material that is finished, in minutes.")
    ] = "1,60",
) -> None:
    """Measure what a bot costs: cores, frames, memory, A/V offset, time lost on the way.

    `four` and `slide`: the meeting page of the test meeting with four moving tiles, or nothing
    that moves; page alone, ring and WebSocket take turns in one browser (A B C A B C), because a
    machine drifts: compare within a run, not between runs. `watch`: five pairs of rounds, watched
    and not, in a meeting of twenty on each platform. `join`: whole bots on each platform, from the
    job to the ask and from being let in to the first picture. `bot`: a whole bot in the
    flash-and-beep meeting. `finish`: generated material of 1 and 60 minutes, encoded faster than
    it plays, into a folder and into S3 where the server is installed (make test-servers).
    `flash`, `flash-display`: the A/V offset of either backend over half an hour in real time, or
    over `--minutes` where that is less.
    `pipelines`: our backends against what peers do, whole process trees, on four pages. `fleet`:
    how many bots this machine records at once, ours and peers'.

    Takes an hour and a half on two idle cores. A full run rewrites tests/benchmarks/RESULTS.md,
    and one of the last two benchmarks.md beside it; every run is printed and kept as JSON in
    .cache/benchmarks. Quick look: --seconds 5 --rounds 1 --minutes 1,5.
    """
    configure_logs("console", "error")
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # ended like this too, all is put away
    progress = Console(stderr=True)
    lengths = [float(length) for length in minutes.split(",")]
    parts = tuple(only or Part)
    results = asyncio.run(measure_all(parts, seconds, rounds, lengths, progress))
    if set(parts) - COMPARING:
        text = as_markdown(results)
        sys.stdout.write(text)
        is_full = set(parts) == set(Part) and seconds * rounds >= FULL_S
        for path in keep(results, text, is_full=is_full):
            progress.print(f"written: {path}")
    if set(parts) & COMPARING:
        comparison = asyncio.run(compare(parts, seconds, rounds, sayer(progress)))
        text = comparison_as_markdown(comparison, results.about)
        sys.stdout.write(text)
        if set(parts) >= COMPARING and seconds * rounds >= COMPARED_S:
            progress.print(f"written: {keep_comparison(comparison, text)}")


async def compare(parts: Sequence[Part], seconds: float, rounds: int, say: Say) -> Comparison:
    """Whole pipelines beside each other."""
    comparing = Comparing(say)
    if Part.PIPELINES in parts:
        await comparing.scenes(seconds, rounds)
    if Part.FLEET in parts:
        await comparing.fleets(seconds)
    return comparing.found


def sayer(progress: Console) -> Say:
    """Lines with the time, for a person who waits."""
    return lambda text: progress.print(f"[dim]{datetime.now(UTC):%H:%M:%S}[/dim] {text}")


async def measure_all(
    parts: Iterable[Part],
    seconds: float,
    rounds: int,
    lengths: list[float],
    progress: Console,
) -> Results:
    """Each part in turn."""
    results = Results(about=await about(f"{rounds} x {seconds:g} s per variant, interleaved"))
    say = sayer(progress)
    for part in parts:
        match part:
            case Part.FOUR:
                lines = await measure_page(part, seconds, rounds, tuple(VARIANTS), say)
                results.pages[part] = rows_of(lines)
            case Part.SLIDE:
                lines = await measure_page(part, seconds, rounds, SLIDE_VARIANTS, say)
                results.pages[part] = rows_of(lines)
            case Part.WATCH:
                results.watching = [await watching(each, seconds, say) for each in PLATFORMS]
            case Part.JOIN:
                results.joining = [await joining(each, rounds, say) for each in PLATFORMS]
            case Part.BOT:
                say(f"bot: {BOT_S} s of flash and beep")
                results.bot = await whole_bot(BOT_S)
            case Part.FINISH:
                results.finished = await asyncio.to_thread(finish_all, lengths, say)
            case Part.FLASH | Part.FLASH_DISPLAY:
                minutes = min(FLASH_MINUTES, max(lengths))
                say(f"{part}: {minutes:g} minutes of flash and beep, in real time")
                backend = "tab" if part is Part.FLASH else "display"
                results.flash.append(await long_flash(backend, minutes))
    return results


async def measure_page(
    part: Part, seconds: float, rounds: int, variants: tuple[str, ...], say: Say
) -> list[dict[str, Any]]:
    """Rounds of the variants on one page, measured in a process of their own."""
    return await measure_scenario(part, part, seconds, rounds, variants, say)


async def watching(platform: Platform, seconds: float, say: Say) -> Watching:
    """Pairs of rounds in a meeting of twenty, watched and not."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(crowd(platform), file)
        file.flush()
        lines = await measure_scenario(
            f"{Part.WATCH} {platform}", file.name, seconds, PAIRS, WATCHED, say
        )
    return watching_of(platform, lines)


async def measure_scenario(
    part: str, scenario: str, seconds: float, rounds: int, variants: Sequence[str], say: Say
) -> list[dict[str, Any]]:
    """Rounds of the variants in a meeting, built in or a file, in a process of their own."""
    say(f"{part}: starting the test meeting and a browser")
    lines: list[dict[str, Any]] = []
    async with simulator(scenario) as (meeting_url, http_url):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.benchmarks.subject", meeting_url, http_url),
            *("--seconds", str(seconds), "--rounds", str(rounds)),
            *("--variants", ",".join(variants)),
            stdout=asyncio.subprocess.PIPE,
        )
        if process.stdout is None:
            raise AssertionError("it is a pipe")
        try:
            while len(lines) < rounds * len(variants):
                spare_s = ROUND_SPARE_S if lines else START_DEADLINE_S
                async with asyncio.timeout(seconds + spare_s):
                    text = await process.stdout.readline()
                if not text:
                    raise RuntimeError("the measured process ended early")
                lines.append(json.loads(text))
                say(f"{part}: {told(lines[-1], rounds)}")
            await asyncio.wait_for(process.wait(), ROUND_SPARE_S)
        finally:
            await ended(process)
    return lines


def told(line: dict[str, Any], rounds: int) -> str:
    """One measured round for a person who waits."""
    cores = sum(line["cores"].values())
    text = f"round {line['round']}/{rounds}  {line['variant']:<16} {cores:.2f} cores"
    fps = line["frames_got"] / line["seconds"]
    text += f"  {fps:4.1f} fps" if line["frames_got"] else ""
    return f"{text}  {line['problem']}"


def finish_all(lengths: list[float], say: Say) -> list[Any]:
    """Material of each length, into every storage there is."""
    finished = []
    with storages() as places:
        for minutes in lengths:

            def progress(second: float, minutes: float = minutes) -> None:
                if second % 600 == 0:
                    say(f"finish: {second / 60:.0f} of {minutes:g} minutes made")

            finished += finish(minutes, places, progress)
    return finished


async def about(rounds: str) -> dict[str, str]:
    """Where and with what this was measured."""
    browser = next(iter(candidates(None, None)), None)
    agent = await plain_user_agent(browser) if browser else "none"
    codecs = ", ".join(
        f"{name} {'.'.join(map(str, av.library_versions[name]))}" for name in ("libavcodec",)
    )
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "machine": f"{os.cpu_count()} cores, {cpu_model()}, "
        f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "meetbot, Python, PyAV": f"{bot.__version__}, {platform.python_version()}, "
        f"{av.__version__} ({codecs})",
        "browser": next((word for word in agent.split() if word.startswith("Chrome/")), agent),
        "rounds": rounds,
        "frames expected": "30 per second of the measured time on the moving page",
        "memory": "PSS at the end of the first round; later rounds carry leftovers of the others",
        "machine column": "cores in use on the whole machine, simulator included",
        "finish": f"generated {WIDTH}x{HEIGHT} pictures at {FRAME_RATE} fps with a moving square, "
        "a tone in one second of four; the uploads catch up before leaving",
    }


def cpu_model() -> str:
    """As the kernel names it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def keep(results: Results, text: str, *, is_full: bool) -> list[Path]:
    """Write the JSON, and the page when everything was measured long enough."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(dataclasses.asdict(results), indent=1))
    if not is_full:
        return [path]
    WRITTEN.write_text(text)
    return [path, WRITTEN]


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, add_completion=False)
    app.command()(main)
    app()

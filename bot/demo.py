"""`meetbot demo`: a test meeting and a bot, a live status line, then what was made."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.artifacts import AUDIO, DIARIZATION, EVENTS, LOGS, PICTURE, PREVIEW, REPORT, VIDEO
from bot.desk import Snapshot
from bot.end_reasons import END_REASONS, EndReason
from bot.errors import PreflightFailed
from bot.job import parse_job
from bot.patience import running, unless
from bot.run import run_job
from bot.session import Session
from bot.settings import Settings
from bot.signals import Signals
from media.pressure import Level
from media.storage import open_storage

START_DEADLINE_S: Final = 60.0
STOP_DEADLINE_S: Final = 5.0
REFRESH_S: Final = 0.5
PLAIN_EVERY_S: Final = 2.0


async def run_demo(settings: Settings, scenario: str, console: Console, signals: Signals) -> int:
    """Run the demo; returns the bot's exit code."""
    console.print("Starting a test meeting: its pictures and voices are made once ...")
    async with AsyncExitStack() as stack:
        simulator = stack.enter_async_context(simulator_process(scenario))
        meeting = await unless(signals.came, simulator)
        if meeting is None:
            console.print("Stopped before there was a meeting; nothing was recorded.")
            return signals.exit_code_without_bot
        meeting_url, http_url = meeting
        wanted = {"bot_name": "Demo notes", "recording_mode": "gallery_view"}
        job = parse_job({"meeting_url": meeting_url, **wanted}, local_run=True)
        console.print(f"Recording {meeting_url}; Ctrl-C leaves early and still ends with a file.")
        session: list[Session] = []
        async with running(show_status(session, console), say_leaving(signals, console)):
            code = await run_job(
                job,
                settings.model_copy(update={"simulator": http_url}),
                None,
                signals,
                on_session=session.append,
            )
    await show_results(settings, str(job.bot_id), console)
    return code


@asynccontextmanager
async def simulator_process(scenario: str) -> AsyncIterator[tuple[str, str]]:
    """A `meetbot simulate` in a process of its own: (meeting_url, http_url).

    Its own session, so that Ctrl-C reaches the bot alone. Raises `PreflightFailed` with its words.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "simulate", "--json"),
        *("--port", "0", "--scenario", scenario),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    if process.stdout is None or process.stderr is None:
        raise AssertionError("both are pipes")
    errors = asyncio.create_task(process.stderr.read())
    try:
        try:
            async with asyncio.timeout(START_DEADLINE_S):
                line = await process.stdout.readline()
        except TimeoutError as error:
            problem = f"not ready in {START_DEADLINE_S:.0f} s"
            raise PreflightFailed("simulator", problem) from error
        if not line:
            told = (await errors).decode(errors="replace").strip().splitlines()
            raise PreflightFailed("simulator", told[-1] if told else "did not start")
        words = json.loads(line)
        yield str(words["meeting_url"]), str(words["http_url"])
    finally:
        await _end(process)
        await errors


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_DEADLINE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def say_leaving(signals: Signals, console: Console) -> None:
    """Answer a Ctrl-C at once: leaving and storing take some seconds."""
    await signals.came.wait()
    console.print("Leaving, and finishing the file ... (a second Ctrl-C stops at once)")


async def show_status(session: list[Session], console: Console) -> None:
    """Keep one line up to date on a terminal; elsewhere print a line every two seconds."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            if session:
                console.print(status_line(session[0].snapshot()), soft_wrap=True)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            if session:
                live.update(status_line(session[0].snapshot()), refresh=True)
            await asyncio.sleep(REFRESH_S)


def status_line(snapshot: Snapshot) -> Text:
    """State, recorded time, people, frame rate, upload, who speaks; cut where the line ends."""
    recorder, upload = snapshot.recorder, snapshot.upload
    minutes, seconds = divmod(int(recorder.recorded_s), 60)
    parts = [
        f"{snapshot.status.value:<21}",
        f"{minutes:02d}:{seconds:02d}",
        f"{snapshot.people} people",
        f"{recorder.fps:4.1f} fps",
    ]
    if upload is not None:
        parts.append(f"{upload.uploaded_bytes / 1e6:.1f} MB stored")
    if recorder.level is not Level.FULL:
        parts.append(f"too slow: {recorder.level.value}")
    if snapshot.speaking:
        parts.append(f"{', '.join(snapshot.speaking)} speaking")
    return Text("  ".join(parts), overflow="ellipsis", no_wrap=True)


async def show_results(settings: Settings, bot_id: str, console: Console) -> None:
    """How it ended, then a table of what was made, below the folder it lies in."""
    prefix = f"{bot_id}/"
    with open_storage(settings.storage, endpoint_url=settings.s3_endpoint) as storage:
        found = {
            item.key.removeprefix(prefix): item.size_bytes
            for item in await asyncio.to_thread(storage.list, prefix)
        }
        if REPORT not in found:
            console.print("The bot ended before it could store anything.")
            return
        report = json.loads(await asyncio.to_thread(storage.get, prefix + REPORT))
    console.print(how_it_ended(report), soft_wrap=True, highlight=False)
    table = Table()
    table.add_column("artifact", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("what it is")
    for name, words in meanings(report).items():
        if name in found:
            table.add_row(name, size(found[name]), words)
    console.print(f"{settings.storage.rstrip('/')}/{prefix}", soft_wrap=True, highlight=False)
    console.print(table)


def size(count_bytes: int) -> str:
    """Bytes for people."""
    return f"{count_bytes / 1e3:,.0f} kB" if count_bytes >= 1_000 else f"{count_bytes} B"  # noqa: PLR2004 - a kilobyte


def how_it_ended(report: Mapping[str, Any]) -> str:
    """The end reason as a sentence, and the code and the evidence for it."""
    sentence = END_REASONS[EndReason(report["end_reason"])].sentence
    return f"{sentence}\n{report['end_reason']}, by the evidence of {report['end_row']}"


def meanings(report: Mapping[str, Any]) -> dict[str, str]:
    """What each artifact is, in the order to look at them."""
    length = f"{report['duration_seconds'] or 0:.0f} s"
    people = ", ".join(report["participants"]) or "nobody else"
    return {
        VIDEO: f"{length}, H.264 + AAC, 1280x720",
        AUDIO: f"{length}, MP3",
        PREVIEW: "contact sheet with times and who spoke",
        PICTURE: "people, speech, level, pictures and cores over time",
        DIARIZATION: "who spoke from when to when",
        EVENTS: "every event that was told",
        REPORT: f"quality, cost, timings; seen: {people}",
        LOGS: "what the bot logged",
    }

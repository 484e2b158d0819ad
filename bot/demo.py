"""`meetbot demo`: a test meeting and a bot, a live status line, then what was made."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bot.artifacts import AUDIO, EVENTS, PREVIEW, REPORT, VIDEO
from bot.errors import PreflightFailed
from bot.job import parse_job
from bot.run import run_job
from bot.session import Session, Snapshot
from bot.settings import Settings
from media.storage import open_storage

START_DEADLINE_S: Final = 60.0
REFRESH_S: Final = 0.5
PLAIN_EVERY_S: Final = 2.0
SHOWN: Final = (VIDEO, AUDIO, PREVIEW, EVENTS, REPORT)


async def run_demo(settings: Settings, scenario: str, console: Console) -> int:
    """Run the demo; returns the bot's exit code."""
    console.print("Starting a test meeting: its pictures and voices are made once ...")
    async with simulator_process(scenario) as (meeting_url, http_url):
        job = parse_job({"meeting_url": meeting_url, "bot_name": "Demo notes"}, local_run=True)
        console.print(f"Recording {meeting_url}; Ctrl-C leaves early and still ends with a file.")
        session: list[Session] = []
        line = asyncio.create_task(show_status(session, console))
        try:
            code = await run_job(
                job,
                settings.model_copy(update={"simulator": http_url}),
                None,
                on_session=session.append,
            )
        finally:
            line.cancel()
            with suppress(asyncio.CancelledError):
                await line
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
        async with asyncio.timeout(START_DEADLINE_S):
            line = await process.stdout.readline()
        if not line:
            told = (await errors).decode(errors="replace").strip().splitlines()
            raise PreflightFailed("simulator", told[-1] if told else "did not start")
        words = json.loads(line)
        yield str(words["meeting_url"]), str(words["http_url"])
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await errors


async def show_status(session: list[Session], console: Console) -> None:
    """Keep one line up to date on a terminal; elsewhere print a line every two seconds."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(PLAIN_EVERY_S)
            if session:
                console.print(status_line(session[0].snapshot()))
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            await asyncio.sleep(REFRESH_S)
            if session:
                live.update(status_line(session[0].snapshot()), refresh=True)


def status_line(snapshot: Snapshot) -> Text:
    """State, recorded time, people, frame rate, upload."""
    recorder, upload = snapshot.recorder, snapshot.upload
    minutes, seconds = divmod(int(recorder.recorded_s), 60)
    parts = [
        f"{snapshot.status.value:<22}",
        f"{minutes:02d}:{seconds:02d}",
        f"{snapshot.people} people",
        f"{recorder.fps:4.1f} fps",
    ]
    if upload is not None:
        parts.append(f"{upload.uploaded_bytes / 1e6:.1f} MB stored")
    if snapshot.speaking:
        parts.append(f"{', '.join(snapshot.speaking)} speaking")
    return Text("  ".join(parts), overflow="ellipsis", no_wrap=True)


async def show_results(settings: Settings, bot_id: str, console: Console) -> None:
    """A table of what was made, and where."""
    storage = open_storage(settings.storage, endpoint_url=settings.s3_endpoint)
    found = {item.key: item for item in await asyncio.to_thread(storage.list, f"{bot_id}/")}
    report_key = f"{bot_id}/{REPORT}"
    if report_key not in found:
        console.print("The bot ended before it could store anything.")
        return
    report = json.loads(await asyncio.to_thread(storage.get, report_key))
    table = Table(title=f"{report['end_reason']}  ({report['end_row']})", title_justify="left")
    table.add_column("artifact")
    table.add_column("size", justify="right")
    table.add_column("what it is")
    for name in SHOWN:
        item = found.get(f"{bot_id}/{name}")
        size = "-" if item is None else f"{item.size_bytes / 1e3:,.0f} kB"
        table.add_row(place(settings, bot_id, name), size, meaning(name, report))
    console.print(table)


def place(settings: Settings, bot_id: str, name: str) -> str:
    """Where an artifact lies, as short as it can be said."""
    root = settings.storage
    return str(Path(root) / bot_id / name) if "://" not in root else f"{root}/{bot_id}/{name}"


def meaning(name: str, report: dict[str, object]) -> str:
    """A word about an artifact."""
    seconds = report["duration_seconds"]
    people = report["participants"]
    names = ", ".join(str(person) for person in people) if isinstance(people, list) else ""
    return {
        VIDEO: f"{seconds} s, H.264 + AAC, 1280x720",
        AUDIO: f"{seconds} s, MP3",
        PREVIEW: "contact sheet with times and who spoke",
        EVENTS: "every event that was sent",
        REPORT: f"quality, cost, timings; {names}",
    }[name]

"""`meetbot simulate`: the test meeting for people and for bots, until Ctrl-C."""

import json
import sys
from pathlib import Path

from bot.end_reasons import EXIT_COMPLETED
from bot.errors import PreflightFailed
from bot.settings import variable
from bot.signals import Signals
from platforms.simulator.scenario import load_scenario
from platforms.simulator.server import Simulator


async def serve_meeting(scenario: str, port: int, signals: Signals, *, as_json: bool) -> int:
    """Serve until a signal comes; returns the exit code: 0, this is how it is ended.

    Raises `PreflightFailed` where the port is taken, and the simulator's own errors.
    """
    sys.stderr.write(f"Preparing the meeting '{scenario}': pictures and voices are made once ...\n")
    cache = clips_folder()
    try:
        async with Simulator(load_scenario(scenario), http_port=port, cache_dir=cache) as meeting:
            if as_json:
                words = {"meeting_url": meeting.meeting_url, "http_url": meeting.http_url}
                sys.stdout.write(json.dumps(words) + "\n")
            else:
                sys.stdout.write(for_people(meeting.meeting_url, meeting.http_url))
            sys.stdout.flush()
            await signals.came.wait()
    except OSError as error:
        raise PreflightFailed("simulator", f"port {port}: {error.strerror}") from error
    return EXIT_COMPLETED


def clips_folder() -> Path | None:
    """Where pictures and voices are kept for the next time: in the user's cache, if there is one.

    By the XDG base directories, where a relative path counts as none.
    """
    cache, home = variable("XDG_CACHE_HOME"), variable("HOME")
    if cache is None or not Path(cache).is_absolute():
        cache = home and f"{home}/.cache"
    return Path(cache, "meetbot", "clips") if cache else None


def for_people(meeting_url: str, http_url: str) -> str:
    """How to take part, and how to send a bot."""
    job = json.dumps({"meeting_url": meeting_url, "bot_name": "Notes"})
    return (
        f"The meeting {meeting_url} is open.\n\n"
        f"  take part, host controls: {http_url}/\n"
        f"  send a bot:  echo '{job}' | meetbot run - --simulator {http_url}\n\n"
        "Ctrl-C ends it.\n"
    )

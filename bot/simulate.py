"""`meetbot simulate`: the test meeting for people and for bots, until Ctrl-C."""

import asyncio
import json
import signal
import sys
from contextlib import suppress

from bot.end_reasons import EXIT_COMPLETED
from bot.errors import PreflightFailed
from platforms.simulator.scenario import load_scenario
from platforms.simulator.server import Simulator


async def serve_meeting(scenario: str, port: int, *, as_json: bool) -> int:
    """Serve until interrupted; returns the exit code.

    Raises `PreflightFailed` where the port is taken, and the simulator's own errors.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    sys.stderr.write(f"Preparing the meeting '{scenario}': pictures and voices are made once ...\n")
    try:
        async with Simulator(load_scenario(scenario), http_port=port) as meeting:
            if as_json:
                words = {"meeting_url": meeting.meeting_url, "http_url": meeting.http_url}
                sys.stdout.write(json.dumps(words) + "\n")
            else:
                sys.stdout.write(for_people(meeting))
            sys.stdout.flush()
            await stop.wait()
    except OSError as error:
        raise PreflightFailed("simulator", f"port {port}: {error.strerror}") from error
    finally:
        with suppress(ValueError):
            loop.remove_signal_handler(signal.SIGINT)
    return EXIT_COMPLETED


def for_people(meeting: Simulator) -> str:
    """How to take part, and how to send a bot."""
    job = json.dumps({"meeting_url": meeting.meeting_url, "bot_name": "Notes"})
    return (
        f"The meeting {meeting.meeting_url} is open.\n\n"
        f"  take part, host controls: {meeting.http_url}/\n"
        f"  send a bot:  echo '{job}' | meetbot run - --simulator {meeting.http_url}\n\n"
        "Ctrl-C ends it.\n"
    )

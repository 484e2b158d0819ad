"""`meetbot show`: the command line of `bot.show`."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer

from bot.logs import configure_logs, register_secrets
from bot.settings import environment_secrets, load_settings


def show_bot(
    bot_id: Annotated[UUID, typer.Argument(help="Whose recording.")],
    storage: Annotated[
        str | None, typer.Option(help="Where it is: a folder, file:///dir or s3://bucket/prefix.")
    ] = None,
    port: Annotated[int, typer.Option(help="Of --live: the local port; 0: any free one.")] = 0,
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Serve the meeting that runs to a local player.")
    ] = False,
) -> None:
    """What a bot has stored: sizes and where to read it. With --live, the meeting as it runs.

    --live prints the address of an HLS playlist on this machine, for any player (ffplay, mpv, VLC,
    Safari, hls.js), and serves it from the storage, a private bucket too, until Ctrl-C.
    Exit code: 0 shown, 2 usage, 3 there is nothing to show or the storage does not answer.
    """
    settings = load_settings({"storage": storage, "log_level": "error"})
    configure_logs(settings.log_format, settings.log_level)
    register_secrets(environment_secrets())

    from bot.show import show_live, show_stored  # noqa: PLC0415 - settings are judged first

    shown = show_live(settings, str(bot_id), port) if live else show_stored(settings, str(bot_id))
    raise typer.Exit(asyncio.run(shown))

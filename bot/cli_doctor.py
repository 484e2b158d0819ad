"""`meetbot doctor`: the command line of `bot.doctor`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.logs import configure_logs, register_secrets
from bot.settings import environment_secrets, load_settings


def examine_machine(
    storage: Annotated[
        str | None, typer.Option(help="Also examined: a folder, file:///dir or s3://bucket/prefix.")
    ] = None,
    connect: Annotated[
        str | None, typer.Option(help="Also examined: the orchestrator's ROUTER, tcp://host:port.")
    ] = None,
    browser: Annotated[Path | None, typer.Option(help="The browser's binary.")] = None,
    spool_dir: Annotated[
        Path | None, typer.Option(help="Local folder for what is not yet uploaded.")
    ] = None,
    *,
    costs: Annotated[
        bool, typer.Option("--costs", help="Also measured: cores and memory of each way to record.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What of this machine is not fit for a bot, and how to mend it. Joins nothing.

    Exit code: 0 fit, perhaps with warnings; 3 something failed; 2 usage.
    """
    settings = load_settings(
        {
            "storage": storage,
            "connect": connect,
            "browser": browser,
            "spool_dir": spool_dir,
            "log_level": "error",
        }
    )
    configure_logs(settings.log_format, settings.log_level)
    register_secrets(environment_secrets())

    from bot.doctor import run_doctor  # noqa: PLC0415 - settings are judged first

    raise typer.Exit(
        asyncio.run(run_doctor(settings, Console(), as_json=as_json, with_costs=costs))
    )

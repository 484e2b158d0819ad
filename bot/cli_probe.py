"""`meetbot probe` and `meetbot evidence`: the command line of `bot.probing`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.end_reasons import EXIT_COMPLETED, EXIT_MEETING
from bot.logs import configure_logs, register_secrets
from bot.settings import Settings, environment_secrets, load_settings

EvidenceFile = Annotated[
    Path | None, typer.Option("--evidence-file", help="JSON file that mends the tables.")
]


def probe_page(
    page: Annotated[str, typer.Argument(help="A meeting's address, or a saved page's file.")],
    platform: Annotated[
        str | None, typer.Option(help="Of a file: only this platform's table.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="Of a file: the address it was saved at.")] = None,
    wait: Annotated[float, typer.Option(help="Seconds until an address must show something.")] = 30,
    evidence_file: EvidenceFile = None,
    *,
    all_rows: Annotated[bool, typer.Option("--all", help="Also rows that are far off.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, every row.")] = False,
) -> None:
    """What does this page show? Which evidence is there, which is nearly, and what is missing.

    Joins nothing. Exit code: 0 a row holds, 1 none does, 2 usage, 3 no browser.
    """
    settings = _settings(evidence_file=evidence_file)

    from bot.probing import (  # noqa: PLC0415 - settings are judged before browsers are imported
        print_fits,
        probe_file,
        probe_meeting,
    )

    path = Path(page)
    if path.is_file() or path.suffix in {".html", ".htm"}:
        fits = asyncio.run(probe_file(settings, path, platform, at))
    else:
        fits = asyncio.run(probe_meeting(settings, page, wait))
    holds = print_fits(fits, Console(), as_json=as_json, all_rows=all_rows)
    raise typer.Exit(EXIT_COMPLETED if holds else EXIT_MEETING)


def print_evidence_list(
    platform: Annotated[str | None, typer.Argument(help="Only this platform.")] = None,
    evidence_file: EvidenceFile = None,
) -> None:
    """Every selector and text the adapters lean on, with who saw it and when, tab-separated.

    Each is looked at, to tell what the page shows, or acted on: pressed or typed into.
    """
    settings = _settings(evidence_file=evidence_file)

    from bot.probing import print_evidence  # noqa: PLC0415 - loads the browser's driver
    from bot.tables import driven_platforms, table_of  # noqa: PLC0415 - the same

    names = [platform] if platform else driven_platforms()
    print_evidence([table_of(name, settings.evidence_file) for name in names], Console())


def _settings(**overrides: object) -> Settings:
    settings = load_settings({"log_level": "error", **overrides})
    configure_logs(settings.log_format, settings.log_level)
    register_secrets(environment_secrets())
    return settings

"""`meetbot recover`: the command line of `bot.recover`."""

import asyncio
import sys
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from bot.end_reasons import EXIT_COMPLETED, EXIT_INFRASTRUCTURE
from bot.errors import PreflightFailed
from bot.logs import configure_logs, register_secrets
from bot.settings import Settings, environment_secrets, load_settings
from media.errors import MediaError


def recover_bots(
    storage: Annotated[
        str | None, typer.Option(help="Where the recordings are: a folder or s3://bucket/prefix.")
    ] = None,
    bot_id: Annotated[
        list[UUID] | None, typer.Option(help="Only this bot; may be given several times.")
    ] = None,
    connect: Annotated[
        str | None, typer.Option(help="Tell this orchestrator instead of standard output.")
    ] = None,
    spool_dir: Annotated[
        str | None, typer.Option(help="Local folder for what is not yet uploaded.")
    ] = None,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Do not wait until 20 minutes without a sign of life.")
    ] = False,
) -> None:
    """Finish what dead bots have recorded, and say their last word; living ones are let alone.

    Works on any machine that can reach the storage, as often as one likes. Exit code: 0 nothing
    is left to do but for living bots; 3 something could not be done, or a bot that was named
    lives; 2 usage.
    """
    settings = load_settings({"storage": storage, "connect": connect, "spool_dir": spool_dir})
    configure_logs(settings.log_format, "warning")
    register_secrets(environment_secrets())
    ids = [str(each) for each in bot_id or ()]
    raise typer.Exit(asyncio.run(_recover(settings, connect, ids, force=force)))


async def _recover(
    settings: Settings, endpoint: str | None, bot_ids: list[str], *, force: bool
) -> int:
    from bot.afterlife import storage_of  # noqa: PLC0415 - settings are judged first
    from bot.recover import Recovery, Verdict  # noqa: PLC0415 - as above
    from bot.unmarked import pay_marks  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    store = await storage_of(settings)
    await pay_marks(settings.spool_dir, store)
    recovery = Recovery(settings, store, sys.stdout, endpoint=endpoint, force=force)
    try:
        bots = bot_ids or await recovery.bots()
    except MediaError as error:
        raise PreflightFailed("storage", str(error)) from error
    bad = {Verdict.FAILED, Verdict.HELD} if bot_ids else {Verdict.FAILED}
    found = []
    for number, bot_id in enumerate(bots, 1):
        with console.status(f"{number} of {len(bots)}: {bot_id}"):
            done = await recovery.recover(bot_id)
        console.print(f"{done.bot_id}  {done.verdict.value:8}  {done.detail}", soft_wrap=True)
        found.append(done.verdict)
    counts = ", ".join(f"{found.count(verdict)} {verdict.value}" for verdict in Verdict)
    console.print(f"{len(found)} bots without a last word: {counts}")
    return EXIT_INFRASTRUCTURE if bad & set(found) else EXIT_COMPLETED

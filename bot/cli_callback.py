"""`meetbot callback`: the command line of `bot.callback_again`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from bot import strict_json
from bot.end_reasons import EXIT_COMPLETED, EXIT_INFRASTRUCTURE
from bot.errors import PreflightFailed, SettingError
from bot.job import CallbackConfig, field_errors
from bot.logs import configure_logs, register_secrets
from bot.settings import Settings, environment_secrets, load_settings
from media.errors import MediaError


def call_back(
    bot_id: Annotated[UUID, typer.Argument(help="The bot that has ended.")],
    config: Annotated[
        Path,
        typer.Argument(
            help="File with the callback's url, method and secret as JSON, or with a whole job; "
            "- reads standard input."
        ),
    ],
    storage: Annotated[
        str | None, typer.Option(help="Where the recordings are: a folder or s3://bucket/prefix.")
    ] = None,
) -> None:
    """Send a bot's callback again: for one that died before it, or where it did not arrive.

    The body is the bot's last word, with fresh URLs. Exit code: 0 delivered; 2 usage, or a bot
    that has not ended; 3 not delivered.
    """
    settings = load_settings({"storage": storage})
    configure_logs(settings.log_format, "warning")
    register_secrets(environment_secrets())
    target = read_config(config)
    raise typer.Exit(asyncio.run(_call(settings, str(bot_id), target)))


def read_config(path: Path) -> CallbackConfig:
    """The callback's configuration in a file of it, or of a job. Raises `SettingError`."""
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise SettingError("config", f"{path}: {error.strerror}") from error
    found = strict_json.read_object(raw)
    if isinstance(found, tuple):
        raise SettingError("config", "; ".join(map(str, found)))
    wanted = found.get("callback_config", found)
    try:
        return CallbackConfig.model_validate_json(strict_json.write(wanted), strict=True)
    except ValidationError as error:
        bad = "; ".join(map(str, field_errors(error)))
        raise SettingError("config", bad) from None


async def _call(settings: Settings, bot_id: str, config: CallbackConfig) -> int:
    from bot.afterlife import storage_of  # noqa: PLC0415 - settings are judged first
    from bot.callback_again import call_back_again  # noqa: PLC0415 - as above

    store = await storage_of(settings)
    try:
        report = await call_back_again(bot_id, config, store, settings)
    except MediaError as error:
        raise PreflightFailed("storage", str(error)) from error
    if report.delivered:
        return EXIT_COMPLETED
    sys.stderr.write(f"meetbot: not delivered in {report.tries} tries: {report.problem}\n")
    return EXIT_INFRASTRUCTURE

"""`meetbot dispatch`: the command line of `bot.dispatch`."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot.end_reasons import EXIT_COMPLETED, EXIT_SIGTERM
from bot.errors import SettingError
from bot.logs import configure_logs, register_secrets
from bot.pulse import pulse
from bot.settings import Settings, environment_secrets, load_settings

if TYPE_CHECKING:
    from bot.dispatch.journal import Journal
    from bot.dispatch.local import LocalWorker
    from bot.dispatch.router import Router

STDIN: Final = 0
STDOUT: Final = 1


def dispatch_jobs(  # noqa: PLR0913 - each is an option
    jobs: Annotated[
        list[Path] | None,
        typer.Argument(help="Job files, one bot each. Without one: serves until Ctrl-C."),
    ] = None,
    *,
    bind: Annotated[
        str, typer.Option(help="Where workers connect: tcp://host:port or ipc://path.")
    ] = "tcp://127.0.0.1:5555",
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Start workers here, one at a time.")
    ] = True,
    keys: Annotated[
        Path | None,
        typer.Option(help="Folder with server.key_secret and allowed/*.key: CURVE is on."),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            help="What was received; goes on from there. [default: <spool>/dispatch.jsonl]"
        ),
    ] = None,
    storage: Annotated[str | None, typer.Option(help="Of the worker started here.")] = None,
    simulator: Annotated[str | None, typer.Option(help="Of the worker started here.")] = None,
    browser: Annotated[Path | None, typer.Option(help="Of the worker started here.")] = None,
    spool_dir: Annotated[Path | None, typer.Option(help="Of both.")] = None,
) -> None:
    """Give jobs to workers, take their events, send them commands: a small orchestrator.

    \b
    One job and one worker, all on this machine, in the test meeting:
      meetbot simulate
      meetbot dispatch job.json --simulator http://localhost:8080
    Type leave, get_status, send_chat_message TEXT, or help. Events and
    replies are JSON lines on standard output, logs go to standard error.

    \b
    Workers elsewhere, with keys; a worker's machine gets server.key and
    worker.key_secret:
      meetbot keygen server --folder keys
      meetbot keygen worker --folder keys
      mkdir keys/allowed && cp keys/worker.key keys/allowed/
      meetbot dispatch job.json --no-worker --keys keys \\
          --bind tcp://0.0.0.0:5555
    and there:
      export MEETBOT_CURVE_SERVER_KEY_FILE=server.key
      export MEETBOT_CURVE_SECRET_KEY_FILE=worker.key_secret
      meetbot worker --connect tcp://HOST:5555 --worker-id w1

    An event is printed, then stored in the journal, then acknowledged. Killed and started again
    with the same files, dispatch goes on with the same bots; what comes twice is dropped.

    Exit code: 0 all bots completed, else the worst of theirs; 2 bad job or usage; 3 no worker
    could be started. Ctrl-C tells all bots to leave; a second one stops at once.
    """  # noqa: D301 - \b is for the help's layout
    from bot.dispatch.journal import Journal  # noqa: PLC0415 - other commands need none of it
    from bot.dispatch.local import LocalWorker  # noqa: PLC0415
    from bot.dispatch.router import Router  # noqa: PLC0415

    settings = load_settings(
        {"storage": storage, "simulator": simulator, "browser": browser, "spool_dir": spool_dir}
    )
    configure_logs(settings.log_format, settings.log_level)
    register_secrets(environment_secrets())
    _judge_keys(settings, keys, worker=worker)
    router = Router(bind, keys, allow_plain_off_loopback=settings.allow_plain_off_loopback)
    given = {
        "--storage": storage,
        "--simulator": simulator,
        "--browser": browser,
        "--spool-dir": spool_dir,
    }
    options = [str(word) for item in given.items() if item[1] is not None for word in item]
    local = LocalWorker(_reachable(bind), options, settings.grace_s) if worker else None
    raise typer.Exit(
        asyncio.run(
            _serve(
                settings,
                jobs or [],
                router,
                local,
                Journal(journal or settings.spool_dir / "dispatch.jsonl"),
            )
        )
    )


async def _serve(
    settings: Settings,
    job_files: list[Path],
    router: "Router",
    local: "LocalWorker | None",
    journal: "Journal",
) -> int:
    from bot.dispatch.lines import lines_of  # noqa: PLC0415 - as above
    from bot.dispatch.memory import Memory  # noqa: PLC0415
    from bot.dispatch.service import Dispatch  # noqa: PLC0415
    from bot.signals import signals  # noqa: PLC0415 - loads the browser's side

    async with AsyncExitStack() as stack:
        received = await stack.enter_async_context(signals(settings.grace_s))
        await stack.enter_async_context(pulse(settings.health_file))
        stack.enter_context(journal)
        await stack.enter_async_context(router)
        if local is not None:
            await stack.enter_async_context(local)
        dispatch = Dispatch(router, Memory(journal, router.identities), local, _say, _tell)
        received.attach(dispatch)
        code = await dispatch.run(job_files, lines_of(STDIN))
    if received.terminated:
        return EXIT_SIGTERM
    return EXIT_COMPLETED if received.interrupted else code


def _judge_keys(settings: Settings, keys: Path | None, *, worker: bool) -> None:
    """The worker started here has its keys from the environment: both sides, or neither."""
    theirs = settings.curve_secret_key_file is not None
    if worker and keys is not None and not theirs:
        problem = (
            "the worker here needs MEETBOT_CURVE_SECRET_KEY_FILE, MEETBOT_CURVE_SERVER_KEY_FILE"
        )
        raise SettingError("--keys", problem)
    if worker and keys is None and theirs:
        raise SettingError("--keys", "is required: MEETBOT_CURVE_SECRET_KEY_FILE is set")


def _reachable(endpoint: str) -> str:
    """Where a worker of this machine connects to what is bound there."""
    for everywhere, here in (("*", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]")):
        endpoint = endpoint.replace(f"tcp://{everywhere}:", f"tcp://{here}:")
    return endpoint


def _say(line: str) -> None:
    """Straight to the descriptor: nothing is left in a buffer when nobody reads any more."""
    rest = line.encode("utf-8", "replace") + b"\n"
    while rest:
        rest = rest[os.write(STDOUT, rest) :]


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

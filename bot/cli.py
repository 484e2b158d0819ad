"""The command line. Thin: reads options, hands over, maps errors to exit codes."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

import bot
from bot.cli_callback import call_back
from bot.cli_dispatch import dispatch_jobs
from bot.cli_doctor import examine_machine
from bot.cli_manifest import print_manifest
from bot.cli_probe import print_evidence_list, probe_page
from bot.cli_recover import recover_bots
from bot.cli_show import show_bot
from bot.end_reasons import EXIT_CALLER, EXIT_OF_FAULT, EndReason
from bot.errors import BotError, Fault, JobRejected, SettingError
from bot.job import Job, parse_job
from bot.logs import configure_logs, register_secrets
from bot.pulse import pulse
from bot.settings import Settings, environment_secrets, load_settings
from bot.threads import use_enough_threads
from platforms.errors import PlatformError

if TYPE_CHECKING:
    from bot.signals import Signals

app = typer.Typer(
    name="meetbot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Joins a Google Meet meeting in a real browser, records it, and says truthfully how it "
    "ended. Start with: meetbot demo",
    epilog="Every setting can also be given as MEETBOT_<NAME> in the environment; see the README.",
)

LATER: Final = {
    "transcribe": "transcribe again, from stored audio",
    "delete-data": "delete everything of a bot",
}

Storage = Annotated[
    str | None,
    typer.Option(help="Where artifacts go: a folder, file:///dir or s3://bucket/prefix."),
]
Browser = Annotated[Path | None, typer.Option(help="The browser's binary.")]
Spool = Annotated[Path | None, typer.Option(help="Local folder for what is not yet uploaded.")]
SimulatorUrl = Annotated[
    str | None, typer.Option(help="Address of a running `meetbot simulate`: the test meeting.")
]

FinishAs = Annotated[
    EndReason | None,
    typer.Option(hidden=True, help="Only end the dead runs in the spool, which died so."),
]


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        app(prog_name="meetbot")
    except JobRejected as error:
        for bad in error.errors:
            sys.stderr.write(f"meetbot: {bad}\n")
        sys.exit(EXIT_CALLER)
    except (BotError, PlatformError) as error:
        sys.stderr.write(f"meetbot: {error}\n")
        sys.exit(EXIT_OF_FAULT[Fault(error.fault.value)])


@app.callback(invoke_without_command=True)
def options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Options before the command."""
    if version:
        typer.echo(f"meetbot {bot.__version__}")
        raise typer.Exit


@app.command()
def run(
    job: Annotated[Path, typer.Argument(help="File with the job as JSON; - reads standard input.")],
    storage: Storage = None,
    simulator: SimulatorUrl = None,
    browser: Browser = None,
    spool_dir: Spool = None,
    finish_as: FinishAs = None,
) -> None:
    """Run one job without an orchestrator; its events go to standard output as JSON lines.

    Exit code: 0 completed, 1 failed for a reason of the meeting, 2 bad job or usage, 3 storage or
    browser, 4 our own fault. Ctrl-C leaves politely; a second one stops at once.
    """
    settings = _settings(storage=storage, simulator=simulator, browser=browser, spool_dir=spool_dir)
    if finish_as is not None:
        from bot.finisher import finish_local_runs  # noqa: PLC0415 - without the browser's side

        owed = _job_again(job)
        _exit(settings, lambda _: finish_local_runs(settings, sys.stdout, finish_as, owed))
    parsed = parse_job(_read_job(job), local_run=True)

    from bot.run import run_job  # noqa: PLC0415 - a job is judged before browsers are imported

    _exit(settings, lambda signals: run_job(parsed, settings, sys.stdout, signals))


@app.command()
def worker(  # noqa: PLR0913, PLR0917 - one argument for each option
    connect: Annotated[
        str | None, typer.Option(help="The orchestrator's ROUTER: tcp://host:port.")
    ] = None,
    worker_id: Annotated[
        str | None, typer.Option(help="Routing id, stable over reconnects.")
    ] = None,
    storage: Storage = None,
    simulator: SimulatorUrl = None,
    browser: Browser = None,
    spool_dir: Spool = None,
    job_timeout: Annotated[
        float | None, typer.Option(help="No job within so many seconds: exit 3.")
    ] = None,
    finish_as: FinishAs = None,
) -> None:
    """Take one job over ZeroMQ, run it, report, and exit."""
    settings = _settings(
        connect=connect,
        worker_id=worker_id,
        storage=storage,
        simulator=simulator,
        browser=browser,
        spool_dir=spool_dir,
        job_timeout_s=job_timeout,
    )
    endpoint = settings.connect
    if endpoint is None:
        raise SettingError("--connect", "is required: the orchestrator's tcp:// or ipc:// endpoint")

    if finish_as is not None:
        from bot.finisher import finish_worker_runs  # noqa: PLC0415 - without the browser's side

        _exit(settings, lambda _: finish_worker_runs(settings, endpoint, finish_as))

    from bot.worker import Worker  # noqa: PLC0415 - settings are judged first

    _exit(settings, lambda signals: Worker(settings, endpoint, signals).run())


@app.command()
def demo(
    storage: Storage = None,
    browser: Browser = None,
    scenario: Annotated[str, typer.Option(help="The test meeting to record.")] = "demo",
) -> None:
    """Record a test meeting on this machine: no account, no server to start."""
    settings = _settings(storage=storage, browser=browser, log_level="warning")

    from rich.console import Console  # noqa: PLC0415 - as below

    from bot.demo import run_demo  # noqa: PLC0415 - settings are judged first

    _exit(settings, lambda signals: run_demo(settings, scenario, Console(), signals))


@app.command()
def simulate(
    scenario: Annotated[
        str, typer.Option(help="A built-in scenario's name, or a scenario file.")
    ] = "demo",
    port: Annotated[int, typer.Option(help="Port of the people's page; 0: any free one.")] = 8080,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say how to reach it as one JSON line.")
    ] = False,
) -> None:
    """Serve a test meeting: a replica of the Meet client with people in it.

    Open the printed address in a browser to take part as host or guest.
    """
    settings = _settings()

    from bot.simulate import serve_meeting  # noqa: PLC0415 - aiortc is not needed elsewhere

    _exit(settings, lambda signals: serve_meeting(scenario, port, signals, as_json=as_json))


@app.command("schema")
def print_schema(
    kind: Annotated[str, typer.Argument(help="One of: job, event, command, report.")],
) -> None:
    """Print a part of the wire contract as JSON Schema (2020-12)."""
    from bot.schema import KINDS, schema  # noqa: PLC0415 - loads every message's model

    if kind not in KINDS:
        raise SettingError("kind", f"must be one of {', '.join(KINDS)}")
    typer.echo(json.dumps(schema(kind), indent=2))


@app.command()
def keygen(
    name: Annotated[str, typer.Argument(help="Name of the key pair.")] = "worker",
    folder: Annotated[Path, typer.Option(help="Where the two files go.")] = Path(),
) -> None:
    """Make a CURVE key pair: NAME.key to hand out, NAME.key_secret (mode 0600) to keep.

    `meetbot keygen server` for the orchestrator, `meetbot keygen worker` for its workers; whose
    NAME.key lies in the orchestrator's list of allowed keys is let in. No key is ever replaced.
    """
    from bot.keys import generate_keys  # noqa: PLC0415 - loads ZeroMQ

    for path in generate_keys(folder, name):
        typer.echo(path)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def supervise(
    words: Annotated[list[str], typer.Argument(help="`worker ...` or `run ...`, as usual.")],
) -> None:
    """Run a worker or one job below a small process that outlives it, PID 1 in a container.

    When it is killed, what it recorded is finished and its last event sent. The exit code is its
    own; 137 after a kill, 143 after SIGTERM.
    """
    command = (sys.executable, "-P", "-m", "bot.supervisor", *words)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


app.command("dispatch")(dispatch_jobs)
app.command("manifest")(print_manifest)
app.command("doctor")(examine_machine)
app.command("probe")(probe_page)
app.command("recover")(recover_bots)
app.command("callback")(call_back)
app.command("evidence")(print_evidence_list)
app.command("show")(show_bot)


def _later(name: str, purpose: str) -> None:
    @app.command(name, help=f"Not in this version: {purpose}.", hidden=True)
    def refuse(_: Annotated[list[str] | None, typer.Argument(hidden=True)] = None) -> None:
        raise SettingError(name, "not supported by this version")


for _name, _purpose in LATER.items():
    _later(_name, _purpose)


def _settings(**overrides: object) -> Settings:
    settings = load_settings(overrides)
    configure_logs(settings.log_format, settings.log_level)
    register_secrets(environment_secrets())
    return settings


def _read_job(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingError("job", f"{path}: {error.strerror}") from error


def _job_again(path: Path) -> Job | None:
    """The job of a run that died, for what it is owed; None where it cannot be read twice."""
    if str(path) == "-":
        return None
    try:
        return parse_job(_read_job(path), local_run=True)
    except (JobRejected, SettingError):
        return None


def _exit(settings: Settings, start: Callable[["Signals"], Coroutine[Any, Any, int]]) -> NoReturn:
    """Exit with the work's code. Its signals are received before anything of it starts."""
    from bot.signals import signals  # noqa: PLC0415 - loads the browser's side

    async def work() -> int:
        use_enough_threads()
        async with signals(settings.grace_s) as received, pulse(settings.health_file):
            return await start(received)

    raise typer.Exit(asyncio.run(work()))


__all__ = ["app", "main"]

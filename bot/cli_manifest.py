"""`meetbot manifest`: prints the YAML of `bot.manifest`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

import bot
from bot.pod import CURVE_SECRET, SECCOMP_ON_NODES, Placement
from bot.settings import load_settings
from platforms.packaged import packaged_text


def seccomp_profile() -> str:
    """The profile that nodes need: Chromium's sandbox works under it without any capability."""
    return packaged_text("bot", "seccomp/chromium.json")


def _print_profile(wanted: bool) -> None:
    if wanted:
        typer.echo(seccomp_profile(), nl=False)
        raise typer.Exit


def print_manifest(  # noqa: PLR0913 - each is an option
    job: Annotated[
        typer.FileBinaryRead, typer.Argument(help="File with the job as JSON; - is standard input.")
    ],
    *,
    storage: Annotated[str | None, typer.Option(help="s3://bucket/prefix.")] = None,
    connect: Annotated[
        str | None,
        typer.Option(help="The pod takes the job from this ROUTER instead of a Secret."),
    ] = None,
    image: Annotated[str, typer.Option(help="The image.")] = f"localhost/meetbot:{bot.__version__}",
    name: Annotated[str | None, typer.Option(help="Of the Job. [default: by bot id]")] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Of all that is made. [default: kubectl's]")
    ] = None,
    service_account: Annotated[
        str | None, typer.Option(help="An existing one. [default: makes one without rights]")
    ] = None,
    aws_secret: Annotated[
        str | None,
        typer.Option(help="Secret whose key `credentials` is an AWS shared credentials file."),
    ] = None,
    aws_region: Annotated[str | None, typer.Option(help="Region of the storage.")] = None,
    curve_secret: Annotated[
        str,
        typer.Option(help="With --connect: Secret with keys `server.key`, `worker.key_secret`."),
    ] = CURVE_SECRET,
    identity_secret: Annotated[
        str | None,
        typer.Option(
            help="Secret whose key `identity.json` is a storage state (MEETBOT_IDENTITY)."
        ),
    ] = None,
    proxy_secret: Annotated[
        str | None, typer.Option(help="Secret whose key `proxy` is the browser's way out.")
    ] = None,
    evidence_config_map: Annotated[
        str | None,
        typer.Option(help="ConfigMap whose key `evidence.json` mends the tables of evidence."),
    ] = None,
    restart_in_place: Annotated[
        bool, typer.Option(help="Restart a container out of memory: Kubernetes 1.35 or newer.")
    ] = True,
    _profile: Annotated[
        bool,
        typer.Option(
            "--seccomp-profile",
            callback=_print_profile,
            is_eager=True,
            help=f"Print what nodes need as /var/lib/kubelet/seccomp/{SECCOMP_ON_NODES}, and exit.",
        ),
    ] = False,
) -> None:
    """Print a Kubernetes Job for one bot, and what belongs to it, as YAML.

    The job, with its keys and passcodes, stands in the printed Secret and nowhere else: never in
    arguments or environment. Secrets of yours are named here, never read. Settings of the
    environment (MEETBOT_*) that are no machine's own hold for the pod too.
    """
    from bot.manifest import manifest  # noqa: PLC0415 - YAML is needed nowhere else

    settings = load_settings({"storage": storage, "connect": connect})
    placement = Placement(
        image=image,
        name=name,
        namespace=namespace,
        service_account=service_account,
        aws_secret=aws_secret,
        aws_region=aws_region,
        curve_secret=curve_secret,
        identity_secret=identity_secret,
        proxy_secret=proxy_secret,
        evidence_config_map=evidence_config_map,
        restart_in_place=restart_in_place,
    )
    typer.echo(manifest(job.read(), settings, placement, datetime.now(UTC)), nl=False)
